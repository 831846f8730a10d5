// The service worker does one thing: it lets the browser save a stream of opened bytes as a file.
// The page hands over name, size and a port; the navigation to /_save/ID is answered from that port.

const waiting = new Map();

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", ({ data: { save, name, type, size }, ports: [port] }) => {
  if (!port) return; // said to keep this worker awake
  waiting.set(save, { name, type, size, port });
  port.postMessage("ready");
});

function bytesFrom(port) {
  return new ReadableStream(
    {
      pull: (controller) =>
        new Promise((resolve) => {
          port.onmessage = ({ data }) => {
            if (data.chunk) controller.enqueue(data.chunk);
            else if (data.end) controller.close();
            else controller.error(new Error("stopped"));
            resolve();
          };
          port.postMessage("pull");
        }),
      cancel: () => port.postMessage("cancel"),
    },
    { highWaterMark: 1 },
  );
}

self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (!pathname.startsWith("/_save/")) return;
  const found = waiting.get(pathname.slice("/_save/".length));
  if (!found) return;
  waiting.delete(pathname.slice("/_save/".length));
  const name = encodeURIComponent(found.name).replaceAll("'", "%27").replaceAll("*", "%2A");
  const headers = {
    "Content-Type": "application/octet-stream",
    "Content-Length": String(found.size),
    "Content-Disposition": `attachment; filename*=UTF-8''${name}`,
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
  };
  event.respondWith(new Response(bytesFrom(found.port), { headers }));
});
