/** What happens to processes and their memory besides faults: what both timelines are made from. */
import type { Mapping } from "./trace.js";

export type LifeEvent =
  | { readonly kind: "map"; readonly time: number; readonly pid: number; readonly mapping: Mapping }
  | {
      readonly kind: "name";
      readonly time: number;
      readonly pid: number;
      readonly tid: number;
      readonly name: string;
      readonly exec: boolean;
    }
  | {
      readonly kind: "fork";
      readonly time: number;
      readonly pid: number;
      readonly tid: number;
      readonly parentPid: number;
      readonly parentTid: number;
    }
  | { readonly kind: "exit"; readonly time: number; readonly pid: number; readonly tid: number };

/** The events in time order; those of equal time stay in the order they were recorded in. */
export function lifeInTimeOrder(events: readonly LifeEvent[]): readonly LifeEvent[] {
  return events.slice().sort((a, b) => a.time - b.time);
}
