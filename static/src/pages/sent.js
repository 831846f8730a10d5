// A sent message: its work and its deliveries, live.

import { engine } from "../engine/client.js";
import { actionsStart } from "./actions.js";
import { documentsStart } from "./documents.js";
import { announce, find, findAll, say, sentence } from "./elements.js";

const EVERY = { moving: 1000, resting: 5_000 };
const READ_MILLISECONDS = 15_000;
let told = {}; // the state that was last shown, so that a change of it is said

// Somebody fills in a field of the page, which a reload would empty.
function filling(page) {
  const fields = [...page.querySelectorAll("form[data-call] input")];
  return fields.some((field) => field === document.activeElement || field.value !== field.defaultValue);
}

export function sentStart(page, tools) {
  const { reload } = tools;
  const { id, job } = page.dataset;
  const path = `/api/v1/outbox/${id}`;
  const leaves = [documentsStart(page), actionsStart(page, tools)];
  for (const action of ["retry", "cancel"]) {
    find(page, action)?.addEventListener("click", async () => {
      try {
        await engine.call("POST", `${path}/${action}`, {});
      } catch (error) {
        say(find(page, "failed"), sentence(error));
        return;
      }
      reload();
    });
  }
  for (const place of findAll(page, "guest-actions")) guestActions(place, path, reload);
  const running = job === "queued" || job === "running";
  const states = [...page.querySelectorAll(".badge")].map(({ textContent }) => textContent).join(", ");
  if (told.id === id && told.states !== states) announce(states);
  told = { id, states };
  const open = "[data-viewer]:not([hidden]), [data-progress]:not([hidden])";
  let refused = 0; // since when a refusal stands there to be read
  const reading = () => {
    refused = page.querySelector("[data-error]:not([hidden])") ? refused || Date.now() : 0;
    return refused > 0 && Date.now() - refused < READ_MILLISECONDS;
  };
  const busy = () => filling(page) || Boolean(page.querySelector(open)) || reading();
  const timer = setInterval(() => {
    if (!busy() && !document.hidden) reload({ changedOnly: true, unless: busy });
  }, running ? EVERY.moving : EVERY.resting);
  return () => {
    clearInterval(timer);
    leaves.forEach((leave) => leave());
  };
}

// Somebody outside who is waited for: told again, or no longer waited for.
function guestActions(place, path, reload) {
  const login = place.dataset.guestActions;
  const act = async (method, said) => {
    try {
      await engine.call(method, `${path}/invitations`, { login });
      announce(said);
      await reload();
    } catch (error) {
      say(find(place, "error"), sentence(error));
    }
  };
  find(place, "invite").addEventListener("click", () => act("POST", "They were told again"));
  find(place, "withdraw").addEventListener("click", () => {
    if (window.confirm(`Take this message back from ${login}?`)) act("DELETE", "Taken back");
  });
}
