// `npm run package [-- TARGET … --out=FOLDER]`: a vsix per platform, each with what it needs there and nothing else.
import { createVSIX } from "@vscode/vsce";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ensureNodeModules, requireMachine, root, say } from "./installation.mjs";

/** VS Code's platforms: the package with koffi's binary, and which of the package's binaries. */
const TARGETS = {
  "linux-x64": { package: "@koromix/koffi-linux-x64", binary: "linux_x64" },
  "linux-arm64": { package: "@koromix/koffi-linux-arm64", binary: "linux_arm64" },
  "linux-armhf": { package: "@koromix/koffi-linux-arm", binary: "linux_armhf" },
  "alpine-x64": { package: "@koromix/koffi-linux-x64", binary: "musl_x64" },
  "alpine-arm64": { package: "@koromix/koffi-linux-arm64", binary: "musl_arm64" },
};

/** Not even copied: large, or not ours. What a vsix holds of the rest is decided by .vscodeignore. */
const LEFT_BEHIND = new Set([
  ".git",
  ".cache",
  ".faultline",
  "build",
  "coverage",
  "dist",
  "node_modules",
  "screenshots",
  "test",
]);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ options: { out: { type: "string" } }, allowPositionals: true });
  requireMachine();
  ensureNodeModules();
  const failures = await packageAll(positionals.length > 0 ? positionals : Object.keys(TARGETS), values.out ?? root);
  for (const sentence of failures) say(sentence);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

/** Makes a vsix of each target in the folder; returns a sentence for each that could not be made. */
export async function packageAll(targets, out) {
  const stage = mkdtempSync(join(tmpdir(), "faultline-package-"));
  const failures = [];
  try {
    stageExtension(stage);
    for (const target of targets) {
      try {
        const vsix = await packageOne(stage, target, out);
        say(`${relative(process.cwd(), vsix) || vsix}: ${Math.ceil(statSync(vsix).size / 1024)} kB`);
      } catch (error) {
        failures.push(`${target}: no vsix was made (${error.message}).`);
      }
    }
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return failures;
}

/** The extension as it is installed, but for koffi's binary, and for what .vscodeignore leaves out. */
export function stageExtension(stage, { release = true } = {}) {
  cpSync(root, stage, { recursive: true, filter: (path) => !LEFT_BEHIND.has(basename(path)) || path === root });
  const args = ["scripts/build.mjs", `--into=${stage}`, ...(release ? ["--release"] : [])];
  must(process.execPath, args, root, "the bundles could not be built");
}

/** Puts koffi's binary of the target, and of no other, where the bundles look for it. */
export function stageBinary(stage, target) {
  const { package: name, binary } = TARGETS[target] ?? unknown();
  const from = packageFolder(name);
  const folder = join(stage, "dist/node_modules", name);
  rmSync(join(stage, "dist/node_modules"), { recursive: true, force: true });
  for (const path of ["index.js", "package.json", binary]) {
    cpSync(join(from, path), join(folder, path), { recursive: true });
  }
}

async function packageOne(stage, target, out) {
  stageBinary(stage, target);
  const { version } = JSON.parse(readFileSync(join(stage, "package.json"), "utf8"));
  const vsix = join(out, `faultline-${target}-${version}.vsix`);
  mkdirSync(out, { recursive: true });
  await createVSIX({
    cwd: stage,
    target,
    packagePath: vsix,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  return vsix;
}

/** The installed package, or its copy in the cache, fetched where it is in neither. */
function packageFolder(name) {
  const version = JSON.parse(readFileSync(join(root, "node_modules/koffi/package.json"), "utf8")).version;
  const installed = join(root, "node_modules", name);
  if (existsSync(installed)) return installed;
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "faultline/packages");
  const folder = join(cache, `${name.replace("/", "-")}-${version}`);
  if (!existsSync(folder)) fetchPackage(`${name}@${version}`, folder);
  return folder;
}

/** Under another name first: a folder of the right name is complete. */
function fetchPackage(name, folder) {
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    const [packed] = JSON.parse(
      must("npm", ["pack", "--json", "--loglevel=error", name], draft, `${name} is not to be had`),
    );
    must("tar", ["xzf", packed.filename], draft, `${name} does not unpack`);
    renameSync(join(draft, "package"), folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function must(program, args, cwd, complaint) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (status === 0) return stdout;
  throw new Error(`${complaint}: ${error?.message ?? stderr.trim().split("\n").at(-1)}`);
}

function unknown() {
  throw new Error(`there is no such target, only ${Object.keys(TARGETS).join(", ")}`);
}
