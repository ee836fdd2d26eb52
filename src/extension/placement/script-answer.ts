/** Way 2 of a placement, in the analysis thread: what is placed by the linker script, and the script's text. */
import type { Image, ImageSymbol } from "../../core/image/image.js";
import { kindOf } from "../../core/placement/locked-sections.js";
import { isSameName, type Placement } from "../../core/placement/placement.js";
import { filesOfShared } from "../../core/placement/placed-symbols.js";
import { scriptRefusal, type ScriptRefusal } from "../../core/placement/script-refusal.js";
import { definedName } from "../../core/placement/source-names.js";
import { lastIdentifier, SymbolNames, type NamedSymbols } from "../../core/placement/symbol-names.js";
import { sourceMapper } from "../../core/report/source-map.js";
import { projectPath } from "../../host/kept-placement.js";
import { changedScript } from "../../host/placement-script.js";
import { fitsKind, type RefusedName, type ScriptOrder, type ScriptResult, type WantedName } from "./placement-order.js";
import { realPath, spelledNames, withoutFile } from "./wanted-names.js";

export function scriptAnswer(image: Image, order: ScriptOrder): ScriptResult {
  const names = new SymbolNames(image);
  const refusals: RefusedName[] = [];
  const added: Placement[] = [];
  const spelled = spelledNames(image, order.wanted, order.sourceMap);
  for (const [index, wanted] of order.wanted.entries()) {
    const name = withoutFile(spelled[index]!, wanted);
    const own = symbolsOf(names, name, wanted);
    const [symbol] = own;
    const file = ownFile(image, own, wanted, order);
    const refusal =
      scriptRefusal(image, wanted.name, own, wanted.kind) ?? (typeof file === "object" ? file : undefined);
    if (refusal !== undefined) refusals.push({ wanted, refusal });
    else if (symbol !== undefined) {
      const section = image.sectionAt(symbol.address);
      const kind = section === undefined ? (symbol.kind === "function" ? "text" : "data") : kindOf(section);
      const plain = own.length === 1 && symbol.name === symbol.displayName ? symbol.name : name;
      if (!fitsKind(wanted, kind)) refusals.push({ wanted, refusal: { code: "kind", kind } });
      else
        added.push({
          ...{ symbol: plain, kind, section: order.sections[kind], by: "script" },
          ...(typeof file === "string" ? { file } : {}),
        });
    }
  }
  const answer = changedScript({
    ...{ image, path: order.path, script: order.script, linker: order.linker, added, removed: order.removed },
    folder: order.folder,
    kept: order.placements.filter((known) => !added.some((one) => isSameName(one, known))),
  });
  return answer.kind === "script" ? { placements: added, refusals, answer } : { placements: [], refusals, answer };
}

/** Of several static ones of the name the cursor's; undefined: there is one. */
function ownFile(
  image: Image,
  own: readonly ImageSymbol[],
  { name, at }: WantedName,
  { sourceMap, folder }: ScriptOrder,
): string | ScriptRefusal | undefined {
  const files = filesOfShared(image, own).map(sourceMapper(sourceMap));
  if (files.length === 0) return undefined;
  if (at !== undefined && files.some((file) => realPath(file) === at.file)) return projectPath(folder, at.file);
  return { code: "ambiguous", choices: files.map((file) => `${file}:${name}`) };
}

function symbolsOf(names: SymbolNames, name: string, { kind }: WantedName): readonly ImageSymbol[] {
  const fits = ({ own }: NamedSymbols): readonly ImageSymbol[] =>
    own.filter((symbol) => kind === undefined || (symbol.kind === "function") === (kind === "function"));
  const found = fits(names.find(name));
  return found.length > 0 ? found : fits(names.find(lastIdentifier(definedName(name).name)));
}
