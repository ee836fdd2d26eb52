import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Rereading } from "../../../../src/extension/traces/rereading.js";

/** Reads that take as long as `takesMs` says: when each began and ended. */
let reads: { readonly from: number; to: number }[];
let takesMs: number;
let rereading: Rereading;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  reads = [];
  takesMs = 100;
  rereading = new Rereading(async () => {
    const read = { from: performance.now(), to: Infinity };
    reads.push(read);
    await new Promise((done) => setTimeout(done, takesMs));
    read.to = performance.now();
  });
});

afterEach(() => {
  rereading.dispose();
  vi.useRealTimers();
});

/** As a recorder tells its counts. */
async function growFor(ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 200) {
    rereading.grew();
    await vi.advanceTimersByTimeAsync(200);
  }
}

it("reads what grew at once, and what grows on about every second", async () => {
  await growFor(10_000);
  expect(reads[0]?.from).toBeLessThan(10);
  expect(reads.length).toBeGreaterThan(7);
  expect(reads.length).toBeLessThan(11);
});

it("never reads twice at once, and takes no more than a fifth of the time however long a read is", async () => {
  takesMs = 3000;
  await growFor(60_000);
  const done = reads.filter(({ to }) => to < Infinity);
  expect(done.length).toBeGreaterThan(2);
  for (const [at, { from }] of reads.entries()) {
    if (at > 0) expect(from - reads[at - 1]!.to).toBeGreaterThanOrEqual(4 * takesMs);
  }
});

it("reads once more what grew last, and then nothing any more", async () => {
  rereading.grew();
  await vi.advanceTimersByTimeAsync(50);
  rereading.grew();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reads.length).toBe(2);
});

it("reads nothing after its end", async () => {
  rereading.grew();
  await vi.advanceTimersByTimeAsync(50);
  rereading.grew();
  rereading.dispose();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reads.length).toBe(1);
});
