// A received message.

import { actionsStart } from "./actions.js";
import { documentsStart } from "./documents.js";

export function messageStart(page, tools) {
  const leaves = [documentsStart(page), actionsStart(page, tools)];
  return () => leaves.forEach((leave) => leave());
}
