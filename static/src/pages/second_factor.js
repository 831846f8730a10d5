// The second factor: asked for after the password, set up where policy or the person wants one, and given up again.

import { engine } from "../engine/client.js";
import { announce, find, findAll, say, sentence } from "./elements.js";
import { go, templateShow } from "./navigation.js";

const PATH = "/api/v1/second-factor";

export function secondFactorShow({ second_factor: factor }) {
  const place = templateShow("second-factor", "Second factor");
  const part = factor.due && factor.enrolled ? "check" : factor.enrolled ? "present" : "offer";
  partShow(place, part);
  say(find(place, "required"), factor.required && !factor.enrolled ? "Your organisation requires a second factor." : "");
  find(place, "left").textContent = `${factor.recovery_codes} recovery codes are left.`;
  find(place, "begin").addEventListener("click", () => begin(place));
  formListen(place, "check", async (code) => {
    await engine.call("POST", `${PATH}/check`, { code });
    await passed("Signed in");
  });
  formListen(place, "confirm", async (code) => {
    const { recovery_codes: codes } = await engine.call("POST", `${PATH}/confirm`, { code });
    await engine.refresh();
    find(place, "codes").replaceChildren(...codes.map(codeItem));
    partShow(place, "codes");
    announce("The second factor is set up");
  });
  formListen(place, "remove", async (code) => {
    await engine.call("POST", `${PATH}/remove`, { code });
    await passed("The second factor was removed");
  });
  find(place, "done").addEventListener("click", () => go("/"));
}

async function passed(said) {
  await engine.refresh();
  announce(said);
  go(location.pathname === "/second-factor" ? "/account" : location.href);
}

function codeItem(code) {
  const item = document.createElement("li");
  item.textContent = code;
  return item;
}

function partShow(place, name) {
  for (const part of findAll(place, "part")) part.hidden = part.dataset.part !== name;
  place.querySelector(`[data-part="${name}"] :is(input, button)`)?.focus();
}

async function begin(place) {
  try {
    const { secret, qr } = await engine.call("POST", PATH, {});
    find(place, "qr").src = qr;
    find(place, "secret").textContent = secret.replace(/(.{4})/g, "$1 ").trim();
    partShow(place, "confirm");
  } catch (error) {
    say(find(place, "error"), sentence(error));
  }
}

function formListen(place, name, work) {
  const form = place.querySelector(`form[data-form="${name}"]`);
  form.addEventListener("submit", async () => {
    const button = form.querySelector("button");
    const problem = find(place, "error");
    const { code } = form.elements;
    if (!code.value.trim()) return say(problem, "Enter the code.");
    button.disabled = true;
    say(problem, "");
    try {
      await work(code.value);
    } catch (error) {
      say(problem, sentence(error));
      code.select();
    }
    button.disabled = false;
    return undefined;
  });
}
