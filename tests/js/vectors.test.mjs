// The JavaScript engine against the vectors that the Python engine runs.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { ContainerCipher, containerOpen, headEncode, headParse } from "../../static/src/engine/container.js";
import { b64uDecode, b64uEncode, fromUtf8, hexDecode, hexEncode, utf8 } from "../../static/src/engine/crypto/encoding.js";
import { hkdf, hkdfKey, label } from "../../static/src/engine/crypto/hkdf.js";
import { hpkeOpen } from "../../static/src/engine/crypto/hpke.js";
import { parametersCheck, passwordRoot, secretRoot } from "../../static/src/engine/crypto/kdf.js";
import * as stream from "../../static/src/engine/crypto/stream.js";
import { unwrap, wrap } from "../../static/src/engine/crypto/wrap.js";
import { DecryptionError } from "../../static/src/engine/errors.js";
import * as body from "../../static/src/engine/protocol/body.js";
import { bundleDigest } from "../../static/src/engine/protocol/bundle.js";
import { objectKey } from "../../static/src/engine/protocol/content.js";
import * as enrolment from "../../static/src/engine/protocol/enrolment.js";
import * as handshake from "../../static/src/engine/protocol/handshake.js";
import { localAad, localKey, userKeys } from "../../static/src/engine/protocol/keys.js";
import { signatureHeaders } from "../../static/src/engine/protocol/signature.js";

const folder = new URL("../vectors/", import.meta.url);
const cases = async (name) => JSON.parse(await readFile(new URL(`${name}.json`, folder))).cases;
const same = (found, hex) => assert.equal(hexEncode(found), hex);

function pattern(size) {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at++) {
    const i = at & 0xffff;
    bytes[at] = (i * 31 + (i >> 8)) & 0xff;
  }
  return bytes;
}

test("rfc 5869", async () => {
  for (const { ikm, salt, info, length, okm } of await cases("hkdf")) {
    same(await hkdf(hexDecode(ikm), { salt: hexDecode(salt), info: hexDecode(info), length }), okm);
  }
});

test("kdf", async () => {
  for (const { suite, password, secret_bytes: secret, m, t, p, salt, root } of await cases("kdf")) {
    const given = { salt: hexDecode(salt), parameters: { suite, m, t, p } };
    same(suite ? await passwordRoot(password, given) : await secretRoot(hexDecode(secret), given), root);
  }
});

test("kdf bounds", () => {
  const good = { suite: 1, m: 65536, t: 3, p: 4 };
  parametersCheck(good, 1);
  for (const bad of [{ m: 47103 }, { m: 262145 }, { t: 1 }, { t: 11 }, { p: 0 }, { p: 17 }, { suite: 0 }, { suite: 2 }]) {
    assert.throws(() => parametersCheck({ ...good, ...bad }, 1), { code: "kdf_refused" });
  }
});

test("keys", async () => {
  for (const given of await cases("keys")) {
    const keys = await userKeys(hexDecode(given.root), hexDecode(given.kid));
    same(keys.sharedKey, given.shared_key);
    same(keys.clientKey, given.client_key);
    same(keys.storedKey, given.stored_key);
    same(keys.serverKey, given.server_key);
    same(label("handshake", "a", new Uint8Array(), "ü"), given.label);
    const local = await localKey(await hkdfKey(keys.sharedKey), "draft");
    same(await hkdf(local, { info: utf8("x") }), hexEncode(await hkdf(hexDecode(given.local_draft), { info: utf8("x") })));
  }
});

test("stream at nine sizes", async () => {
  for (const { key, aad, header, size, wire_length: wire, segments, sha256 } of await cases("stream")) {
    const given = { aad: hexDecode(aad), header: hexDecode(header) };
    const sealed = await stream.seal(hexDecode(key), pattern(size), given);
    assert.equal(sealed.length, wire);
    assert.equal(stream.wireLength(size), wire);
    assert.equal(stream.segmentCount(size), segments);
    same(new Uint8Array(await crypto.subtle.digest("SHA-256", sealed)), sha256);
    assert.deepEqual(await stream.open(hexDecode(key), sealed, given), pattern(size));
  }
});

test("stream refuses every alteration", async () => {
  const [key, aad] = [crypto.getRandomValues(new Uint8Array(32)), utf8("aad")];
  const sealed = await stream.seal(key, pattern(2_200_000), { aad });
  const refused = (bytes, given = { aad }) => assert.rejects(stream.open(key, bytes, given), DecryptionError);
  for (let bit = 0; bit < 40 * 8; bit++) {
    const altered = sealed.slice(0, 60);
    altered[bit >> 3] ^= 1 << (bit & 7);
    await refused(altered);
  }
  for (const cut of [0, 1, 39, 40, 55, 56, 1 << 20, (1 << 20) + 1, 2 << 20, sealed.length - 1]) await refused(sealed.slice(0, cut));
  const short = await stream.seal(key, pattern(100), { aad });
  for (let cut = 0; cut < short.length; cut++) await refused(short.slice(0, cut));
  const longer = new Uint8Array(sealed.length + 1);
  longer.set(sealed);
  await refused(longer);
  const swapped = sealed.slice();
  swapped.set(sealed.subarray(2 << 20), 1 << 20);
  await refused(swapped);
  await refused(sealed, { aad: utf8("other") });
  await assert.rejects(stream.open(new Uint8Array(32), sealed, { aad }), DecryptionError);
});

test("wrap", async () => {
  for (const { key, aad, secret, wrapped } of await cases("wrap")) {
    const given = { aad: hexDecode(aad) };
    same(await unwrap(hexDecode(key), hexDecode(wrapped), given), secret);
    same(await unwrap(hexDecode(key), await wrap(hexDecode(key), hexDecode(secret), { version: 9, ...given }), given), secret);
    for (let bit = 0; bit < hexDecode(wrapped).length * 8; bit++) {
      const altered = hexDecode(wrapped);
      altered[bit >> 3] ^= 1 << (bit & 7);
      await assert.rejects(unwrap(hexDecode(key), altered, given), DecryptionError);
    }
  }
});

test("handshake", async () => {
  for (const given of await cases("handshake")) {
    const [salt, kid] = [hexDecode(given.salt), hexDecode(given.kid)];
    const parameters = { suite: 1, m: given.m, t: given.t, p: given.p };
    const keys = await userKeys(hexDecode(given.root), kid);
    const agreed = await handshake.transcript({
      ...given,
      parameters,
      salt,
      kid,
      clientNonce: hexDecode(given.client_nonce),
      serverNonce: hexDecode(given.server_nonce),
    });
    same(agreed, given.transcript);
    same(await handshake.clientProof(keys, agreed), given.proof);
    same(await handshake.clientConfirmation(keys.sharedKey, agreed), given.confirmation);
    const answer = {
      agreed,
      session: given.session,
      signature: hexDecode(given.server_signature),
      confirmation: hexDecode(given.server_confirmation),
    };
    await handshake.serverVerify(keys, answer);
    await assert.rejects(handshake.serverVerify(keys, { ...answer, signature: new Uint8Array(32) }), DecryptionError);
    await assert.rejects(handshake.serverVerify(keys, { ...answer, confirmation: new Uint8Array(32) }), DecryptionError);
    const digest = await bundleDigest({ parameters, salt, kid, keys });
    same(digest, given.bundle_digest);
    same(await handshake.changeProof(keys, { agreed, digest }), given.change_proof);
    const session = await handshake.sessionKeys(await hkdfKey(keys.sharedKey), agreed);
    assert.ok(Object.values(session).every((key) => key.extractable === false));
    for (const use of ["c2s", "s2c"]) {
      same(await hkdf(session[use], { info: utf8("x") }), hexEncode(await hkdf(hexDecode(given[use]), { info: utf8("x") })));
    }
  }
});

test("signature", async () => {
  for (const given of await cases("signature")) {
    const bytes = { nonce: hexDecode(given.nonce), body: given.body ? hexDecode(given.body) : undefined };
    const { headers } = await signatureHeaders(hexDecode(given.key), { ...given, targetUri: given.target_uri, ...bytes });
    assert.deepEqual(headers, given.headers);
  }
});

test("body", async () => {
  for (const given of await cases("body")) {
    const context = {
      method: given.method,
      targetUri: given.target_uri,
      contentType: given.content_type,
      nonce: hexDecode(given.nonce),
      session: given.session,
      status: given.status,
    };
    const open = given.direction === "c2s" ? body.requestOpen : body.answerOpen;
    const [key, sealed] = [hexDecode(given.key), hexDecode(given.sealed)];
    assert.equal(fromUtf8(await open(key, sealed, context)), given.plaintext);
    const others = { method: "PUT", targetUri: "https://x", contentType: "text/html", nonce: new Uint8Array(16), status: 418 };
    for (const [name, value] of Object.entries(others)) {
      await assert.rejects(open(key, sealed, { ...context, [name]: value }), DecryptionError);
    }
  }
});

test("content keys", async () => {
  for (const given of await cases("content")) {
    const key = await objectKey(hexDecode(given.shared_key), { ...given, kid: hexDecode(given.kid) });
    same(key.commitment, given.commitment);
    same(key.aad, given.aad);
    same(await hkdf(key.key, { info: utf8("x") }), hexEncode(await hkdf(hexDecode(given.key), { info: utf8("x") })));
  }
});

test("enrolment", async () => {
  for (const given of await cases("enrolment")) {
    const link = enrolment.linkParse(given.fragment);
    const nonce = hexDecode(given.nonce);
    same(await enrolment.viewProof(link, nonce), given.view_proof);
    const view = await stream.open(await enrolment.viewKey(link), hexDecode(given.view), { aad: enrolment.viewAad(link, nonce) });
    assert.equal(JSON.parse(fromUtf8(view)).login, "ana@aster.example");
    const info = label("enrol", given.origin, hexDecode(link.invitation.replaceAll("-", "")), hexDecode(given.key.replaceAll("-", "")));
    const opened = JSON.parse(fromUtf8(await hpkeOpen(hexDecode(given.private_key), hexDecode(given.sealed), { info })));
    assert.equal(opened.shared_key, b64uEncode(hexDecode(given.shared_key)));
    const bundle = { parameters: { suite: 1, m: 1, t: 1, p: 1 }, salt: nonce, kid: nonce, keys: { sharedKey: nonce, storedKey: nonce, serverKey: nonce } };
    const wrong = { origin: given.origin, key: given.key, publicKey: new Uint8Array(32) };
    await assert.rejects(enrolment.enrolmentSeal(bundle, link, wrong), DecryptionError);
  }
});

test("base64url is strict", () => {
  assert.equal(b64uEncode(b64uDecode("AQID")), "AQID");
  for (const bad of ["AQID=", "AQ+D", "A", "AR", 7, null]) assert.throws(() => b64uDecode(bad, undefined), { code: "encoding_invalid" });
});

test("container", async () => {
  for (const given of await cases("container")) {
    const [key, head, begin] = [hexDecode(given.shared_key), hexDecode(given.head), hexDecode(given.begin)];
    const parameters = { suite: given.suite, m: given.m, t: given.t, p: given.p };
    const clear = { parameters, salt: hexDecode(given.salt), kid: hexDecode(given.kid), record: hexDecode(given.record) };
    same(headEncode(clear), given.head);
    assert.deepEqual(headParse(head), clear);
    const header = begin.slice(-stream.HEADER);
    const sealed = await stream.seal(await localKey(key, "saved"), pattern(given.size), { aad: localAad("saved", head), header });
    const whole = new Uint8Array([...begin.subarray(0, begin.length - stream.HEADER), ...sealed]);
    assert.equal(whole.length, given.length);
    same(await crypto.subtle.digest("SHA-256", whole).then((digest) => new Uint8Array(digest)), given.sha256);
    const { description, content } = await containerOpen(key, whole);
    assert.deepEqual(description, given.description);
    assert.deepEqual(content, pattern(given.size));
    await assert.rejects(containerOpen(key, whole.subarray(0, whole.length - 1)), DecryptionError);
    await assert.rejects(containerOpen(key, whole.subarray(0, 60)), { code: "container_unreadable" });
    const cipher = await ContainerCipher.create(await hkdfKey(key), head, given.description);
    assert.equal(cipher.length(given.size), given.length);
  }
});
