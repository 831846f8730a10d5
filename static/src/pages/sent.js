// A sent message: its work and its deliveries, live.

import { engine } from "../engine/client.js";
import { documentsStart } from "./documents.js";
import { find } from "./elements.js";

const EVERY = { moving: 1000, resting: 5_000 };

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
  const timer = setInterval(() => {
    const busy = page.querySelector("[data-viewer]:not([hidden]), [data-progress]:not([hidden])");
    if (!busy && !document.hidden) reload({ changedOnly: true });
  }, running ? EVERY.moving : EVERY.resting);
  return () => {
    clearInterval(timer);
    leave();
  };
}
