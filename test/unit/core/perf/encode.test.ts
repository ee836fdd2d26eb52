import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeAttribute, EventType, SampleBit, SoftwareEvent } from "../../../../src/core/perf/attr.js";
import type { AttributeFlag } from "../../../../src/core/perf/attr.js";
import { encodeEvent, encodeFeatures, encodePipeHeader } from "../../../../src/core/perf/encode-header.js";
import { encodeComm, encodeFork, encodeKernelMmap, encodeMmap2 } from "../../../../src/core/perf/encode-process.js";
import { MAX_RECORD_BYTES, RecordWriter } from "../../../../src/core/perf/encode-record.js";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-encode-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const SAMPLE = SampleBit.Identifier | SampleBit.Ip | SampleBit.Tid | SampleBit.Time | SampleBit.Address | SampleBit.Cpu;

function attribute(flags: readonly AttributeFlag[]): Uint8Array {
  return encodeAttribute({
    type: EventType.Software,
    config: SoftwareEvent.MinorFaults,
    sampleType: SAMPLE,
    readFormat: 0,
    flags: ["sampleIdAll", ...flags],
    wakeupWatermark: 0,
    clockId: 1,
  });
}

/** perf's own view of a file made of these records behind a header with one event. */
function perfSees(records: readonly Uint8Array[], ...options: readonly string[]): string {
  const path = join(folder, "perf.data");
  const event = encodeEvent("some-faults", attribute(["useClockId"]), [7]);
  writeFileSync(path, Buffer.concat([encodePipeHeader(), ...event, ...records]));
  return execFileSync("perf", ["script", "-i", path, ...options], { encoding: "utf8" });
}

function sample(id: number, tid: number, time: number, ip: number, address: number): Uint8Array {
  return new RecordWriter().u64(id).u64(ip).u32(tid).u32(tid).u64(time).u64(address).u32(0).u32(0).finish(9);
}

describe("perf reads", () => {
  it("names of events and samples by their ids", () => {
    const text = perfSees([sample(7, 42, 1_000_000_000, 0x1234, 0x7fff_0000_1000)], "-F", "tid,time,event,ip,addr");
    expect(text.trim().replace(/ +/g, " ")).toBe("42 1.000000: some-faults: 7fff00001000 1234");
  });

  it("names, forks and mappings with build id or inode", () => {
    const common = {
      start: 0x5555_0000_0000,
      length: 0x2000,
      fileOffset: 0x1000,
      shared: false,
      device: { major: 8, minor: 1 },
      inode: 99,
    };
    const buildId = Buffer.from("00112233445566778899aabbccddeeff00112233", "hex");
    const text = perfSees(
      [
        encodeComm(42, 42, "a name that is too long"),
        encodeMmap2(42, 42, { ...common, path: "/bin/with id", protection: 5, buildId }),
        encodeMmap2(42, 42, {
          ...common,
          start: 0x5555_1000_0000,
          path: "/bin/without",
          protection: 3,
          buildId: undefined,
        }),
        encodeFork(42, 42, 43, 42),
        encodeKernelMmap(0xffff_ffff_8100_0000n, 0x100_0000n, 0xffff_ffff_8100_0000n, "[kernel.kallsyms]_text"),
      ],
      "--show-mmap-events",
      "--show-task-events",
    );
    expect(text).toContain("PERF_RECORD_COMM: a name that is :42/42");
    expect(text).toContain(
      "[0x555500000000(0x2000) @ 0x1000 <00112233445566778899aabbccddeeff00112233>]: r-xp /bin/with id",
    );
    expect(text).toContain("[0x555510000000(0x2000) @ 0x1000 08:01 99 0]: rw-p /bin/without");
    expect(text).toContain("PERF_RECORD_FORK(42:43):(42:42)");
    expect(text).toContain("[0xffffffff81000000(0x1000000) @ 0xffffffff81000000]: x [kernel.kallsyms]_text");
  });

  it("the machine and the command line", () => {
    const machine = { kernel: "6.1.0-test", arch: "x86_64", cpusConfigured: 4, cpusOnline: 2 };
    const text = perfSees(encodeFeatures(machine, ["prog", "with space"]), "--header");
    expect(text).toContain("# os release : 6.1.0-test");
    expect(text).toContain("# arch : x86_64");
    expect(text).toContain("# nrcpus online : 2");
    expect(text).toMatch(/# cmdline : prog with space/);
  });

  it("more ids than one record holds", () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => index + 1);
    const path = join(folder, "many.data");
    const records = [...encodeEvent("many", attribute([]), ids), sample(1, 1, 5, 1, 1), sample(20_000, 1, 6, 1, 1)];
    writeFileSync(path, Buffer.concat([encodePipeHeader(), ...records]));
    const { stdout, status } = spawnSync("perf", ["script", "-i", path, "-F", "event"], { encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout.match(/many/g)).toHaveLength(2);
  });
});

describe("an attribute", () => {
  it.each([
    ["disabled", 0],
    ["inherit", 1],
    ["enableOnExec", 12],
    ["useClockId", 25],
    ["buildId", 34],
  ] as const)("has the flag %s at bit %i", (flag, bit) => {
    const view = new DataView(attribute([flag]).buffer);
    expect(view.getBigUint64(40, true)).toBe((1n << BigInt(bit)) | (1n << 18n));
  });
});

it("a record too long for its size field is a bug, not a broken file", () => {
  const writer = new RecordWriter().zeros(MAX_RECORD_BYTES);
  expect(() => writer.finish(1)).toThrow(RangeError);
});
