// Security keys and passkeys (WebAuthn): made and asked by the browser, listed, named and removed.

import { engine } from "../engine/client.js";
import { b64uDecode, b64uEncode } from "../engine/crypto/encoding.js";
import { SealpostError } from "../engine/errors.js";
import { find, say, timesLocalise } from "./elements.js";

const PATH = "/api/v1/second-factor";
const KEYS = `${PATH}/keys`;
const SENTENCES = {
  NotAllowedError: "No security key answered: it was cancelled, or took too long. Nothing was changed; try again.",
  InvalidStateError: "This security key is one of yours already. Nothing was changed.",
};
const FAILED = "The browser could not ask the security key. Nothing was changed; try again, or use another factor.";

// Why keys cannot be used here, in one sentence; nothing where they can.
export function keysUnusable() {
  const address = /^[\d.]+$/.test(location.hostname) || location.hostname.startsWith("[");
  if (address) return "Security keys cannot be used here, because this portal was opened by an IP address and not by a name.";
  return globalThis.PublicKeyCredential ? "" : "This browser cannot use security keys.";
}

// What one of the person's keys answers to a new challenge: an AuthenticationResponseJSON.
export async function keyAnswer() {
  const { options } = await engine.call("POST", `${PATH}/challenge`, {});
  const allowCredentials = options.allowCredentials.map(described);
  const publicKey = { ...options, challenge: b64uDecode(options.challenge), allowCredentials };
  const { response, ...credential } = await asked("get", publicKey);
  const { authenticatorData, signature, userHandle } = response;
  const said = { authenticatorData: text(authenticatorData), signature: text(signature) };
  if (userHandle) said.userHandle = text(userHandle);
  return { ...credential, response: { clientDataJSON: text(response.clientDataJSON), ...said } };
}

// What a new key answers: a RegistrationResponseJSON.
async function keyMade() {
  const { options } = await engine.call("POST", KEYS, {});
  const user = { ...options.user, id: b64uDecode(options.user.id) };
  const excludeCredentials = options.excludeCredentials.map(described);
  const publicKey = { ...options, challenge: b64uDecode(options.challenge), user, excludeCredentials };
  const { response, ...credential } = await asked("create", publicKey);
  const said = { clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject) };
  return { ...credential, response: { ...said, transports: response.getTransports?.() ?? [] } };
}

const text = (buffer) => b64uEncode(new Uint8Array(buffer));
const described = (credential) => ({ ...credential, id: b64uDecode(credential.id) });

async function asked(act, publicKey) {
  try {
    const { id, rawId, type, response } = await navigator.credentials[act]({ publicKey });
    return { id, rawId: text(rawId), type, response };
  } catch (error) {
    throw new SealpostError("security_key_unused", 0, SENTENCES[error.name] ?? FAILED);
  }
}

// The list of keys and the form for another; `by` is how the page of second factors listens and goes on.
export async function keysList(part, factor, by) {
  const unusable = keysUnusable();
  const form = part.querySelector('[data-form="key"]');
  say(find(part, "unusable"), unusable);
  form.hidden = Boolean(unusable);
  by.formListen(form, "name", "Give the key a name, by which you know it again.", async (name) => {
    const credential = await keyMade();
    const { recovery_codes: codes } = await engine.call("POST", `${KEYS}/confirm`, { name, credential });
    await by.added(codes, "The security key was added");
  });
  if (!factor.keys) return;
  const { keys } = await engine.call("GET", KEYS);
  const list = find(part, "keys");
  list.replaceChildren(...keys.map((key) => keyRow(part, key, factor, by)));
  list.hidden = false;
  timesLocalise(list);
}

function keyRow(part, key, factor, by) {
  const row = part.parentElement.querySelector("[data-key-row]").content.firstElementChild.cloneNode(true);
  find(row, "name").textContent = key.name;
  find(row, "added").dateTime = key.created_at;
  find(row, "used").hidden = !key.used_at;
  if (key.used_at) find(row, "used").querySelector("time").dateTime = key.used_at;
  const rename = row.querySelector('[data-form="rename"]');
  rename.elements.name.value = key.name;
  by.formListen(rename, "name", "Give the key a name, by which you know it again.", async (name) => {
    await engine.call("PATCH", `${KEYS}/${key.id}`, { name });
    await by.shownAgain("The security key was renamed");
  });
  const remove = row.querySelector('[data-form="remove-key"]');
  by.proofListen(remove, remove, factor, async (proof) => {
    await engine.call("POST", `${KEYS}/${key.id}/remove`, proof);
    await by.shownAgain("The security key was removed");
  });
  return row;
}
