// Steps in their order, each with parameters of its own and as often as it is wanted: added, edited and removed one by one.

import { announce, find, findAll } from "./elements.js";

// A field's value by its type; a number that is not there is no limit.
export function fieldValue(field) {
  if (field.type === "checkbox") return field.checked;
  if (field.type === "number") return field.value.trim() === "" ? null : Number(field.value);
  return field.value;
}

export function fieldFill(field, value) {
  if (field.type === "checkbox") field.checked = Boolean(value);
  else field.value = value ?? "";
}

export function stepsValue(rule) {
  return findAll(rule, "step").map((row) => ({
    step: row.dataset.step,
    parameters: {
      ...JSON.parse(row.dataset.given), // what there is no field for stays as it was
      ...Object.fromEntries(findAll(row, "param").map((field) => [field.dataset.param, fieldValue(field)])),
    },
  }));
}

function rowMake(rule, step) {
  return rule.querySelector(`template[data-kind="${step}"]`).content.querySelector("li").cloneNode(true);
}

export function stepsFill(rule, steps) {
  const rows = steps.map(({ step, parameters }) => {
    const row = rowMake(rule, step);
    row.dataset.given = JSON.stringify(parameters);
    for (const field of findAll(row, "param")) {
      if (field.dataset.param in parameters) fieldFill(field, parameters[field.dataset.param]);
    }
    return row;
  });
  find(rule, "steps").replaceChildren(...rows);
}

// What a click on a rule's buttons does to its steps; whether it did anything.
export function stepsClick(rule, target) {
  const [add, remove] = [target.closest("[data-add]"), target.closest("[data-remove]")];
  if (add) {
    const row = rowMake(rule, add.dataset.add);
    find(rule, "steps").append(row);
    (row.querySelector("input, select") ?? find(row, "remove")).focus();
    announce("Step added");
  }
  if (remove) {
    const row = remove.closest("[data-step]");
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    if (next) find(next, "remove").focus();
    else find(rule, "add").focus();
    announce("Step removed");
  }
  return Boolean(add || remove);
}
