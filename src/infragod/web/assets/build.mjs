// Bundles the pages' assets into ../static: hashed names, a manifest that the server reads, and the licences.
// Run by `npm run build`, which hatch_build.py calls.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../../..");
const out = join(here, "../static");
const entries = ["app.js", "theme.js", "style.css", "icon.svg"];
const licensed = {
  "htmx.org": ["LICENSE"],
  echarts: ["LICENSE", "NOTICE"],
  zrender: ["LICENSE"],
  tslib: ["LICENSE.txt"],
};

const licences = async () => {
  const parts = [];
  for (const [name, files] of Object.entries(licensed)) {
    const folder = join(root, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
    parts.push(`${name} ${version} (${license})\n\n${texts.join("\n")}`);
  }
  return `The scripts in this folder contain the following works.\n\n${parts.join(`\n${"=".repeat(79)}\n\n`)}`;
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const result = await build({
  absWorkingDir: here,
  entryPoints: entries,
  outdir: out,
  bundle: true,
  minify: true,
  splitting: true,
  format: "esm",
  target: ["chrome109", "firefox115", "safari16"],
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  loader: { ".svg": "copy" },
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});
const manifest = {};
for (const [file, { entryPoint }] of Object.entries(result.metafile.outputs)) {
  const name = entryPoint && basename(entryPoint);
  if (entries.includes(name)) manifest[name] = basename(file);
}
await writeFile(join(out, "LICENSES.txt"), await licences());
await writeFile(join(out, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
