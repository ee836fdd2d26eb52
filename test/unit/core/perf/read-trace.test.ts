import { describe, expect, it } from "vitest";
import { InputError } from "../../../../src/core/base/errors.js";
import { readTrace } from "../../../../src/core/perf/read-trace.js";
import { TraceReader } from "../../../../src/core/perf/trace-reader.js";
import { FaultFlag, NO_CHAIN, type FaultTable } from "../../../../src/core/trace/fault-table.js";
import { PERF_SAMPLE, PerfEncoder, type EncodedEvent } from "../../../support/perf-encoder.js";
import { bytesSource } from "../../../support/perf-source.js";

const { IP, TID, TIME, ADDR, ID, CPU, IDENTIFIER, CALLCHAIN, READ, RAW, DATA_SRC } = PERF_SAMPLE;
const OURS = IDENTIFIER | IP | TID | TIME | ADDR | CPU;
const event = (config: number, sampleType: number, ...ids: number[]): EncodedEvent => ({
  type: 1,
  config,
  sampleType,
  ids,
});
const BEGIN = event(2, OURS, 11, 12);
const MINOR = event(5, OURS, 21, 22);
const MAJOR = event(6, OURS, 31, 32);
const EVENTS = [BEGIN, MINOR, MAJOR];

/** One line a row: what a person would check. */
function rows(table: FaultTable): string[] {
  return Array.from({ length: table.length }, (_, row) => {
    const address = (granule: number, offset: number) => (BigInt(granule) * 4096n + BigInt(offset)).toString(16);
    const names = Object.entries(FaultFlag).filter(([, bit]) => (table.flags[row]! & bit) !== 0);
    return [
      `${table.time[row]}+${table.duration[row]}`,
      `${table.pid[row]}/${table.tid[row]}`,
      `${address(table.ipGranule[row]!, table.ipOffset[row]!)}:${address(table.addressGranule[row]!, table.addressOffset[row]!)}`,
      ...names.map(([name]) => name),
    ].join(" ");
  });
}

/** A begin at `time` and its end 50 ns later. */
function fault(encoder: PerfEncoder, tid: number, time: number, address: number, kernel = false): PerfEncoder {
  const place = { tid, ip: kernel ? 0xffff_ffff_8100_0123n : 0x40_1234, address, kernel };
  return encoder
    .sample({ ...place, event: BEGIN, time, id: 12 })
    .sample({ ...place, event: time % 3 === 0 ? MAJOR : MINOR, time: time + 50 });
}

function story(encoder: PerfEncoder): PerfEncoder {
  encoder.comm(100, 100, "first", 5, true).mmap2(100, 0x40_0000, 0x2000, 0x1000, "/bin/first", 6);
  for (let index = 0; index < 20; index++)
    fault(encoder, 100 + (index % 3), 1000 + index * 100, 0x7f12_3456_7000 + index);
  fault(encoder, 100, 4000, 0xffff_f000, true);
  encoder.sample({ event: BEGIN, tid: 100, time: 5000, ip: 0x40_1111, address: 0 });
  return encoder.exit(100, 100, 5100);
}

describe("a trace reads the same", () => {
  const whole = readTrace(bytesSource(story(new PerfEncoder(EVENTS)).pipe()));

  it("whatever a row is made of", () => {
    expect(rows(whole.faults).slice(0, 3)).toEqual([
      "1000+50 100/100 401234:7f1234567000",
      "1100+50 100/101 401234:7f1234567001",
      "1200+50 100/102 401234:7f1234567002 Major",
    ]);
    expect(rows(whole.faults).at(-1)).toBe("4000+50 100/100 ffffffff81000123:fffff000 Kernel");
    expect(rows(whole.refused)).toEqual(["5000+NaN 100/100 401111:0"]);
    expect(whole.problems).toEqual([]);
  });

  it.each([
    ["in file layout", story(new PerfEncoder(EVENTS)).file()],
    ["from a big-endian machine", story(new PerfEncoder(EVENTS, false)).file()],
    ["from a big-endian machine, piped", story(new PerfEncoder(EVENTS, false)).pipe()],
    ["after an odd number of bytes", story(oddStart()).pipe()],
    ["after two odd bytes", story(oddStart(2)).pipe()],
  ])("%s", (_, bytes) => {
    const trace = readTrace(bytesSource(bytes));
    expect(rows(trace.faults)).toEqual(rows(whole.faults));
    expect(rows(trace.refused)).toEqual(rows(whole.refused));
    expect(trace.problems.filter(({ kind }) => kind !== "unsupported")).toEqual([]);
    expect(trace.mappings.at(100, 2000, 0x40_1234)).toEqual(whole.mappings.at(100, 2000, 0x40_1234));
    expect(trace.mappings.at(100, 2000, 0x40_1234)?.name).toBe("/bin/first");
    expect(trace.processes.nameAt(100, 2000)).toBe("first");
  });

  it.each([
    ["with ids but no identifier", IP | TID | TIME | ADDR | ID | DATA_SRC],
    ["with a longer sample", OURS | DATA_SRC | PERF_SAMPLE.PERIOD | PERF_SAMPLE.STREAM_ID],
    ["with call chains", OURS | CALLCHAIN],
    ["with read values before the call chain", OURS | READ | CALLCHAIN | RAW],
  ])("%s", (_, sampleType) => {
    const alike = EVENTS.map((each) => ({ ...each, sampleType, readFormat: 1 | 2 | 4 | 16 }));
    const encoder = new PerfEncoder(alike);
    for (let index = 0; index < 20; index++) {
      const place = {
        tid: 100 + (index % 3),
        ip: 0x40_1234,
        address: 0x7f12_3456_7000 + index,
        chain: [-512n, 0x40_1234],
      };
      const time = 1000 + index * 100;
      encoder.sample({ ...place, event: alike[0]!, time });
      encoder.sample({ ...place, event: alike[time % 3 === 0 ? 2 : 1]!, time: time + 50 });
    }
    const { faults, chains, problems } = readTrace(bytesSource(encoder.file()));
    expect(rows(faults)).toEqual(rows(whole.faults).slice(0, 20));
    expect(problems).toEqual([]);
    if ((sampleType & CALLCHAIN) !== 0) {
      expect(chains.length).toBe(2);
      expect(faults.chain[0]).toBe(1);
      expect(chains.ipGranule[chains.offsets[1]!]).toBe(0x401);
    } else expect(faults.chain[0]).toBe(NO_CHAIN);
  });

  it("while it grows, however the bytes arrive", () => {
    const bytes = story(new PerfEncoder(EVENTS)).pipe();
    for (const step of [1, 7, 100, 4096]) {
      let size = 16;
      const source = {
        ...bytesSource(bytes),
        read: (at: number, length: number) => bytes.slice(at, Math.min(size, at + length)),
      };
      Object.defineProperty(source, "size", { get: () => size });
      const reader = new TraceReader(source);
      let seen = 0;
      for (; size < bytes.length; size = Math.min(bytes.length, size + step)) {
        reader.pull();
        expect(reader.completed(seen).length).toBe(reader.completed().length - seen);
        seen = reader.completed().length;
      }
      reader.pull();
      expect(reader.completed().length).toBe(whole.faults.length);
      if (step < 1000) expect(seen).toBeGreaterThan(10);
      expect(reader.surroundings().processes.nameAt(100, 2000)).toBe("first");
      const trace = reader.finish();
      expect(rows(trace.faults)).toEqual(rows(whole.faults));
      expect(rows(trace.refused)).toEqual(rows(whole.refused));
      expect(trace.problems).toEqual([]);
    }
  });
});

/** Records whose size is no multiple of 8 (compressed ones in real files) leave the rest unaligned. */
function oddStart(extra = 1): PerfEncoder {
  return new PerfEncoder(EVENTS).record(68, new Uint8Array(extra));
}

describe("pairing", () => {
  const at = (tid: number, time: number, ip: number, address: number) => ({ tid, time, ip, address });

  it("survives a thread that changes cpus in the middle of a fault, in either order of the rings", () => {
    const begin = { ...at(7, 100, 0x1000, 0x2000), event: BEGIN };
    const end = { ...at(7, 180, 0x1000, 0x2000), event: MINOR };
    for (const order of [
      [begin, end],
      [end, begin],
    ]) {
      const encoder = new PerfEncoder(EVENTS);
      for (const sample of order) encoder.sample(sample);
      fault(encoder, 7, 300, 0x5000);
      fault(encoder, 8, 50, 0x5000);
      const { faults, refused } = readTrace(bytesSource(encoder.pipe()));
      expect(rows(faults).map((row) => row.split(" ")[0])).toEqual(["50+50", "100+80", "300+50"]);
      expect(refused.length).toBe(0);
    }
  });

  it("keeps a kernel-mode fault inside a fault apart", () => {
    const encoder = new PerfEncoder(EVENTS)
      .sample({ ...at(7, 100, 0x1000, 0x2000), event: BEGIN })
      .sample({ ...at(7, 110, 0x9000, 0x3000), event: BEGIN, kernel: true })
      .sample({ ...at(7, 120, 0x9000, 0x3000), event: MINOR, kernel: true })
      .sample({ ...at(7, 130, 0x1000, 0x2000), event: MAJOR });
    const { faults, refused } = readTrace(bytesSource(encoder.pipe()));
    expect(rows(faults)).toEqual(["100+30 100/7 1000:2000 Major", "110+10 100/7 9000:3000 Kernel"]);
    expect(refused.length).toBe(0);
  });

  it("an outer fault may end although the inner one never did", () => {
    const encoder = new PerfEncoder(EVENTS)
      .sample({ ...at(7, 100, 0x1000, 0x2000), event: BEGIN })
      .sample({ ...at(7, 110, 0x9000, 0x3000), event: BEGIN, kernel: true })
      .sample({ ...at(7, 130, 0x1000, 0x2000), event: MAJOR })
      .exit(100, 7, 200);
    const { faults, refused } = readTrace(bytesSource(encoder.pipe()));
    expect(rows(faults)).toEqual(["100+30 100/7 1000:2000 Major"]);
    expect(rows(refused)).toEqual(["110+NaN 100/7 9000:3000 Kernel"]);
  });

  it("a begin that is the last record of a living thread is neither completed nor refused", () => {
    const encoder = new PerfEncoder(EVENTS).sample({ ...at(7, 100, 0x1000, 0x2000), event: BEGIN });
    fault(encoder, 8, 200, 0x5000);
    const trace = readTrace(bytesSource(encoder.pipe()));
    expect([trace.faults.length, trace.refused.length]).toEqual([1, 0]);
    encoder.exit(100, 7, 300);
    expect(readTrace(bytesSource(encoder.pipe())).refused.length).toBe(1);
  });

  it("an end without a begin is a fault of unknown service time", () => {
    const encoder = new PerfEncoder(EVENTS).sample({ ...at(7, 100, 0x1000, 0x2000), event: MAJOR });
    expect(rows(readTrace(bytesSource(encoder.pipe())).faults)).toEqual(["100+NaN 100/7 1000:2000 Major"]);
  });

  it("a begin may have ended as the kind that was not recorded", () => {
    const encoder = new PerfEncoder([BEGIN, MINOR])
      .sample({ ...at(7, 100, 0x1000, 0x2000), event: BEGIN })
      .sample({ ...at(7, 200, 0x1000, 0x3000), event: BEGIN })
      .sample({ ...at(7, 210, 0x1000, 0x3000), event: MINOR });
    expect(rows(readTrace(bytesSource(encoder.pipe())).faults)).toEqual([
      "100+NaN 100/7 1000:2000 KindUnknown",
      "200+10 100/7 1000:3000",
    ]);
  });

  it("an instruction that faults at its own address was being fetched", () => {
    const encoder = new PerfEncoder(EVENTS)
      .sample({ ...at(7, 100, 0x1000, 0x1000), event: BEGIN })
      .sample({ ...at(7, 110, 0x1000, 0x1000), event: MINOR });
    expect(rows(readTrace(bytesSource(encoder.pipe())).faults)).toEqual(["100+10 100/7 1000:1000 Execute"]);
  });
});

describe("what surrounds the faults", () => {
  it("events with different sample types are told apart by their identifiers", () => {
    const noisy = { type: 0, config: 0, sampleType: IDENTIFIER | TID | TIME | CPU, ids: [99] };
    const encoder = new PerfEncoder([...EVENTS, noisy]);
    for (let index = 0; index < 10; index++) {
      fault(encoder, 7, 1000 + index * 100, 0x5000);
      encoder.sample({ event: noisy, tid: 7, time: 1060 + index * 100, ip: 0, address: 0 });
    }
    const { faults, events, problems } = readTrace(bytesSource(encoder.file()));
    expect(faults.length).toBe(10);
    expect(events).toEqual(["page-faults", "minor-faults", "major-faults", "event 0:0"]);
    expect(problems).toEqual([]);
  });

  it("without sample_id_all a record has the time of the sample before it", () => {
    const plain = EVENTS.map((each) => ({ ...each, sampleIdAll: false }));
    const encoder = new PerfEncoder(plain).comm(100, 100, "before", 1);
    fault(encoder, 100, 1000, 0x5000);
    encoder.comm(100, 100, "after", 2);
    const { processes } = readTrace(bytesSource(encoder.file()));
    expect([processes.nameAt(100, 1049), processes.nameAt(100, 1051)]).toEqual(["before", "after"]);
  });

  it("lost records are counted once, however often they are told", () => {
    const encoder = new PerfEncoder(EVENTS);
    fault(encoder, 7, 1000, 0x5000);
    encoder.life(2, (writer) => writer.u64(11).u64(5), 1100);
    encoder.life(2, (writer) => writer.u64(21).u64(2), 1200);
    expect(readTrace(bytesSource(encoder.pipe())).lost).toBe(7);
    encoder.life(13, (writer) => writer.u64(9), 1300);
    expect(readTrace(bytesSource(encoder.pipe())).lost).toBe(9);
    encoder.life(13, (writer) => writer.u64(1000), 1400, 1 << 15);
    expect(readTrace(bytesSource(encoder.pipe())).lost).toBe(9);
  });

  it("trace data of other tools is passed over and named", () => {
    const encoder = new PerfEncoder(EVENTS);
    const auxtrace = encoder.writer().u64(12).u64(0).u64(0).u32(0).u32(0).u32(0).u32(0).done();
    encoder.record(71, auxtrace).raw(new Uint8Array(12).fill(255)).record(200, new Uint8Array(8));
    fault(encoder, 7, 1000, 0x5000);
    const { faults, problems } = readTrace(bytesSource(encoder.pipe()));
    expect(faults.length).toBe(1);
    expect(problems).toEqual([
      { kind: "unsupported", subject: "records of type 71" },
      { kind: "unsupported", subject: "records of type 200" },
    ]);
  });

  it.each([81, 83])("compressed records of type %i go on from one to the next", (type) => {
    const inside = story(new PerfEncoder(EVENTS)).records();
    const encoder = new PerfEncoder(EVENTS);
    let frame = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58]);
    for (let from = 0; from < inside.length; from += 333) {
      const block = inside.slice(from, from + 333);
      const header = (block.length << 3) >>> 0;
      const zstd = Buffer.concat([frame, Buffer.from([header & 255, (header >> 8) & 255, header >> 16]), block]);
      frame = new Uint8Array();
      const body = encoder.writer();
      if (type === 83) body.u64(zstd.length);
      body.bytes(zstd);
      if (type === 83) body.pad(8);
      encoder.record(type, body.done());
    }
    const { faults, refused, problems } = readTrace(bytesSource(encoder.file()));
    const plain = readTrace(bytesSource(story(new PerfEncoder(EVENTS)).file()));
    expect(problems).toEqual([]);
    expect([rows(faults), rows(refused)]).toEqual([rows(plain.faults), rows(plain.refused)]);
  });

  it.each([
    ["aarch64", 0x1_0000, 65536],
    ["aarch64", 0x4000, 16384],
    ["aarch64", 0x1000, 4096],
    ["x86_64", 0x1_0000, 4096],
  ])("the page size of %s with mappings at multiples of %i is %i", (arch, multiple, pageSize) => {
    const encoder = new PerfEncoder(EVENTS);
    for (let index = 1; index < 9; index++) encoder.mmap2(100, index * 5 * multiple, 3 * multiple, 0, "/bin/first", 1);
    const trace = readTrace(bytesSource(encoder.file([encoder.textFeature(6, arch)])));
    expect([trace.arch, trace.pageSize]).toEqual([arch, pageSize]);
    expect(readTrace(bytesSource(encoder.file()), { pageSize: 8192 }).pageSize).toBe(8192);
  });

  it("events recorded without data addresses are told, with the option that is missing", () => {
    const encoder = new PerfEncoder([event(2, IP | TID | TIME | ID, 11)]);
    encoder.comm(100, 100, "first", 5);
    const { problems } = readTrace(bytesSource(encoder.file()));
    expect(problems).toEqual([{ kind: "unsupported", subject: "page-faults without data addresses (perf record -d)" }]);
  });
});

it("reading stops when it is aborted", () => {
  const abort = new AbortController();
  abort.abort();
  const bytes = story(new PerfEncoder(EVENTS)).pipe();
  expect(() => readTrace(bytesSource(bytes), { signal: abort.signal })).toThrow("aborted");
});

it("a file that claims a terabyte gets no memory for it", () => {
  const bytes = story(new PerfEncoder(EVENTS)).pipe();
  const { faults } = readTrace({ ...bytesSource(bytes), size: 2 ** 40 });
  expect(faults.length).toBe(21);
  expect(faults.time.buffer.byteLength).toBeLessThan(2 ** 28);
});

describe("a damaged file", () => {
  it("is read to its end where its writer was killed before it could fill in the size", () => {
    const bytes = story(new PerfEncoder(EVENTS)).file([], 0);
    const { faults, problems } = readTrace(bytesSource(bytes));
    expect(faults.length).toBe(21);
    expect(problems).toEqual([{ kind: "truncated", offset: bytes.length }]);
  });

  it.each([
    ["nothing", new Uint8Array()],
    ["text", new TextEncoder().encode("#!/bin/sh\necho this is no trace at all\n")],
    ["half a header", story(new PerfEncoder(EVENTS)).file().slice(0, 60)],
    ["no events", new PerfEncoder([]).file()],
  ])("%s is refused in words", (_, bytes) => {
    expect(() => readTrace(bytesSource(bytes))).toThrow(InputError);
  });

  it("gives everything before a record that makes no sense", () => {
    const encoder = new PerfEncoder(EVENTS);
    fault(encoder, 7, 1000, 0x5000);
    encoder.raw(new Uint8Array(64));
    fault(encoder, 7, 2000, 0x5000);
    const { faults, problems } = readTrace(bytesSource(encoder.pipe()));
    expect(faults.length).toBe(1);
    expect(problems[0]).toMatchObject({ kind: "malformed", subject: "record size" });
  });
});
