// `npm start`: builds Faultline and its example, traces the example for real, and shows what came of it.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureNodeModules, ensureSystemPackages, requireMachine, root, run, say, stop } from "./installation.mjs";

const example = join(root, "examples/input-thread");
const trace = join(example, ".faultline/traces/start");
const page = join(example, ".faultline/report.html");
const cli = join(root, "dist/cli.js");

requireMachine();
ensureNodeModules();
const missing = ensureSystemPackages([
  { package: "gcc", commands: ["cc", "gcc", "clang"] },
  { package: "make", commands: ["make"] },
  { package: "libc6-dev", commands: ["ldd"] },
]);
if (missing.length > 0) {
  stop(
    `The example is written in C; install ${missing.map((need) => need.package).join(" and ")} first: sudo apt-get install gcc make libc6-dev`,
  );
}
run(process.execPath, ["scripts/build.mjs"]);
run("make", ["--silent", "-C", example]);

say("\n$ faultline record -- build/input-thread");
rmSync(trace, { recursive: true, force: true });
// Exit codes and signals of the program pass through the recorder: here they must be a success.
faultline(["record", "-o", trace, "--", "build/input-thread"]);
say("\n$ faultline report");
faultline(["report", trace]);
faultline(["report", trace, "--html", page]);
// Where perf events are refused there are pages instead of records, which perf does not read.
const readers = existsSync(join(trace, "perf.data")) ? "perf script" : "faultline report";
say(`
The same with the memory map, in a browser:    ${page}
The trace, to be read by ${`${readers}:`.padEnd(22)}${trace}
Trace a program of your own:                   node ${cli} record -- PROGRAM ARGUMENTS
The same in VS Code, in a browser:             npm run vscode`);

function faultline(args) {
  const { status, signal, error } = spawnSync(process.execPath, [cli, ...args], { cwd: example, stdio: "inherit" });
  if (error !== undefined) stop(`node could not be started: ${error.message}.`);
  if (status !== 0) stop(`faultline ${args[0]} ended with ${signal ?? `exit code ${status}`}.`);
}
