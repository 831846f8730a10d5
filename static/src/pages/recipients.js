// The recipients of a new message: each is looked up as soon as it is added, and shown as what was found.

import { engine } from "../engine/client.js";
import { announce, find, sentence } from "./elements.js";
import { Suggestions } from "./suggestions.js";

export class Recipients {
  constructor(page, { problem, changed }) {
    Object.assign(this, { page, problem, changed, known: [] });
    this.input = page.querySelector("#recipient");
    this.book = new Suggestions(this.input, page.querySelector("#suggestions"), {
      chosen: ({ login }) => {
        this.input.value = "";
        this.add([login]);
      },
      said: announce,
    });
    find(page, "recipient-add").addEventListener("click", () => this.take());
    this.input.addEventListener("blur", () => this.input.value.includes("@") && this.take());
    this.input.addEventListener("keydown", (event) => {
      if (!["Enter", ",", ";"].includes(event.key)) return;
      event.preventDefault();
      this.take();
    });
  }

  get logins() {
    return this.known.map(({ login }) => login);
  }

  // Logins that were looked up and cannot be reached.
  get lost() {
    return this.known.filter(({ reachable }) => reachable === false).map(({ login }) => login);
  }

  // Logins outside, who are invited when the message is sent.
  get guests() {
    return this.known.filter(({ kind }) => kind === "guest").map(({ login }) => login);
  }

  // What stands in the field becomes recipients; settles once all of them have been looked up.
  take() {
    const logins = this.input.value.split(/[\s,;]+/).filter(Boolean);
    this.input.value = "";
    return this.add(logins);
  }

  add(logins) {
    this.looking = Promise.all([this.looking, this.look(logins)]);
    return this.looking;
  }

  async look(logins) {
    const fresh = [...new Set(logins.map((login) => login.toLowerCase()))].filter((login) => !this.logins.includes(login));
    if (!fresh.length) return;
    for (const login of fresh) this.known.push({ login, chip: this.chip(login) });
    this.changed();
    try {
      const { recipients } = await engine.call("POST", "/api/v1/recipients", { logins: fresh });
      for (const found of recipients) this.mark(found);
    } catch (error) {
      this.problem(sentence(error));
    }
  }

  chip(login) {
    const chip = find(this.page, "chip").content.firstElementChild.cloneNode(true);
    chip.querySelector("span").textContent = login;
    const remove = chip.querySelector("button");
    remove.setAttribute("aria-label", `Remove ${login}`);
    remove.addEventListener("click", () => {
      this.known = this.known.filter((recipient) => recipient.login !== login);
      chip.remove();
      this.problem("");
      this.input.focus();
      this.changed();
    });
    find(this.page, "chips").append(chip);
    return chip;
  }

  mark({ login, name, tenant, kind, reachable }) {
    const recipient = this.known.find((known) => known.login === login);
    if (!recipient) return;
    Object.assign(recipient, { kind, reachable });
    const { chip } = recipient;
    chip.classList.toggle("bad", !reachable);
    chip.classList.toggle("good", reachable);
    const known = kind === "guest" ? `${login} (outside, will be invited)` : `${name} (${tenant})`;
    chip.querySelector("span").textContent = reachable ? known : `${login}: cannot be reached`;
    chip.title = login;
    this.changed();
    if (!reachable) {
      const policy = this.page.dataset.guestsRefused;
      this.problem(
        `${login} cannot be reached: in no organisation, or in one that yours is not connected to. ` +
          `Check the address or ask your admin to connect the organisations.${policy && ` ${policy}.`}`,
      );
    }
  }
}
