// Sign-in: everything happens in the engine; the password goes nowhere else.

import { engine } from "../engine/client.js";
import { announce, find, say, sentence } from "./elements.js";
import { templateShow } from "./navigation.js";

export function signInShow(why, known = "") {
  const place = templateShow("signin", "Sign in");
  const form = place.querySelector("form");
  say(find(place, "why"), why);
  form.elements.login.value = known;
  if (known) form.elements.password.focus();
  form.addEventListener("submit", async () => {
    const button = form.querySelector("button");
    const { login, password } = form.elements;
    if (!login.value.trim() || !password.value) {
      say(find(place, "error"), "Enter your login and your password.");
      return;
    }
    button.disabled = true;
    button.textContent = "Making your key…";
    say(find(place, "error"), "");
    try {
      await engine.signIn(login.value, password.value);
      password.value = "";
      announce("Signed in");
    } catch (error) {
      say(find(place, "error"), sentence(error));
      button.disabled = false;
      button.textContent = "Sign in";
      password.select();
      password.focus();
    }
  });
}
