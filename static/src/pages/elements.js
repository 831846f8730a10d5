// Small work on elements that every page does.

export const find = (place, name) => place.querySelector(`[data-${name}]`);
export const findAll = (place, name) => [...place.querySelectorAll(`[data-${name}]`)];

// Show a text in a place that is hidden while it has none.
export function say(place, text) {
  place.textContent = text ?? "";
  place.hidden = !text;
}

// For readers of the screen: what has just happened.
export function announce(text) {
  document.getElementById("said").textContent = text;
}

export const sentence = (error) => error.sentence ?? "This page failed. Reload it and try again; nothing was lost.";

export function sizeText(size) {
  let [number, unit] = [size, 0];
  const units = ["bytes", "KB", "MB", "GB"];
  while (number >= 1000 && unit < units.length - 1) [number, unit] = [number / 1000, unit + 1];
  return unit ? `${number.toFixed(1)} ${units[unit]}` : `${number} bytes`;
}

export function timeText(seconds) {
  if (!Number.isFinite(seconds) || seconds < 0) return "";
  if (seconds < 60) return `${Math.ceil(seconds)} s left`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min left`;
  return `${(seconds / 3600).toFixed(1)} h left`;
}

// Speed and time left of a transfer, over the last seconds.
export class Pace {
  constructor(total) {
    this.total = total;
    this.marks = [];
  }

  reached(done) {
    return `${sizeText(done)} of ${sizeText(this.total)}`;
  }

  text(done) {
    const now = performance.now() / 1000;
    this.begun ??= now;
    if (now - this.begun < 0.1) this.marks = []; // what was there already came in no time
    this.marks.push([now, done]);
    while (this.marks.length > 2 && now - this.marks[0][0] > 5) this.marks.shift();
    const [since, before] = this.marks[0];
    const speed = now - since > 0.3 ? (done - before) / (now - since) : 0;
    const known = this.reached(done);
    return speed > 0 ? `${known}, ${sizeText(Math.round(speed))}/s, ${timeText((this.total - done) / speed)}` : known;
  }
}

// Times in the reader's own zone and words.
export function timesLocalise(place) {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of place.querySelectorAll("time[datetime]")) time.textContent = format.format(new Date(time.dateTime));
}
