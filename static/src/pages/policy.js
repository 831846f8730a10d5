// The organisation's policy: what is edited becomes its own rule, what is reset follows the server's default again.

import { engine } from "../engine/client.js";
import { tabMark } from "./actions.js";
import { announce, find, findAll, say, sentence } from "./elements.js";

// A field's value by its type; a number that is not there is no limit.
function fieldValue(field) {
  if (field.type === "checkbox") return field.checked;
  if (field.type === "number") return field.value.trim() === "" ? null : Number(field.value);
  return field.value;
}

function typesValue(rule) {
  const picked = findAll(rule, "types").filter(({ checked }) => checked).flatMap(({ dataset }) => dataset.types.split(" "));
  const further = find(rule, "further").value.toLowerCase().split(/[\s,;]+/).filter(Boolean);
  return [...new Set([...picked, ...further])];
}

function stepsValue(rule) {
  return findAll(rule, "step").filter((row) => find(row, "chosen").checked).map((row) => ({
    step: row.dataset.step,
    parameters: Object.fromEntries(findAll(row, "param").map((field) => [field.dataset.param, fieldValue(field)])),
  }));
}

function ruleValue(rule) {
  if (rule.dataset.kind === "types") return typesValue(rule);
  if (rule.dataset.kind === "steps") return stepsValue(rule);
  return fieldValue(find(rule, "param"));
}

function typesFill(rule, types) {
  const left = new Set(types);
  for (const box of findAll(rule, "types")) {
    const own = box.dataset.types.split(" ");
    box.checked = own.every((type) => types.includes(type));
    if (box.checked) for (const type of own) left.delete(type);
  }
  find(rule, "further").value = [...left].join(" ");
}

function stepsFill(rule, steps) {
  for (const row of findAll(rule, "step")) {
    const wanted = steps.find(({ step }) => step === row.dataset.step);
    find(row, "chosen").checked = Boolean(wanted);
    for (const field of findAll(row, "param")) {
      if (wanted && field.dataset.param in wanted.parameters) field.value = wanted.parameters[field.dataset.param];
    }
  }
  parametersShow(rule);
}

function ruleFill(rule, value) {
  if (rule.dataset.kind === "types") return typesFill(rule, value);
  if (rule.dataset.kind === "steps") return stepsFill(rule, value);
  const field = find(rule, "param");
  if (field.type === "checkbox") field.checked = value;
  else field.value = value ?? "";
  return undefined;
}

// Parameters of a step are asked for once it is wanted.
function parametersShow(rule) {
  for (const row of findAll(rule, "step")) {
    const place = find(row, "parameters");
    if (place) place.hidden = !find(row, "chosen").checked;
  }
}

class PolicyForm {
  constructor(page, { reload }) {
    Object.assign(this, { page, reload, unsaved: new Set() });
    this.rules = findAll(page, "rule");
    page.addEventListener("input", ({ target }) => this.edited(target.closest("[data-rule]")));
    page.addEventListener("click", ({ target }) => {
      if (target.closest("[data-reset]")) this.reset(target.closest("[data-rule]"));
    });
    find(page, "form").addEventListener("submit", () => this.save());
  }

  edited(rule) {
    if (!rule) return;
    if (rule.dataset.kind === "steps") parametersShow(rule);
    this.mark(rule, true);
  }

  reset(rule) {
    ruleFill(rule, JSON.parse(rule.dataset.default));
    this.mark(rule, false);
    rule.querySelector("summary, input, select").focus();
    announce("Reset to the default");
  }

  mark(rule, own) {
    rule.toggleAttribute("data-own", own);
    find(rule, "set").hidden = !own;
    this.unsaved.add(rule.dataset.rule);
    const count = this.unsaved.size;
    find(this.page, "unsaved").textContent = `${count} rule${count === 1 ? "" : "s"} not saved yet`;
  }

  // The first field that its own bounds refuse, told where it stands.
  unfit() {
    const shown = [...this.page.querySelectorAll("input[data-param]")].filter((field) => !field.closest("[hidden]"));
    return shown.find((field) => !field.checkValidity());
  }

  async save() {
    const [problem, unfit] = [find(this.page, "error"), this.unfit()];
    if (unfit) {
      const title = unfit.closest("[data-rule]").querySelector(".label").textContent;
      say(problem, `${title}: ${unfit.validationMessage}`);
      unfit.focus();
      return;
    }
    const own = this.rules.filter((rule) => rule.hasAttribute("data-own"));
    const members = Object.fromEntries(own.map((rule) => [rule.dataset.rule, ruleValue(rule)]));
    const button = find(this.page, "save-policy");
    say(problem, "");
    button.disabled = true;
    try {
      await engine.call("PUT", "/api/v1/policy", { version: Number(this.page.dataset.version), members });
      this.unsaved.clear();
      announce("The policy was saved");
      await this.reload();
    } catch (error) {
      say(problem, sentence(error));
      this.page.querySelector(`[data-rule="${error.members?.field}"]`)?.querySelector("summary, input, select")?.focus();
    } finally {
      button.disabled = false;
    }
  }
}

export function policyStart(page, tools) {
  tabMark(page);
  new PolicyForm(page, tools);
}
