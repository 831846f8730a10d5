// Previews in the page: bytes are opened into memory and drawn; nothing is written anywhere.

import { engine } from "../engine/client.js";
import { SealpostError } from "../engine/errors.js";
import { find } from "./elements.js";

const MOST = 64 << 20;
const MARGINS = 34; // of the page in its place, both sides
const PDF = {
  cMapUrl: "/static/pdf/cmaps/",
  standardFontDataUrl: "/static/pdf/standard_fonts/",
  wasmUrl: "/static/pdf/wasm/",
  isEvalSupported: false,
  enableXfa: false,
  disableFontFace: true,
};
const PICTURES = ["image/png", "image/jpeg", "image/webp", "image/gif"];

const damaged = () =>
  new SealpostError(
    "preview_failed",
    0,
    "This document cannot be shown here: it is damaged, or locked with a password of its own. You can still download it.",
  );

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
  try {
    return await pdfjs.getDocument({ ...PDF, data, worker }).promise;
  } catch {
    worker.destroy();
    throw damaged();
  }
}

// The words of a page, for readers of the screen.
async function textOf(page) {
  const { items } = await page.getTextContent();
  return items.map(({ str, hasEOL }) => str + (hasEOL ? "\n" : "")).join("");
}

export class Viewer {
  constructor(place) {
    this.place = place;
    this.canvas = find(place, "viewer-canvas");
    this.picture = find(place, "viewer-picture");
    this.zoom = 1;
    this.asked = 0; // drawings begun
    find(place, "viewer-close").addEventListener("click", () => this.dismiss());
    find(place, "viewer-previous").addEventListener("click", () => this.turn(-1));
    find(place, "viewer-next").addEventListener("click", () => this.turn(1));
    find(place, "viewer-smaller").addEventListener("click", () => this.scale(0.8));
    find(place, "viewer-larger").addEventListener("click", () => this.scale(1.25));
    place.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.dismiss();
      if (key === "ArrowRight" || key === "PageDown") this.turn(1);
      if (key === "ArrowLeft" || key === "PageUp") this.turn(-1);
    });
    const resized = () => this.pdf && this.room && this.canvas.parentElement.clientWidth !== this.room && this.redraw();
    new ResizeObserver(resized).observe(this.canvas.parentElement);
  }

  async open({ id, name, type }, opener, onProgress, signal) {
    this.opener = opener;
    const bytes = await bytesOf(id, onProgress, signal);
    this.close();
    find(this.place, "viewer-name").textContent = name;
    const isPdf = type === "application/pdf";
    this.canvas.hidden = !isPdf;
    this.picture.hidden = isPdf;
    for (const part of ["previous", "next", "smaller", "larger"]) find(this.place, `viewer-${part}`).hidden = !isPdf;
    if (isPdf) {
      this.pdf = await pdfOpen(bytes);
      [this.number, this.zoom] = [1, 1];
      this.place.hidden = false;
      await this.draw();
    } else {
      this.picture.src = URL.createObjectURL(new Blob([bytes], { type }));
      this.picture.alt = name;
      await this.picture.decode().catch(() => {
        this.close();
        throw damaged();
      });
      find(this.place, "viewer-page").textContent = "";
      this.place.hidden = false;
    }
    find(this.place, "viewer-close").focus({ preventScroll: true });
    this.place.scrollIntoView({ block: "nearest" });
  }

  // Draw the page that is asked for now; a drawing that is under way gives way to it.
  async draw() {
    const turn = (this.asked += 1);
    this.drawing?.cancel();
    const { pdf, number } = this;
    const page = await pdf.getPage(number);
    if (pdf !== this.pdf || turn !== this.asked) return;
    this.room = this.canvas.parentElement.clientWidth;
    const natural = page.getViewport({ scale: 1 });
    const scale = Math.min((this.room - MARGINS) / natural.width, 1.6) * this.zoom;
    const sharp = Math.min(devicePixelRatio, 2);
    const viewport = page.getViewport({ scale: scale * sharp });
    this.canvas.width = viewport.width;
    this.canvas.height = viewport.height;
    this.canvas.style.width = `${viewport.width / sharp}px`;
    this.drawing = page.render({ canvas: this.canvas, viewport });
    try {
      await this.drawing.promise;
    } catch (error) {
      if (error.name === "RenderingCancelledException") return;
      throw damaged();
    }
    this.canvas.dataset.drawn = String(number);
    find(this.place, "viewer-page").textContent = `Page ${number} of ${pdf.numPages}`;
    find(this.place, "viewer-previous").disabled = number === 1;
    find(this.place, "viewer-next").disabled = number === pdf.numPages;
    find(this.place, "viewer-text").textContent = await textOf(page);
  }

  redraw() {
    this.draw().catch(({ sentence }) => (find(this.place, "viewer-page").textContent = sentence));
  }

  turn(by) {
    if (!this.pdf) return;
    const number = Math.min(Math.max(this.number + by, 1), this.pdf.numPages);
    if (number === this.number) return;
    this.number = number;
    this.canvas.parentElement.scrollTop = 0;
    this.redraw();
  }

  scale(by) {
    if (!this.pdf) return;
    this.zoom = Math.min(Math.max(this.zoom * by, 0.5), 3);
    this.redraw();
  }

  // Closed by the reader, who goes on where the preview was asked for.
  dismiss() {
    this.close();
    this.opener?.focus();
  }

  close() {
    this.place.hidden = true;
    this.pdf?.loadingTask.destroy();
    this.pdf = null;
    find(this.place, "viewer-text").textContent = "";
    if (this.picture.src) URL.revokeObjectURL(this.picture.src);
    this.picture.removeAttribute("src");
  }
}
