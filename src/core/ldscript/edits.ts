/** Functions and globals into, and out of, locked sections of the user's own script: nothing else moves, or nothing is done. */
import { editedText, type TextEdit } from "../base/text-edit.js";
import { namePattern } from "./glob.js";
import { insertionFor } from "./edit-anchor.js";
import { deletionsFor } from "./edit-removal.js";
import type { EditRefusal } from "./edit-refusal.js";
import { withInsertion } from "./edit-text.js";
import { isSharedSection, type PlacedSections } from "../placement/section-patterns.js";
import type { InputSection } from "./matcher-input.js";
import { matchSections, type Placement } from "./matcher.js";
import { openScript, type OpenedScript, type Surroundings } from "./opened-script.js";
import { placeIn } from "./place.js";

export interface EditContext extends Surroundings {
  /** Of the program's objects, in the order of the link; empty where they are not known. */
  readonly inputs: readonly InputSection[];
}

export type ScriptEdits =
  | {
      readonly kind: "edits";
      /** In the coordinates of the script as it was. */
      readonly edits: readonly TextEdit[];
      /** The script with them. */
      readonly text: string;
      /** Those of the given inputs that change their output section. */
      readonly moved: readonly InputSection[];
    }
  | { readonly kind: "refused"; readonly refusal: EditRefusal };

/**
 * Puts sections into output sections of their own: one that is there, or a new one of whole pages with its bounds. The
 * matcher proves that these sections go there and that no other one of the inputs goes elsewhere than before.
 */
export function placeInScript(text: string, wanted: readonly PlacedSections[], context: EditContext): ScriptEdits {
  const shared = wanted.flatMap(({ patterns }) => patterns).find(isSharedSection);
  if (shared !== undefined) return refused({ code: "shared-section", section: shared });
  let edits: readonly TextEdit[] = [];
  let edited = text;
  let there: EditRefusal | undefined;
  for (const item of wanted) {
    const script = openScript(edited, context);
    const probes = [...probesOf(item, context.inputs)];
    const found = insertionFor(script, item, probes, matched(script, [...context.inputs, ...probes], context));
    if (found.kind === "refused" && found.refusal.code === "already-there") there = found.refusal;
    else if (found.kind === "refused") return found;
    else {
      edits = withInsertion(edits, found.insertion);
      edited = editedText(edited, [found.insertion]);
    }
  }
  if (edits.length === 0 && there !== undefined) return refused(there);
  return proved(text, edits, edited, wanted, context, true);
}

/** Takes the statements out that placeInScript put in, and an output section that held nothing else: byte for byte as before. */
export function removeFromScript(text: string, wanted: readonly PlacedSections[], context: EditContext): ScriptEdits {
  const script = openScript(text, context);
  const edits = deletionsFor(script, wanted);
  const [first] = wanted;
  if (edits.length === 0) return refused({ code: "not-there", section: first?.patterns[0] ?? "" });
  return proved(text, edits, editedText(text, edits), wanted, context, false);
}

function refused(refusal: EditRefusal): ScriptEdits {
  return { kind: "refused", refusal };
}

/** Sections that the patterns mean: one of a file of no one's for each pattern that takes none of the inputs. */
function probesOf({ kind, patterns }: PlacedSections, inputs: readonly InputSection[]): InputSection[] {
  return patterns.flatMap((pattern) => {
    const { matches } = namePattern(pattern, false, "gnu");
    if (inputs.some(({ name }) => matches(name))) return [];
    return [{ file: PROBE_FILE, name: pattern.replaceAll("*", "0"), ...KINDS[kind] }];
  });
}

function matched(script: OpenedScript, inputs: readonly InputSection[], { dialect }: EditContext): Placement[] {
  return matchSections(script.tree, inputs, dialect, script.included);
}

/** The edits, if the sections meant are moved by them and no other one is. */
function proved(
  text: string,
  edits: readonly TextEdit[],
  edited: string,
  wanted: readonly PlacedSections[],
  context: EditContext,
  isPlaced: boolean,
): ScriptEdits {
  const before = openScript(text, context);
  const after = openScript(edited, context);
  const mistake = after.problems.find(({ severity }) => severity === "error");
  if (mistake !== undefined) return refused({ code: "syntax", line: mistake.line });
  const inputs = [...context.inputs, ...wanted.flatMap((item) => probesOf(item, context.inputs))];
  const patterns = wanted.flatMap(({ output, patterns: texts }) =>
    texts.map((pattern) => ({ output, matches: namePattern(pattern, false, "gnu").matches })),
  );
  const now = matched(after, inputs, context);
  const moved: InputSection[] = [];
  for (const [index, { input, output }] of matched(before, inputs, context).entries()) {
    const placed = now[index]!;
    const meant = patterns.find(({ matches }) => matches(input.name));
    if (meant === undefined && placed.output !== output)
      return refused({ code: "moves-others", section: input.name, file: input.file });
    if (meant !== undefined && isPlaced && !isNamed(placed.output, meant.output)) {
      const line = placed.rule === undefined ? 1 : placeIn(placed.rule.source?.text ?? edited)(placed.rule.offset).line;
      return refused({ code: "shadowed", section: input.name, line });
    }
    if (placed.output !== output && input.file !== PROBE_FILE) moved.push(input);
  }
  return { kind: "edits", edits, text: edited, moved };
}

function isNamed(output: string, wanted: string): boolean {
  return output === wanted || output === `.${wanted}`;
}

/** Ends as objects do, and is none of them. */
const PROBE_FILE = "faultline-probe.o";

const KINDS = {
  text: { type: "PROGBITS", flags: "AX" },
  rodata: { type: "PROGBITS", flags: "A" },
  data: { type: "PROGBITS", flags: "WA" },
  bss: { type: "NOBITS", flags: "WA" },
} as const;
