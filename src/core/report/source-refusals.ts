/** Why the source, or a linker script, cannot place something, as one sentence with the next step. */
import type { ScriptRefusal } from "../placement/script-refusal.js";
import type { SourceRefusal } from "../placement/source-answer.js";
import type { NoPlace, UnclearPlace } from "../placement/source-position.js";
import { mismatchText } from "./placement-text.js";
import { printable } from "./printable.js";
import type { Translate } from "./translate.js";

/** @param name of what was to be placed, or taken back. */
export function sourceRefusalText(
  refusal: SourceRefusal | NoPlace | UnclearPlace | ScriptRefusal,
  name: string,
  translate: Translate,
): string {
  const shown = printable(name);
  switch (refusal.code) {
    case "inlined":
      return `${shown}: ${mismatchText(refusal, translate)}`;
    case "unknown":
      return translate(
        "Nothing in the program is called {0}: is it spelled as in the report, and is the program built with -g and not stripped?",
        shown,
      );
    case "no-debug-information":
      return translate(
        "Where {0} is defined is not known: build its file with -g, or place it by the linker script (faultline place --script).",
        shown,
      );
    case "renamed":
      return translate(
        "{0} is called otherwise in its source (by an asm label): place it by the linker script (faultline place --script).",
        shown,
      );
    case "optimised-away":
      return translate("The compiler does without {0}, since its value is known: there is nothing to place.", shown);
    case "ambiguous":
      return translate(
        "Several are called {0}: say which one, {1}.",
        shown,
        refusal.choices.map((choice) => printable(choice)).join(", "),
      );
    case "file":
      return printable(refusal.reason);
    case "kind":
      return translate(
        "{0} is of the kind {1}: functions cannot be placed as data, nor data as functions.",
        shown,
        refusal.kind,
      );
    case "thread-local":
      return translate(
        "{0} is thread-local, and such variables cannot be placed: lock the thread's stack and TLS instead.",
        shown,
      );
    case "changed":
      return refusal.line === 0
        ? translate("{0} is not defined in its file any more: build the program again and try again.", shown)
        : translate(
            "{0} is not defined at line {1} any more: the file has changed since the build; build again and try again.",
            shown,
            refusal.line,
          );
    case "several":
      return translate(
        "The file has changed since the build, and {0} is defined in lines {1}: build again, so that it is known which of them is meant.",
        shown,
        refusal.lines.join(", "),
      );
    case "macro":
      return translate(
        "{0} is made by the macro {1} in line {2}: place it by the linker script (faultline place --script).",
        shown,
        printable(refusal.macro),
        refusal.line,
      );
    case "declaration-only":
      return translate("Line {1} only declares {0}: place it in the file that defines it.", shown, refusal.line);
    case "automatic":
      return translate(
        "{0} in line {1} lies in the function's stack frame or in a register: lock the stack (faultline_lock_stack), or make it static.",
        shown,
        refusal.line,
      );
    case "lambda":
      return translate(
        "{0} is a lambda expression, which has no name that could be placed: place it by the linker script, or make it a function.",
        shown,
      );
    case "compiler-made":
      return translate(
        "{0} is made by the compiler and stands in no source: place it by the linker script (faultline place --script).",
        shown,
      );
    case "template":
      return translate(
        "{0} in line {1} is made of a template, for which the compiler ignores section attributes: place it by the linker script (faultline place --script).",
        shown,
        refusal.line,
      );
    case "inline":
      return translate(
        "{0} in line {1} is an inline function or variable, which gcc does not mix with others in one section: place it by the linker script (faultline place --script).",
        shown,
        refusal.line,
      );
    case "inlined-only":
      return translate(
        "Every call of {0} in line {1} is inlined, so that it has no code of its own: place the functions that call it, or take its inline away.",
        shown,
        refusal.line,
      );
    case "relocated-constant":
      return translate(
        "{0} in line {1} is a constant that holds addresses, which fits neither the section of constants nor that of data: place it by the linker script, or take its const away.",
        shown,
        refusal.line,
      );
    case "alias":
      return translate("{0} is another name of something else (alias, ifunc): place what it stands for.", shown);
    case "already":
      return refusal.line === 0
        ? translate("{0} is in its locked section already.", shown)
        : translate("{0} in line {1} is placed already.", shown, refusal.line);
    case "other-section":
      return translate(
        "{0} has been put into the section {1}: take that attribute away first, or name the section in lockedSections of faultline.json.",
        shown,
        printable(refusal.section),
      );
    case "literal":
      return translate(
        "{0} is a literal, which has no name that could be placed: make it a constant array, or place its function's literals by the linker script.",
        shown,
      );
    case "constant":
      return translate(
        "{0} in line {1} is a const, which has no place of its own: make it a static.",
        shown,
        refusal.line,
      );
    case "async":
      return translate(
        "{0} in line {1} is async: what runs is a state machine that the compiler makes of it; place it by the linker script.",
        shown,
        refusal.line,
      );
    case "not-placed":
      return translate(
        "{0} in line {1} is not placed by an attribute: there is nothing to take away.",
        shown,
        refusal.line,
      );
  }
}
