// One's own account: name and language, and leaving.

import { engine } from "../engine/client.js";
import { actionsStart } from "./actions.js";
import { barUpdate } from "./navigation.js";

export function accountStart(page, tools) {
  const answered = async (answer, place) => {
    if ("leave" in place.dataset) {
      await engine.signOut();
      return true;
    }
    barUpdate((await engine.refresh()).me);
    return false;
  };
  return actionsStart(page, { ...tools, answered });
}
