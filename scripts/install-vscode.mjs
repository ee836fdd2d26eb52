// A real VS Code for the tests and `npm run vscode`: code-server from npm on a Node of its own, kept outside the repository.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** VS Code 1.139; newer ones have to be tried first, since the tests know its widgets. */
const CODE_SERVER = "4.139.1";
/** code-server insists on this major version. */
const NODE = "24.21.0";

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "faultline");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${JSON.stringify(installVscode(), undefined, 2)}\n`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

/**
 * Where VS Code is, after installing it unless it is there (about a minute, 600 MB): { node, entry }, absolute paths of
 * the Node to run it with and of its script. Throws one sentence for a person where it cannot be had.
 */
export function installVscode() {
  const folder = join(cache, `code-server-${CODE_SERVER}-node-${NODE}-${process.arch}`);
  if (!existsSync(folder)) install(folder);
  return {
    node: join(folder, "node_modules", nodePackage(), "bin/node"),
    entry: join(folder, "node_modules/code-server/out/node/entry.js"),
  };
}

/** Under another name first: a folder of the right name is complete, also after an interruption. */
function install(folder) {
  const draft = `${folder}.${process.pid}`;
  try {
    mkdirSync(draft, { recursive: true });
    writeFileSync(join(draft, "package.json"), '{ "private": true }\n');
    npm(draft, [`${nodePackage()}@${NODE}`]);
    const path = [join(draft, "node_modules", nodePackage(), "bin"), process.env.PATH].join(delimiter);
    npm(draft, [`code-server@${CODE_SERVER}`], path);
    // What code-server's own install script does, without what needs a compiler.
    const vscode = join(draft, "node_modules/code-server/lib/vscode");
    npm(vscode, ["--omit=dev"], path);
    npm(join(vscode, "extensions"), ["--omit=dev"], path);
    renameDone(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function npm(cwd, args, path = process.env.PATH) {
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, error, stderr } = spawnSync("npm", ["install", ...options, ...args], {
    cwd,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split("\n").at(-1);
  throw new Error(`VS Code for the tests could not be installed (npm install ${args.join(" ")}: ${reason}).`);
}

function nodePackage() {
  if (process.arch === "x64" || process.arch === "arm64") return `node-linux-${process.arch}`;
  throw new Error(`VS Code for the tests exists for x64 and arm64 only, this machine is ${process.arch}.`);
}

function renameDone(draft, folder) {
  try {
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error; // Else somebody else was faster, and theirs is as good.
  }
}
