// Previews in the page: bytes are opened into memory and drawn; nothing is written anywhere.

import { engine } from "../engine/client.js";
import { find } from "./elements.js";

const MOST = 64 << 20;
const PDF = {
  cMapUrl: "/static/pdf/cmaps/",
  standardFontDataUrl: "/static/pdf/standard_fonts/",
  wasmUrl: "/static/pdf/wasm/",
  isEvalSupported: false,
  enableXfa: false,
  disableFontFace: true,
};
const PICTURES = ["image/png", "image/jpeg", "image/webp", "image/gif"];

export const previewable = ({ type, size }) => size <= MOST && (type === "application/pdf" || PICTURES.includes(type));

async function bytesOf(id, onProgress, signal) {
  let [whole, at] = [null, 0];
  await engine.download(id, "preview", onProgress, ({ known, chunk }) => {
    if (known) whole = new Uint8Array(known.size);
    else {
      whole.set(chunk, at);
      at += chunk.length;
    }
  }, { signal });
  return whole;
}

let pdfjs = null;

async function pdfOpen(data) {
  pdfjs ??= await import("/static/pdf.js");
  const worker = new pdfjs.PDFWorker({ port: new Worker("/static/pdf.worker.js", { type: "module" }) });
  return pdfjs.getDocument({ ...PDF, data, worker }).promise;
}

export class Viewer {
  constructor(place) {
    this.place = place;
    this.canvas = find(place, "viewer-canvas");
    this.picture = find(place, "viewer-picture");
    this.zoom = 1;
    find(place, "viewer-close").addEventListener("click", () => this.close());
    find(place, "viewer-previous").addEventListener("click", () => this.turn(-1));
    find(place, "viewer-next").addEventListener("click", () => this.turn(1));
    find(place, "viewer-smaller").addEventListener("click", () => this.scale(0.8));
    find(place, "viewer-larger").addEventListener("click", () => this.scale(1.25));
    place.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.close();
      if (key === "ArrowRight" || key === "PageDown") this.turn(1);
      if (key === "ArrowLeft" || key === "PageUp") this.turn(-1);
    });
  }

  async open({ id, name, type }, onProgress, signal) {
    const bytes = await bytesOf(id, onProgress, signal);
    this.close();
    find(this.place, "viewer-name").textContent = name;
    const isPdf = type === "application/pdf";
    this.canvas.hidden = !isPdf;
    this.picture.hidden = isPdf;
    for (const part of ["previous", "next", "smaller", "larger"]) find(this.place, `viewer-${part}`).hidden = !isPdf;
    if (isPdf) {
      this.pdf = await pdfOpen(bytes);
      this.number = 1;
      this.place.hidden = false;
      await this.draw();
    } else {
      this.picture.src = URL.createObjectURL(new Blob([bytes], { type }));
      this.picture.alt = name;
      find(this.place, "viewer-page").textContent = "";
      this.place.hidden = false;
    }
    find(this.place, "viewer-close").focus({ preventScroll: true });
    this.place.scrollIntoView({ block: "nearest" });
  }

  async draw() {
    const page = await this.pdf.getPage(this.number);
    const room = this.canvas.parentElement.clientWidth - 2;
    const natural = page.getViewport({ scale: 1 });
    const scale = Math.min(room / natural.width, 1.6) * this.zoom * Math.min(devicePixelRatio, 2);
    const viewport = page.getViewport({ scale });
    this.canvas.width = viewport.width;
    this.canvas.height = viewport.height;
    await page.render({ canvas: this.canvas, viewport }).promise;
    this.canvas.dataset.drawn = String(this.number);
    find(this.place, "viewer-page").textContent = `Page ${this.number} of ${this.pdf.numPages}`;
  }

  turn(by) {
    if (!this.pdf) return;
    this.number = Math.min(Math.max(this.number + by, 1), this.pdf.numPages);
    this.draw();
  }

  scale(by) {
    this.zoom = Math.min(Math.max(this.zoom * by, 0.5), 3);
    this.draw();
  }

  close() {
    this.place.hidden = true;
    this.pdf?.loadingTask.destroy();
    this.pdf = null;
    if (this.picture.src) URL.revokeObjectURL(this.picture.src);
    this.picture.removeAttribute("src");
  }
}
