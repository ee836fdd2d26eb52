/** Which linker script a program was linked with, and why it is thought so. */
import type { Translate } from "../../report/translate.js";
import type { Fit } from "./layout-fit.js";
import type { MentionKind } from "./mention.js";

/** Where a build names the script; the path is absolute. */
export interface ScriptReason {
  readonly kind: MentionKind | "project";
  readonly file: string;
  readonly line: number;
  /** The program that is linked with it there; undefined: whatever is linked there. */
  readonly program: string | undefined;
  /** Whether that is the program asked for, or its folder's. */
  readonly about: "program" | "folder" | "other";
}

export interface FoundScript {
  readonly path: string;
  readonly reasons: readonly ScriptReason[];
  /** How the program's layout agrees; "unknown" without a program. */
  readonly fit: Fit;
}

/** How sure it is; what is below 1 is not taken for the program's. */
export function certainty({ reasons, fit }: FoundScript): number {
  const named = Math.max(0, ...reasons.map(({ kind, about }) => (kind === "project" ? 8 : BY_NAME[about])));
  switch (fit.kind) {
    case "explains":
      return named + 2;
    case "contradicts":
      return named - 4;
    case "unknown":
      return named;
  }
}

const BY_NAME: Readonly<Record<ScriptReason["about"], number>> = { program: 5, folder: 2, other: 0 };

/** One fragment for each thing that speaks for the script or against it. `shown` makes paths short. */
export function reasonTexts(
  { reasons, fit }: FoundScript,
  program: string | undefined,
  translate: Translate,
  shown: (path: string) => string,
): string[] {
  const texts = reasons.map((reason) => {
    const where = `${shown(reason.file)}:${reason.line}`;
    if (reason.kind === "project") return translate("named by linkerScript in {0}", shown(reason.file));
    return reason.program === undefined || reason.about === "program"
      ? translate("named in {0}", where)
      : translate("named in {0} for {1}", where, shown(reason.program));
  });
  const name = program === undefined ? "" : shown(program);
  if (fit.kind === "explains") texts.push(translate("its symbols and sections are in {0}", name));
  if (fit.kind === "contradicts") texts.push(translate("{0} is not laid out by it: see {1}", name, fit.what));
  return texts;
}
