import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LockSet } from "../../src/core/memlock/lock-set.js";
import type { Proof } from "../../src/core/memlock/proof.js";
import { compileSupport, installFaultline, type Installed } from "../support/faultline.js";

const isRoot = process.geteuid?.() === 0;
const LONG = 120_000;
/** Five periods of the program that has one of 10 ms. */
const SPAN = ["--after", "0.1", "--for", "0.05", "--warm-up", "5"];
let faultline: Installed;
let periodic: string;
const folders: string[] = [];
const running: ChildProcess[] = [];

beforeAll(async () => {
  faultline = await installFaultline();
  periodic = compileSupport("periodic", faultline.folder);
}, LONG);

afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  faultline.remove();
});

function run(command: string, ...options: string[]): { status: number | null; stdout: string; stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), "faultline-periodic-"));
  chmodSync(folder, 0o777);
  folders.push(folder);
  return spawnSync(process.execPath, [faultline.cli, command, "--json", ...options], { cwd: folder, encoding: "utf8" });
}

it(
  "a program that goes on by itself has a lock set, every interval of which the program ran in",
  { timeout: LONG },
  () => {
    const { stdout, status } = run("lockset", ...SPAN, "--intervals", "10", "--", periodic, "10");
    const set = JSON.parse(stdout) as LockSet;
    expect(set).toMatchObject({ verdict: "irreducible", faultsAfter: 0 });
    expect(set.parts.flatMap(({ objects }) => objects.map(({ name }) => name))).toContain("work");
    expect(status).toBe(0);
  },
);

it(
  "with its set locked in a running process of it, its intervals are proved fault-free",
  { timeout: LONG },
  async () => {
    const found = run("lockset", ...SPAN, "--intervals", "10", "--", periodic, "10");
    const file = join(folders.at(-1)!, "set.json");
    writeFileSync(file, found.stdout);
    const child = spawn(periodic, ["10"], { stdio: "ignore" });
    running.push(child);
    await once(child, "spawn");
    const pid = String(child.pid);
    expect(run("lock", "--pid", pid, "--set", file, "--yes").status).toBe(0);
    const { stdout, status } = run("prove", "--pid", pid, ...SPAN, "--intervals", "5");
    const proof = JSON.parse(stdout) as Proof;
    expect(proof).toMatchObject({ faults: 0, intervals: 5 });
    // Who may not evict the libraries that everybody uses cannot prove what is about them.
    expect(proof.verdict).toBe(isRoot ? "fault-free" : expect.stringMatching(/^(fault-free|unproved)$/));
    expect(status).toBe(proof.verdict === "fault-free" ? 0 : 1);
  },
);

it("one that sleeps through its intervals has none: the answer is no, and says what to do", { timeout: LONG }, () => {
  const { stdout, status } = run("lockset", ...SPAN, "--intervals", "2", "--", periodic, "1000000");
  const set = JSON.parse(stdout) as LockSet;
  expect(set.verdict).toBe("unproved");
  expect(set.gaps).toContainEqual({ code: "nothing-ran", detail: "50 ms of the run" });
  expect(set.gaps.map(({ code }) => code)).not.toContain("no-end");
  expect(status).toBe(1);
});
