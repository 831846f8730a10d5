// What both sides derive from a root key (docs/protocol.md, section 3). Mirrors sealpost/protocol/keys.py.

import { hkdf, hkdfKey, label, sha256 } from "../crypto/hkdf.js";

export const KID = 16;

// { sharedKey (bytes), clientKey, storedKey, serverKey }: callers import what they keep and zero the rest.
export async function userKeys(root, kid) {
  const sharedKey = await hkdf(root, { info: label("share", kid) });
  const login = await hkdf(root, { info: label("auth", kid), length: 64 });
  const clientKey = login.slice(0, 32);
  return { sharedKey, clientKey, storedKey: await sha256(clientKey), serverKey: login.slice(32) };
}

export function keysZero(keys) {
  for (const key of [keys.sharedKey, keys.clientKey, keys.storedKey, keys.serverKey]) key?.fill(0);
}

export async function localKey(sharedKey, purpose) {
  const bytes = await hkdf(sharedKey, { info: label("local", purpose) });
  const key = await hkdfKey(bytes);
  bytes.fill(0);
  return key;
}

export const localAad = (purpose, record) => label("local", purpose, record);
