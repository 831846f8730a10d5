// Pages whose forms and buttons each make one request of the API. The template says which:
//
//   <form data-call="POST /api/v1/groups" data-done="The group was made.">     fields become members by their names
//   <button data-call="DELETE /api/v1/groups/…" data-confirm="Remove it?">     data-members='{"state": "off"}' is sent along
//
// A field's value is a text; type=number and data-type=number make it a number (empty: null), a checkbox a boolean,
// data-type=lines or =words a list, a multiple select a list, data-type=json what it holds. Several checkboxes of one
// name with values are a list. After an answer the page is fetched again, or goes to data-then, in which {id} is that of
// the answer; `answered` of the page's own module may show what is shown once, as a passphrase is, and return true to
// leave the page as it stands.

import { engine } from "../engine/client.js";
import { announce, find, say, sentence } from "./elements.js";

const READERS = {
  number: (text) => (text.trim() === "" ? null : Number(text)),
  lines: (text) => text.split("\n").map((line) => line.trim()).filter(Boolean),
  words: (text) => text.split(/[\s,;]+/).filter(Boolean),
  json: (text) => JSON.parse(text),
};

function fieldValue(field) {
  if (field.type === "checkbox") return field.checked;
  if (field.multiple && field.options) return [...field.selectedOptions].map(({ value }) => value);
  const read = READERS[field.dataset.type ?? field.type];
  return read ? read(field.value) : field.value;
}

export function formMembers(form) {
  const members = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || (field.type === "radio" && !field.checked)) continue;
    const listed = field.type === "checkbox" && field.hasAttribute("value");
    if (!listed) members[field.name] = fieldValue(field);
    else (members[field.name] ??= []).push(...(field.checked ? [field.value] : []));
  }
  return members;
}

function membersOf(place) {
  const given = place.dataset.members ? JSON.parse(place.dataset.members) : {};
  if (place.matches("form")) return { ...given, ...formMembers(place) };
  return Object.keys(given).length ? given : undefined;
}

// The nearest place for a problem: of the form, of its row, of the page.
function problemPlace(place, page) {
  const near = place.closest("form, li, section, dialog");
  return find(near ?? page, "error") ?? find(page, "error");
}

// A refusal that is about some of several addresses names them.
const told = (error) => (error.members?.logins ? `${error.members.logins.join(", ")}: ${sentence(error)}` : sentence(error));

async function call(place, page, { go, reload, answered }) {
  const { call: target, confirm: question, done, then } = place.dataset;
  if (question && !window.confirm(question)) return;
  const [method, path] = target.split(" ");
  const problem = problemPlace(place, page);
  const buttons = place.matches("form") ? place.querySelectorAll("button") : [place];
  say(problem, "");
  for (const button of buttons) button.disabled = true;
  try {
    const members = membersOf(place);
    const answer = await engine.call(method, path, method === "DELETE" || members ? members : {});
    if (done) announce(done);
    if (await answered?.(answer, place)) return;
    if (then) go(then.replace("{id}", answer.id));
    else await reload();
  } catch (error) {
    say(problem, told(error));
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

// Make a page's forms and buttons work. `answered(answer, place)` may take an answer over.
export function actionsStart(page, tools) {
  const form = ({ target }) => target.matches("form[data-call]") && call(target, page, tools);
  const button = ({ target }) => {
    const place = target.closest("button[data-call]");
    if (place) call(place, page, tools);
  };
  page.addEventListener("submit", form);
  page.addEventListener("click", button);
  tabMark(page);
  return () => {
    page.removeEventListener("submit", form);
    page.removeEventListener("click", button);
  };
}

// Which of a page's tabs it is.
export function tabMark(page) {
  for (const link of page.querySelectorAll(".tabs a")) {
    if (location.pathname.startsWith(link.getAttribute("href"))) link.setAttribute("aria-current", "page");
  }
}

// Show a passphrase or link once, in the page's place for it.
export function onceShow(page, members) {
  const place = find(page, "once");
  for (const [name, text] of Object.entries(members)) {
    const field = find(place, `once-${name}`);
    if (field) field.textContent = text;
  }
  const copy = find(place, "copy");
  if (copy) copy.onclick = () => textCopy(place.querySelector("code"), copy);
  place.hidden = false;
  place.focus();
}

// To the clipboard; where the browser gives none, the text is selected for the person's own hand.
async function textCopy(text, button) {
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = "Copied";
    announce("Copied");
  } catch {
    getSelection().selectAllChildren(text);
  }
}
