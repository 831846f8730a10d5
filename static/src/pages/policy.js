// The organisation's policy: what is edited becomes its own rule, what is reset follows the server's default again.

import { engine } from "../engine/client.js";
import { tabMark } from "./actions.js";
import { announce, find, findAll, say, sentence } from "./elements.js";
import { fieldFill, fieldValue, stepsClick, stepsFill, stepsValue } from "./steps.js";
import { typesFill, typesValue } from "./types.js";

const FIRST = "summary, input, select, [data-add]"; // where a rule is entered by the keyboard

function ruleValue(rule) {
  if (rule.dataset.kind === "types") return typesValue(rule);
  if (rule.dataset.kind === "steps") return stepsValue(rule);
  return fieldValue(find(rule, "param"));
}

function ruleFill(rule, value) {
  if (rule.dataset.kind === "types") return typesFill(rule, value);
  if (rule.dataset.kind === "steps") return stepsFill(rule, value);
  return fieldFill(find(rule, "param"), value);
}

class PolicyForm {
  constructor(page, { reload }) {
    Object.assign(this, { page, reload, unsaved: new Set() });
    this.rules = findAll(page, "rule");
    page.addEventListener("input", ({ target }) => this.edited(target.closest("[data-rule]")));
    page.addEventListener("click", ({ target }) => {
      const rule = target.closest("[data-rule]");
      if (target.closest("[data-reset]")) this.reset(rule);
      else if (rule && stepsClick(rule, target)) this.mark(rule, true);
    });
    find(page, "form").addEventListener("submit", () => this.save());
  }

  edited(rule) {
    if (rule) this.mark(rule, true);
  }

  reset(rule) {
    ruleFill(rule, JSON.parse(rule.dataset.default));
    this.mark(rule, false);
    rule.querySelector(FIRST).focus();
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
      this.page.querySelector(`[data-rule="${error.members?.field}"]`)?.querySelector(FIRST)?.focus();
    } finally {
      button.disabled = false;
    }
  }
}

export function policyStart(page, tools) {
  tabMark(page);
  new PolicyForm(page, tools);
}
