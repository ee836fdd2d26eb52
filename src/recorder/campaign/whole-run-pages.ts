/** What a whole run touched, as a lock set to be: all of it can be locked, and only after it was touched once. */
import type { LockSetObservation, ObservedPage, PageReason } from "../../core/memlock/lock-set.js";
import type { Mapping } from "../../core/trace/trace.js";
import { faultsOf } from "./campaign-trace.js";
import type { CampaignRequest } from "./open-campaign.js";
import { byEvent } from "./run-findings.js";
import { lockLimits } from "./target-facts.js";
import { runWhole, type WholeRun } from "./whole-run.js";

/** Of one run. Throws UserError or RecorderRefusal. */
export async function wholeRunPages(
  request: CampaignRequest,
  name: string,
  stop: AbortSignal,
): Promise<LockSetObservation> {
  const run = await runWhole(request, name, [], 0, stop);
  const { interval, trace, pid } = run;
  const { pages, pieces } = touched(run);
  const counted = interval.counters === undefined ? 0 : interval.counters.minor + interval.counters.major;
  const faults = Math.max(interval.events?.faults ?? 0, counted);
  return {
    pid,
    command: trace.run?.command ?? [],
    executable: [...pieces.values()].find(({ executable, name: file }) => executable && file.startsWith("/"))?.name,
    pageSize: trace.pageSize,
    maps: mapsText(pieces, trace.pageSize),
    threads: [],
    rounds: [{ round: 1, resident: 0, faults, newPages: 0 }],
    pages,
    intervals: [{ name, stimulus: undefined, runs: 1 }],
    faultsAfter: faults,
    leftOneOut: false,
    alreadyLockedPages: 0,
    limits: lockLimits(process.pid),
    whole: undefined,
    gaps: [
      { code: "before-lock" },
      { code: "not-left-one-out" },
      ...(interval.ending === "seen" ? [] : [{ code: "no-end", detail: name } as const]),
      ...(run.kernel ? [] : [{ code: "no-kernel-events" } as const]),
    ],
    tracePath: run.tracePath,
  };
}

/** Pages with what was mapped there when they were first touched; what was unmapped again is left out. */
function touched({ trace, pid }: WholeRun): { pages: ObservedPage[]; pieces: ReadonlyMap<number, Mapping> } {
  const reasons = new Map<number, PageReason[]>();
  const pieces = new Map<number, Mapping>();
  for (const fault of faultsOf(trace.faults, trace.chains, trace.pageSize)) {
    const mapping = fault.pid === pid ? trace.mappings.at(pid, fault.time, fault.address) : undefined;
    if (mapping === undefined) continue;
    const known = reasons.get(fault.page);
    if (known === undefined) reasons.set(fault.page, [byEvent(fault, 1, undefined)]);
    else known[0] = { ...known[0]!, again: true };
    pieces.set(fault.page, mapping);
  }
  return { pages: [...reasons].map(([page, why]) => ({ page, reasons: why, dropped: false })), pieces };
}

/** As /proc/PID/maps would have them, page by page: the process has ended. */
function mapsText(pieces: ReadonlyMap<number, Mapping>, pageSize: number): string {
  return [...pieces]
    .toSorted(([a], [b]) => a - b)
    .map(([page, { start, fileOffset, name, readable, writable, executable, shared, device, inode }]) => {
      const at = page * pageSize;
      const flag = (set: boolean | undefined, letter: string): string => (set === true ? letter : "-");
      const access = `${flag(readable, "r")}${flag(writable, "w")}${flag(executable, "x")}${shared === true ? "s" : "p"}`;
      const offset = (name.startsWith("/") ? fileOffset + at - start : 0).toString(16).padStart(8, "0");
      const number = `${(device?.major ?? 0).toString(16)}:${(device?.minor ?? 0).toString(16)}`;
      const file = name === "//anon" ? "" : name;
      return `${at.toString(16)}-${(at + pageSize).toString(16)} ${access} ${offset} ${number} ${inode ?? 0} ${file}\n`;
    })
    .join("");
}
