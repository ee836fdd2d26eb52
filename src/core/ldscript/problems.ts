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
  | "attribute-order"
  | "bss-file-space"
  | "glued-name"
  | "ignored-exclusion"
  | "link-time-code"
  | "included-mistake"
  | "included-unknown"
  | "missing-keep"
  | "orphan-behind-end"
  | "shadowed"
  | "symbol-outside-braces"
  | "unlinked-file"
  | "unmatched-tag"
  | "unsupported-insert";

export interface RawProblem {
  readonly code: ProblemCode;
  readonly severity: Severity;
  /** UTF-16 units from the start of the script. */
  readonly offset: number;
  readonly length: number;
  /** What the sentence names: what was found, what was expected, a line. */
  readonly values: readonly (string | number)[];
}

export interface Problem extends RawProblem {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
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
    case "attribute-order":
      return translate("{0} comes too late: the linker takes these in this order only: {1}.", first, second);
    case "bss-file-space":
      return translate(
        "{0} takes space in the file: {1} of {2} has contents. Name it .bss.… in the source, or make the section (NOLOAD).",
        first,
        second,
        third,
      );
    case "glued-name":
      if (first === "=") return translate("{0} is read as the name of a file: put spaces around the =.", second);
      if (first === ",")
        return translate("The comma is part of the name {0}, which matches nothing: put a space instead.", second);
      return translate("The comment is part of the name {0}, which matches nothing: put a space before it.", second);
    case "ignored-exclusion":
      return translate("lld reads EXCLUDE_FILE before the file as a file's name: put it inside the parentheses.");
    case "link-time-code":
      return translate(
        "{0} holds code for link-time optimisation: give -ffunction-sections -fdata-sections to the link too.",
        first,
      );
    case "included-mistake":
      return translate("The linker would refuse the included file {0} at line {1}: mend that.", first, second);
    case "included-unknown":
      return translate("{0} is not found: what it holds is not known here. Name its folder with -L.", first);
    case "missing-keep":
      return translate("With --gc-sections, what nothing refers to is dropped from {0}: KEEP(…) keeps it.", first);
    case "orphan-behind-end":
      return translate(
        "No statement names {0} of {1}: the linker puts it behind {2}. Name it before that symbol.",
        first,
        second,
        third,
      );
    case "shadowed":
      if (typeof values[1] === "number")
        return translate("{0} goes to {2} by line {1} already: move this statement above it.", first, second, third);
      return translate("{0} goes to {2} by {1} already: move this statement above it.", first, second, third);
    case "symbol-outside-braces":
      return translate("lld moves the output sections and leaves {0} behind: set it inside their braces.", first);
    case "unlinked-file":
      return translate(
        "No input is called {0}: GNU ld opens it as one more. Write *{0} if a folder is before it.",
        first,
      );
    case "unmatched-tag":
      return translate(
        "No input has a section {0}: compile with -ffunction-sections -fdata-sections, or correct the name.",
        first,
      );
    case "unsupported-insert":
      return translate("gold knows no INSERT: link with GNU ld or lld, or write the whole script.");
  }
}

const MOST_SHOWN = 60;
