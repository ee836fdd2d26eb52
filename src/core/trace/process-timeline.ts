/** Who ran when, and under which name: from COMM, FORK and EXIT records. */
import { lastAtOrBelow } from "../base/bisect.js";
import type { LifeEvent } from "./life-event.js";
import type { ProcessTimeline, ThreadInfo } from "./trace.js";

interface Thread {
  pid: number;
  readonly tid: number;
  parent: number | undefined;
  started: number | undefined;
  exited: number | undefined;
  readonly names: { readonly time: number; readonly name: string; readonly exec: boolean }[];
  readonly nameTimes: number[];
}

/** @param events in time order. */
export function processTimeline(events: readonly LifeEvent[]): ProcessTimeline {
  const threads = new Map<number, Thread>();
  const threadOf = (pid: number, tid: number): Thread => {
    let thread = threads.get(tid);
    if (thread === undefined) {
      thread = { pid, tid, parent: undefined, started: undefined, exited: undefined, names: [], nameTimes: [] };
      threads.set(tid, thread);
    }
    return thread;
  };
  const rename = (thread: Thread, time: number, name: string, exec: boolean) => {
    thread.names.push({ time, name, exec });
    thread.nameTimes.push(time);
  };
  for (const event of events) {
    if (event.kind === "map") {
      if (event.pid > 0) threadOf(event.pid, event.pid);
      continue;
    }
    const thread = threadOf(event.pid, event.tid);
    thread.pid = event.pid;
    if (event.kind === "name") rename(thread, event.time, event.name, event.exec);
    else if (event.kind === "exit") thread.exited = event.time;
    else {
      thread.parent = event.parentPid === event.pid ? event.parentTid : event.parentPid;
      thread.started = event.time > 0 ? event.time : undefined;
      thread.exited = undefined;
      // A new thread bears its creator's name until it takes its own.
      const inherited = (threads.get(event.parentTid) ?? threads.get(event.parentPid))?.names.at(-1)?.name;
      if (inherited !== undefined) rename(thread, event.time, inherited, false);
    }
  }
  return {
    threads: threads as ReadonlyMap<number, ThreadInfo>,
    nameAt(tid, time) {
      const thread = threads.get(tid);
      if (thread === undefined) return "";
      return (thread.names[lastAtOrBelow(thread.nameTimes, time)] ?? thread.names[0])?.name ?? "";
    },
  };
}
