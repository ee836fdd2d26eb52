import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../../../src/core/base/errors.js";
import { readTrace } from "../../../../src/core/perf/read-trace.js";
import type { Trace } from "../../../../src/core/trace/trace.js";
import { perfRecord, perfRecordPiped } from "../../../support/perf-oracle.js";
import { buildPerfProgram } from "../../../support/perf-programs.js";
import { bytesSource } from "../../../support/perf-source.js";

const CUT = 4096;
const CORRUPTIONS = 10_000;
const BOTH = ["-e", "page-faults,minor-faults,major-faults", "-c", "1", "-d"];

let folder: string;
const traces = new Map<string, Uint8Array>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-damaged-"));
  const children = buildPerfProgram(folder, "children");
  const recorded = (name: string, record: typeof perfRecord, ...options: string[]) => {
    const file = join(folder, name);
    record(file, [...BOTH, ...options], [children, "8"]);
    traces.set(name, new Uint8Array(readFileSync(file)));
  };
  recorded("file", perfRecord);
  recorded("pipe", perfRecordPiped);
  recorded("compressed", perfRecord, "-z");
  recorded("chains", perfRecord, "-g");
  recorded("access", perfRecordPiped, "-e", "exceptions:page_fault_user,exceptions:page_fault_kernel");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The trace, or undefined where the header is refused; anything but InputError is a bug and fails the test. */
function tryRead(bytes: Uint8Array): Trace | undefined {
  try {
    return readTrace(bytesSource(bytes));
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Every answer a report would ask for. */
function use({ faults, refused, chains, mappings, processes }: Trace): void {
  for (const table of [faults, refused]) {
    for (let row = 0; row < table.length; row += 7) {
      mappings.at(table.pid[row]!, table.time[row]!, table.addressGranule[row]! * 4096);
      processes.nameAt(table.tid[row]!, table.time[row]!);
      const chain = table.chain[row]!;
      if (!(chain < chains.length && chains.offsets[chain]! <= chains.offsets[chain + 1]!))
        throw new Error("bad chain");
    }
  }
}

describe.each(["file", "pipe", "compressed", "chains", "access"])("%s", (name) => {
  it("cut off at every 4 kB gives the faults before the cut, and says where it ends", () => {
    const bytes = traces.get(name)!;
    const whole = readTrace(bytesSource(bytes));
    const ends = new Set(
      Array.from(whole.faults.time, (time, row) => `${whole.faults.tid[row]} ${time} ${whole.faults.duration[row]}`),
    );
    let last = 0;
    for (let length = CUT; length < bytes.length; length += CUT) {
      const { faults, problems } = readTrace(bytesSource(bytes.slice(0, length)));
      const missed = Array.from(
        faults.time,
        (time, row) => `${faults.tid[row]} ${time} ${faults.duration[row]}`,
      ).filter((fault) => !ends.has(fault));
      expect(missed).toEqual([]);
      expect(faults.length).toBeGreaterThanOrEqual(last);
      // A pipe says nothing of its length: cut between two records it looks whole.
      const told = problems.filter(({ kind }) => kind === "truncated").length;
      if (name === "pipe" || name === "access") expect(told).toBeLessThanOrEqual(1);
      else expect(told).toBe(1);
      last = faults.length;
    }
    expect(whole.faults.length - last).toBeLessThan(whole.faults.length / 2);
  });

  it("with random bytes changed is read or refused, never more", () => {
    const bytes = traces.get(name)!;
    const random = xorshift(0x1234_5678 + bytes.length);
    let read = 0;
    for (let round = 0; round < CORRUPTIONS / traces.size; round++) {
      const damaged = bytes.slice();
      const wounds = 1 + (random() % 8);
      for (let wound = 0; wound < wounds; wound++) {
        // Half of the wounds hit the header and the first records, where all the structure is.
        const at = random() % (random() % 2 === 0 ? Math.min(2048, bytes.length) : bytes.length);
        if (random() % 4 === 0) damaged.fill(random() % 3 === 0 ? 255 : 0, at, at + (random() % 16));
        else damaged[at] = random() & 255;
      }
      const trace = tryRead(damaged);
      if (trace === undefined) continue;
      read++;
      use(trace);
    }
    expect(read).toBeGreaterThan(CORRUPTIONS / traces.size / 4);
  });
});

it("bytes that only begin like a trace are read or refused", () => {
  const random = xorshift(99);
  for (let round = 0; round < 500; round++) {
    const noise = Uint8Array.from({ length: 200 + (random() % 2000) }, () => random() & 255);
    noise.set(new TextEncoder().encode("PERFILE2"));
    noise.set([random() % 2 === 0 ? 104 : 16, 0, 0, 0, 0, 0, 0, 0], 8);
    const trace = tryRead(noise);
    if (trace !== undefined) use(trace);
  }
});

function xorshift(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
