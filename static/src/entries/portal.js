// The portal's pages: navigation, and what each page does once its fragment has been opened.

import { pagesStart } from "../pages/navigation.js";

pagesStart();
