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
    if (invitation.enrolled) {
      proveShow(fragment, invitation);
      return;
    }
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

// A guest who has a password already: signing in and the link together show that the address is theirs.
function proveShow(fragment, { login, tenant }) {
  const place = templateShow("signin", "Sign in");
  const form = place.querySelector("form");
  form.dataset.form = "prove"; // what follows is this page's own
  say(find(place, "why"), `${tenant} sends you documents. You have an account here already: sign in to read them.`);
  form.elements.login.value = login;
  form.elements.login.readOnly = true;
  form.elements.password.focus();
  form.addEventListener("submit", () => prove(place, fragment, login));
}

async function prove(place, fragment, login) {
  const { elements } = place.querySelector("form");
  const button = place.querySelector("form button");
  button.disabled = true;
  say(find(place, "error"), "");
  try {
    await engine.signIn(login, elements.password.value);
    await engine.addressProve(fragment).catch((error) => {
      if (error.code !== "password_change_due") throw error; // the link serves afterwards
    });
    history.replaceState({}, "", "/inbox");
    go("/inbox");
  } catch (error) {
    say(find(place, "error"), sentence(error));
    button.disabled = false;
  }
}
