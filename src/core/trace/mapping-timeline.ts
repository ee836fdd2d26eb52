/** Which mapping covered an address at a time: from MMAP, FORK and exec records. */
import { lastAtOrBelow } from "../base/bisect.js";
import { mappingAt, withMapping, type AddressSpace } from "./address-space.js";
import type { LifeEvent } from "./life-event.js";
import type { Mapping, MappingTimeline } from "./trace.js";

interface History {
  /** From times[i] on the process had the address space spaces[i]. */
  readonly times: number[];
  readonly spaces: (AddressSpace | undefined)[];
  readonly mappings: Mapping[];
}

/**
 * Fork shares the parent's address space, exec empties it, a mapping replaces what it overlaps. The kernel records no
 * munmap, so a mapping lasts until another one covers it. Threads are looked up by their process. Kernel mappings
 * (pid -1) are left out. Built on first use: a report without addresses does not pay for it.
 * @param events in time order.
 * @param buildIds build id by path, for mappings whose record did not carry one.
 */
export function mappingTimeline(
  events: readonly LifeEvent[],
  buildIds: ReadonlyMap<string, string> = new Map(),
): MappingTimeline {
  let built: ReadonlyMap<number, History> | undefined;
  const histories = () => (built ??= build(events, buildIds));
  // Faults come in runs of one process, so the last answer is mostly the next one.
  let lastPid = 0;
  let last: History | undefined;
  let from = 0;
  let until = -1;
  let space: AddressSpace | undefined;
  return {
    at(pid, time, address) {
      if (pid !== lastPid || !(time >= from && time < until)) {
        if (pid !== lastPid || last === undefined) last = histories().get(pid);
        lastPid = pid;
        if (last === undefined) return undefined;
        const state = lastAtOrBelow(last.times, time);
        from = last.times[state] ?? -Infinity;
        until = last.times[state + 1] ?? Infinity;
        space = last.spaces[state];
      }
      return last === undefined ? undefined : mappingAt(space, address);
    },
    of: (pid) => histories().get(pid)?.mappings ?? [],
    get pids() {
      return [...histories().keys()];
    },
  };
}

function build(events: readonly LifeEvent[], buildIds: ReadonlyMap<string, string>): ReadonlyMap<number, History> {
  const histories = new Map<number, History>();
  const historyOf = (pid: number): History => {
    let history = histories.get(pid);
    if (history === undefined) histories.set(pid, (history = { times: [], spaces: [], mappings: [] }));
    return history;
  };
  const become = ({ times, spaces }: History, time: number, space: AddressSpace | undefined) => {
    if (times.at(-1) === time) spaces[spaces.length - 1] = space;
    else {
      times.push(time);
      spaces.push(space);
    }
  };
  let seed = 0x9e37_79b9;
  for (const event of events) {
    if (event.kind === "map" && event.pid > 0) {
      const history = historyOf(event.pid);
      const known = event.mapping.buildId ?? buildIds.get(event.mapping.name);
      const mapping = known === event.mapping.buildId ? event.mapping : { ...event.mapping, buildId: known };
      history.mappings.push(mapping);
      seed = xorshift(seed);
      become(history, event.time, withMapping(history.spaces.at(-1), mapping, seed));
    } else if (event.kind === "name" && event.exec) become(historyOf(event.pid), event.time, undefined);
    else if (event.kind === "fork" && event.pid !== event.parentPid && event.time > 0) {
      const parent = histories.get(event.parentPid);
      if (parent !== undefined) become(historyOf(event.pid), event.time, parent.spaces.at(-1));
    }
  }
  return histories;
}

/** Priorities of the tree: any sequence without order does. */
function xorshift(state: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state;
}
