// Enrolment by an invitation link: who invites, then a password of one's own.

import { engine } from "../engine/client.js";
import { find, say, sentence } from "./elements.js";
import { barUpdate, go, templateShow } from "./navigation.js";
import { chosen, fieldsStart } from "./password.js";

export async function enrolShow(fragment) {
  barUpdate(null);
  const place = templateShow("password", "Welcome");
  const form = place.querySelector("form");
  const button = form.querySelector("button");
  fieldsStart(place);
  button.disabled = true;
  try {
    const invitation = await engine.enrolView(fragment);
    place.querySelector("h1").textContent = `Welcome, ${invitation.name}`;
    find(place, "why").textContent =
      `${invitation.tenant} invites you. You will sign in as ${invitation.login}; choose the password for it.`;
    form.elements.login.value = invitation.login;
    button.disabled = false;
    form.addEventListener("submit", () => enrol(place, fragment, invitation.login));
  } catch (error) {
    form.hidden = true;
    place.querySelector("h1").textContent = "This invitation cannot be used";
    find(place, "why").textContent = sentence(error);
  }
}

async function enrol(place, fragment, login) {
  const password = chosen(place);
  if (!password) return;
  const button = place.querySelector("form button");
  button.disabled = true;
  try {
    await engine.enrol(fragment, password);
    await engine.signIn(login, password).catch(() => null); // where that fails, the page asks again
    history.replaceState({}, "", "/inbox");
    go("/inbox");
  } catch (error) {
    say(find(place, "error"), sentence(error));
    button.disabled = false;
  }
}
