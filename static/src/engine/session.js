// A signed-in session: sealed requests by fetch (docs/protocol.md, sections 7 and 9). Mirrors sealpost/client/session.py.

import { b64uDecode, b64uEncode, fromUtf8, randomBytes, utf8 } from "./crypto/encoding.js";
import { hkdfKey } from "./crypto/hkdf.js";
import { loginNormalise, parametersCheck } from "./crypto/kdf.js";
import { SealpostError } from "./errors.js";
import { CODING, answerOpen, requestSeal } from "./protocol/body.js";
import * as handshake from "./protocol/handshake.js";
import { userKeys } from "./protocol/keys.js";
import { NONCE, signatureHeaders } from "./protocol/signature.js";

const UNSEALED = new Set([401, 413, 429, 500, 502, 503, 504]);
const seconds = () => Math.floor(Date.now() / 1000);

const unreachable = () =>
  new SealpostError(
    "server_unreachable",
    503,
    "The server cannot be reached. Nothing was lost; check your network and try again.",
  );
const notSealed = () =>
  new SealpostError(
    "answer_not_sealed",
    502,
    "The server's answer was not sealed, so it was refused: something stands between you and the server.",
  );

async function send(target, options) {
  try {
    return await fetch(target, { cache: "no-store", credentials: "omit", redirect: "error", ...options });
  } catch (error) {
    throw error.name === "AbortError" ? error : unreachable();
  }
}

function refusal(status, bytes) {
  try {
    const { code, detail, type, title, status: _, ...members } = JSON.parse(fromUtf8(bytes));
    return new SealpostError(code ?? "refused", status, detail ?? "The server refused the request.", members);
  } catch {
    return unreachable();
  }
}

const bytesOf = async (response) => new Uint8Array(await response.arrayBuffer());

export async function plainCall(origin, path, members) {
  const response = await send(origin + path, members && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(members),
  });
  const bytes = await bytesOf(response);
  if (!response.ok) throw refusal(response.status, bytes);
  return response.headers.get("Content-Type")?.startsWith("application/json") ? JSON.parse(fromUtf8(bytes)) : bytes;
}

export class Session {
  constructor({ origin, login, id, agreed, kid, parameters, salt, sharedKey, keys, clockOffset }) {
    Object.assign(this, { origin, login, id, agreed, kid, parameters, salt, sharedKey, keys, clockOffset });
  }

  sign(method, targetUri, body, nonce) {
    const created = seconds() + this.clockOffset;
    return signatureHeaders(this.keys.sign, { session: this.id, method, targetUri, body, nonce, created });
  }

  // A sealed request; { status, contentType, bytes } of the opened answer, refusals included.
  async fetch(path, { method = "GET", contentType = "", body, accept = "application/json", signal } = {}) {
    const [targetUri, nonce] = [this.origin + path, randomBytes(NONCE)];
    const context = { method, targetUri, nonce, session: this.id, contentType: body ? contentType : "" };
    const sealed = body && (await requestSeal(this.keys.c2s, body, context));
    const { headers } = await this.sign(method, targetUri, sealed, nonce);
    headers.Accept = accept;
    if (sealed) Object.assign(headers, { "Content-Type": contentType, "Content-Encoding": CODING });
    return this.opened(await send(targetUri, { method, headers, body: sealed, signal }), context);
  }

  async opened(response, context) {
    const bytes = await bytesOf(response);
    if (response.headers.get("Content-Encoding") !== CODING) {
      throw UNSEALED.has(response.status) ? refusal(response.status, bytes) : notSealed();
    }
    const contentType = response.headers.get("Content-Type") ?? "";
    const opened = await answerOpen(this.keys.s2c, bytes, { ...context, contentType, status: response.status });
    return { status: response.status, contentType, bytes: opened };
  }

  // A sealed request with a JSON answer.
  async call(method, path, members, signal) {
    const body = members === undefined ? undefined : utf8(JSON.stringify(members));
    const answer = await this.fetch(path, { method, contentType: "application/json", body, signal });
    if (answer.status >= 400) throw refusal(answer.status, answer.bytes);
    return JSON.parse(fromUtf8(answer.bytes));
  }

  async partPut(path, part, signal) {
    const targetUri = this.origin + path;
    const { headers, nonce } = await this.sign("PUT", targetUri);
    headers["Content-Type"] = "application/octet-stream";
    const response = await send(targetUri, { method: "PUT", headers, body: part, signal });
    const answer = await this.opened(response, { method: "PUT", targetUri, nonce, session: this.id });
    if (answer.status >= 400) throw refusal(answer.status, answer.bytes);
  }

  // A content answer from byte `start` on; its tags authenticate it.
  async content(path, start, signal) {
    const targetUri = this.origin + path;
    const { headers, nonce } = await this.sign("GET", targetUri);
    headers.Range = `bytes=${start}-`;
    const response = await send(targetUri, { headers, signal });
    if (response.status === 200 || response.status === 206) return response;
    const answer = await this.opened(response, { method: "GET", targetUri, nonce, session: this.id });
    throw refusal(answer.status, answer.bytes);
  }
}

// A handshake. `root(salt, parameters)` derives the root key; returns the session and the login keys (bytes).
export async function signIn({ origin, login, root, pinnedSuite = 1 }) {
  const clientNonce = handshake.nonceNew();
  const normal = loginNormalise(login);
  const start = await plainCall(origin, "/api/v1/handshake/start", { login: normal, nonce: b64uEncode(clientNonce) });
  const parameters = { suite: start.suite, m: start.m, t: start.t, p: start.p };
  parametersCheck(parameters, pinnedSuite);
  const [salt, kid] = [b64uDecode(start.salt, 16), b64uDecode(start.kid, 16)];
  const rootKey = await root(salt, parameters);
  const keys = await userKeys(rootKey, kid);
  rootKey.fill(0);
  const serverNonce = b64uDecode(start.nonce, 32);
  const { challenge } = start;
  const agreed = await handshake.transcript(
    { origin, login: normal, clientNonce, parameters, salt, kid, serverNonce, challenge },
  );
  const finish = await plainCall(origin, "/api/v1/handshake/finish", {
    challenge,
    proof: b64uEncode(await handshake.clientProof(keys, agreed)),
    confirmation: b64uEncode(await handshake.clientConfirmation(keys.sharedKey, agreed)),
  });
  await handshake.serverVerify(keys, {
    agreed,
    session: finish.session,
    signature: b64uDecode(finish.signature, 32),
    confirmation: b64uDecode(finish.confirmation, 32),
  });
  const sharedKey = await hkdfKey(keys.sharedKey);
  const session = new Session({
    origin,
    login: normal,
    id: finish.session,
    agreed,
    kid,
    parameters,
    salt,
    sharedKey,
    keys: await handshake.sessionKeys(sharedKey, agreed),
    clockOffset: start.now - seconds(),
  });
  return { session, keys };
}
