/** The argument of RevealSource: it comes from links and webviews, so nothing of it is taken on trust. */
import type { Report } from "../../core/report/report.js";
import type { SourceTarget } from "../ids.js";

/** Undefined where the argument is none. The path may be relative, as compilers record it: then it is not here. Line 0 and less, which code without a line has, becomes the first line. */
export function sourceTarget(argument: unknown): SourceTarget | undefined {
  if (typeof argument !== "object" || argument === null) return undefined;
  const { file, line, column, preserveFocus } = argument as Partial<Record<keyof SourceTarget, unknown>>;
  if (typeof file !== "string" || file === "" || file.includes("\0")) return undefined;
  if (typeof line !== "number" || !Number.isSafeInteger(line) || line > MOST_LINES) return undefined;
  return {
    file,
    line: Math.max(1, line),
    ...(isColumn(column) ? { column } : {}),
    ...(preserveFocus === true ? { preserveFocus } : {}),
  };
}

/** VS Code counts nine columns of editors. */
function isColumn(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 9;
}

/** Whether the report itself names the file: as a line's, a call site's, a function's or an object's. */
export function namesFile(
  report: Pick<Report, "lines" | "callSites" | "functions" | "objects">,
  file: string,
): boolean {
  return (
    report.lines.some(
      (row) =>
        row.file === file ||
        row.inlinedInto.some((caller) => caller.file === file) ||
        row.objects.some(({ declaration }) => declaration?.file === file),
    ) ||
    report.callSites.some((row) => row.file === file) ||
    report.functions.some((row) => row.file === file) ||
    report.objects.some(({ declaration }) => declaration?.file === file)
  );
}

const MOST_LINES = 2 ** 31 - 1;
