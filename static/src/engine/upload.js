// Uploads: sealed part by part, several at once, resumed (docs/protocol.md, section 10.1). Mirrors sealpost/client/upload.py.

import { b64uDecode, b64uEncode, hexEncode } from "./crypto/encoding.js";
import { sha256 } from "./crypto/hkdf.js";
import { HEADER, SEGMENT, SegmentCipher, headerNew, segmentCount, segmentPlaintext, wireLength } from "./crypto/stream.js";
import { SealpostError } from "./errors.js";
import { patiently } from "./patience.js";
import { PART, objectKey, partCount, partLength } from "./protocol/content.js";

const AT_ONCE = 3;
const PURPOSE = "upload";
const PER_PART = PART / SEGMENT;

const changed = () =>
  new SealpostError(
    "file_changed",
    409,
    "The file changed while it was sent, so the upload was stopped. Nothing was delivered; add it again.",
  );

export class FileUpload {
  constructor(session, file, { records, progress, signal }) {
    Object.assign(this, { session, file, records, progress, signal });
    this.size = file.size;
    this.record = `${file.name}\0${file.size}\0${file.lastModified}`;
    this.state = { transfer: crypto.randomUUID(), header: b64uEncode(headerNew()), upload: "", digests: {} };
    this.done = 0;
  }

  async run() {
    const stored = (await this.resume()) ?? (await this.begin());
    this.key = await this.objectKey(this.state.transfer);
    this.cipher = await SegmentCipher.create(this.key.key, b64uDecode(this.state.header, HEADER), this.key.aad);
    for (const number of stored) this.advance(this.partPlaintext(number).length);
    const missing = Array.from({ length: partCount(wireLength(this.size)) }, (_, number) => number).filter(
      (number) => !stored.has(number),
    );
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.drain(missing)));
    const complete = `/api/v1/uploads/${this.state.upload}/complete`;
    await patiently(() => this.session.call("POST", complete, {}, this.signal));
    return this.state.upload;
  }

  forget() {
    return this.records.delete(PURPOSE, this.record);
  }

  async drain(missing) {
    for (let number = missing.shift(); number !== undefined; number = missing.shift()) await this.part(number);
  }

  // Parts that are stored already, or null when the upload must begin anew: never the same header over other bytes.
  async resume() {
    const state = await this.records.load(PURPOSE, this.record);
    if (!state) return null;
    for (const [number, digest] of Object.entries(state.digests)) {
      if (hexEncode(await sha256(await this.read(Number(number)))) !== digest) {
        await this.records.delete(PURPOSE, this.record);
        await this.session.call("DELETE", `/api/v1/uploads/${state.upload}`).catch(() => null);
        return null;
      }
    }
    const shown = await patiently(() => this.session.call("GET", `/api/v1/uploads/${state.upload}`)).catch((error) => {
      if (error.status === 404) return null; // begun too long ago
      throw error;
    });
    if (!shown || shown.kid !== b64uEncode(this.session.kid)) return null;
    this.state = state;
    return new Set(shown.stored);
  }

  async begin() {
    const { transfer, header } = this.state;
    const { commitment } = await this.objectKey(transfer);
    const members = {
      transfer,
      kid: b64uEncode(this.session.kid),
      name: this.file.name,
      type: this.file.type || "application/octet-stream",
      size: this.size,
      header,
      commitment: b64uEncode(commitment),
    };
    this.state.upload = (await this.session.call("POST", "/api/v1/uploads", members, this.signal)).id;
    await this.remember();
    return new Set();
  }

  objectKey(transfer) {
    const { sharedKey, kid } = this.session;
    return objectKey(sharedKey, { direction: "up", transfer, kid, document: transfer });
  }

  remember() {
    return this.records.save(PURPOSE, this.record, this.state);
  }

  partPlaintext(number) {
    const first = number * PER_PART;
    const last = Math.min(first + PER_PART, segmentCount(this.size)) - 1;
    const start = segmentPlaintext(first, this.size).offset;
    const end = segmentPlaintext(last, this.size);
    return { first, last, start, length: end.offset + end.length - start };
  }

  async read(number) {
    const { start, length } = this.partPlaintext(number);
    try {
      return new Uint8Array(await this.file.slice(start, start + length).arrayBuffer());
    } catch {
      throw changed();
    }
  }

  async part(number) {
    const plaintext = await this.read(number);
    const digest = hexEncode(await sha256(plaintext));
    if ((this.state.digests[number] ??= digest) !== digest) throw changed();
    await this.remember();
    const part = await this.seal(number, plaintext);
    const path = `/api/v1/uploads/${this.state.upload}/parts/${number}`;
    await patiently(() => this.session.partPut(path, part, this.signal));
    this.advance(plaintext.length);
  }

  advance(count) {
    this.done += count;
    this.progress({ phase: "upload", done: this.done, total: this.size });
  }

  async seal(number, plaintext) {
    const { first, last, start } = this.partPlaintext(number);
    const part = new Uint8Array(partLength(number, wireLength(this.size)));
    const final = segmentCount(this.size) - 1;
    if (number === 0) part.set(this.cipher.header);
    for (let index = first; index <= last; index++) {
      const { offset, length } = segmentPlaintext(index, this.size);
      const at = (index - first) * SEGMENT + (index === 0 ? HEADER : 0);
      const piece = plaintext.subarray(offset - start, offset - start + length);
      part.set(await this.cipher.seal(index, index === final, piece), at);
    }
    return part;
  }
}
