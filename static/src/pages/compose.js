// Writing and sending a message: recipients are checked and limits told before anything is sent.

import { engine } from "../engine/client.js";
import { patiently } from "../engine/patience.js";
import { refused } from "./admission.js";
import { announce, find, findAll, say, sentence } from "./elements.js";
import { Files } from "./files.js";
import { Guests } from "./guests.js";
import { Recipients } from "./recipients.js";

const DRAFT = "message";
const DRAFT_MILLISECONDS = 800;

class Compose {
  constructor(page, { go, busySet }) {
    Object.assign(this, { page, go });
    this.form = page.querySelector("form");
    this.fields = this.form.elements;
    this.policy = JSON.parse(page.dataset.policy);
    this.key = crypto.randomUUID();
    this.sending = null;
    busySet(() => Boolean(this.sending));
    this.files = new Files(page, {
      limits: {
        what: "message",
        get uploadMax() {
          return Number(page.dataset.uploadMax);
        },
        get filesMax() {
          return Number(page.dataset.filesMax);
        },
      },
      refused: (file) =>
        refused(file, this.policy) &&
        `${file.name} is of a kind that your organisation's policy refuses; one of its admins can change it. It was not added.`,
      problem: (text) => this.problem(text),
      locked: () => Boolean(this.sending),
    });
    this.guests = new Guests(page);
    this.recipients = new Recipients(page, {
      problem: (text) => this.problem(text),
      changed: () => {
        this.guests.show(this.recipients.guests);
        this.draftLater();
      },
    });
    this.listen();
    this.draftRestore();
  }

  listen() {
    this.fields.stamp.addEventListener("change", () => this.stampShow());
    this.form.addEventListener("input", () => this.draftLater());
    this.form.addEventListener("submit", () => this.send());
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input")) event.preventDefault(); // Send sends, nothing else
    });
    find(this.page, "stop").addEventListener("click", () => this.sending?.abort());
    find(this.page, "draft-drop").addEventListener("click", async () => {
      await engine.draftDelete(DRAFT);
      this.go("/compose");
    });
  }

  stampShow() {
    find(this.page, "stamp-text").hidden = !this.fields.stamp.checked;
  }

  problem(text, { quiet = false } = {}) {
    const place = this.form.querySelector(":scope > [data-error]");
    place.classList.toggle("bad", !quiet);
    say(place, text);
  }

  // Drafts: sealed at rest, files are not kept

  draft() {
    const { subject, note, stamp, stamp_text: stampText, scrub, expires_days: days, to_self: toSelf } = this.fields;
    const { downloads_most: downloads } = this.fields;
    return {
      subject: subject.value,
      note: note.value,
      recipients: this.recipients.logins,
      stamp: stamp.checked,
      stampText: stampText.value,
      scrub: scrub.checked,
      days: days.value,
      downloads: downloads.value,
      toSelf: toSelf.checked,
    };
  }

  draftLater() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.draftSave(), DRAFT_MILLISECONDS);
  }

  // What was just typed is kept when the page is left.
  draftFlush() {
    if (this.later) this.draftSave();
  }

  async draftSave() {
    clearTimeout(this.later);
    this.later = null;
    await engine.draftSave(DRAFT, this.draft()).catch(() => null);
    this.page.dataset.drafted = "yes";
  }

  async draftRestore() {
    const draft = await engine.draftLoad(DRAFT).catch(() => null);
    if (!draft || !(draft.subject || draft.note || draft.recipients.length)) return;
    const { fields } = this;
    fields.subject.value = draft.subject;
    fields.note.value = draft.note;
    const able = !fields.stamp.closest("fieldset").disabled; // a sandbox may be gone since, and nobody could uncheck it
    fields.stamp.checked = able && draft.stamp;
    fields.stamp_text.value = draft.stampText;
    fields.scrub.checked = able && draft.scrub;
    // The policy may have changed since it was written.
    if ([...fields.expires_days.options].some(({ value }) => value === draft.days)) fields.expires_days.value = draft.days;
    fields.downloads_most.value = draft.downloads ?? "";
    fields.to_self.checked = draft.toSelf;
    this.stampShow();
    find(this.page, "draft").hidden = false;
    await this.recipients.add(draft.recipients);
  }

  // Sending

  check() {
    const { logins, lost } = this.recipients;
    if (!logins.length && !this.fields.to_self.checked) return "Add a recipient, or choose to deliver to yourself.";
    if (lost.length) return `${lost.join(", ")} cannot be reached. Remove or correct it.`;
    if (!this.fields.subject.value.trim()) return "Write a subject.";
    const downloads = this.fields.downloads_most;
    if (!downloads.checkValidity()) return `Downloads by each: ${downloads.validationMessage}`;
    if (this.fields.stamp.checked && !this.fields.stamp_text.value.trim()) return "Write the text of the stamp.";
    return "";
  }

  steps() {
    const { stamp, stamp_text: text, scrub } = this.fields;
    const steps = [];
    if (scrub.checked) steps.push({ step: "file.scrub", parameters: {} });
    if (stamp.checked) steps.push({ step: "pdf.stamp", parameters: { text: text.value.trim() } });
    return steps;
  }

  async send() {
    await this.recipients.take();
    const problem = this.check();
    this.problem(problem);
    if (problem || this.sending) return;
    this.sending = new AbortController();
    this.busy(true);
    try {
      await this.draftSave();
      await this.files.upload(this.sending.signal);
      const sent = await this.messageSend(this.sending.signal);
      await this.files.forget();
      await engine.draftDelete(DRAFT);
      this.sending = null;
      announce("The message is on its way");
      this.go(`/outbox/${sent.id}`);
    } catch (error) {
      const stopped = error.name === "AbortError" || error.code === "aborted";
      const kept = "Stopped. What was uploaded is kept for a day; Send goes on from there.";
      this.problem(stopped ? kept : sentence(error), { quiet: stopped });
      this.sending = null;
      this.busy(false);
      find(this.page, "send").focus();
    }
  }

  messageSend(signal) {
    find(this.page, "phase").textContent = "Sending";
    const { subject, note, to_self: toSelf, expires_days: days, downloads_most: downloads } = this.fields;
    const members = {
      key: this.key,
      subject: subject.value,
      note: note.value,
      recipients: this.recipients.logins,
      to_self: toSelf.checked,
      uploads: this.files.uploads,
      steps: this.steps(),
      expires_days: Number(days.value),
      downloads_most: downloads.value ? Number(downloads.value) : null,
    };
    return patiently(() => engine.call("POST", "/api/v1/messages", members, { signal })); // its key makes one of them
  }

  busy(yes) {
    const stop = find(this.page, "stop");
    find(this.page, "total").hidden = !yes;
    stop.hidden = !yes;
    for (const field of this.form.querySelectorAll("button, input, select, textarea")) field.disabled = yes && field !== stop;
    for (const button of findAll(this.page, "remove")) button.hidden = yes;
    if (yes) stop.focus();
    document.querySelector("header").inert = yes; // Stop is the way out, and says what is kept
  }
}

export function composeStart(page, tools) {
  const compose = new Compose(page, tools);
  return () => {
    compose.draftFlush();
    compose.sending?.abort();
    compose.busy(false);
  };
}
