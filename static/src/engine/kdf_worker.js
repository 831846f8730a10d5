// Derives one root key beside the page and hands it to the engine by a port; the page ends this worker afterwards.

import { passwordRoot } from "./crypto/kdf.js";

export function serve(scope) {
  scope.onmessage = ({ data: { password, port } }) => {
    port.onmessage = async ({ data: { salt, parameters } }) => {
      try {
        const root = await passwordRoot(password, { salt, parameters });
        port.postMessage({ root }, [root.buffer]);
      } catch (error) {
        port.postMessage({ code: error.code ?? "kdf_failed" });
      }
      scope.postMessage("done");
    };
  };
}
