/** The report as JSON text, in pieces: ten million samples do not fit into one string. */
import { hexAddress } from "../base/address.js";
import { granule } from "../base/units.js";
import { FaultFlag, accessOf, type FaultTable } from "../trace/fault-table.js";
import type { Report, SampleRow } from "./report.js";

/** Pieces of one JSON document; with `faults`, every fault is in its `samples`. */
export function* reportJson(report: Report, faults: FaultTable | undefined): Generator<string> {
  const text = JSON.stringify(report, undefined, 1);
  if (faults === undefined) {
    yield `${text}\n`;
    return;
  }
  yield `${text.slice(0, -2)},\n "samples": [`;
  for (let from = 0; from < faults.length; from += ROWS_PER_PIECE) {
    const rows: string[] = [];
    for (let i = from; i < Math.min(from + ROWS_PER_PIECE, faults.length); i++) {
      rows.push(JSON.stringify(sampleRow(faults, i)));
    }
    yield `${from === 0 ? "" : ","}\n  ${rows.join(",\n  ")}`;
  }
  yield "\n ]\n}\n";
}

function sampleRow(faults: FaultTable, i: number): SampleRow {
  const flags = faults.flags[i]!;
  const duration = faults.duration[i]!;
  return {
    time: faults.time[i]!,
    pid: faults.pid[i]!,
    tid: faults.tid[i]!,
    ip: `0x${hexAddress(granule(faults.ipGranule[i]!), faults.ipOffset[i]!)}`,
    address: `0x${hexAddress(granule(faults.addressGranule[i]!), faults.addressOffset[i]!)}`,
    kind: flags & FaultFlag.KindUnknown ? "unknown" : flags & FaultFlag.Major ? "major" : "minor",
    mode: flags & FaultFlag.Kernel ? "kernel" : "user",
    access: accessOf(flags),
    timeNs: duration >= 0 ? duration : undefined,
  };
}

const ROWS_PER_PIECE = 10_000;
