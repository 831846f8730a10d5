// The address book below a field, as one types: a combobox of the ARIA pattern with a list box.

import { engine } from "../engine/client.js";

const WAIT_MILLISECONDS = 150;
const LEAST = 2;
const KINDS = { mailbox: "shared mailbox", group: "group" };

// `chosen(contact)` gets what was picked.
export class Suggestions {
  constructor(input, list, { chosen, said }) {
    Object.assign(this, { input, list, chosen, said, contacts: [], active: -1, asked: 0 });
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    this.close();
    input.addEventListener("input", () => this.later());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the field keeps the focus
      const item = event.target.closest("[role=option]");
      if (item && item.getAttribute("aria-disabled") !== "true") this.pick(Number(item.dataset.number));
    });
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MILLISECONDS);
  }

  async ask() {
    const query = this.input.value.trim();
    const mine = (this.asked += 1);
    if (query.length < LEAST) return this.close();
    try {
      const { contacts } = await engine.call("GET", `/api/v1/contacts?q=${encodeURIComponent(query)}`);
      if (mine === this.asked && document.activeElement === this.input) this.show(contacts);
    } catch {
      this.close(); // an address can be typed without the book
    }
    return undefined;
  }

  show(contacts) {
    this.contacts = contacts;
    this.active = -1;
    this.list.replaceChildren(...contacts.map((contact, number) => this.option(contact, number)));
    this.list.hidden = !contacts.length;
    this.input.setAttribute("aria-expanded", String(Boolean(contacts.length)));
    this.said(contacts.length ? `${contacts.length} found` : "");
  }

  option(contact, number) {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${number}`;
    item.setAttribute("role", "option");
    item.dataset.number = number;
    const name = document.createElement("strong");
    name.textContent = contact.name;
    const about = document.createElement("span");
    about.className = "quiet";
    const kind = KINDS[contact.kind] ? `, ${KINDS[contact.kind]}` : "";
    const state = contact.state === "suspended" ? ", connection suspended" : "";
    about.textContent = `${contact.login}, ${contact.tenant}${kind}${state}`;
    if (state) item.setAttribute("aria-disabled", "true");
    item.append(name, about);
    return item;
  }

  close() {
    clearTimeout(this.timer);
    this.asked += 1;
    this.active = -1;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (this.list.hidden) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      this.move(steps[event.key]);
    } else if (event.key === "Escape") {
      event.stopImmediatePropagation();
      this.close();
    } else if (event.key === "Enter" && this.active >= 0) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.pick(this.active);
    }
  }

  move(step) {
    const open = this.contacts.map(({ state }, number) => (state === "suspended" ? -1 : number)).filter((number) => number >= 0);
    if (!open.length) return;
    const place = (open.indexOf(this.active) + step + open.length + (this.active < 0 && step < 0 ? 1 : 0)) % open.length;
    this.active = open[place];
    for (const item of this.list.children) item.setAttribute("aria-selected", String(Number(item.dataset.number) === this.active));
    const item = this.list.children[this.active];
    item.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", item.id);
  }

  pick(number) {
    const contact = this.contacts[number];
    this.close();
    this.chosen(contact);
  }
}
