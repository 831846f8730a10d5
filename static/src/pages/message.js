// A received message.

import { documentsStart } from "./documents.js";

export const messageStart = (page) => documentsStart(page);
