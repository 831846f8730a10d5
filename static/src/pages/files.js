// Files that are to be sent: chosen or dropped, checked against the limits, uploaded with progress each and in total.

import { engine } from "../engine/client.js";
import { Pace, find, sizeText } from "./elements.js";

const same = (one, other) => ["name", "size", "lastModified"].every((member) => one[member] === other[member]);
const sum = (sizes) => sizes.reduce((all, size) => all + size, 0);

export class Files {
  // `limits`: { what, filesMax, uploadMax, bytesMax }; `refused(file)` says why a policy does not let it through;
  // `problem(text)` shows why a file was not added; `locked()` whether files may not be changed now.
  constructor(page, { limits, refused, problem, locked }) {
    Object.assign(this, { page, limits, refused, problem, locked, list: [] });
    page.querySelector("#files").addEventListener("change", ({ target }) => {
      this.add([...target.files]);
      target.value = "";
    });
    this.dropListen(find(page, "drop"));
  }

  get uploads() {
    return this.list.map(({ upload }) => upload);
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
      const items = [...event.dataTransfer.items];
      const folder = items.map((item) => item.webkitGetAsEntry?.()).find((entry) => entry?.isDirectory);
      if (folder) this.problem(`${folder.name} is a folder. Add the documents in it; nothing was added.`);
      else this.add([...event.dataTransfer.files]);
    });
  }

  add(files) {
    if (this.locked()) return;
    this.problem("");
    for (const file of files) {
      if (this.list.some((known) => same(known.file, file))) continue;
      const refusal = this.refusal(file);
      if (refusal) this.problem(refusal);
      else this.list.push(this.row(file));
    }
  }

  refusal(file) {
    const { what, filesMax, uploadMax, bytesMax = Infinity } = this.limits;
    if (this.list.length >= filesMax) return `A ${what} takes ${filesMax} documents; ${file.name} was not added.`;
    const refusal = this.refused(file);
    if (refusal) return refusal;
    if (file.size > uploadMax) {
      return `${file.name} has ${sizeText(file.size)}; this server takes ${sizeText(uploadMax)} a document. It was not added.`;
    }
    if (sum(this.list.map((known) => known.file.size)) + file.size > bytesMax) {
      return `A ${what} takes ${sizeText(bytesMax)} in all; with ${file.name} it would be more. It was not added.`;
    }
    return "";
  }

  row(file) {
    const row = find(this.page, "file-row").content.firstElementChild.cloneNode(true);
    const item = { file, row, done: 0, upload: null };
    row.querySelector(".name").textContent = file.name;
    find(row, "size").textContent = sizeText(file.size);
    row.querySelector("progress").setAttribute("aria-label", `Progress of ${file.name}`);
    find(row, "remove").addEventListener("click", () => {
      this.list = this.list.filter((other) => other !== item);
      row.remove();
    });
    find(this.page, "files").append(row);
    return item;
  }

  async upload(signal) {
    const total = sum(this.list.map(({ file }) => file.size));
    const pace = new Pace(total);
    const place = find(this.page, "total");
    find(place, "phase").textContent = "Encrypting and uploading";
    for (const item of this.list) {
      if (item.upload) continue;
      const [bar, text] = [item.row.querySelector("progress"), find(item.row, "progress-text")];
      const own = new Pace(item.file.size);
      find(item.row, "progress").hidden = false;
      text.textContent = "Encrypting";
      const tell = ({ done }) => {
        item.done = done;
        bar.value = item.file.size ? done / item.file.size : 1;
        text.textContent = own.text(done);
        const all = sum(this.list.map((other) => other.done));
        place.querySelector("progress").value = total ? all / total : 1;
        find(place, "total-text").textContent = pace.text(all);
      };
      try {
        item.upload = (await engine.upload(item.file, tell, { signal })).upload;
        text.textContent = "Uploaded";
      } catch (error) {
        text.textContent = `Stopped at ${own.reached(item.done)}`;
        throw error;
      }
    }
  }

  // They were sent: what is kept to resume them is not needed any more.
  forget() {
    return Promise.all(this.list.map(({ upload }) => engine.uploadForget(upload)));
  }

  // Nothing was sent, and what was uploaded cannot be: each is uploaded anew.
  anew() {
    for (const item of this.list) item.upload = null;
  }
}
