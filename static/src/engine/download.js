// Downloads: opened segment by segment, taken up again after a cut (docs/protocol.md, section 10.2).
// Mirrors sealpost/client/download.py.

import { createSHA256 } from "hash-wasm";

import { ContainerCipher, ENDING, headEncode } from "./container.js";
import { b64uDecode, concat } from "./crypto/encoding.js";
import { HEADER, SEGMENT, SegmentCipher, segmentCount, segmentPlaintext, segmentWire } from "./crypto/stream.js";
import { equal } from "./crypto/hkdf.js";
import { DecryptionError } from "./errors.js";
import { commitmentCheck, objectKey } from "./protocol/content.js";

const TRIES = 5;

export class DocumentDownload {
  constructor(session, documentId, { purpose, progress, signal }) {
    Object.assign(this, { session, documentId, purpose, progress, signal });
  }

  // Fetch what is known of the document before its first byte: name, type, size.
  async begin() {
    const path = `/api/v1/documents/${this.documentId}/transfers`;
    const members = await this.session.call("POST", path, { purpose: this.purpose }, this.signal);
    const { transfer, document, kid } = members;
    const key = await objectKey(this.session.sharedKey, { direction: "down", transfer, kid: b64uDecode(kid, 16), document });
    commitmentCheck(key, b64uDecode(members.commitment, 32));
    this.header = b64uDecode(members.header, HEADER);
    this.cipher = await SegmentCipher.create(key.key, this.header, key.aad);
    this.members = members;
    const { name, type, size, sha256 } = members;
    if (this.purpose !== "save" || members.save !== "sealed") return { name, type, size, sealed: false };
    const { parameters, salt, kid: own } = this.session;
    const head = headEncode({ parameters, salt, kid: own });
    this.container = await ContainerCipher.create(this.session.sharedKey, head, { name, type, size, sha256 });
    return { name: name + ENDING, type: "application/octet-stream", size: this.container.length(size), sealed: true };
  }

  // What is to be saved, a segment an item: the document, or the `.sealed` file that policy wants in its place.
  async *saved() {
    const last = segmentCount(this.members.size) - 1;
    let index = 0;
    for await (const plaintext of this.chunks()) {
      if (!this.container) yield plaintext;
      else {
        const sealed = await this.container.segment(index, index === last, plaintext);
        yield index === 0 ? concat(this.container.begin, sealed) : sealed;
      }
      index += 1;
    }
  }

  // The plaintext, a segment an item. Only a complete iteration has authenticated the whole.
  async *chunks() {
    const { size, sha256, transfer } = this.members;
    const digest = await createSHA256();
    let [index, tries] = [0, 0];
    const count = segmentCount(size);
    while (index < count) {
      const reached = index;
      try {
        for await (const sealed of this.segments(index)) {
          const plaintext = await this.cipher.open(index, index === count - 1, sealed);
          digest.update(plaintext);
          index += 1;
          const { offset, length } = segmentPlaintext(index - 1, size);
          this.progress({ phase: "download", done: offset + length, total: size });
          yield plaintext;
        }
      } catch (error) {
        if (error.code !== "server_unreachable" && !(error instanceof TypeError)) throw error;
        tries = index > reached ? 1 : tries + 1;
        if (tries >= TRIES) throw error;
      }
    }
    if (digest.digest("hex") !== sha256) throw new DecryptionError();
    await this.session.call("POST", `/api/v1/transfers/${transfer}/received`, { sha256 }, this.signal);
  }

  // Whole ciphertext segments from `index` on, as the network brings them.
  async *segments(index) {
    const { size, transfer } = this.members;
    const start = index === 0 ? 0 : index * SEGMENT;
    const response = await this.session.content(`/api/v1/transfers/${transfer}/content`, start, this.signal);
    const reader = response.body.getReader();
    let [held, length, skip] = [[], 0, index === 0 ? HEADER : 0];
    const take = (count) => {
      const whole = concat(...held);
      held = [whole.subarray(count)];
      length -= count;
      return whole.slice(0, count);
    };
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      held.push(value);
      length += value.length;
      if (skip && length >= skip) {
        if (!equal(take(skip), this.header)) throw new DecryptionError();
        skip = 0;
      }
      while (!skip && index < segmentCount(size) && length >= segmentWire(index, size).length) {
        yield take(segmentWire(index, size).length);
        index += 1;
      }
    }
  }
}
