/** Way 2 of a placement, in the analysis thread: what is placed by the linker script, and the script's text. */
import { dirname } from "node:path";
import type { Image, ImageSymbol } from "../../core/image/image.js";
import { NEWEST } from "../../core/ldscript/dialect.js";
import { placeInScript, removeFromScript, type EditContext } from "../../core/ldscript/edits.js";
import { generatedScript, isGeneratedScript } from "../../core/placement/generated-script.js";
import { kindOf } from "../../core/placement/locked-sections.js";
import type { Placement } from "../../core/placement/placement.js";
import { objcopyLine } from "../../core/placement/renamed-sections.js";
import { constantsSection, placedSections, SECTION_SYMBOL } from "../../core/placement/section-patterns.js";
import { scriptRefusal } from "../../core/placement/script-refusal.js";
import { definedName } from "../../core/placement/source-names.js";
import { lastIdentifier, SymbolNames, type NamedSymbols } from "../../core/placement/symbol-names.js";
import { builtInScript, includeReader } from "../../host/ldscript-file.js";
import { scriptlessLinkerOf } from "../../host/program-linker.js";
import { UserError } from "../../host/user-error.js";
import { fitsKind, type RefusedName, type ScriptOrder, type ScriptResult, type WantedName } from "./placement-order.js";
import { spelledNames, withoutFile } from "./wanted-names.js";

export function scriptAnswer(image: Image, order: ScriptOrder): ScriptResult {
  const names = new SymbolNames(image);
  const refusals: RefusedName[] = [];
  const added: Placement[] = [];
  const spelled = spelledNames(image, order.wanted, order.sourceMap);
  for (const [index, wanted] of order.wanted.entries()) {
    const name = withoutFile(spelled[index]!, wanted);
    const own = symbolsOf(names, name, wanted);
    const [symbol] = own;
    const refusal = scriptRefusal(image, wanted.name, own, wanted.kind);
    if (refusal !== undefined) refusals.push({ wanted, refusal });
    else if (symbol !== undefined) {
      const section = image.sectionAt(symbol.address);
      const kind = section === undefined ? (symbol.kind === "function" ? "text" : "data") : kindOf(section);
      const plain = own.length === 1 && symbol.name === symbol.displayName ? symbol.name : name;
      if (!fitsKind(wanted, kind)) refusals.push({ wanted, refusal: { code: "kind", kind } });
      else added.push({ symbol: plain, kind, section: order.sections[kind], by: "script" });
    }
  }
  if (order.script !== undefined && !isGeneratedScript(order.script))
    return ownScript(order.script, names, added, refusals, order);
  const known = new Set(added.map(({ symbol }) => symbol));
  const all = [...order.placements.filter(({ symbol }) => !known.has(symbol)), ...added];
  const linker = added.length === 0 ? undefined : scriptlessLinkerOf(image.path);
  if (linker !== undefined) {
    const scriptless = { linker, line: objcopyLine(spelledOut(names, all)) };
    return { placements: [], text: order.script, refusals, refused: undefined, scriptless };
  }
  return {
    placements: added,
    text: all.length === 0 ? undefined : generated(names, all),
    refusals,
    refused: undefined,
    scriptless: undefined,
  };
}

/** Statements go into the user's own script and out of it; the rest of it stays. */
function ownScript(
  text: string,
  names: SymbolNames,
  added: readonly Placement[],
  refusals: readonly RefusedName[],
  { removed, path }: ScriptOrder,
): ScriptResult {
  const context: EditContext = {
    dialect: NEWEST.gnu,
    inputs: [],
    readInclude: includeReader([dirname(path)]),
    defaultScript: builtInScript("ld"),
  };
  let after = text;
  for (const [placements, change] of [
    [removed, removeFromScript],
    [added, placeInScript],
  ] as const) {
    const wanted = spelledOut(names, placements).flatMap(({ symbol, kind, section }) =>
      placedSections(symbol, kind, section, constantsSection(section), []),
    );
    if (wanted.length === 0) continue;
    const edits = change(after, wanted, context);
    if (edits.kind === "edits") after = edits.text;
    else if (edits.refusal.code !== "already-there" && edits.refusal.code !== "not-there")
      return { placements: [], text, refusals, refused: edits.refusal, scriptless: undefined };
  }
  return { placements: added, text: after, refusals, refused: undefined, scriptless: undefined };
}

function generated(names: SymbolNames, placements: readonly Placement[]): string {
  const spelled = spelledOut(names, placements);
  const strange = spelled.find(({ symbol }) => !SECTION_SYMBOL.test(symbol));
  if (strange !== undefined)
    throw new UserError(`No section is named after "${strange.symbol}": build the program, its symbol table says how.`);
  return generatedScript(spelled);
}

/** By the symbols' own names: compilers put those into the names of sections. */
function spelledOut(names: SymbolNames, placements: readonly Placement[]): readonly Placement[] {
  return placements.flatMap((placement) => {
    const own = new Set(names.find(placement.symbol).own.map(({ name }) => name));
    return own.size === 0 ? [placement] : [...own].map((symbol) => ({ ...placement, symbol }));
  });
}

function symbolsOf(names: SymbolNames, name: string, { kind }: WantedName): readonly ImageSymbol[] {
  const fits = ({ own }: NamedSymbols): readonly ImageSymbol[] =>
    own.filter((symbol) => kind === undefined || (symbol.kind === "function") === (kind === "function"));
  const found = fits(names.find(name));
  return found.length > 0 ? found : fits(names.find(lastIdentifier(definedName(name).name)));
}
