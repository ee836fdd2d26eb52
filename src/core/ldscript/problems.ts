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
  | "unknown-program-header"
  | "include-missing"
  | "include-cycle"
  | DiagnosisCode;

/** What links, or fails later, and is seldom meant. */
export type DiagnosisCode =
  | "shadowed"
  | "matches-nothing"
  | "orphan-beside-bounds"
  | "glued-comma"
  | "glued-comment"
  | "glued-assignment"
  | "literal-file-missing"
  | "exclude-file-ignored"
  | "symbols-outside-insert"
  | "missing-keep"
  | "attribute-order"
  | "locked-bss-in-file"
  | "merged-input"
  | "insert-unsupported"
  | "unknown-to-dialect";

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
  const [first = "", second = "", third = ""] = values.map((value) =>
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
    case "include-missing":
      return translate("The included file {0} is not found beside the script or in its search folders.", first);
    case "include-cycle":
      return translate("{0} includes itself: the linker would not come to an end.", first);
    case "shadowed":
      return translate(
        "This takes nothing: line {0} comes first and takes the same sections; move it before that line.",
        first,
      );
    case "matches-nothing":
      return translate("{0} matches no section of the inputs: see that the sections are named so.", first);
    case "orphan-beside-bounds":
      return translate(
        "{0} is named by no statement and lands after the end symbol {1}: add it to the statement before that symbol.",
        first,
        second,
      );
    case "glued-comma":
      return translate("The comma is part of the name {0}, which matches nothing: separate names with spaces.", first);
    case "glued-comment":
      return translate("{0} is read as one name, not as a name and a comment: put a space before the comment.", first);
    case "glued-assignment":
      return translate("{0} is read as one name, not as an assignment: put spaces around the =.", first);
    case "literal-file-missing":
      return translate("{0} is opened as an input, as it has no wildcard and is not linked: write *{0}.", first);
    case "exclude-file-ignored":
      return translate(
        "lld ignores EXCLUDE_FILE before the file: write it inside the parentheses, before each pattern.",
      );
    case "symbols-outside-insert":
      return translate("lld moves output sections only, so {0} stays where it is: define it inside the braces.", first);
    case "missing-keep":
      return translate("--gc-sections may remove what {0} takes: write KEEP({1}).", first, second);
    case "attribute-order":
      return translate(
        "{0} must come before {1}: the order is AT, ALIGN, ALIGN_WITH_INPUT, SUBALIGN, ONLY_IF_RO.",
        first,
        second,
      );
    case "locked-bss-in-file":
      return translate(
        "{0} holds data that takes file space ({1} of {2} is PROGBITS): name it .bss.{0} so that the compiler makes it NOBITS.",
        first,
        second,
        third,
      );
    case "merged-input":
      return translate(
        "{0} holds a whole object file's code: compile, and link under LTO, with -ffunction-sections.",
        first,
      );
    case "insert-unsupported":
      return translate("{0} has no INSERT: give the whole script with -T.", first);
    case "unknown-to-dialect":
      return translate("{0} is not known to {1}.", first, second);
  }
}

const MOST_SHOWN = 60;
