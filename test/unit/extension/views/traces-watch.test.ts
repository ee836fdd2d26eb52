import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { watchTraces } from "../../../../src/extension/views/traces-watch.js";

const PATIENT = { timeout: 20_000, interval: 20 };
let folder: string;
let told: number;
let watching: { dispose(): void };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fl-traces-"));
  told = 0;
  watching = watchTraces(folder, () => told++);
});

afterEach(() => {
  watching.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const trace = (name: string) => join(folder, ".faultline/traces", name);
/** What is told from now on, by what is done. */
async function tells(work: () => void): Promise<void> {
  const before = told;
  work();
  await expect.poll(() => told, PATIENT).toBeGreaterThan(before);
}

it("a first trace, whose folders are made at once, another one, and what comes and goes in both", async () => {
  await tells(() => mkdirSync(trace("one"), { recursive: true }));
  await tells(() => mkdirSync(trace("two")));
  await tells(() => writeFileSync(join(trace("two"), "perf.data"), ""));
  await tells(() => {
    writeFileSync(join(trace("two"), "run.json.new"), "{}");
    renameSync(join(trace("two"), "run.json.new"), join(trace("two"), "run.json"));
  });
  await tells(() => rmSync(trace("one"), { recursive: true }));
});

it("traces in folders that were removed and made again", async () => {
  await tells(() => mkdirSync(trace("one"), { recursive: true }));
  await tells(() => rmSync(join(folder, ".faultline"), { recursive: true }));
  await tells(() => mkdirSync(trace("two"), { recursive: true }));
  await tells(() => mkdirSync(trace("three")));
});

it("nothing of what else is written in the folder, or of records as they are written", async () => {
  await tells(() => mkdirSync(trace("one"), { recursive: true }));
  await tells(() => writeFileSync(join(trace("one"), "perf.data"), ""));
  const before = told;
  for (let count = 0; count < 20; count++) writeFileSync(join(trace("one"), "perf.data"), "x", { flag: "a" });
  writeFileSync(join(folder, "main.c"), "");
  // What is told of this comes after whatever else would be.
  await tells(() => mkdirSync(trace("two")));
  expect(told - before).toBeLessThan(10);
});
