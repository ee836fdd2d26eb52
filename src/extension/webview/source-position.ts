/** Where in the source something on the map is: its declaration, or else the line that touched it most. */
import type { MapModel } from "../../core/report/map-model.js";
import type { Report } from "../../core/report/report.js";
import type { SourceTarget } from "../ids.js";

/** `object` is an index into the process's objects; undefined where no source is known. */
export function sourcePosition(
  model: MapModel,
  report: Pick<Report, "lines">,
  pid: number,
  object: number,
): SourceTarget | undefined {
  const found = model.processes.find((process) => process.pid === pid)?.objects[object];
  if (found === undefined) return undefined;
  if (found.file !== undefined && found.line !== undefined) return { file: found.file, line: found.line };
  const touching = report.lines.filter(
    ({ file, objects }) => file !== "" && objects.some(({ name, kind }) => name === found.name && kind === found.kind),
  );
  const [line] = touching.sort((a, b) => b.faults - a.faults);
  return line === undefined ? undefined : { file: line.file, line: line.line };
}
