// `.sealed` files: a document at rest under its owner's key (docs/protocol.md, section 12.1). Mirrors sealpost/client/container.py.

import { concat, fromUtf8, randomBytes, utf8 } from "./crypto/encoding.js";
import { u32be } from "./crypto/hkdf.js";
import * as stream from "./crypto/stream.js";
import { SealpostError } from "./errors.js";
import { KID, localAad, localKey } from "./protocol/keys.js";

export const ENDING = ".sealed";
const MAGIC = utf8("SEALPOST");
const VERSION = 1;
const SALT = 16;
const RECORD = 16;
export const HEAD = MAGIC.length + 2 + 3 * 4 + SALT + KID + RECORD;
const DESCRIPTION_MOST = 1 << 16;
const [CONTENT, DESCRIPTION] = ["saved", "saved-description"];

const unreadable = () =>
  new SealpostError(
    "container_unreadable",
    400,
    "This is no .sealed file of a version that this program knows, or it was cut short. Nothing was written.",
  );

// What stands in clear: how the key of the password of that time is derived, and the id of this file.
export function headEncode({ parameters: { suite, m, t, p }, salt, kid, record = randomBytes(RECORD) }) {
  return concat(MAGIC, new Uint8Array([VERSION, suite]), u32be(m), u32be(t), u32be(p), salt, kid, record);
}

export function headParse(head) {
  const starts = [...MAGIC, VERSION].every((byte, at) => head[at] === byte);
  if (head.length !== HEAD || !starts) throw unreadable();
  const at = MAGIC.length + 2;
  const numbers = new DataView(head.buffer, head.byteOffset + at, 12);
  const [m, t, p] = [0, 4, 8].map((offset) => numbers.getUint32(offset));
  const part = (offset, length) => head.slice(at + offset, at + offset + length);
  return { parameters: { suite: head[at - 1], m, t, p }, salt: part(12, SALT), kid: part(28, KID), record: part(44, RECORD) };
}

// Makes a container: `begin`, then the document's segments, which are those of section 5.
export class ContainerCipher {
  static async create(sharedKey, head, description) {
    const cipher = new ContainerCipher();
    const plaintext = utf8(JSON.stringify(description));
    const sealed = await stream.seal(await localKey(sharedKey, DESCRIPTION), plaintext, { aad: localAad(DESCRIPTION, head) });
    const header = stream.headerNew();
    cipher.content = await stream.SegmentCipher.create(await localKey(sharedKey, CONTENT), header, localAad(CONTENT, head));
    cipher.begin = concat(head, u32be(sealed.length), sealed, header);
    return cipher;
  }

  length(size) {
    return this.begin.length - stream.HEADER + stream.wireLength(size);
  }

  segment(index, last, plaintext) {
    return this.content.seal(index, last, plaintext);
  }
}

// The description and the document of a whole container.
export async function containerOpen(sharedKey, bytes) {
  const head = bytes.slice(0, HEAD);
  headParse(head);
  const length = bytes.length < HEAD + 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset + HEAD, 4).getUint32(0);
  const start = HEAD + 4 + length;
  if (length > DESCRIPTION_MOST || bytes.length < start) throw unreadable();
  const opened = async (purpose, sealed) => stream.open(await localKey(sharedKey, purpose), sealed, { aad: localAad(purpose, head) });
  const description = JSON.parse(fromUtf8(await opened(DESCRIPTION, bytes.subarray(HEAD + 4, start))));
  return { description, content: await opened(CONTENT, bytes.subarray(start)) };
}
