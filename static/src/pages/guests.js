// Recipients outside, before a message is sent: each gets an invitation by e-mail, or a passphrase that the sender passes on.

import { engine } from "../engine/client.js";
import { announce, find, say, sentence } from "./elements.js";

export class Guests {
  constructor(page) {
    this.place = find(page, "guests");
    this.template = find(page, "guest").content.firstElementChild;
    this.rows = new Map();
  }

  // The logins that are guests by now; rows that stand already are kept, with what they show once.
  show(logins) {
    for (const [login, row] of this.rows) {
      if (logins.includes(login)) continue;
      row.remove();
      this.rows.delete(login);
    }
    for (const login of logins) if (!this.rows.has(login)) this.add(login);
    this.place.hidden = !this.rows.size;
  }

  add(login) {
    const row = this.template.cloneNode(true);
    find(row, "guest-login").textContent = login;
    const button = find(row, "guest-passphrase");
    button.setAttribute("aria-label", `Give ${login} a passphrase instead`);
    button.addEventListener("click", () => this.issue(login, row, button));
    find(this.place, "guest-rows").append(row);
    this.rows.set(login, row);
  }

  async issue(login, row, button) {
    button.disabled = true;
    say(find(row, "error"), "");
    try {
      const { passphrase } = await engine.call("POST", "/api/v1/guests", { login, enrolment: "passphrase" });
      find(row, "guest-how").textContent = "signs in with a passphrase, which you pass on";
      find(row, "guest-word").textContent = passphrase;
      find(row, "guest-once").hidden = false;
      button.hidden = true;
      announce(`A passphrase for ${login} is shown`);
    } catch (error) {
      say(find(row, "error"), sentence(error));
      button.disabled = false;
    }
  }
}
