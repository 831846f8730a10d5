// Sessions: ended one by one, or all others at once.

import { engine } from "../engine/client.js";
import { find, findAll, say, sentence } from "./elements.js";

export function sessionsStart(page, { reload }) {
  const end = async (row) => {
    if ("current" in row.dataset) return engine.signOut();
    return engine.call("DELETE", `/api/v1/sessions/${row.dataset.session}`);
  };
  const guarded = async (work) => {
    try {
      await work();
    } catch (error) {
      say(find(page, "error"), sentence(error));
    }
  };
  for (const row of findAll(page, "session")) {
    find(row, "end").addEventListener("click", () =>
      guarded(async () => {
        await end(row);
        if (!("current" in row.dataset)) reload();
      }),
    );
  }
  find(page, "end-others")?.addEventListener("click", () =>
    guarded(async () => {
      for (const row of findAll(page, "session")) if (!("current" in row.dataset)) await end(row);
      reload();
    }),
  );
}
