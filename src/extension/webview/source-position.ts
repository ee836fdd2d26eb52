/** Where in the source something on the map is: its declaration, or else the line that touched it most. */
import type { MapModel } from "../../core/report/map-model.js";
import type { Report } from "../../core/report/report.js";
import { cut } from "../../protocol/memory-map.js";
import type { SourceTarget } from "../ids.js";

/** What the webview knows an object by. */
export interface ShownObject {
  readonly pid: number;
  readonly start: number;
  /** As long as names are sent. */
  readonly name: string;
}

/** undefined where no source is known. */
export function sourcePosition(
  model: MapModel,
  report: Pick<Report, "lines">,
  { pid, start, name }: ShownObject,
): SourceTarget | undefined {
  const objects = model.processes.find((process) => process.pid === pid)?.objects ?? [];
  const found = objects.find((object) => object.start === start && cut(object.name) === name);
  if (found === undefined) return undefined;
  if (found.file !== undefined && found.line !== undefined) return { file: found.file, line: found.line };
  const touching = report.lines.filter(
    ({ file, objects }) =>
      file !== "" && objects.some((touched) => touched.name === found.name && touched.kind === found.kind),
  );
  const [line] = touching.sort((a, b) => b.faults - a.faults);
  return line === undefined ? undefined : { file: line.file, line: line.line };
}
