/** What a memory map shows: of a trace that was read, or of one that is being recorded. */
import { basename } from "node:path";
import type { MapModel } from "../../core/report/map-model.js";
import type { Report } from "../../core/report/report.js";
import { cut, type TraceProgress } from "../../protocol/memory-map.js";
import type { Services } from "../services.js";
import { isUnfinished } from "../traces/run-file.js";
import type { ShownTrace } from "../traces/trace-store.js";

export interface MapContent {
  /** Trace folder or perf.data. */
  readonly path: string;
  /** The command that was traced, as it was called. */
  readonly title: string;
  readonly model: MapModel;
  /** What touched the objects, where it is known. */
  readonly report: Pick<Report, "lines">;
  readonly progress: TraceProgress;
}

/** Rejects with one sentence for a person. */
export async function contentOf({ analysis }: Services, { path, report }: ShownTrace): Promise<MapContent> {
  const unfinished = await isUnfinished(path);
  const model = { ...(await analysis.map(path)), counted: report.counted };
  const title = mapTitle(report.command, path);
  return { path, title, model, report, progress: unfinished ? "unfinished" : "ended" };
}

export function mapTitle(command: readonly string[], path: string): string {
  return cut(command.length > 0 ? command.join(" ") : basename(path));
}
