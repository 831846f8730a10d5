// Runs the JavaScript engine for Python: one JSON call a line in, one answer a line out; bytes are hex.

import { createInterface } from "node:readline";

import { ContainerCipher, containerOpen, headEncode } from "../../static/src/engine/container.js";
import { concat, hexDecode, hexEncode } from "../../static/src/engine/crypto/encoding.js";
import { hkdf, hkdfKey, hmacSha256 } from "../../static/src/engine/crypto/hkdf.js";
import { hpkeOpen, hpkeSeal } from "../../static/src/engine/crypto/hpke.js";
import { passwordRoot } from "../../static/src/engine/crypto/kdf.js";
import * as stream from "../../static/src/engine/crypto/stream.js";
import { unwrap, wrap } from "../../static/src/engine/crypto/wrap.js";
import * as body from "../../static/src/engine/protocol/body.js";
import * as enrolment from "../../static/src/engine/protocol/enrolment.js";
import * as handshake from "../../static/src/engine/protocol/handshake.js";
import { userKeys } from "../../static/src/engine/protocol/keys.js";
import { signatureHeaders } from "../../static/src/engine/protocol/signature.js";

const context = ({ method, targetUri, nonce, session, contentType, status }) => ({
  method, targetUri, session, contentType, status, nonce: hexDecode(nonce),
});

// The platform's own primitives, which @hpke/core and the stream stand on, for vectors that fit neither.
async function gcmOpen({ key, nonce, sealed, aad }) {
  const imported = await crypto.subtle.importKey("raw", hexDecode(key), "AES-GCM", false, ["decrypt"]);
  const algorithm = { name: "AES-GCM", iv: hexDecode(nonce), additionalData: hexDecode(aad) };
  return hexEncode(new Uint8Array(await crypto.subtle.decrypt(algorithm, imported, hexDecode(sealed))));
}

async function x25519({ privateKey, publicKey }) {
  const pkcs8 = hexDecode(`302e020100300506032b656e04220420${privateKey}`);
  const mine = await crypto.subtle.importKey("pkcs8", pkcs8, "X25519", false, ["deriveBits"]);
  const theirs = await crypto.subtle.importKey("raw", hexDecode(publicKey), "X25519", false, []);
  return hexEncode(new Uint8Array(await crypto.subtle.deriveBits({ name: "X25519", public: theirs }, mine, 256)));
}

async function proofs({ root, kid, salt, clientNonce, serverNonce, ...rest }) {
  const keys = await userKeys(hexDecode(root), hexDecode(kid));
  const bytes = { salt: hexDecode(salt), kid: hexDecode(kid), clientNonce: hexDecode(clientNonce), serverNonce: hexDecode(serverNonce) };
  const agreed = await handshake.transcript({ ...rest, ...bytes });
  const found = {
    transcript: agreed,
    sharedKey: keys.sharedKey,
    storedKey: keys.storedKey,
    serverKey: keys.serverKey,
    proof: await handshake.clientProof(keys, agreed),
    confirmation: await handshake.clientConfirmation(keys.sharedKey, agreed),
  };
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, hexEncode(value)]));
}

async function enrol({ fragment, origin, key, publicKey, root, kid, salt, parameters }) {
  const bundle = { parameters, salt: hexDecode(salt), kid: hexDecode(kid), keys: await userKeys(hexDecode(root), hexDecode(kid)) };
  const link = enrolment.linkParse(fragment);
  return hexEncode(await enrolment.enrolmentSeal(bundle, link, { origin, key, publicKey: hexDecode(publicKey) }));
}

// A container of one segment, as the page makes it.
async function containerSeal({ sharedKey, plaintext, kid, salt, parameters, description }) {
  const head = headEncode({ parameters, salt: hexDecode(salt), kid: hexDecode(kid) });
  const cipher = await ContainerCipher.create(await hkdfKey(hexDecode(sharedKey)), head, description);
  return hexEncode(concat(cipher.begin, await cipher.segment(0, true, hexDecode(plaintext))));
}

const calls = {
  hkdf: async ({ key, salt, info, length }) => hexEncode(await hkdf(hexDecode(key), { salt: hexDecode(salt), info: hexDecode(info), length })),
  hmac: async ({ key, data }) => hexEncode(await hmacSha256(hexDecode(key), hexDecode(data))),
  root: async ({ password, salt, parameters }) => hexEncode(await passwordRoot(password, { salt: hexDecode(salt), parameters })),
  streamSeal: async ({ key, plaintext, aad }) => hexEncode(await stream.seal(hexDecode(key), hexDecode(plaintext), { aad: hexDecode(aad) })),
  streamOpen: async ({ key, sealed, aad }) => hexEncode(await stream.open(hexDecode(key), hexDecode(sealed), { aad: hexDecode(aad) })),
  wrap: async ({ key, secret, version, aad }) => hexEncode(await wrap(hexDecode(key), hexDecode(secret), { version, aad: hexDecode(aad) })),
  unwrap: async ({ key, wrapped, aad }) => hexEncode(await unwrap(hexDecode(key), hexDecode(wrapped), { aad: hexDecode(aad) })),
  hpkeSeal: async ({ publicKey, plaintext, info }) => hexEncode(await hpkeSeal(hexDecode(publicKey), hexDecode(plaintext), { info: hexDecode(info) })),
  hpkeOpen: async ({ privateKey, sealed, info }) => hexEncode(await hpkeOpen(hexDecode(privateKey), hexDecode(sealed), { info: hexDecode(info) })),
  requestSeal: async ({ key, plaintext, ...given }) => hexEncode(await body.requestSeal(hexDecode(key), hexDecode(plaintext), context(given))),
  answerOpen: async ({ key, sealed, ...given }) => hexEncode(await body.answerOpen(hexDecode(key), hexDecode(sealed), context(given))),
  sign: async ({ key, body: content, nonce, ...given }) =>
    (await signatureHeaders(hexDecode(key), { ...given, nonce: hexDecode(nonce), body: content === null ? undefined : hexDecode(content) })).headers,
  proofs,
  enrol,
  gcmOpen,
  x25519,
  containerSeal,
  containerOpen: async ({ sharedKey, sealed }) => hexEncode((await containerOpen(hexDecode(sharedKey), hexDecode(sealed))).content),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { call, given } = JSON.parse(line);
  const answer = await calls[call](given).then(
    (result) => ({ result }),
    (error) => ({ error: error.code ?? String(error) }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
