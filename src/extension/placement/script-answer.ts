/** Way 2 of a placement, in the analysis thread: what is placed by the linker script, and the script's text. */
import type { Image, ImageSymbol } from "../../core/image/image.js";
import { kindOf } from "../../core/placement/locked-sections.js";
import type { Placement } from "../../core/placement/placement.js";
import { scriptRefusal } from "../../core/placement/script-refusal.js";
import { definedName } from "../../core/placement/source-names.js";
import { lastIdentifier, SymbolNames, type NamedSymbols } from "../../core/placement/symbol-names.js";
import { changedScript } from "../../host/placement-script.js";
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
  const known = new Set(added.map(({ symbol }) => symbol));
  const answer = changedScript({
    ...{ image, path: order.path, script: order.script, linker: order.linker, added, removed: order.removed },
    kept: order.placements.filter(({ symbol }) => !known.has(symbol)),
  });
  return answer.kind === "script" ? { placements: added, refusals, answer } : { placements: [], refusals, answer };
}

function symbolsOf(names: SymbolNames, name: string, { kind }: WantedName): readonly ImageSymbol[] {
  const fits = ({ own }: NamedSymbols): readonly ImageSymbol[] =>
    own.filter((symbol) => kind === undefined || (symbol.kind === "function") === (kind === "function"));
  const found = fits(names.find(name));
  return found.length > 0 ? found : fits(names.find(lastIdentifier(definedName(name).name)));
}
