/** What perf itself says about a perf.data: the oracle for our reading. */
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { hexAddress } from "../../src/core/base/address.js";
import type { FaultTable } from "../../src/core/trace/fault-table.js";
import { FaultFlag } from "../../src/core/trace/fault-table.js";

/** "event tid time ip address", in hexadecimal and nanoseconds. */
export type Tuple = string;

const OUTPUT_LIMIT = 1 << 30;

/** Without BPF programs and the build id cache, perf starts and ends three times as fast. */
const QUICK = ["-q", "--no-bpf-event", "-N"];

/** Runs `perf record` and returns once the program has ended, however it ended. */
export function perfRecord(file: string, options: readonly string[], command: readonly string[]): void {
  const result = spawnSync("perf", ["record", ...QUICK, "-o", file, ...options, "--", ...command]);
  if (result.error !== undefined) throw result.error;
}

/** As perfRecord, in pipe layout: perf writes to its standard output. */
export function perfRecordPiped(file: string, options: readonly string[], command: readonly string[]): void {
  const output = openSync(file, "w");
  try {
    spawnSync("perf", ["record", ...QUICK, "-o", "-", ...options, "--", ...command], {
      stdio: ["ignore", output, "ignore"],
    });
  } finally {
    closeSync(output);
  }
}

/** Every sample `perf script` prints, sorted. */
export function scriptTuples(file: string): Tuple[] {
  const text = execFileSync("perf", ["script", "-i", file, "--ns", "-G", "-F", "tid,time,event,ip,addr"], {
    encoding: "utf8",
    maxBuffer: OUTPUT_LIMIT,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return [...text.matchAll(/^\s*(-?\d+)\s+(\d+)\.(\d{9}):\s+(\S+?):?\s+([0-9a-f]+)\s+([0-9a-f]+)\s*$/gm)]
    .map(([, tid, seconds, rest, event, address, ip]) =>
      tupleOf(canonical(event!), Number(tid), Number(seconds) * 1e9 + Number(rest), ip!, address!),
    )
    .sort();
}

/** The begins and ends our rows stand for, sorted. */
export function rowTuples(faults: FaultTable, refused: FaultTable): Tuple[] {
  const tuples: Tuple[] = [];
  const add = (table: FaultTable, row: number, event: string, time: number) =>
    tuples.push(
      tupleOf(
        event,
        table.tid[row]!,
        time,
        hexAddress(table.ipGranule[row]! as never, table.ipOffset[row]!),
        hexAddress(table.addressGranule[row]! as never, table.addressOffset[row]!),
      ),
    );
  for (let row = 0; row < faults.length; row++) {
    const flags = faults.flags[row]!;
    const end = (flags & FaultFlag.Major) !== 0 ? "major-faults" : "minor-faults";
    const duration = faults.duration[row]!;
    const begun = (flags & FaultFlag.KindUnknown) !== 0 || duration >= 0;
    if (begun) add(faults, row, "page-faults", faults.time[row]!);
    if ((flags & FaultFlag.KindUnknown) === 0)
      add(faults, row, end, faults.time[row]! + (duration >= 0 ? duration : 0));
  }
  for (let row = 0; row < refused.length; row++) add(refused, row, "page-faults", refused.time[row]!);
  return tuples.sort();
}

/** "time frame frame …" of every sample, user space only, innermost first, as `perf report -D` dumps them. */
export function dumpedChains(file: string): string[] {
  const text = execFileSync("perf", ["report", "-D", "-i", file], {
    encoding: "latin1",
    maxBuffer: OUTPUT_LIMIT,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return text.split(/\n(?=\d+ (?:\d+ )?0x)/).flatMap((record) => {
    const time = /^(\d+) .*PERF_RECORD_SAMPLE/.exec(record)?.[1];
    if (time === undefined) return [];
    const frames = [...record.matchAll(/^\.{5} +\d+: ([0-9a-f]{16})$/gm)].map(([, frame]) => BigInt(`0x${frame}`));
    const user = frames.lastIndexOf(0xffff_ffff_ffff_fe00n);
    const kept = user < 0 ? [] : frames.slice(user + 1).filter((frame) => frame !== 0n);
    return [[time, ...kept.map((frame) => frame.toString(16))].join(" ")];
  });
}

function tupleOf(event: string, tid: number, time: number, ip: string, address: string): Tuple {
  return `${event} ${tid} ${time} ${ip} ${address}`;
}

/** perf prints an event by the alias it was asked for, with modifiers. */
function canonical(event: string): string {
  const name = event.replace(/:[a-zA-Z]+$/, "");
  return { faults: "page-faults", "min-faults": "minor-faults" }[name] ?? name;
}
