/** Which anonymous mappings are stacks of threads, and whose: no record says it, so it is told from the order of events. */
import type { Mapping, ThreadInfo, Trace } from "../trace/trace.js";

export interface ThreadStack {
  readonly pid: number;
  readonly tid: number;
  readonly mapping: Mapping;
}

/**
 * A thread library maps a stack, makes it writable and starts the thread (glibc nptl/allocatestack.c): the last writable
 * private anonymous mapping before a thread's FORK record is its stack, when no other thread has it.
 */
export function threadStacks(trace: Pick<Trace, "mappings" | "processes">): ReadonlyMap<Mapping, ThreadStack> {
  const stacks = new Map<Mapping, ThreadStack>();
  const threads = [...trace.processes.threads.values()].filter(({ pid, tid, started }) => tid !== pid && started);
  for (const [pid, own] of byProcess(threads)) {
    const candidates = trace.mappings.of(pid).filter(couldBeStack);
    let next = 0;
    let latest: Mapping | undefined;
    for (const thread of own) {
      while (next < candidates.length && candidates[next]!.time <= thread.started!) latest = candidates[next++];
      if (latest !== undefined && !stacks.has(latest)) stacks.set(latest, { pid, tid: thread.tid, mapping: latest });
    }
  }
  return stacks;
}

function byProcess(threads: readonly ThreadInfo[]): ReadonlyMap<number, readonly ThreadInfo[]> {
  const groups = new Map<number, ThreadInfo[]>();
  for (const thread of threads.toSorted((a, b) => a.started! - b.started!)) {
    const group = groups.get(thread.pid);
    if (group === undefined) groups.set(thread.pid, [thread]);
    else group.push(thread);
  }
  return groups;
}

function couldBeStack(mapping: Mapping): boolean {
  const size = mapping.end - mapping.start;
  return (
    (mapping.name === "//anon" || mapping.name.startsWith("[anon") || mapping.name === "") &&
    mapping.writable !== false &&
    mapping.shared !== true &&
    size >= SMALLEST_STACK_BYTES
  );
}

/** PTHREAD_STACK_MIN of glibc. */
const SMALLEST_STACK_BYTES = 16384;
