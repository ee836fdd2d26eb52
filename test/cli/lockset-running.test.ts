/** A search in a process that runs already: whatever becomes of the search, the process is as it was in the end. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Proof } from "../../src/core/memlock/proof.js";
import { compileSupport, installFaultline, type Installed } from "../support/faultline.js";

const LONG = 120_000;
let faultline: Installed;
let folder: string;
let environment: NodeJS.ProcessEnv;
let target: ChildProcess;

beforeAll(async () => {
  faultline = await installFaultline();
  folder = mkdtempSync(join(tmpdir(), "faultline-running-"));
  chmodSync(folder, 0o755);
  // Journals of this test alone.
  environment = { ...process.env, XDG_RUNTIME_DIR: folder };
  const program = compileSupport("many-functions", folder);
  compileSupport("mapped-file", folder);
  spawnSync("sync", [program]);
  for (const name of ["lines", "answers"]) execFileSync("mkfifo", [join(folder, name)]);
  const project = {
    stimuli: [{ name: "line", bytes: "0a", to: "lines" }],
    intervals: [{ name: "one line", from: { stimulus: "line" }, to: { output: "done\n", on: "answers" } }],
  };
  writeFileSync(join(folder, "faultline.json"), JSON.stringify(project));
}, LONG);

beforeEach(async () => {
  // Both ends are held, so that nobody waits; what the program said before the search is no answer to it.
  const script = "exec 8<>lines 9<>answers; exec ./many-functions <lines >answers";
  target = spawn("sh", ["-c", script], { cwd: folder, stdio: "ignore" });
  await once(target, "spawn");
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  faultline.remove();
});

afterEach(async () => {
  target.kill("SIGKILL");
  if (target.exitCode === null && target.signalCode === null) await once(target, "exit");
});

const lockedKilobytes = (): number =>
  Number(/^VmLck:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${target.pid}/status`, "utf8"))?.[1]);

/** Starts a search and waits until it leaves pages out: then hundreds are locked. */
async function searching(): Promise<ChildProcess> {
  const argv = [faultline.cli, "lockset", "--pid", String(target.pid), "--warm-up", "3", "--progress-json"];
  const search = spawn(process.execPath, argv, { cwd: folder, env: environment, stdio: ["ignore", "ignore", "pipe"] });
  const said: string[] = [];
  for await (const line of createInterface({ input: search.stderr! })) {
    said.push(line);
    if (line.includes("leave-one-out")) return search;
  }
  throw new Error(said.join("\n"));
}

it("after a search was killed, lock --undo takes back what it had locked", { timeout: LONG }, async () => {
  const search = await searching();
  search.kill("SIGKILL");
  await once(search, "exit");
  expect(lockedKilobytes()).toBeGreaterThan(500);
  const argv = [faultline.cli, "lock", "--pid", String(target.pid), "--undo"];
  const undone = spawnSync(process.execPath, argv, { cwd: folder, env: environment, encoding: "utf8" });
  expect(undone.status, undone.stderr).toBe(0);
  expect(lockedKilobytes()).toBe(0);
  expect(target.exitCode).toBeNull();
});

it("a search that is stopped takes back what it had locked", { timeout: LONG }, async () => {
  const search = await searching();
  search.kill("SIGINT");
  await once(search, "exit");
  expect(search.exitCode).toBe(2);
  expect(lockedKilobytes()).toBe(0);
  expect(target.exitCode).toBeNull();
});

const hasSwap = !/^SwapFree:\s+0 kB$/m.test(readFileSync("/proc/meminfo", "utf8"));

it.runIf(!hasSwap && process.arch === "x64")(
  "private pages that an interval wrote, and that have no swap to leave for, are named",
  { timeout: LONG },
  async () => {
    const own = mkdtempSync(join(folder, "own-"));
    writeFileSync(join(own, "data"), Buffer.alloc(1 << 16, 7));
    const project = {
      program: join(folder, "mapped-file"),
      arguments: ["data"],
      stimuli: [{ name: "byte", bytes: "0a" }],
      intervals: [{ name: "one byte", from: { stimulus: "byte" }, to: { quiet: 20 } }],
    };
    writeFileSync(join(own, "faultline.json"), JSON.stringify(project));
    const argv = [faultline.cli, "prove", "--json", "--intervals", "2", "--warm-up", "3"];
    const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd: own, encoding: "utf8" });
    const { gaps } = JSON.parse(stdout) as Proof;
    const gap = gaps.find(({ code }) => code === "touched-unswappable");
    expect(Number(gap?.detail), stderr).toBeGreaterThan(0);
  },
);
