// The list of documents of a message: preview, download, progress, stop.

import { Pace, announce, find, findAll, say, sentence } from "./elements.js";
import { Viewer, previewable } from "./preview.js";
import { documentSave } from "./saving.js";

const known = ({ dataset }) => ({
  id: dataset.document,
  name: dataset.name,
  type: dataset.type,
  size: Number(dataset.size),
});

async function withProgress(row, work) {
  const [place, text] = [find(row, "progress"), find(row, "progress-text")];
  const bar = place.querySelector("progress");
  const pace = new Pace(Number(row.dataset.size));
  const controller = new AbortController();
  const buttons = [find(row, "save"), find(row, "preview")];
  find(row, "stop").onclick = () => controller.abort();
  say(find(row, "error"), "");
  place.hidden = false;
  for (const button of buttons) button.disabled = true;
  try {
    await work(({ done, total }) => {
      bar.value = total ? done / total : 1;
      text.textContent = pace.text(done);
    }, controller.signal);
  } catch (error) {
    if (error.name !== "AbortError" && error.code !== "aborted") say(find(row, "error"), sentence(error));
  } finally {
    place.hidden = true;
    for (const button of buttons) button.disabled = false;
  }
}

async function save(row, ask) {
  await withProgress(row, async (onProgress, signal) => {
    await documentSave(known(row), onProgress, { signal, ask });
    row.dataset.saved = "yes";
    find(row, "saved-mark").hidden = false;
    announce(`${row.dataset.name} was saved`);
  });
}

export function documentsStart(page) {
  const place = find(page, "viewer");
  if (!place) return () => {};
  const viewer = new Viewer(place);
  const rows = findAll(page, "document").filter((row) => find(row, "save")); // none of what has expired
  for (const row of rows) {
    find(row, "save").addEventListener("click", () => save(row, true));
    const button = find(row, "preview");
    button.hidden = !previewable(known(row));
    button.addEventListener("click", () => withProgress(row, (tell, signal) => viewer.open(known(row), button, tell, signal)));
  }
  find(page, "save-all")?.addEventListener("click", async () => {
    for (const row of rows) await save(row, false);
  });
  return () => viewer.close();
}
