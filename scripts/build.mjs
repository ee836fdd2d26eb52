// Bundles everything into dist/: the command line, its threads, and the script of the HTML report.
// `--into=FOLDER` bundles into FOLDER/dist; `--release` makes the bundles small, leaves their source maps out
// and adds the licences of what is in them.
import { build } from "esbuild";
import { chmodSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { thirdPartyNotices } from "./notices.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: options } = parseArgs({ options: { into: { type: "string" }, release: { type: "boolean" } } });
const into = options.into ?? root;
const common = {
  absWorkingDir: root,
  bundle: true,
  sourcemap: options.release !== true,
  minify: options.release === true,
  logLevel: "warning",
  legalComments: "none",
  metafile: true,
};
const node = {
  ...common,
  platform: "node",
  format: "cjs",
  target: "node20",
  // koffi's loader picks its binary package at run time, so that one stays outside the bundle.
  external: ["vscode", "@koromix/*"],
  alias: { koffi: fileURLToPath(new URL("../node_modules/koffi/index.cjs", import.meta.url)) },
};

const page = { ...common, platform: "browser", format: "iife", target: "es2022", minify: true, sourcemap: false };

/**
 * Each file of a bundle asks for what is outside by itself, and VS Code's answer takes a while. One that inherits its
 * names has none of its own, which esbuild would copy for each file.
 */
const asksOnce = `var require=((ask,known)=>(name)=>{if(!known.has(name)){const asked=ask(name);known.set(name,name==="vscode"?Object.create(asked):asked)}return known.get(name)})(require,new Map());`;

/** Parts of the extension that are loaded when they are first used: an `import()` of theirs asks for their bundle. */
const later = { "src/extension/ldscript/register.ts": "ldscript.js" };
const loadsLater = {
  name: "loads later",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      const source = relative(root, join(resolveDir, path)).replace(/\.js$/, ".ts");
      return kind === "dynamic-import" && source in later ? { path: `./${later[source]}`, external: true } : undefined;
    }),
};

/** The extension and its thread never load koffi: recording is the command line's. */
const extension = {
  ...node,
  supported: { "dynamic-import": false },
  external: ["vscode"],
  alias: {},
  banner: { js: asksOnce },
  plugins: [loadsLater],
};

/** Source to bundle; an entry whose source does not exist yet is a mistake, not a choice. */
const bundles = [
  { ...node, entryPoints: ["src/cli/main.ts"], outfile: "dist/cli.js", banner: { js: "#!/usr/bin/env node" } },
  { ...node, entryPoints: ["src/recorder/drain-thread.ts"], outfile: "dist/drain-thread.js" },
  { ...extension, entryPoints: ["src/extension/extension.ts"], outfile: "dist/extension.js" },
  ...Object.entries(later).map(([source, name]) => ({ ...extension, entryPoints: [source], outfile: `dist/${name}` })),
  { ...extension, entryPoints: ["src/extension/analysis/worker.ts"], outfile: "dist/analysis.js" },
  { ...page, entryPoints: ["webview/report.ts"], outfile: "dist/report.js" },
  { ...page, entryPoints: ["webview/main.ts"], outfile: "dist/webview.js" },
  { ...page, entryPoints: ["webview/editor/style.css"], outfile: "dist/webview.css" },
];

rmSync(join(into, "dist"), { recursive: true, force: true });
const built = await Promise.all(
  bundles
    .filter(({ entryPoints: [entry] }) => existsSync(join(root, entry)))
    .map(({ outfile, ...bundle }) => build({ ...bundle, outfile: join(into, outfile) })),
);
if (existsSync(join(into, "dist/cli.js"))) chmodSync(join(into, "dist/cli.js"), 0o755);
if (options.release === true) {
  const metafiles = built.map(({ metafile }) => metafile);
  writeFileSync(join(into, "dist/notices.txt"), thirdPartyNotices(root, metafiles));
}
