import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hexAddress } from "../../../../src/core/base/address.js";
import { granule } from "../../../../src/core/base/units.js";
import { readTrace } from "../../../../src/core/perf/read-trace.js";
import { FaultFlag } from "../../../../src/core/trace/fault-table.js";
import { dumpedChains, perfRecord, perfRecordPiped, rowTuples, scriptTuples } from "../../../support/perf-oracle.js";
import { buildPerfProgram, type PerfProgram } from "../../../support/perf-programs.js";
import { fileSource } from "../../../support/perf-source.js";

let folder: string;
const programs = new Map<PerfProgram, string>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-perf-"));
  for (const name of ["storm", "threads", "children", "refused"] as const) {
    programs.set(name, buildPerfProgram(folder, name));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const ENDS = ["-e", "minor-faults,major-faults", "-c", "1", "-d"];
const BEGINS = ["-e", "page-faults", "-c", "1", "-d"];
const BOTH = ["-e", "page-faults,minor-faults,major-faults", "-c", "1", "-d"];

describe("our rows are the samples perf script prints", () => {
  it.each<[string, readonly string[], PerfProgram, string]>([
    ["begins and ends of a storm", BOTH, "storm", "3000"],
    ["only begins", BEGINS, "storm", "1000"],
    ["only ends", ENDS, "storm", "1000"],
    ["call chains", [...BOTH, "-g"], "storm", "1000"],
    ["compressed records", [...BOTH, "-z"], "storm", "20000"],
    ["threads that move between two cpus", BOTH, "threads", "2000"],
    ["threads, compressed, with call chains", [...BOTH, "-g", "-z"], "threads", "500"],
    ["children", BOTH, "children", "200"],
    ["faults that were refused", BOTH, "refused", "50"],
    ["another clock", [...BOTH, "-k", "CLOCK_MONOTONIC"], "storm", "500"],
    ["build ids in the mappings", [...BOTH, "--buildid-mmap"], "storm", "500"],
    ["no build ids", [...BOTH, "--no-buildid"], "storm", "500"],
    ["registers and read values", [...BOTH, "-g", "--user-regs=ip,sp", "-s"], "storm", "500"],
    ["copied stacks", [...BEGINS, "--call-graph", "dwarf,512", "-m", "1024"], "storm", "100"],
  ])("%s", (_, options, program, argument) => {
    for (const [layout, record] of [
      ["file", perfRecord],
      ["pipe", perfRecordPiped],
    ] as const) {
      const file = join(folder, `oracle.${layout}.data`);
      record(file, options, [programs.get(program)!, argument]);
      const trace = readTrace(fileSource(file));
      const expected = scriptTuples(file);
      expect(expected.length, layout).toBeGreaterThan(100);
      expect(trace.problems).toEqual([]);
      expect(trace.lost).toBe(0);
      expect(rowTuples(trace.faults, trace.refused)).toEqual(expected);
      expect(trace.faults.time.every((time, row) => row === 0 || time >= trace.faults.time[row - 1]!)).toBe(true);
    }
  });
});

it("a write without permission is a refused fault, not a completed one", () => {
  const file = join(folder, "refused.data");
  perfRecord(file, BOTH, [programs.get("refused")!, "25"]);
  const { refused, faults } = readTrace(fileSource(file));
  // 25 that a handler answered, and the one that killed the program.
  expect(refused.length).toBe(26);
  expect(faults.duration.every((duration) => duration > 0)).toBe(true);
  const begins = readTrace((perfRecord(file, BEGINS, [programs.get("refused")!, "25"]), fileSource(file)));
  expect(begins.refused.length).toBe(0);
  expect(begins.faults.flags.every((flags) => (flags & FaultFlag.KindUnknown) !== 0)).toBe(true);
});

it("tracepoints tell reads, writes and execution, and add no faults of their own", () => {
  const file = join(folder, "access.data");
  perfRecord(
    file,
    [...BOTH, "-e", "exceptions:page_fault_user,exceptions:page_fault_kernel"],
    [programs.get("storm")!, "700"],
  );
  const { faults, events, pageSize, refused } = readTrace(fileSource(file));
  expect(events).toContain("exceptions:page_fault_user");
  expect(rowTuples(faults, refused)).toEqual(scriptTuples(file).filter((tuple) => !tuple.startsWith("exceptions:")));
  expect(pageSize).toBe(4096);
  const count = (flag: number) => faults.flags.filter((flags) => (flags & flag) !== 0).length;
  expect(count(FaultFlag.Write)).toBeGreaterThan(700);
  expect(count(FaultFlag.Execute)).toBeGreaterThan(5);
  expect(count(FaultFlag.Read) + count(FaultFlag.Write) + count(FaultFlag.Execute)).toBe(faults.length);
});

it("tracepoints alone are faults of unknown kind, at the address in their payload", () => {
  const file = join(folder, "entries.data");
  perfRecord(file, ["-e", "exceptions:page_fault_user", "-c", "1"], [programs.get("storm")!, "700"]);
  const { faults, problems } = readTrace(fileSource(file));
  const text = spawnSync("perf", ["script", "-i", file, "-F", "trace"], { encoding: "utf8" }).stdout;
  const told = [...text.matchAll(/address=(0x[0-9a-f]+)\S* ip=(0x[0-9a-f]+)\S* error_code=0x([0-9a-f]+)/g)].map(
    ([, address, ip, error]) => `${Number(address)} ${Number(ip)} ${parseInt(error!, 16) & 2 ? "write" : "other"}`,
  );
  const read = Array.from(faults.time, (_time, row) => {
    const address = faults.addressGranule[row]! * 4096 + faults.addressOffset[row]!;
    const ip = faults.ipGranule[row]! * 4096 + faults.ipOffset[row]!;
    return `${address} ${ip} ${faults.flags[row]! & FaultFlag.Write ? "write" : "other"}`;
  });
  expect(told.length).toBeGreaterThan(700);
  expect(problems).toEqual([]);
  expect(read).toEqual(told);
});

it("call chains are those perf dumps, innermost first, user space only, each kept once", () => {
  const file = join(folder, "chains.data");
  perfRecord(file, [...BEGINS, "-g"], [programs.get("threads")!, "100"]);
  const { faults, chains } = readTrace(fileSource(file));
  const read = Array.from(faults.time, (time, row) => {
    const chain = faults.chain[row]!;
    const frames: string[] = [];
    for (let frame = chains.offsets[chain]!; frame < chains.offsets[chain + 1]!; frame++) {
      frames.push(hexAddress(granule(chains.ipGranule[frame]!), chains.ipOffset[frame]!));
    }
    return [time, ...frames].join(" ");
  });
  expect(read.length).toBeGreaterThan(400);
  expect(read.filter((chain) => chain.includes(" ")).length).toBeGreaterThan(400);
  expect(read.sort()).toEqual(dumpedChains(file).sort());
  expect(chains.length).toBeLessThan(read.length / 2);
});
