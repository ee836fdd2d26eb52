/** The whole run as an interval: what happens before a program's first line cannot be locked away, and that is said. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LockSet } from "../../src/core/memlock/lock-set.js";
import type { Proof } from "../../src/core/memlock/proof.js";
import { compileSupport, installFaultline, type Installed } from "../support/faultline.js";

const LONG = 60_000;
let faultline: Installed;
let folder: string;

beforeAll(async () => {
  faultline = await installFaultline();
  folder = mkdtempSync(join(tmpdir(), "faultline-whole-"));
  compileSupport("many-functions", folder);
}, LONG);

afterAll(() => {
  faultline.remove();
  rmSync(folder, { recursive: true, force: true });
});

function answer(command: string, options: readonly string[]): { status: number | null; said: string; json: string } {
  const argv = [faultline.cli, command, "--json", "--quiet", ...options];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8" });
  return { status, said: stderr, json: stdout };
}

it("prove counts each fresh run by both counters, and says where it faulted", { timeout: LONG }, () => {
  // The interval of the project file has neither a beginning nor an end.
  const project = { program: "./many-functions", intervals: [{ name: "all of it" }] };
  writeFileSync(join(folder, "faultline.json"), JSON.stringify(project));
  const { status, said, json } = answer("prove", ["--intervals", "3"]);
  rmSync(join(folder, "faultline.json"));
  expect(status, said).toBe(1);
  const { verdict, evidence, gaps, intervals } = JSON.parse(json) as Proof;
  expect({ verdict, intervals }).toEqual({ verdict: "faults", intervals: 3 });
  expect(gaps).toContainEqual({ code: "before-lock" });
  for (const { name, ending, events, counters, faults } of evidence.intervals) {
    expect({ name, ending }).toEqual({ name: "all of it", ending: "seen" });
    expect(events?.faults).toBeGreaterThan(20);
    // The kernel sets the first stack up by itself, which no event tells.
    expect((counters?.minor ?? 0) + (counters?.major ?? 0)).toBeGreaterThanOrEqual(events?.faults ?? Infinity);
    expect(faults.map((fault) => fault.object)).toContain(".text of many-functions");
  }
  // Of so many runs one trace is kept.
  expect(readdirSync(join(folder, ".faultline", "traces"))).toHaveLength(1);
});

it("lockset says what was touched, and that a part of it cannot be avoided", { timeout: LONG }, () => {
  const { status, said, json } = answer("lockset", ["--whole", "--", "./many-functions"]);
  expect(status, said).toBe(1);
  const { verdict, gaps, parts, faultsAfter } = JSON.parse(json) as LockSet;
  expect(verdict).toBe("faults");
  expect(faultsAfter).toBeGreaterThan(20);
  expect(gaps).toContainEqual({ code: "before-lock" });
  expect(parts.find(({ section, own }) => own && section === ".text")?.pages).toBeGreaterThan(0);
  expect(parts.map(({ region }) => region)).toContain("main-stack");
});

it("a run that does not end is ended, and named", { timeout: LONG }, () => {
  const { status, said, json } = answer("prove", ["--whole", "--timeout", "1", "--", "sleep", "1000"]);
  expect(status, said).toBe(1);
  const { doubts } = JSON.parse(json) as Proof;
  expect(doubts.map(({ code }) => code)).toContain("no-end");
});

it("a whole run is a program's: with a process that runs already it is refused", () => {
  const { status, said } = answer("prove", ["--whole", "--pid", String(process.pid)]);
  expect(status).toBe(2);
  expect(said).toMatch(/--whole is a program from its exec to its exit/);
});
