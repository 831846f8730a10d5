// Keys of documents in transfer (docs/protocol.md, section 10). Mirrors sealpost/protocol/content.py.

import { uuidBytes } from "../crypto/encoding.js";
import { equal, hkdf, hkdfKey, label } from "../crypto/hkdf.js";
import { DecryptionError } from "../errors.js";

export const PART = 8 << 20;

export async function objectKey(sharedKey, { direction, transfer, kid, document }) {
  const [salt, object] = [uuidBytes(transfer), uuidBytes(document)];
  const okm = await hkdf(sharedKey, { salt, info: label("object", direction, kid, object), length: 64 });
  const found = {
    key: await hkdfKey(okm.subarray(0, 32)),
    commitment: okm.slice(32),
    aad: label("content", direction, salt, object),
  };
  okm.fill(0);
  return found;
}

export function commitmentCheck(key, commitment) {
  if (!equal(key.commitment, commitment)) throw new DecryptionError();
}

export const partCount = (wire) => Math.ceil(wire / PART);
export const partLength = (number, wire) => Math.min(PART, wire - number * PART);
