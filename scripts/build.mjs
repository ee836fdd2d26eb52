// Bundles everything into dist/: the command line, its threads, and the script of the HTML report.
import { build } from "esbuild";
import { chmodSync, existsSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const common = { absWorkingDir: root, bundle: true, sourcemap: true, logLevel: "warning", legalComments: "none" };
const node = {
  ...common,
  platform: "node",
  format: "cjs",
  target: "node20",
  // koffi's loader picks its binary package at run time, so that one stays outside the bundle.
  external: ["vscode", "@koromix/*"],
  alias: { koffi: fileURLToPath(new URL("../node_modules/koffi/index.cjs", import.meta.url)) },
};

/** Source to bundle; an entry whose source does not exist yet is a mistake, not a choice. */
const bundles = [
  { ...node, entryPoints: ["src/cli/main.ts"], outfile: "dist/cli.js", banner: { js: "#!/usr/bin/env node" } },
  { ...node, entryPoints: ["src/recorder/drain-thread.ts"], outfile: "dist/drain-thread.js" },
  {
    ...common,
    entryPoints: ["webview/report.ts"],
    outfile: "dist/report.js",
    platform: "browser",
    format: "iife",
    target: "es2022",
    minify: true,
    sourcemap: false,
  },
];

rmSync(new URL("../dist", import.meta.url), { recursive: true, force: true });
await Promise.all(
  bundles.filter(({ entryPoints: [entry] }) => existsSync(`${root}/${entry}`)).map((options) => build(options)),
);
if (existsSync(`${root}/dist/cli.js`)) chmodSync(`${root}/dist/cli.js`, 0o755);
