import { serve } from "../engine/kdf_worker.js";

serve(self);
