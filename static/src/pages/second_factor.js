// The second factor: asked for after the password, set up where policy or the person wants one, and given up again.

import { engine } from "../engine/client.js";
import { announce, find, findAll, say, sentence } from "./elements.js";
import { go, templateShow } from "./navigation.js";
import { keyAnswer, keysList, keysUnusable } from "./security_keys.js";

const PATH = "/api/v1/second-factor";

export function secondFactorShow({ second_factor: factor }) {
  const place = templateShow("second-factor", "Second factor");
  say(find(place, "required"), factor.required && !factor.enrolled ? "Your organisation requires a second factor." : "");
  find(place, "done").addEventListener("click", () => go(location.href, { push: false }));
  if (factor.due && factor.enrolled) checkShow(place, factor);
  else manageShow(place, factor);
}

function checkShow(place, factor) {
  const part = partShow(place, "check");
  say(find(part, "unusable"), factor.keys ? keysUnusable() : "");
  proofListen(part, part.querySelector("form"), factor, async (proof) => {
    await engine.call("POST", `${PATH}/check`, proof);
    await engine.refresh();
    announce("Signed in");
    go(location.pathname === "/second-factor" ? "/account" : location.href);
  });
  (find(part, "key-ask").hidden ? part.querySelector("input") : find(part, "key-ask")).focus();
}

function manageShow(place, factor) {
  const part = partShow(place, "manage");
  say(find(part, "left"), factor.enrolled ? `${factor.recovery_codes} recovery codes are left.` : "");
  for (const app of findAll(part, "app")) app.hidden = (app.dataset.app === "set") !== factor.totp;
  find(part, "begin").addEventListener("click", () => begin(place));
  formListen(place.querySelector('[data-form="confirm"]'), "code", "Enter the code.", async (code) => {
    const { recovery_codes: codes } = await engine.call("POST", `${PATH}/confirm`, { code });
    await added(place, codes, "The authenticator app is set up");
  });
  const remove = part.querySelector('[data-form="remove"]');
  proofListen(remove, remove, factor, async (proof) => {
    await engine.call("POST", `${PATH}/remove`, proof);
    await shownAgain("The authenticator app was removed");
  });
  const by = { formListen, proofListen, shownAgain, added: (codes, said) => added(place, codes, said) };
  keysList(part, factor, by).catch((error) => say(find(place, "failed"), sentence(error)));
  place.focus({ preventScroll: true });
}

// After a factor was added: the recovery codes where it was the first.
async function added(place, codes, said) {
  if (!codes.length) return shownAgain(said);
  await engine.refresh();
  find(place, "codes").replaceChildren(...codes.map(codeItem));
  partShow(place, "codes");
  find(place, "done").focus();
  return announce(said);
}

async function shownAgain(said) {
  await engine.refresh();
  await go(location.href, { push: false });
  announce(said);
}

function codeItem(code) {
  const item = document.createElement("li");
  item.textContent = code;
  return item;
}

function partShow(place, name) {
  for (const part of findAll(place, "part")) part.hidden = part.dataset.part !== name;
  return place.querySelector(`[data-part="${name}"]`);
}

async function begin(place) {
  try {
    const { secret, qr } = await engine.call("POST", PATH, {});
    find(place, "qr").src = qr;
    find(place, "secret").textContent = secret.replace(/(.{4})/g, "$1 ").trim();
    partShow(place, "confirm").querySelector("input").focus();
  } catch (error) {
    say(find(place, "failed"), sentence(error));
  }
}

// A form of one field, named and asked for; `work` gets what was entered.
function formListen(form, name, asked, work) {
  const field = form.elements[name];
  const problem = find(form, "error");
  form.addEventListener("submit", () => {
    if (!field.value.trim()) return say(problem, asked);
    return tried(form, problem, () => work(field.value), () => field.select());
  });
}

// A form by which a factor is passed: by a code, or by a security key where the person has one and the browser can ask it.
function proofListen(place, form, factor, work) {
  const ask = find(place, "key-ask");
  find(form, "code-label").textContent = factor.totp ? "Code of your app, or a recovery code" : "Recovery code";
  ask.hidden = !factor.keys || Boolean(keysUnusable());
  formListen(form, "code", "Enter the code.", (code) => work({ code }));
  ask.addEventListener("click", () =>
    tried(place, find(form, "error"), async () => work({ credential: await keyAnswer() }), () => ask.focus()),
  );
}

async function tried(place, problem, work, failed) {
  const buttons = [...place.querySelectorAll("button")];
  for (const button of buttons) button.disabled = true;
  say(problem, "");
  try {
    await work();
  } catch (error) {
    say(problem, sentence(error));
  }
  for (const button of buttons) button.disabled = false;
  if (!problem.hidden) failed();
}
