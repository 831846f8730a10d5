// How a person hears of each event: saved together.

import { engine } from "../engine/client.js";
import { formMembers } from "./actions.js";
import { find, say, sentence } from "./elements.js";

export function notificationsStart(page) {
  const form = page.querySelector("form");
  form?.addEventListener("submit", async () => {
    say(find(page, "error"), "");
    say(find(page, "saved"), "");
    try {
      await engine.call("PUT", "/api/v1/notifications", { modes: formMembers(form) });
      say(find(page, "saved"), "Saved.");
    } catch (error) {
      say(find(page, "error"), sentence(error));
    }
  });
  return () => {};
}
