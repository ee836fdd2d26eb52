/** Way 2 of placements: what the linker script is to hold then, a generated one or somebody's own. Writes nothing. */
import { dirname } from "node:path";
import { changeBetween, type TextEdit } from "../core/base/text-edit.js";
import type { ScriptlessLinker } from "../core/elf/scriptless-linker.js";
import type { Image } from "../core/image/image.js";
import { dialectOf, NEWEST } from "../core/ldscript/dialect.js";
import type { EditRefusal } from "../core/ldscript/edit-refusal.js";
import { placeInScript, removeFromScript, type EditContext } from "../core/ldscript/edits.js";
import { generatedScript, isGeneratedScript } from "../core/placement/generated-script.js";
import type { Placement } from "../core/placement/placement.js";
import { objcopyLine } from "../core/placement/renamed-sections.js";
import {
  constantsSection,
  placedSections,
  SECTION_SYMBOL,
  sharedSectionOf,
} from "../core/placement/section-patterns.js";
import { objectPatterns, spelledOut } from "../core/placement/placed-symbols.js";
import { SymbolNames } from "../core/placement/symbol-names.js";
import { builtInScript, includeReader } from "./ldscript-file.js";
import { findScripts } from "./ldscript-search.js";
import { linkedInputs } from "./linked-inputs.js";
import { scriptlessLinkerOf } from "./program-linker.js";
import { UserError } from "./user-error.js";

export interface ScriptRequest {
  /** The program as it is built: its symbol table says how names are spelled. undefined: it is not built. */
  readonly image: Image | undefined;
  readonly path: string;
  /** The project's: what the program was linked of is looked for below it. */
  readonly folder: string;
  /** What it holds now; undefined: there is none. One that was not generated is somebody's own. */
  readonly script: string | undefined;
  /** Whose language it is in, as faultline.json says. */
  readonly linker: string | undefined;
  /** Those that the script places and goes on placing. */
  readonly kept: readonly Placement[];
  readonly added: readonly Placement[];
  readonly removed: readonly Placement[];
}

export type ScriptAnswer =
  | {
      readonly kind: "script";
      /** Somebody's own: only statements went into it and out of it. */
      readonly own: boolean;
      /** The whole script; undefined: there is none, and none is needed. */
      readonly text: string | undefined;
      /** From the script as it is. */
      readonly edits: readonly TextEdit[];
    }
  | { readonly kind: "refused"; readonly refusal: EditRefusal }
  /** The program was linked by one that takes no INSERT script; `line` is what places them instead. */
  | { readonly kind: "scriptless"; readonly linker: ScriptlessLinker; readonly line: string };

/** Throws UserError for a name that no section can have. */
export function changedScript(request: ScriptRequest): ScriptAnswer {
  const { image, script, kept, added, removed } = request;
  const names =
    image &&
    new SymbolNames(
      image,
      [...kept, ...added, ...removed].map(({ symbol }) => symbol),
    );
  const spelled = (placements: readonly Placement[]): readonly Placement[] =>
    names === undefined || image === undefined ? placements : spelledOut(image, names, placements);
  if (script !== undefined && !isGeneratedScript(script))
    return ownScript(script, spelled(added), spelled(removed), request);
  const all = spelled([...kept, ...added]);
  const shared = all.flatMap(({ symbol, kind }) => sharedSectionOf(symbol, kind) ?? [])[0];
  if (shared !== undefined) return { kind: "refused", refusal: { code: "shared-section", section: shared } };
  const linker = added.length === 0 || image === undefined ? undefined : scriptlessLinkerOf(image.path);
  if (linker !== undefined) return { kind: "scriptless", linker, line: objcopyLine(all) };
  const strange = all.find(({ symbol }) => !SECTION_SYMBOL.test(symbol));
  if (strange !== undefined)
    throw new UserError(`No section is named after "${strange.symbol}": build the program, its symbol table says how.`);
  const located = all.map((one) => ({ ...one, objects: one.file === undefined ? ANY : objectsOf(image, one) }));
  const unclear = located.find(({ objects }) => objects === undefined);
  if (unclear !== undefined) return { kind: "refused", refusal: { code: "same-name", symbol: unclear.symbol } };
  if (all.length === 0 && script === undefined) return { kind: "script", own: false, text: undefined, edits: [] };
  const text = generatedScript(located.map(({ objects = ANY, ...one }) => ({ ...one, objects })));
  return { kind: "script", own: false, text, edits: changesBetween(script ?? "", text) };
}

/** undefined: they cannot be told from others. Throws UserError where nothing is built that would tell them. */
function objectsOf(image: Image | undefined, { symbol, file }: Placement): readonly string[] | undefined {
  if (image !== undefined) return objectPatterns(image, { symbol, ...(file === undefined ? {} : { file }) });
  throw new UserError(
    `Which object file has ${symbol} of ${file ?? "its file"} is told by the program: build it first.`,
  );
}

function ownScript(
  text: string,
  added: readonly Placement[],
  removed: readonly Placement[],
  { path, linker, image, folder }: ScriptRequest,
): ScriptAnswer {
  const inputs = image === undefined ? [] : inputsOf(image, folder);
  const context: EditContext = {
    dialect: (linker === undefined ? undefined : dialectOf(linker)) ?? NEWEST.gnu,
    inputs,
    readInclude: includeReader([dirname(path)]),
    defaultScript: builtInScript("ld"),
  };
  const shared = added.find(({ file }) => file !== undefined);
  if (shared !== undefined) return { kind: "refused", refusal: { code: "same-name", symbol: shared.symbol } };
  let after = text;
  let edits: readonly TextEdit[] = [];
  const linked = inputs.map(({ name }) => name);
  for (const [placements, change, constants] of [
    // Of a clean tree nobody knows any more which functions have constants.
    [removed, removeFromScript, removed.map(({ symbol }) => `.rodata.${symbol}`)],
    [added, placeInScript, linked],
  ] as const) {
    const wanted = placements.flatMap(({ symbol, kind, section }) =>
      placedSections(symbol, kind, section, constantsSection(section), constants),
    );
    if (wanted.length === 0) continue;
    const found = change(after, wanted, context);
    if (found.kind === "edits") {
      edits = after === text ? found.edits : changesBetween(text, found.text);
      after = found.text;
    } else if (found.refusal.code !== "already-there" && found.refusal.code !== "not-there")
      return { kind: "refused", refusal: found.refusal };
  }
  return { kind: "script", own: true, text: after, edits };
}

/** The sections of the program's objects: with them it is proved that no other one moves. */
function inputsOf({ path }: Image, folder: string): EditContext["inputs"] {
  const found = findScripts({ folders: [folder], anywhere: false, program: path, mayRun: true });
  return linkedInputs(found)?.inputs ?? [];
}

const ANY: readonly string[] = ["*"];

function changesBetween(before: string, after: string): readonly TextEdit[] {
  const change = changeBetween(before, after);
  return change === undefined ? [] : [change];
}
