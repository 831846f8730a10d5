// The engine behind a message port. Keys live in this worker's memory and nowhere else.

import { b64uDecode, b64uEncode, fromUtf8, randomBytes } from "./crypto/encoding.js";
import { PASSWORD, SALT } from "./crypto/kdf.js";
import * as stream from "./crypto/stream.js";
import { DocumentDownload } from "./download.js";
import { KdfRefused, SealpostError } from "./errors.js";
import { bundleDigest, bundleMembers } from "./protocol/bundle.js";
import * as enrolment from "./protocol/enrolment.js";
import { changeProof } from "./protocol/handshake.js";
import { KID, keysZero, userKeys } from "./protocol/keys.js";
import { Records } from "./records.js";
import { plainCall, signIn } from "./session.js";
import { FileUpload } from "./upload.js";

const IDLE_SECONDS = 600;
const TOLD_MILLISECONDS = 10_000;
const ENDED = new Set(["session_unknown", "not_found"]); // the server has no such session any more
const TRANSFERS = new Set(["upload", "download"]); // they hold off the idle lock; what pages ask by themselves does not

const locked = () =>
  new SealpostError("locked", 401, "The portal is locked. Enter your password to go on; nothing was lost.");

// The root key of a password, from the page's throw-away worker at the other end of `port`.
function rootBy(port) {
  return (salt, parameters) =>
    new Promise((resolve, reject) => {
      port.onmessage = ({ data }) => {
        port.close();
        if (data.root) resolve(data.root);
        else reject(new KdfRefused());
      };
      port.postMessage({ salt, parameters });
    });
}

async function newBundle(port) {
  const [salt, kid] = [randomBytes(SALT), randomBytes(KID)];
  const root = await rootBy(port)(salt, PASSWORD);
  const keys = await userKeys(root, kid);
  root.fill(0);
  return { parameters: PASSWORD, salt, kid, keys };
}

export class Engine {
  constructor(origin) {
    this.origin = origin;
    this.pages = new Set();
    this.running = new Map();
    this.uploads = new Map();
    this.idle = null;
    this.idleSeconds = IDLE_SECONDS;
    this.drop();
  }

  drop() {
    if (this.held) keysZero(this.held);
    this.session = null;
    this.me = null;
    this.held = null;
    this.records = null;
  }

  // What pages may ask for. Each gets (arguments, progress, signal).
  get methods() {
    return {
      status: () => this.status(),
      refresh: () => this.refresh(),
      touch: () => this.touch(),
      signIn: (args) => this.signIn(args),
      signOut: () => this.signOut(),
      lock: () => this.lock("asked"),
      call: ({ method, path, members }, _, signal) => this.open().call(method, path, members, signal),
      page: ({ path }, _, signal) => this.page(path, signal),
      changePassword: (args) => this.changePassword(args),
      enrolView: ({ fragment }) => this.enrolView(fragment),
      enrol: (args) => this.enrol(args),
      addressProve: ({ fragment }) => this.addressProve(fragment),
      upload: ({ file }, progress, signal) => this.upload(file, progress, signal),
      uploadForget: ({ upload }) => this.uploadForget(upload),
      download: (args, progress, signal) => this.download(args, progress, signal),
      draftLoad: ({ name }) => this.kept().load("draft", name),
      draftSave: ({ name, members }) => this.kept().save("draft", name, members),
      draftDelete: ({ name }) => this.kept().delete("draft", name),
    };
  }

  open() {
    if (!this.session) throw locked();
    return this.session;
  }

  kept() {
    this.open();
    return this.records;
  }

  status() {
    return { signedIn: Boolean(this.session), me: this.me };
  }

  // What the server says of the user anew, after something of it was changed.
  async refresh() {
    this.me = await this.open().call("GET", "/api/v1/me");
    return this.status();
  }

  touch() {
    clearTimeout(this.idle);
    if (this.session) {
      this.idle = setTimeout(() => (this.transferring() ? this.touch() : this.lock("idle")), this.idleSeconds * 1000);
    }
  }

  transferring() {
    return [...this.running.values()].some(({ transfers }) => transfers);
  }

  async signIn({ login, kdf }) {
    const { session, keys } = await signIn({ origin: this.origin, login, root: rootBy(kdf) });
    this.drop();
    this.session = session;
    this.records = new Records(session.sharedKey);
    this.me = await session.call("GET", "/api/v1/me");
    this.idleSeconds = this.me.limits.idle_lock_seconds;
    // The login key is kept only where the password must be changed at once.
    if (this.me.password_change_due) this.held = keys;
    else keysZero(keys);
    this.touch();
    this.tell({ event: "signed-in" });
    return this.status();
  }

  // Keys go first, whatever becomes of the network; then the server is told, and pages where it could not be.
  async signOut() {
    const { session } = this;
    this.lock("signed-out");
    if (!session) return;
    try {
      await session.call("DELETE", `/api/v1/sessions/${session.id}`, undefined, AbortSignal.timeout(TOLD_MILLISECONDS));
    } catch (error) {
      if (!ENDED.has(error.code)) this.tell({ event: "untold" });
    }
  }

  lock(reason) {
    for (const controller of this.running.values()) controller.abort();
    this.drop();
    this.tell({ event: "locked", reason });
  }

  tell(message) {
    for (const port of this.pages) port.postMessage(message);
  }

  async page(path, signal) {
    const answer = await this.open().fetch(path, { accept: "text/html", signal });
    const text = fromUtf8(answer.bytes);
    if (answer.contentType.startsWith("text/html")) return { status: answer.status, html: text };
    const { code, detail, ...members } = JSON.parse(text);
    throw new SealpostError(code, answer.status, detail, members);
  }

  async changePassword({ current, kdf }) {
    const session = this.open();
    let old = this.held;
    if (!old) old = await this.currentKeys(current);
    const bundle = await newBundle(kdf);
    const proof = await changeProof(old, { agreed: session.agreed, digest: await bundleDigest(bundle) });
    await session.call("POST", "/api/v1/password", bundleMembers(bundle, proof));
    keysZero(bundle.keys);
    this.drop();
    return { login: session.login };
  }

  // The login keys behind the current password: a handshake start tells its parameters.
  async currentKeys(port) {
    const { login } = this.session;
    const nonce = b64uEncode(randomBytes(32));
    const start = await plainCall(this.origin, "/api/v1/handshake/start", { login, nonce });
    const root = await rootBy(port)(b64uDecode(start.salt, SALT), { suite: start.suite, m: start.m, t: start.t, p: start.p });
    return userKeys(root, b64uDecode(start.kid, KID));
  }

  // What shows that one holds a link.
  async linkProof(link, nonce) {
    const proof = b64uEncode(await enrolment.viewProof(link, nonce));
    return { invitation: link.invitation, nonce: b64uEncode(nonce), proof };
  }

  // A guest who has a key already shows a link that was mailed to their address.
  async addressProve(fragment) {
    const members = await this.linkProof(enrolment.linkParse(fragment), randomBytes(enrolment.NONCE));
    await this.open().call("POST", "/api/v1/address", members);
  }

  async enrolView(fragment) {
    const link = enrolment.linkParse(fragment);
    const nonce = randomBytes(enrolment.NONCE);
    const members = await this.linkProof(link, nonce);
    const sealed = await plainCall(this.origin, "/api/v1/enrolment/view", members);
    const opened = await stream.open(await enrolment.viewKey(link), sealed, { aad: enrolment.viewAad(link, nonce) });
    return JSON.parse(fromUtf8(opened));
  }

  async enrol({ fragment, kdf }) {
    const link = enrolment.linkParse(fragment);
    const { id, public_key: publicKey } = await plainCall(this.origin, "/api/v1/enrolment/key");
    const bundle = await newBundle(kdf);
    const place = { origin: this.origin, key: id, publicKey: b64uDecode(publicKey, 32) };
    const sealed = b64uEncode(await enrolment.enrolmentSeal(bundle, link, place));
    keysZero(bundle.keys);
    return plainCall(this.origin, "/api/v1/enrolment", { invitation: link.invitation, key: id, sealed });
  }

  async upload(file, progress, signal) {
    const upload = new FileUpload(this.open(), file, { records: this.records, progress, signal });
    const id = await upload.run();
    this.uploads.set(id, upload);
    return { upload: id };
  }

  async uploadForget(id) {
    await this.uploads.get(id)?.forget();
    this.uploads.delete(id);
  }

  // Chunks go to `sink` one at a time: the next is opened when the page has taken the last.
  async download({ document, purpose, sink }, progress, signal) {
    const download = new DocumentDownload(this.open(), document, { purpose, progress, signal });
    const known = await download.begin();
    const taken = () => new Promise((resolve) => (sink.onmessage = resolve));
    sink.postMessage({ known });
    await taken();
    if (purpose === "save") this.me.policy.save = known.sealed ? "sealed" : "plain"; // as it is by now
    for await (const chunk of download.saved()) {
      const next = taken();
      sink.postMessage({ chunk }, [chunk.buffer]);
      await next;
    }
    sink.postMessage({ end: true });
    return known;
  }

  connect(port) {
    this.pages.add(port);
    port.onmessage = ({ data }) => this.hear(port, data);
    port.start?.();
  }

  async hear(port, { id, method, args, abort }) {
    if (abort) return this.running.get(abort)?.abort();
    const controller = new AbortController();
    controller.transfers = TRANSFERS.has(method);
    this.running.set(id, controller);
    const progress = (said) => port.postMessage({ id, progress: said });
    try {
      const result = await this.methods[method](args ?? {}, progress, controller.signal);
      port.postMessage({ id, result });
    } catch (error) {
      port.postMessage({ id, error: said(error) });
      if (error.code === "session_unknown") this.lock("ended");
    } finally {
      this.running.delete(id);
    }
  }
}

function said(error) {
  if (error instanceof SealpostError) {
    return { code: error.code, status: error.status, sentence: error.sentence, members: error.members };
  }
  if (error.name === "AbortError") return { code: "aborted", status: 0, sentence: "Stopped. Nothing was delivered." };
  return { code: "engine_failed", status: 500, sentence: "The page's engine failed. Reload the page and try again." };
}
