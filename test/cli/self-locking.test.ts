import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LockSet } from "../../src/core/memlock/lock-set.js";
import type { Proof } from "../../src/core/memlock/proof.js";
import { installFaultline, type Installed } from "../support/faultline.js";

/** A campaign runs hundreds of intervals, on a machine that may have other things to do. */
const PATIENCE_MS = 900_000;
/**
 * One event in 64 draws the cursor. On a busy machine a search ends after fewer intervals than that, and what it finds is
 * what it says: enough for those it observed.
 */
const ALL_KINDS_OF_EVENTS = "100";

let faultline: Installed;
let folder: string;
let example: string;
beforeAll(async () => {
  faultline = await installFaultline();
  folder = mkdtempSync(join(tmpdir(), "faultline-self-"));
  example = join(folder, "input-thread");
  const leftBehind = new Set(["build", ".faultline"]);
  cpSync("examples/input-thread", example, { recursive: true, filter: (path) => !leftBehind.has(basename(path)) });
  make();
});
afterAll(() => {
  faultline.remove();
  rmSync(folder, { recursive: true, force: true });
});

it(
  "the example, with the changes that lockset suggests, locks itself and is proved fault-free",
  { timeout: PATIENCE_MS },
  async () => {
    const before = await run("prove", "--json", "--intervals", "3");
    expect(before.status).toBe(1);
    expect((JSON.parse(before.stdout) as Proof).verdict).toBe("faults");

    const found = await run("lockset", "--json", "--c", "locked.c", "--intervals", ALL_KINDS_OF_EVENTS);
    expect(found.status).toBe(0);
    const set = JSON.parse(found.stdout) as LockSet;
    expect(set.bytes).toBeLessThanOrEqual(300 * 1024);
    applySteps();
    make();

    const after = await run("prove", "--json", "--intervals", "20");
    const proof = JSON.parse(after.stdout) as Proof;
    expect(proof).toMatchObject({ faults: 0, intervals: 20 });
    // Who may not evict the libraries that everybody uses cannot prove what is about them.
    const privileged = process.getuid?.() === 0;
    expect(proof.verdict).toBe(privileged ? "fault-free" : expect.stringMatching(/^(fault-free|unproved)$/));
    expect(after.status).toBe(proof.verdict === "fault-free" ? 0 : 1);
    expect(proof.evidence.locked!.bytes).toBeGreaterThanOrEqual(set.bytes - 16_384);
    expect(proof.evidence.locked!.residentBytes).toBe(proof.evidence.locked!.bytes);
  },
);

/** What the text says: link the file, and call faultline_lock at the start of main. */
function applySteps(): void {
  edit("input-thread.c", '#include "pointer.h"\n', '#include "pointer.h"\n#include "faultline.h"\n');
  const start = "  struct options options = parse(count, arguments);\n";
  const lock = '  if (faultline_lock(0) != 0) { fprintf(stderr, "%s\\n", faultline_error()); exit(1); }\n';
  edit("input-thread.c", start, lock + start);
  edit("Makefile", "pointer.c -lm", `pointer.c locked.c -I${resolve("runtime")} -lm`);
}

function edit(name: string, old: string, changed: string): void {
  const file = join(example, name);
  const text = readFileSync(file, "utf8");
  expect(text).toContain(old);
  writeFileSync(file, text.replace(old, changed));
}

function make(): void {
  execFileSync("make", ["--silent", "-C", example], { stdio: ["ignore", "ignore", "pipe"] });
}

interface Answer {
  readonly status: number | null;
  readonly stdout: string;
}

/** Not synchronously: whoever waits for us shall hear from us. */
async function run(...args: string[]): Promise<Answer> {
  const child = spawn(process.execPath, [faultline.cli, ...args, "--quiet"], {
    cwd: example,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (stdout += piece));
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout };
}
