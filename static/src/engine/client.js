// The page's side of the engine: one SharedWorker for all tabs, a Worker where there is none.
//
//   engine.status()                        → { signedIn, me }
//   engine.refresh()                       → the same, asked of the server anew
//   engine.signIn(login, password)         → status; me.password_change_due says what comes next
//   engine.changePassword(current?, next)  → { login }; every session has ended, sign in again
//   engine.enrolView(fragment)             → { login, name, tenant, expires_at, enrolled }
//   engine.enrol(fragment, password)       → { login }
//   engine.addressProve(fragment)          → nothing; of a guest who is signed in
//   engine.page(path)                      → { status, html }: admitted by trusted.js alone
//   engine.call(method, path, members?)    → the opened JSON answer
//   engine.upload(file, onProgress)        → { upload }; onProgress({ phase, done, total })
//   engine.download(id, purpose, onProgress, take) → take(known) then take(chunk)… ; purpose save | preview
//   engine.draftLoad/draftSave/draftDelete, engine.lock(), engine.signOut(), engine.touch()
//   engine.addEventListener("locked", …)   reason: asked | idle | ended | signed-out
//   engine.addEventListener("untold", …)   signed out here, and the server does not know
//
// Every call may take { signal } last and rejects with a SealpostError: code, status, sentence, members.

import "./trusted.js"; // the policy must stand before the first worker starts
import { SealpostError } from "./errors.js";

const WORKER = "/static/engine-worker.js";
const KDF = "/static/kdf-worker.js";

function engineStart() {
  if (globalThis.SharedWorker) {
    return new SharedWorker(WORKER, { name: "sealpost-engine", extendedLifetime: true }).port;
  }
  return new Worker(WORKER);
}

// A port whose other end derives root keys of this password, in a worker that ends with the derivation.
function kdfPort(password) {
  const worker = new Worker(KDF);
  const { port1, port2 } = new MessageChannel();
  worker.onmessage = () => worker.terminate();
  worker.postMessage({ password, port: port1 }, [port1]);
  return port2;
}

class EngineClient extends EventTarget {
  constructor() {
    super();
    this.pending = new Map();
    this.last = 0;
    this.port = engineStart();
    this.port.onmessage = ({ data }) => this.hear(data);
    this.port.start?.();
  }

  hear({ id, result, error, progress, event, reason }) {
    if (event) return this.dispatchEvent(new CustomEvent(event, { detail: reason }));
    const call = this.pending.get(id);
    if (!call) return undefined;
    if (progress) return call.onProgress?.(progress);
    this.pending.delete(id);
    if (error) return call.reject(new SealpostError(error.code, error.status, error.sentence, error.members));
    return call.resolve(result);
  }

  ask(method, args, { onProgress, signal, transfer = [] } = {}) {
    this.last += 1;
    const id = `${performance.timeOrigin}-${this.last}-${Math.random()}`;
    signal?.addEventListener("abort", () => this.port.postMessage({ abort: id }));
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject, onProgress });
      this.port.postMessage({ id, method, args }, transfer);
    });
  }

  status() {
    return this.ask("status");
  }

  refresh() {
    return this.ask("refresh");
  }

  touch() {
    return this.ask("touch");
  }

  lock() {
    return this.ask("lock");
  }

  signOut() {
    return this.ask("signOut");
  }

  signIn(login, password) {
    const kdf = kdfPort(password);
    return this.ask("signIn", { login, kdf }, { transfer: [kdf] });
  }

  changePassword(current, next) {
    const ports = { kdf: kdfPort(next) };
    if (current !== null) ports.current = kdfPort(current);
    return this.ask("changePassword", ports, { transfer: Object.values(ports) });
  }

  enrolView(fragment) {
    return this.ask("enrolView", { fragment });
  }

  addressProve(fragment) {
    return this.ask("addressProve", { fragment });
  }

  enrol(fragment, password) {
    const kdf = kdfPort(password);
    return this.ask("enrol", { fragment, kdf }, { transfer: [kdf] });
  }

  page(path, options) {
    return this.ask("page", { path }, options);
  }

  call(method, path, members, options) {
    return this.ask("call", { method, path, members }, options);
  }

  upload(file, onProgress, { signal } = {}) {
    return this.ask("upload", { file }, { onProgress, signal });
  }

  uploadForget(upload) {
    return this.ask("uploadForget", { upload });
  }

  download(document, purpose, onProgress, take, { signal } = {}) {
    const { port1, port2 } = new MessageChannel();
    const taken = new Promise((resolve, reject) => {
      port1.onmessage = async ({ data }) => {
        try {
          if (data.end) return resolve();
          await take(data.known ? { known: data.known } : { chunk: data.chunk });
          return port1.postMessage("next");
        } catch (error) {
          return reject(error);
        }
      };
    });
    const asked = this.ask("download", { document, purpose, sink: port2 }, { onProgress, signal, transfer: [port2] });
    return Promise.race([Promise.all([asked, taken]).then(([known]) => known), taken.then(() => asked)]);
  }

  draftLoad(name) {
    return this.ask("draftLoad", { name });
  }

  draftSave(name, members) {
    return this.ask("draftSave", { name, members });
  }

  draftDelete(name) {
    return this.ask("draftDelete", { name });
  }
}

export const engine = new EngineClient();
