// Making a file request: link and passphrase are shown together once, to be passed on by two ways.

import { actionsStart, onceShow } from "./actions.js";
import { find } from "./elements.js";

const MEGA = 1_000_000;

export function requestsStart(page, tools) {
  const form = page.querySelector("form");
  const size = find(page, "megabytes");
  const told = () => (form?.elements.bytes_most && (form.elements.bytes_most.value = Math.round(Number(size.value) * MEGA)));
  size?.addEventListener("input", told);
  const answered = (answer) => {
    if (!answer.passphrase) return false;
    onceShow(page, { link: answer.link, passphrase: answer.passphrase });
    form.closest("details").open = false;
    form.reset();
    told();
    return true;
  };
  return actionsStart(page, { ...tools, answered });
}
