/** One line a fault, as it happens: time, thread, where, what kind, what was touched. */
import { attribute } from "../attribution/attribute.js";
import type { Findings, Site } from "../attribution/findings.js";
import type { ImageResolver } from "../attribution/image-resolver.js";
import { FaultFlag, accessOf } from "../trace/fault-table.js";
import type { Trace } from "../trace/trace.js";
import { printable } from "./printable.js";
import { duration, grouped } from "./quantities.js";
import type { Style } from "./style.js";
import { fit } from "./text-table.js";
import type { Translate } from "./translate.js";

export interface LiveOptions {
  /** Time of the trace's first fault, ns: the lines count from it. */
  readonly start: number;
  /** Lines at the most; the rest of a storm is counted in one. */
  readonly most: number;
  readonly style: Style;
  readonly translate: Translate;
  displayPath(file: string): string;
}

/** The lines of all faults of `trace`, in time order. */
export function liveLines(trace: Trace, resolve: ImageResolver, options: LiveOptions): readonly string[] {
  const shown = Math.min(trace.faults.length, options.most);
  const findings = attribute(trace, resolve, true);
  const lines = Array.from({ length: shown }, (_, row) => liveLine(trace, findings, row, options));
  const more = trace.faults.length - shown;
  return more === 0
    ? lines
    : [
        ...lines,
        options.style.dim(options.translate("… {0} more faults at this moment; the report has them", grouped(more))),
      ];
}

function liveLine(trace: Trace, findings: Findings, row: number, options: LiveOptions): string {
  const { faults, processes } = trace;
  const { style } = options;
  const flags = faults.flags[row]!;
  const object = findings.objects[findings.perFault!.object[row]!]!;
  const time = ((faults.time[row]! - options.start) / 1e9).toFixed(6).padStart(11);
  const thread = `${printable(processes.nameAt(faults.tid[row]!, faults.time[row]!), 15)}/${faults.tid[row]!}`;
  const kind = flags & FaultFlag.KindUnknown ? "" : flags & FaultFlag.Major ? style.bad("major") : "minor";
  const access = accessOf(flags);
  const spent = faults.duration[row]! >= 0 ? duration(faults.duration[row]!) : "";
  const section = object.section === undefined ? "" : style.dim(` (${printable(object.section)})`);
  const what = `${access === "unknown" ? "" : `${access} `}${printable(object.name, 60)}${section}`;
  const where = fit(siteText(findings.sites[findings.perFault!.site[row]!]!, options), 44, "left");
  return `${time}  ${fit(thread, 22, "left")}  ${where}  ${kind} ${spent.padStart(8)}  ${what}`;
}

function siteText(site: Site, { displayPath }: LiveOptions): string {
  const frame = site.frames[0];
  const name = printable(frame?.function === undefined || frame.function === "" ? site.label : frame.function, 60);
  if (frame === undefined || frame.line === 0) return name;
  const file = printable(displayPath(frame.file));
  return `${name} ${file.slice(file.lastIndexOf("/") + 1)}:${frame.line}`;
}
