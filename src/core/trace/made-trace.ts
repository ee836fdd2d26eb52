/** A trace of rows that no perf record stands behind. */
import { ChainColumns } from "./chain-columns.js";
import { FaultColumns } from "./fault-columns.js";
import type { LifeEvent } from "./life-event.js";
import { mappingTimeline } from "./mapping-timeline.js";
import { processTimeline } from "./process-timeline.js";
import type { RunRecord } from "./run.js";
import type { Trace, TraceProblem } from "./trace.js";

export interface MadeTrace {
  readonly rows: FaultColumns;
  /** In the order of time. */
  readonly events: readonly LifeEvent[];
  readonly pageSize: number;
  readonly run?: RunRecord | undefined;
  readonly problems?: readonly TraceProblem[];
}

export function madeTrace({ rows, events, pageSize, run, problems = [] }: MadeTrace): Trace {
  return {
    faults: rows.view(),
    refused: new FaultColumns().view(),
    chains: new ChainColumns().table(),
    processes: processTimeline(events),
    mappings: mappingTimeline(events),
    pageSize,
    lost: 0,
    events: [],
    command: run?.command ?? [],
    arch: run?.machine.arch,
    run,
    problems,
  };
}
