// The one Trusted Types policy, named `default`: HTML enters only after the engine has authenticated and opened it,
// and scripts start only from the fixed addresses of the build.

const SCRIPTS = ["/static/engine-worker.js", "/static/kdf-worker.js", "/static/pdf.worker.js", "/static/sw.js"];
const admitted = new Set();

function createScriptURL(url) {
  const { origin, pathname, search } = new URL(url, location.href);
  if (origin === location.origin && SCRIPTS.includes(pathname) && search === "") return url;
  throw new TypeError("this script is not part of Sealpost");
}

function createHTML(html) {
  if (admitted.delete(html)) return html;
  throw new TypeError("this HTML was not opened by the engine");
}

const policy = globalThis.trustedTypes?.createPolicy("default", { createScriptURL, createHTML });

// Put a fragment that the engine has just opened into a place of the page.
export function fragmentSet(place, html) {
  admitted.add(html);
  place.innerHTML = policy ? policy.createHTML(html) : html;
  admitted.delete(html);
}
