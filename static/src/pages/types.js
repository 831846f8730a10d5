// Types of documents by words, and the media types that no word stands for (templates/portal/_types.html).

import { find, findAll } from "./elements.js";

export function typesValue(place) {
  const picked = findAll(place, "types").filter(({ checked }) => checked).flatMap(({ dataset }) => dataset.types.split(" "));
  const further = find(place, "further").value.toLowerCase().split(/[\s,;]+/).filter(Boolean);
  return [...new Set([...picked, ...further])];
}

export function typesFill(place, types) {
  const left = new Set(types);
  for (const box of findAll(place, "types")) {
    const own = box.dataset.types.split(" ");
    box.checked = own.every((type) => types.includes(type));
    if (box.checked) for (const type of own) left.delete(type);
  }
  find(place, "further").value = [...left].join(" ");
}
