/** What `faultline lock` would do, told before it is done: what is asked about, and what may go wrong. */
import { listOf, numberOf, objectOf, parsedJson, textOf } from "../base/json-fields.js";

/** As `faultline lock --dry-run --json` prints it. */
export interface LockForecast {
  readonly version: 1;
  readonly kind: "forecast";
  readonly pid: number;
  /** Of the process, as /proc/PID/comm had it. */
  readonly name: string;
  /** "all memory (current)", "12 kB (input_code of input-thread)" */
  readonly what: string;
  /** That are not locked yet; of an undo: that would not be locked any more. */
  readonly bytes: number;
  readonly warnings: readonly LockWarning[];
  /** What was looked for and is not there, one phrase each. */
  readonly missing: readonly string[];
}

/** What is known to go wrong, before it does. */
export type LockWarning =
  /** A JavaScript engine gives memory back by MADV_DONTNEED, which locked memory refuses. */
  | { readonly kind: "v8"; readonly program: string }
  /** Later mappings count against the limit, and fail beyond it. */
  | { readonly kind: "future-limit"; readonly leftBytes: number }
  /** More is needed than the process may lock: the kernel will refuse. */
  | { readonly kind: "limit"; readonly neededBytes: number; readonly limitBytes: number }
  /** It locked all there is by itself: perhaps also for the future, which nothing tells and which this would end. */
  | { readonly kind: "own-mlockall" };

/** undefined: it is no forecast of this version. */
export function decodeForecast(text: string): LockForecast | undefined {
  const root = objectOf(parsedJson(text));
  const pid = numberOf(root?.["pid"]);
  const bytes = numberOf(root?.["bytes"]);
  const what = textOf(root?.["what"]);
  if (root?.["version"] !== 1 || root["kind"] !== "forecast") return undefined;
  if (pid === undefined || bytes === undefined || what === undefined) return undefined;
  return {
    version: 1,
    kind: "forecast",
    pid,
    name: textOf(root["name"]) ?? "",
    what,
    bytes,
    warnings: listOf(root["warnings"]).flatMap((warning) => warningOf(warning) ?? []),
    missing: listOf(root["missing"]).flatMap((phrase) => textOf(phrase) ?? []),
  };
}

function warningOf(value: unknown): LockWarning | undefined {
  const entry = objectOf(value);
  const number = (name: string): number => numberOf(entry?.[name]) ?? 0;
  switch (entry?.["kind"]) {
    case "v8":
      return { kind: "v8", program: textOf(entry["program"]) ?? "" };
    case "future-limit":
      return { kind: "future-limit", leftBytes: number("leftBytes") };
    case "limit":
      return { kind: "limit", neededBytes: number("neededBytes"), limitBytes: number("limitBytes") };
    case "own-mlockall":
      return { kind: "own-mlockall" };
    default:
      return undefined;
  }
}
