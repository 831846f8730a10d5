// Choosing a password: at first sign-in, by invitation, and later by wish.

import { engine } from "../engine/client.js";
import { announce, find, say, sentence } from "./elements.js";
import { go, templateShow } from "./navigation.js";

const LEAST = 12;
const WORDS = ["Too short", "Weak", "Fair", "Good", "Strong"];

// A rough measure: length and variety. It advises and does not decide.
export function strength(password) {
  if (password.length < LEAST) return 0;
  const variety = new Set(password.toLowerCase()).size;
  if (variety < 6) return 1;
  return Math.min(4, 1 + (password.length >= 16) + (password.length >= 20) + (variety >= 10));
}

// The new password, or null with the reason shown.
export function chosen(place) {
  const { next, again } = place.querySelector("form").elements;
  let problem = "";
  if (next.value.length < LEAST) problem = `The password needs at least ${LEAST} characters.`;
  else if (strength(next.value) < 2) problem = "The password repeats too few characters. Use several words.";
  else if (next.value !== again.value) problem = "The two passwords are not the same.";
  say(find(place, "error"), problem);
  return problem ? null : next.value;
}

export function fieldsStart(place) {
  const { next, again } = place.querySelector("form").elements;
  next.addEventListener("input", () => {
    const found = strength(next.value);
    place.querySelector("meter").value = found;
    place.querySelector("#strength").textContent = `${WORDS[found]}. Several words are easiest to remember.`;
  });
  find(place, "show").addEventListener("change", ({ target }) => {
    for (const field of [next, again]) field.type = target.checked ? "text" : "password";
  });
}

export function passwordShow(me) {
  const place = templateShow("password", "Choose a password");
  const form = place.querySelector("form");
  const { current, next, login } = form.elements;
  const first = me.password_change_due;
  login.value = me.login;
  find(place, "why").textContent = first
    ? "The passphrase you were given only serves to sign in once. From now on, only you know your password."
    : "All your sessions end, and you sign in again with the new password. No document is touched.";
  if (!first) place.querySelector("h1").textContent = "Change your password";
  find(place, "current").hidden = first;
  (first ? next : current).focus();
  fieldsStart(place);
  form.addEventListener("submit", async () => {
    const password = chosen(place);
    if (!password) return;
    const button = form.querySelector("button");
    button.disabled = true;
    button.textContent = "Making your key…";
    try {
      await engine.changePassword(first ? null : current.value, password);
      await engine.signIn(me.login, password).catch(() => null); // where that fails, the page asks again
      announce("The password was saved");
      go("/inbox");
    } catch (error) {
      say(find(place, "error"), sentence(error));
      button.disabled = false;
      button.textContent = "Save password";
    }
  });
}
