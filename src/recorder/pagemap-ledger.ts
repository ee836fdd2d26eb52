/** Keeps the books of a recording without perf events: what each process had, and what came in until its end. */
import type { PagesRecord, ProcessPages } from "../core/trace/pages.js";
import { cameIn, snapshotOf, type ProcessSnapshot } from "./pagemap-snapshot.js";

/** More processes than this are not described: a build starts tens of thousands. */
const MAX_DESCRIBED_PROCESSES = 4096;

interface OpenEntry {
  readonly begin: ProcessPages["begin"];
  readonly before: ProcessSnapshot | undefined;
  after: ProcessSnapshot | undefined;
}

export class PageLedger {
  private readonly closed: ProcessPages[] = [];
  private readonly open = new Map<number, OpenEntry>();

  constructor(private readonly pageSize: number) {}

  get openPids(): number[] {
    return [...this.open.keys()];
  }

  /** Takes stock of what does not count: what is there now, or nothing. A program the process ran before is closed. */
  begin(pid: number, begin: ProcessPages["begin"], stock = true): void {
    this.close(pid, "exec");
    if (this.closed.length + this.open.size >= MAX_DESCRIBED_PROCESSES) return;
    this.open.set(pid, { begin, before: stock ? snapshotOf(pid, this.pageSize) : undefined, after: undefined });
  }

  /** Looks at the process; what an earlier look saw is forgotten, unless nothing can be seen any more. */
  look(pid: number): void {
    const entry = this.open.get(pid);
    if (entry === undefined) return;
    entry.after = snapshotOf(pid, this.pageSize) ?? entry.after;
  }

  /** No more looks: the process left, or we leave it. */
  close(pid: number, end: ProcessPages["end"]): void {
    const entry = this.open.get(pid);
    if (entry === undefined) return;
    this.open.delete(pid);
    // What a fork did until its exec is gone, and was the shell's business more than the program's.
    if (entry.begin === "fork" && end === "exec") return;
    this.closed.push(pagesOf(pid, entry, end, this.pageSize));
  }

  /** What is still open ends here. */
  finish(method: PagesRecord["method"], end: ProcessPages["end"]): PagesRecord {
    for (const pid of this.openPids) this.close(pid, end);
    return { version: 1, pageSize: this.pageSize, method, processes: this.closed };
  }
}

function pagesOf(pid: number, entry: OpenEntry, end: ProcessPages["end"], pageSize: number): ProcessPages {
  const { begin, before, after } = entry;
  const seen = after ?? before;
  return {
    pid,
    parent: seen?.parent,
    name: seen?.name ?? "",
    program: seen?.program,
    begin,
    end: after === undefined && end !== "exec" ? "unknown" : end,
    faults: faultsBetween(before, after),
    mappings: after === undefined ? [] : cameIn(before, after, pageSize),
    unscanned: after?.unscanned ?? 0,
  };
}

function faultsBetween(
  before: ProcessSnapshot | undefined,
  after: ProcessSnapshot | undefined,
): ProcessPages["faults"] {
  if (after?.faults === undefined) return undefined;
  const { minor, major } = before?.faults ?? { minor: 0, major: 0 };
  return { minor: after.faults.minor - minor, major: after.faults.major - major };
}
