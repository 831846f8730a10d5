// The audit log: filters become an address, and the log a signed file.

import { engine } from "../engine/client.js";
import { tabMark } from "./actions.js";
import { announce, find, findAll, say, sentence } from "./elements.js";
import { textSave } from "./saving.js";

// `datetime-local` knows no zone: what stands in the page is the reader's own, what stands in the address is UTC.
function momentShow(field) {
  if (!field.dataset.moment) return;
  const moment = new Date(field.dataset.moment);
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  field.value = local.toISOString().slice(0, 16);
}

function filtersOf(form) {
  const asked = new URLSearchParams();
  for (const { name, value, type } of form.elements) {
    if (!name || !value.trim()) continue;
    asked.set(name, type === "datetime-local" ? new Date(value).toISOString() : value.trim());
  }
  return asked;
}

// Lines of the export, one request after the other; `take` gets each answer's as a text.
async function exportRead(asked, take, signal) {
  let after = "";
  let events = 0;
  do {
    const query = new URLSearchParams(asked);
    if (after) query.set("after", after);
    const { lines, next } = await engine.call("GET", `/api/v1/audit/export?${query}`, undefined, { signal });
    await take(lines.map((line) => `${line}\n`).join(""));
    events += lines.filter((line) => line.includes('"kind":"event"')).length;
    after = next;
  } while (after);
  return events;
}

async function exportSave(page, button, signal) {
  const [said, problem] = [find(page, "said"), find(page, "error")];
  say(problem, "");
  say(said, "Saving the log…");
  button.disabled = true;
  // the address, not the form: what is saved is what stands in the page
  const asked = new URLSearchParams(location.search);
  asked.delete("before");
  try {
    const name = `audit-log-${new Date().toISOString().slice(0, 10)}.jsonl`;
    const events = await textSave(name, (take) => exportRead(asked, take, signal));
    const text = `Saved ${events.toLocaleString()} event${events === 1 ? "" : "s"} in ${name}.`;
    say(said, text);
    announce(text);
  } catch (error) {
    say(said, "");
    if (error.name !== "AbortError" && error.code !== "aborted") say(problem, sentence(error));
  } finally {
    button.disabled = false;
  }
}

export function auditStart(page, { go, signal }) {
  tabMark(page);
  const form = find(page, "filters");
  findAll(form, "moment").forEach(momentShow);
  form.addEventListener("submit", () => go(`/audit?${filtersOf(form)}`.replace(/\?$/, "")));
  if (matchMedia("(min-width: 40rem)").matches) form.closest("details").open = true; // there is room for both
  const button = find(page, "export");
  button.addEventListener("click", () => exportSave(page, button, signal));
}
