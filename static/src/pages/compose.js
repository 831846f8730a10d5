// Writing and sending a message: recipients are checked and limits told before anything is sent.

import { engine } from "../engine/client.js";
import { Pace, announce, find, findAll, say, sentence, sizeText } from "./elements.js";

const DRAFT = "message";
const DRAFT_MILLISECONDS = 800;

class Compose {
  constructor(page, { go, signal }) {
    Object.assign(this, { page, go });
    this.form = page.querySelector("form");
    this.fields = this.form.elements;
    this.recipients = [];
    this.files = [];
    this.key = crypto.randomUUID();
    this.sending = null;
    const leaving = (event) => this.sending && event.preventDefault();
    window.addEventListener("beforeunload", leaving, { signal });
    this.listen();
    this.draftRestore();
  }

  listen() {
    const input = this.page.querySelector("#recipient");
    const add = () => this.recipientAdd(input);
    find(this.page, "recipient-add").addEventListener("click", add);
    input.addEventListener("blur", add);
    input.addEventListener("keydown", (event) => {
      if (["Enter", ",", ";"].includes(event.key)) {
        event.preventDefault();
        add();
      }
    });
    this.page.querySelector("#files").addEventListener("change", ({ target }) => {
      this.filesAdd([...target.files]);
      target.value = "";
    });
    this.dropListen(find(this.page, "drop"));
    this.fields.stamp.addEventListener("change", () => this.stampShow());
    this.form.addEventListener("input", () => this.draftLater());
    this.form.addEventListener("submit", () => this.send());
    find(this.page, "stop").addEventListener("click", () => this.sending?.abort());
    find(this.page, "draft-drop").addEventListener("click", async () => {
      await engine.draftDelete(DRAFT);
      this.go("/compose");
    });
  }

  dropListen(place) {
    const over = (yes) => (event) => {
      event.preventDefault();
      place.classList.toggle("over", yes);
    };
    place.addEventListener("dragover", over(true));
    place.addEventListener("dragleave", over(false));
    place.addEventListener("drop", (event) => {
      over(false)(event);
      this.filesAdd([...event.dataTransfer.files]);
    });
  }

  stampShow() {
    find(this.page, "stamp-text").hidden = !this.fields.stamp.checked;
  }

  problem(text) {
    say(this.form.querySelector(":scope > [data-error]"), text);
  }

  // Recipients

  async recipientAdd(input) {
    const logins = input.value.split(/[\s,;]+/).filter(Boolean).map((login) => login.toLowerCase());
    input.value = "";
    const fresh = logins.filter((login) => !this.recipients.some((known) => known.login === login));
    if (!fresh.length) return;
    for (const login of fresh) this.recipients.push({ login, chip: this.chipAdd(login) });
    this.draftLater();
    try {
      const { recipients } = await engine.call("POST", "/api/v1/recipients", { logins: fresh });
      for (const found of recipients) this.chipMark(found);
    } catch (error) {
      this.problem(sentence(error));
    }
  }

  chipAdd(login) {
    const chip = find(this.page, "chip").content.firstElementChild.cloneNode(true);
    chip.querySelector("span").textContent = login;
    const remove = chip.querySelector("button");
    remove.setAttribute("aria-label", `Remove ${login}`);
    remove.addEventListener("click", () => {
      this.recipients = this.recipients.filter((known) => known.login !== login);
      chip.remove();
      this.draftLater();
    });
    find(this.page, "chips").append(chip);
    return chip;
  }

  chipMark({ login, name, tenant, reachable }) {
    const known = this.recipients.find((recipient) => recipient.login === login);
    if (!known) return;
    known.reachable = reachable;
    known.chip.classList.toggle("bad", !reachable);
    known.chip.classList.toggle("good", reachable);
    known.chip.querySelector("span").textContent = reachable ? `${name} (${tenant})` : `${login}: cannot be reached`;
    known.chip.title = login;
    if (!reachable) {
      this.problem(
        `${login} cannot be reached: in no organisation, or in one that yours is not connected to. ` +
          "Check the address or ask your admin to connect the organisations.",
      );
    }
  }

  // Files

  filesAdd(files) {
    const { uploadMax, filesMax } = this.page.dataset;
    this.problem("");
    for (const file of files) {
      if (this.files.length >= Number(filesMax)) {
        this.problem(`A message takes ${filesMax} documents; ${file.name} was not added.`);
        return;
      }
      if (file.size > Number(uploadMax)) {
        this.problem(`${file.name} has ${sizeText(file.size)}; this server takes ${sizeText(Number(uploadMax))} a document. It was not added.`);
      } else {
        this.files.push(this.fileRow(file));
      }
    }
  }

  fileRow(file) {
    const row = find(this.page, "file-row").content.firstElementChild.cloneNode(true);
    const item = { file, row, done: 0, upload: null };
    row.querySelector(".name").textContent = file.name;
    find(row, "size").textContent = sizeText(file.size);
    row.querySelector("progress").setAttribute("aria-label", `Progress of ${file.name}`);
    find(row, "remove").addEventListener("click", () => {
      if (this.sending) return;
      this.files = this.files.filter((other) => other !== item);
      row.remove();
    });
    find(this.page, "files").append(row);
    return item;
  }

  // Drafts: sealed at rest, files are not kept

  draft() {
    const { subject, note, stamp, stamp_text: stampText, scrub, expires_days: days, to_self: toSelf } = this.fields;
    return {
      subject: subject.value,
      note: note.value,
      recipients: this.recipients.map(({ login }) => login),
      stamp: stamp.checked,
      stampText: stampText.value,
      scrub: scrub.checked,
      days: days.value,
      toSelf: toSelf.checked,
    };
  }

  draftLater() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.draftSave(), DRAFT_MILLISECONDS);
  }

  async draftSave() {
    if (this.sending) return;
    await engine.draftSave(DRAFT, this.draft()).catch(() => null);
    this.page.dataset.drafted = "yes";
  }

  async draftRestore() {
    const draft = await engine.draftLoad(DRAFT).catch(() => null);
    if (!draft || !(draft.subject || draft.note || draft.recipients.length)) return;
    const { fields } = this;
    fields.subject.value = draft.subject;
    fields.note.value = draft.note;
    fields.stamp.checked = draft.stamp;
    fields.stamp_text.value = draft.stampText;
    fields.scrub.checked = draft.scrub;
    fields.expires_days.value = draft.days;
    fields.to_self.checked = draft.toSelf;
    this.stampShow();
    find(this.page, "draft").hidden = false;
    await this.recipientAdd({ value: draft.recipients.join(" ") });
  }

  // Sending

  check() {
    const lost = this.recipients.filter(({ reachable }) => reachable === false);
    if (!this.recipients.length && !this.fields.to_self.checked) return "Add a recipient, or choose to deliver to yourself.";
    if (lost.length) return `${lost.map(({ login }) => login).join(", ")} cannot be reached. Remove or correct it.`;
    if (!this.fields.subject.value.trim()) return "Write a subject.";
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
    await this.recipientAdd(this.page.querySelector("#recipient"));
    const problem = this.check();
    this.problem(problem);
    if (problem || this.sending) return;
    clearTimeout(this.later);
    this.sending = new AbortController();
    this.busy(true);
    try {
      await this.uploadAll(this.sending.signal);
      const sent = await this.messageSend(this.sending.signal);
      await Promise.all(this.files.map(({ upload }) => engine.uploadForget(upload)));
      await engine.draftDelete(DRAFT);
      this.sending = null;
      announce("The message is on its way");
      this.go(`/outbox/${sent.id}`);
    } catch (error) {
      const stopped = error.name === "AbortError" || error.code === "aborted";
      this.problem(stopped ? "Stopped. What was uploaded is kept for a day; Send goes on from there." : sentence(error));
      this.sending = null;
      this.busy(false);
    }
  }

  async uploadAll(signal) {
    const total = this.files.reduce((sum, { file }) => sum + file.size, 0);
    const pace = new Pace(total);
    const place = find(this.page, "total");
    find(place, "phase").textContent = "Encrypting and uploading";
    for (const item of this.files) {
      if (item.upload) continue;
      const [bar, text] = [item.row.querySelector("progress"), find(item.row, "progress-text")];
      const own = new Pace(item.file.size);
      find(item.row, "progress").hidden = false;
      const tell = ({ done }) => {
        item.done = done;
        bar.value = item.file.size ? done / item.file.size : 1;
        text.textContent = own.text(done);
        const all = this.files.reduce((sum, other) => sum + other.done, 0);
        place.querySelector("progress").value = total ? all / total : 1;
        find(place, "total-text").textContent = pace.text(all);
      };
      item.upload = (await engine.upload(item.file, tell, { signal })).upload;
      text.textContent = "Uploaded";
    }
  }

  messageSend(signal) {
    find(this.page, "phase").textContent = "Sending";
    const { subject, note, to_self: toSelf, expires_days: days } = this.fields;
    const members = {
      key: this.key,
      subject: subject.value,
      note: note.value,
      recipients: this.recipients.map(({ login }) => login),
      to_self: toSelf.checked,
      uploads: this.files.map(({ upload }) => upload),
      steps: this.steps(),
      expires_days: Number(days.value),
    };
    return engine.call("POST", "/api/v1/messages", members, { signal });
  }

  busy(yes) {
    find(this.page, "total").hidden = !yes;
    find(this.page, "stop").hidden = !yes;
    find(this.page, "send").disabled = yes;
    for (const button of findAll(this.page, "remove")) button.hidden = yes;
    document.querySelector("header").inert = yes; // Stop is the way out, and says what is kept
  }
}

export function composeStart(page, tools) {
  const compose = new Compose(page, tools);
  return () => {
    clearTimeout(compose.later);
    compose.sending?.abort();
    compose.busy(false);
  };
}
