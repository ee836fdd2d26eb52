/** What is wrong with a script, as data; the sentence is made at the edge. */
import type { Translate } from "../report/translate.js";
import { printable } from "../report/printable.js";

/** `error`: the linker refuses the script; `warning`: it links, but not as it reads; `information`: worth knowing. */
export type Severity = "error" | "warning" | "information";

export type ProblemCode =
  | "syntax"
  | "unclosed-comment"
  | "unclosed-quote"
  | "invalid-character"
  | "needs-preprocessing"
  | "too-deep"
  | "unknown-program-header";

export interface Problem {
  readonly code: ProblemCode;
  readonly severity: Severity;
  /** UTF-16 units from the start of the script. */
  readonly offset: number;
  readonly length: number;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** What the sentence names: what was found, what was expected, a line. */
  readonly values: readonly (string | number)[];
}

/** One clear sentence with what to do about it. */
export function problemSentence({ code, values }: Problem, translate: Translate): string {
  const [first = "", second = ""] = values.map((value) =>
    typeof value === "number" ? value : printable(value, MOST_SHOWN),
  );
  switch (code) {
    case "syntax":
      if (second === "") return translate("{0} is not expected here.", first);
      return translate("{1} is expected here, not {0}.", first, second);
    case "unclosed-comment":
      return translate("This comment has no end: close it with */.");
    case "unclosed-quote":
      return translate("This quotation mark has no second one: close the name with it.");
    case "invalid-character":
      return translate("The linker ignores the character {0} here: take it out, or put the name in quotes.", first);
    case "needs-preprocessing":
      return translate(
        "{0} is filled in before the linker reads the script: what depends on it is not known here.",
        first,
      );
    case "too-deep":
      return translate("This is nested deeper than Faultline follows ({0} levels).", first);
    case "unknown-program-header":
      return translate(
        "{0} is no type or attribute of a program header the linker knows: write the type as a number.",
        first,
      );
  }
}

const MOST_SHOWN = 60;
