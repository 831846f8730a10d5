// Where an outsider answers a file request: the passphrase that came by another way, then documents, then a receipt.

import { engine } from "../engine/client.js";
import { patiently } from "../engine/patience.js";
import { refused } from "./admission.js";
import { announce, find, findAll, say, sentence, sizeText, timesLocalise } from "./elements.js";
import { Files } from "./files.js";
import { go, templateShow } from "./navigation.js";

const EVERY = 1_000;
const WORDS = { clean: "scanned, clean", not_scanned: "not scanned", infected: "malware", pending: "being checked" };
const loginOf = (request) => `request-${request}@request.invalid`;
const REQUEST = /^#[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

// What the address asks for: the form for the passphrase, or nothing where its session stands already.
export function requestAsk(fragment, { signedIn, me }, why) {
  const depositor = signedIn && me.role === "depositor";
  if (depositor && (!fragment || me.login === loginOf(fragment.slice(1)))) return false;
  const place = templateShow("request", "File request");
  if (!REQUEST.test(fragment)) {
    place.querySelector("form").hidden = true;
    find(place, "say").textContent = "This link is incomplete. Copy the whole link from where you were given it.";
    return true;
  }
  if (signedIn) other(place, me);
  else {
    say(find(place, "why"), why);
    place.querySelector("form").addEventListener("submit", () => open(place, fragment.slice(1)));
  }
  return true;
}

// Somebody is signed in here: one browser has one key at a time.
function other(place, me) {
  place.querySelector("form").hidden = true;
  const leave = find(place, "leave");
  find(place, "say").textContent =
    `You are signed in here as ${me.name}. Sign out first, or open the link in a private window.`;
  leave.hidden = false;
  leave.addEventListener("click", () => engine.signOut());
}

async function open(place, request) {
  const button = place.querySelector("form button");
  const { password } = place.querySelector("form").elements;
  const passphrase = password.value.trim().toLowerCase().split(/[\s-]+/).join("-");
  if (!passphrase) return say(find(place, "error"), "Enter the passphrase that you were given.");
  button.disabled = true;
  button.textContent = "Making your key…";
  say(find(place, "error"), "");
  try {
    await engine.signIn(loginOf(request), passphrase);
    announce("The request is open");
    go(location.href, { push: false });
  } catch (error) {
    const wrong = "The passphrase is wrong, or this request is closed. Check it, or ask who gave you the link.";
    say(find(place, "error"), error.code === "sign_in_refused" ? wrong : sentence(error));
    button.disabled = false;
    button.textContent = "Go on";
    password.select();
  }
  return undefined;
}

class Deposit {
  constructor(page, { go: follow, reload, busySet, signal }) {
    Object.assign(this, { page, follow, reload, signal });
    this.sending = null;
    this.key = crypto.randomUUID();
    busySet(() => Boolean(this.sending));
    for (const id of (page.dataset.deposits || "").split(" ").filter(Boolean).reverse()) this.watch(id);
    this.form = page.querySelector("form");
    if (!this.form) return;
    const { uploadMax, filesMax, bytesMax } = page.dataset;
    this.files = new Files(page, {
      limits: { what: "request", uploadMax: Number(uploadMax), filesMax: Number(filesMax), bytesMax: Number(bytesMax) },
      refused: (file) =>
        refused(file, JSON.parse(page.dataset.policy)) &&
        `${file.name} is of a kind that those who ask do not take. It was not added; ask who gave you the link.`,
      problem: (text) => this.problem(text),
      locked: () => Boolean(this.sending),
    });
    this.form.addEventListener("submit", () => this.send());
    find(page, "stop").addEventListener("click", () => this.sending?.abort());
  }

  problem(text, { quiet = false } = {}) {
    const place = this.form.querySelector(":scope > [data-error]");
    place.classList.toggle("bad", !quiet);
    say(place, text);
  }

  async send() {
    const { depositor, email, note } = this.form.elements;
    if (this.sending) return;
    if (!depositor.value.trim()) return this.problem("Write your name, so that they know who sends.");
    if (!this.files.list.length) return this.problem("Add a document.");
    this.problem("");
    this.sending = new AbortController();
    this.busy(true);
    try {
      await this.files.upload(this.sending.signal);
      find(this.page, "phase").textContent = "Sending";
      const members = { key: this.key, name: depositor.value, email: email.value.trim(), note: note.value };
      const call = () => engine.call("POST", "/api/v1/request/deposits", { ...members, uploads: this.files.uploads });
      await patiently(call); // its key makes one deposit of them
      await this.files.forget();
      this.sending = null;
      this.busy(false);
      announce("The documents were sent");
      await this.reload();
    } catch (error) {
      const stopped = error.name === "AbortError" || error.code === "aborted";
      const kept = "Stopped. What was uploaded is kept for a day; Send goes on from there.";
      this.problem(stopped ? kept : sentence(error), { quiet: stopped });
      this.sending = null;
      this.busy(false);
    }
    return undefined;
  }

  busy(yes) {
    const stop = find(this.page, "stop");
    find(this.page, "total").hidden = !yes;
    stop.hidden = !yes;
    for (const field of this.form.querySelectorAll("button, input, textarea")) field.disabled = yes && field !== stop;
    for (const button of findAll(this.page, "remove")) button.hidden = yes;
    if (yes) stop.focus();
    document.querySelector("header").inert = yes;
  }

  // A deposit of this session, until it has come to an end.
  async watch(id) {
    const place = find(this.page, "deposit").content.firstElementChild.cloneNode(true);
    find(this.page, "deposits").prepend(place);
    let state = "";
    while (!this.signal.aborted) {
      try {
        const shown = await engine.call("GET", `/api/v1/request/deposits/${id}`);
        if (shown.state !== state) this.show(place, shown);
        ({ state } = shown);
        if (["delivered", "held"].includes(state)) return;
      } catch (error) {
        if (error.status && error.status < 500) return;
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
  }

  show(place, shown) {
    const done = { checking: 1, delivering: 2, delivered: 3, held: 1 }[shown.state];
    for (const [at, step] of findAll(place, "step").entries()) {
      step.classList.toggle("done", at < done);
      if (at === done && shown.state !== "held") step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    }
    find(place, "number").textContent = shown.number;
    find(place, "at").dateTime = shown.at;
    timesLocalise(place);
    find(place, "held").hidden = shown.state !== "held";
    find(place, "held-why").textContent = shown.detail;
    find(place, "documents").replaceChildren(...shown.documents.map((document) => this.document(document)));
    this.receipt(place, shown);
    announce({ checking: "Being checked", delivering: "Being delivered", delivered: "Delivered", held: "Held" }[shown.state]);
  }

  document({ name, size, sha256, verdict }) {
    const row = find(this.page, "deposit-document").content.firstElementChild.cloneNode(true);
    row.querySelector("strong").textContent = name;
    find(row, "about").textContent = `${sizeText(size)}, ${WORDS[verdict]}`;
    find(row, "hash").textContent = sha256 ? `SHA-256 ${sha256}` : "";
    return row;
  }

  receipt(place, { receipt, number }) {
    const part = find(place, "receipt");
    part.hidden = !receipt;
    if (!receipt) return;
    find(part, "receipt-save").onclick = () => {
      const text = `${receipt.text}Key: ${receipt.key}\nSignature: ${receipt.signature}\n`;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
      link.download = `receipt-${number}.txt`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    };
  }
}

export function depositStart(page, tools) {
  const deposit = new Deposit(page, tools);
  return () => {
    deposit.sending?.abort();
    if (deposit.form) deposit.busy(false);
  };
}
