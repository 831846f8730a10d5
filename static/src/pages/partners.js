// Partner connections: proposals and states by buttons, limits by a form a direction.

import { engine } from "../engine/client.js";
import { actionsStart, formMembers } from "./actions.js";
import { announce, find, findAll, say, sentence } from "./elements.js";
import { typesValue } from "./types.js";

const MEGABYTE = 1_000_000;

function termsOf(form) {
  const { upload_max_mb: most, senders, recipients, ...members } = formMembers(form);
  const named = (ids) => (ids?.length ? ids : null);
  const types = Object.fromEntries(findAll(form, "media").map((place) => [place.dataset.media, typesValue(place)]));
  return { ...members, ...types, senders: named(senders), recipients: named(recipients), upload_max: most ? most * MEGABYTE : null };
}

export function partnersStart(page, tools) {
  for (const form of findAll(page, "direction")) {
    form.addEventListener("submit", async () => {
      const { connection, direction } = form.dataset;
      say(find(form, "error"), "");
      try {
        await engine.call("PUT", `/api/v1/connections/${connection}/terms`, { direction, terms: termsOf(form) });
        announce("The limits were saved.");
        await tools.reload();
      } catch (error) {
        say(find(form, "error"), sentence(error));
      }
    });
  }
  return actionsStart(page, tools);
}
