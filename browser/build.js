// Puts the page, the runtime, the networks and the examples into `dist`, a folder that any host of static files serves.
//
//     npm ci && npm run build
//
// The networks and examples are made by Python, with this project's package: `PYTHON` says by which one.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// what a page needs of the package, by where it computes
const RUNTIMES = {
  wasm: ["ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"],
  webgpu: ["ort.webgpu.bundle.min.mjs", "ort-wasm-simd-threaded.asyncify.wasm"],
};

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = `${here}dist`;
rmSync(dist, { recursive: true, force: true });
cpSync(`${here}page`, dist, { recursive: true });
const python = process.env.PYTHON ?? "python";
execFileSync(python, [`${here}make_data.py`, dist], { stdio: "inherit" });
mkdirSync(`${dist}/runtime`);
for (const name of Object.values(RUNTIMES).flat()) {
  cpSync(`${here}node_modules/onnxruntime-web/dist/${name}`, `${dist}/runtime/${name}`);
}

// The page works offline with a copy of these files. Their checksum is its version: other files, another copy.
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.slice(dist.length + 1).replaceAll("\\", "/"))
  .sort();
const checksum = createHash("sha256");
for (const file of files) checksum.update(file).update(readFileSync(`${dist}/${file}`));
const lists = {
  version: checksum.digest("hex").slice(0, 16),
  files: ["./", ...files.filter((file) => !file.startsWith("runtime/"))],
  runtimes: Object.fromEntries(
    Object.entries(RUNTIMES).map(([backend, names]) => [backend, names.map((name) => `runtime/${name}`)]),
  ),
};
writeFileSync(`${dist}/offline-files.js`, `self.OFFLINE = ${JSON.stringify(lists, null, 2)};\n`);
console.log(`${files.length + 1} files in ${dist}`);
