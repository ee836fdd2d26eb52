/** Why a script is left as it is, as data; the sentence is made at the edge. */
import { printable } from "../report/printable.js";
import type { Translate } from "../report/translate.js";

export type EditRefusal =
  /** The linker would refuse the script. */
  | { readonly code: "syntax"; readonly line: number }
  /** A statement before the output section takes them. */
  | { readonly code: "shadowed"; readonly section: string; readonly line: number }
  | { readonly code: "moves-others"; readonly section: string; readonly file: string }
  | { readonly code: "symbol-taken"; readonly symbol: string; readonly line: number }
  | { readonly code: "load-address"; readonly section: string; readonly line: number }
  /** A pattern names what compilers put things of many symbols into. */
  | { readonly code: "shared-section"; readonly section: string }
  /** Another object file has one of that name, and a statement would take both. */
  | { readonly code: "same-name"; readonly symbol: string }
  | { readonly code: "included"; readonly file: string; readonly line: number }
  | { readonly code: "in-included"; readonly section: string; readonly file: string }
  | { readonly code: "already-there"; readonly section: string; readonly line: number }
  | { readonly code: "not-there"; readonly section: string };

/** One clear sentence with the next step. */
export function refusalSentence(refusal: EditRefusal, translate: Translate): string {
  const shown = (text: string): string => printable(text, MOST_SHOWN);
  switch (refusal.code) {
    case "syntax":
      return translate("The linker would refuse the script at line {0}: mend that first.", refusal.line);
    case "shadowed":
      return translate(
        "Line {1} places {0} before the locked section can: move the locked output section above it.",
        shown(refusal.section),
        refusal.line,
      );
    case "moves-others":
      return translate(
        "{0} of {1} would change its output section too: place it by hand, or in the source.",
        shown(refusal.section),
        shown(refusal.file),
      );
    case "symbol-taken":
      return translate(
        "Line {1} defines {0}, which is to mark the locked section's bounds: rename one of them.",
        shown(refusal.symbol),
        refusal.line,
      );
    case "load-address":
      return translate(
        "{0} at line {1} is loaded at an address of its own, and a section beside it would not be: place it by hand.",
        shown(refusal.section),
        refusal.line,
      );
    case "shared-section":
      return translate(
        "Compilers put things of many symbols into {0}: place this one in the source.",
        shown(refusal.section),
      );
    case "same-name":
      return translate(
        "Several are called {0}, and their object files cannot be told apart here: place this one in the source.",
        shown(refusal.symbol),
      );
    case "included":
      return translate(
        "Line {1} includes {0}, which is not known here: what it places cannot be told from it.",
        shown(refusal.file),
        refusal.line,
      );
    case "in-included":
      return translate("{0} is in the included file {1}: edit that file.", shown(refusal.section), shown(refusal.file));
    case "already-there":
      return translate("Line {1} places {0} there already.", shown(refusal.section), refusal.line);
    case "not-there":
      return translate("No statement of this script places {0} there.", shown(refusal.section));
  }
}

const MOST_SHOWN = 60;
