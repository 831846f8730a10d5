// Key-committing wrap (docs/protocol.md, section 4). Mirrors sealpost/crypto/wrap.py.

import { DecryptionError } from "../errors.js";
import { concat, randomBytes } from "./encoding.js";
import { equal, hkdf, label, u32be } from "./hkdf.js";

const OVERHEAD = 85;
const NONCE = new Uint8Array(12);

export const wrapAad = ({ purpose, owner, row }) => label("wrap-aad", purpose, owner, row);

async function oneTime(key, { salt, version, aad }) {
  const okm = await hkdf(key, { salt, info: label("wrap", u32be(version), aad), length: 64 });
  const aes = await crypto.subtle.importKey("raw", okm.subarray(0, 32), "AES-GCM", false, ["encrypt", "decrypt"]);
  return { aes, commit: okm.slice(32) };
}

export async function wrap(key, secret, { version, aad }) {
  const salt = randomBytes(32);
  const { aes, commit } = await oneTime(key, { salt, version, aad });
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: NONCE }, aes, secret);
  return concat(Uint8Array.of(1), u32be(version), salt, commit, new Uint8Array(sealed));
}

export function wrappedVersion(wrapped) {
  if (wrapped.length < OVERHEAD || wrapped[0] !== 1) throw new DecryptionError();
  return new DataView(wrapped.buffer, wrapped.byteOffset).getUint32(1);
}

export async function unwrap(key, wrapped, { aad }) {
  const version = wrappedVersion(wrapped);
  const { aes, commit } = await oneTime(key, { salt: wrapped.subarray(5, 37), version, aad });
  if (!equal(commit, wrapped.subarray(37, 69))) throw new DecryptionError();
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: NONCE }, aes, wrapped.subarray(69)));
  } catch {
    throw new DecryptionError();
  }
}
