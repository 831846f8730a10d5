// HKDF-SHA256 (RFC 5869) and the labels of docs/protocol.md, section 1. Mirrors sealpost/crypto/hkdf.py.

import { concat, utf8 } from "./encoding.js";

const PREFIX = utf8("sealpost/v1/");
const EMPTY = new Uint8Array();

export function u32be(number) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

export function label(name, ...parts) {
  const encoded = parts.map((part) => (typeof part === "string" ? utf8(part) : part));
  return concat(PREFIX, utf8(name), new Uint8Array(1), ...encoded.flatMap((part) => [u32be(part.length), part]));
}

// A key as input of HKDF that no script can read out again.
export const hkdfKey = (bytes) => crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveBits", "deriveKey"]);

const asKey = (key) => (key instanceof Uint8Array ? hkdfKey(key) : key);
const parameters = (salt, info) => ({ name: "HKDF", hash: "SHA-256", salt, info });

export async function hkdf(key, { salt = EMPTY, info, length = 32 }) {
  return new Uint8Array(await crypto.subtle.deriveBits(parameters(salt, info), await asKey(key), length * 8));
}

// An AES-256-GCM key straight from HKDF, never as bytes.
export async function hkdfAesKey(key, { salt, info }) {
  const kind = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(parameters(salt, info), await asKey(key), kind, false, ["encrypt", "decrypt"]);
}

export async function hmacSha256(key, data) {
  const hmac = key instanceof Uint8Array
    ? await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"])
    : key;
  return new Uint8Array(await crypto.subtle.sign("HMAC", hmac, data));
}

export const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));

// Equal lengths are compared without an early end.
export function equal(left, right) {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let at = 0; at < left.length; at++) difference |= left[at] ^ right[at];
  return difference === 0;
}

export const xor = (left, right) => left.map((byte, at) => byte ^ right[at]);
