// Records at rest in IndexedDB, sealed under the local key; their names are keyed hashes (docs/protocol.md, section 12).

import { fromUtf8, hexEncode, utf8 } from "./crypto/encoding.js";
import { hkdf, hmacSha256, label } from "./crypto/hkdf.js";
import * as stream from "./crypto/stream.js";
import { localAad, localKey } from "./protocol/keys.js";

const STORE = "records";

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function withStore(mode, work) {
  const opening = indexedDB.open("sealpost", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    return await settled(work(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

export class Records {
  constructor(sharedKey) {
    this.sharedKey = sharedKey;
  }

  async name(purpose, record) {
    const key = await hkdf(this.sharedKey, { info: label("local", `${purpose}-name`) });
    return hexEncode(await hmacSha256(key, utf8(record)));
  }

  async load(purpose, record) {
    const name = await this.name(purpose, record);
    const sealed = await withStore("readonly", (store) => store.get(name));
    if (!sealed) return null;
    try {
      const key = await localKey(this.sharedKey, purpose);
      return JSON.parse(fromUtf8(await stream.open(key, sealed, { aad: localAad(purpose, record) })));
    } catch {
      return null;
    }
  }

  async save(purpose, record, members) {
    const [name, key] = await Promise.all([this.name(purpose, record), localKey(this.sharedKey, purpose)]);
    const sealed = await stream.seal(key, utf8(JSON.stringify(members)), { aad: localAad(purpose, record) });
    await withStore("readwrite", (store) => store.put(sealed, name));
  }

  async delete(purpose, record) {
    const name = await this.name(purpose, record);
    await withStore("readwrite", (store) => store.delete(name));
  }
}
