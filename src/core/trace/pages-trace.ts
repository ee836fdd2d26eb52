/** A trace of pages instead of faults: what was recorded where perf events are refused (pages.json). */
import { GRANULE_BYTES } from "../base/units.js";
import { FaultColumns } from "./fault-columns.js";
import { FaultFlag, NO_CHAIN } from "./fault-table.js";
import type { LifeEvent } from "./life-event.js";
import { madeTrace } from "./made-trace.js";
import type { PagesRecord } from "./pages.js";
import type { RunRecord } from "./run.js";
import type { Mapping, Trace, TraceProblem } from "./trace.js";

/**
 * One row a page that came in, of unknown kind, time and instruction (ip 0): regions, sections, objects and pages can be
 * told of it, sites cannot.
 */
export function traceOfPages(pages: PagesRecord, run: RunRecord | undefined, problems: readonly TraceProblem[]): Trace {
  const rows = new FaultColumns();
  const events: LifeEvent[] = [];
  for (const process of pages.processes) {
    const { pid } = process;
    events.push({ kind: "name", time: 0, pid, tid: pid, name: process.name, exec: false });
    for (const { runs, ...rest } of process.mappings) {
      const mapping: Mapping = {
        ...rest,
        name: rest.name === "" ? "//anon" : rest.name,
        buildId: undefined,
        time: 0,
      };
      events.push({ kind: "map", time: 0, pid, mapping });
      for (const { start, pages: count } of runs) {
        for (let page = 0; page < count && rows.length < MOST_PAGES; page++) {
          addPage(rows, pid, start + page * pages.pageSize);
        }
      }
    }
  }
  return madeTrace({ rows, events, pageSize: pages.pageSize, run, problems });
}

function addPage(rows: FaultColumns, pid: number, address: number): void {
  if (rows.length === rows.capacity) rows.grow();
  const row = rows.length++;
  rows.pid[row] = pid;
  rows.tid[row] = pid;
  rows.addressGranule[row] = Math.floor(address / GRANULE_BYTES);
  rows.flags[row] = FaultFlag.KindUnknown;
  rows.duration[row] = NaN;
  rows.chain[row] = NO_CHAIN;
}

/** 64 GiB of 4 kB pages; a file that claims more is not believed. */
const MOST_PAGES = 2 ** 24;
