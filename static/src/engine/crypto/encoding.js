// Base64url without padding, strictly, and small byte work (docs/protocol.md, section 1).

import { encodingInvalid } from "../errors.js";

const ALPHABET = /^[A-Za-z0-9_-]*$/;

export const utf8 = (text) => new TextEncoder().encode(text);
export const fromUtf8 = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function base64Encode(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

export const b64uEncode = (bytes) => base64Encode(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export function b64uDecode(text, length) {
  if (typeof text !== "string" || !ALPHABET.test(text) || text.length % 4 === 1) throw encodingInvalid();
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  if (b64uEncode(bytes) !== text || (length !== undefined && bytes.length !== length)) throw encodingInvalid();
  return bytes;
}

export const hexEncode = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function hexDecode(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

// A uuid's 16 bytes, as labels take it.
export function uuidBytes(text) {
  const hex = text.replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/.test(hex)) throw encodingInvalid();
  return hexDecode(hex);
}

export const randomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));
