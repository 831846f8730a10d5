// Sign-in, the client's side (docs/protocol.md, sections 7 and 8). Mirrors sealpost/protocol/handshake.py.

import { randomBytes, uuidBytes } from "../crypto/encoding.js";
import { equal, hkdf, hkdfKey, hmacSha256, label, sha256, u32be, xor } from "../crypto/hkdf.js";
import { loginNormalise } from "../crypto/kdf.js";
import { DecryptionError } from "../errors.js";

export const NONCE = 32;
export const nonceNew = () => randomBytes(NONCE);

export function transcript({ origin, login, clientNonce, parameters, salt, kid, serverNonce, challenge }) {
  const { suite, m, t, p } = parameters;
  const fields = [origin, loginNormalise(login), clientNonce, ...[suite, m, t, p].map(u32be), salt, kid, serverNonce];
  return sha256(label("handshake", ...fields, uuidBytes(challenge)));
}

// sign is an HMAC key, c2s and s2c are inputs of HKDF; none can be read out.
export async function sessionKeys(sharedKey, agreed) {
  const derive = (use) => hkdf(sharedKey, { salt: agreed, info: label("session", use) });
  const [sign, c2s, s2c] = await Promise.all(["sign", "c2s", "s2c"].map(derive));
  const keys = {
    sign: await crypto.subtle.importKey("raw", sign, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]),
    c2s: await hkdfKey(c2s),
    s2c: await hkdfKey(s2c),
  };
  for (const bytes of [sign, c2s, s2c]) bytes.fill(0);
  return keys;
}

export async function clientProof(keys, agreed) {
  return xor(keys.clientKey, await hmacSha256(keys.storedKey, label("client-proof", agreed)));
}

export const clientConfirmation = (sharedKey, agreed) =>
  hkdf(sharedKey, { salt: agreed, info: label("confirm", "client") });

export async function serverVerify(keys, { agreed, session, signature, confirmation }) {
  const bytes = uuidBytes(session);
  const signed = await hmacSha256(keys.serverKey, label("server-signature", agreed, bytes));
  const confirmed = await hkdf(keys.sharedKey, { salt: agreed, info: label("confirm", "server", bytes) });
  const both = [equal(signed, signature), equal(confirmed, confirmation)];
  if (both.includes(false)) throw new DecryptionError();
}

export async function changeProof(old, { agreed, digest }) {
  return xor(old.clientKey, await hmacSha256(old.storedKey, label("change-proof", agreed, digest)));
}
