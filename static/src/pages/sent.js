// A sent message: its work and its deliveries, live.

import { engine } from "../engine/client.js";
import { documentsStart } from "./documents.js";
import { find } from "./elements.js";

const EVERY = { moving: 1000, resting: 10_000 };

export function sentStart(page, { reload }) {
  const { id, job } = page.dataset;
  const path = `/api/v1/outbox/${id}`;
  const leave = documentsStart(page);
  for (const action of ["retry", "cancel"]) {
    find(page, action)?.addEventListener("click", async () => {
      await engine.call("POST", `${path}/${action}`, {}).catch(() => null);
      reload();
    });
  }
  const running = job === "queued" || job === "running";
  const timer = setInterval(async () => {
    const busy = page.querySelector("[data-viewer]:not([hidden]), [data-progress]:not([hidden])");
    if (busy || document.hidden) return;
    const fresh = await engine.call("GET", path).catch(() => null);
    if (fresh && JSON.stringify(fresh) !== page.dataset.seen) {
      const first = page.dataset.seen === undefined && !running;
      page.dataset.seen = JSON.stringify(fresh);
      if (!first) reload();
    }
  }, running ? EVERY.moving : EVERY.resting);
  return () => {
    clearInterval(timer);
    leave();
  };
}
