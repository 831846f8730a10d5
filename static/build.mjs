// Builds static/src into static/dist: one file an entry, names fixed, and the manifest of their hashes.

import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const target = join(here, "dist");
const entries = (await readdir(join(source, "entries"))).map((name) => join(source, "entries", name));

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
const shared = { bundle: true, minify: true, outdir: target, legalComments: "none", logLevel: "warning" };
await build({ ...shared, entryPoints: entries, format: "iife", target: "es2022", external: ["/static/*"] });
await build({
  ...shared,
  entryPoints: { "pdf.worker": "pdfjs-dist/build/pdf.worker.mjs", pdf: "pdfjs-dist/build/pdf.mjs" },
  format: "esm",
  target: "es2022",
  supported: { "top-level-await": true },
});
await build({ ...shared, entryPoints: ["portal.css", "operator.css"].map((name) => join(source, "css", name)) });
for (const part of ["cmaps", "standard_fonts", "wasm"]) {
  await cp(join(here, "..", "node_modules", "pdfjs-dist", part), join(target, "pdf", part), { recursive: true });
}
await cp(join(source, "icons"), join(target, "icons"), { recursive: true });

const manifest = {};
for (const name of (await readdir(target, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())) {
  const path = join(name.parentPath ?? name.path, name.name);
  manifest[path.slice(target.length + 1)] = createHash("sha256").update(await readFile(path)).digest("hex");
}
const sorted = Object.fromEntries(Object.entries(manifest).sort());
await writeFile(join(target, "manifest.json"), `${JSON.stringify(sorted, null, 1)}\n`);
