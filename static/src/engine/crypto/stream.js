// The one content format: Tink's AES256_GCM_HKDF_1MB (docs/protocol.md, section 5). Mirrors sealpost/crypto/stream.py.

import { DecryptionError } from "../errors.js";
import { concat, randomBytes } from "./encoding.js";
import { hkdfAesKey } from "./hkdf.js";

export const SEGMENT = 1 << 20;
export const TAG = 16;
export const HEADER = 40;
const SALT = 32;
const FIRST = SEGMENT - HEADER - TAG;
const NEXT = SEGMENT - TAG;

export const segmentCount = (size) => (size <= FIRST ? 1 : 1 + Math.ceil((size - FIRST) / NEXT));
export const wireLength = (size) => HEADER + size + TAG * segmentCount(size);

export function segmentPlaintext(index, size) {
  const offset = index === 0 ? 0 : FIRST + (index - 1) * NEXT;
  return { offset, length: Math.min(index === 0 ? FIRST : NEXT, size - offset) };
}

export function segmentWire(index, size) {
  return { offset: index === 0 ? HEADER : index * SEGMENT, length: segmentPlaintext(index, size).length + TAG };
}

export function headerNew() {
  const header = randomBytes(HEADER);
  header[0] = HEADER;
  return header;
}

export class SegmentCipher {
  static async create(key, header, aad) {
    if (header.length !== HEADER || header[0] !== HEADER) throw new DecryptionError();
    const cipher = new SegmentCipher();
    cipher.header = header;
    cipher.key = await hkdfAesKey(key, { salt: header.subarray(1, 1 + SALT), info: aad });
    return cipher;
  }

  algorithm(index, last) {
    const iv = new Uint8Array(12);
    iv.set(this.header.subarray(1 + SALT));
    new DataView(iv.buffer).setUint32(7, index);
    iv[11] = last ? 1 : 0;
    return { name: "AES-GCM", iv, tagLength: 128 };
  }

  async seal(index, last, plaintext) {
    return new Uint8Array(await crypto.subtle.encrypt(this.algorithm(index, last), this.key, plaintext));
  }

  async open(index, last, ciphertext) {
    try {
      return new Uint8Array(await crypto.subtle.decrypt(this.algorithm(index, last), this.key, ciphertext));
    } catch {
      throw new DecryptionError();
    }
  }
}

export async function seal(key, plaintext, { aad, header = headerNew() }) {
  const cipher = await SegmentCipher.create(key, header, aad);
  const count = segmentCount(plaintext.length);
  const parts = [header];
  for (let index = 0; index < count; index++) {
    const { offset, length } = segmentPlaintext(index, plaintext.length);
    parts.push(await cipher.seal(index, index === count - 1, plaintext.subarray(offset, offset + length)));
  }
  return concat(...parts);
}

export async function open(key, sealed, { aad }) {
  const cipher = await SegmentCipher.create(key, sealed.subarray(0, HEADER), aad);
  const count = Math.max(1, Math.ceil(sealed.length / SEGMENT));
  const parts = [];
  for (let index = 0; index < count; index++) {
    const start = index === 0 ? HEADER : index * SEGMENT;
    const ciphertext = sealed.subarray(start, (index + 1) * SEGMENT);
    if (ciphertext.length < TAG) throw new DecryptionError();
    parts.push(await cipher.open(index, index === count - 1, ciphertext));
  }
  return concat(...parts);
}
