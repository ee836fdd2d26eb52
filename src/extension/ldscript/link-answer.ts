/** Answers about a program's link, in the analysis thread: what was found is kept until the program is built again. */
import { statSync } from "node:fs";
import { basename } from "node:path";
import type { Image } from "../../core/image/image.js";
import { SymbolNames } from "../../core/placement/symbol-names.js";
import type { WhereReport } from "../../core/report/script-search-text.js";
import { findScripts, realPath, type FoundScripts } from "../../host/ldscript-search.js";
import { decidingScript, placedSymbols, takenByStatement } from "../../host/ldscript-where.js";
import { linkedInputs, type LinkedInputs } from "../../host/linked-inputs.js";
import { findProject } from "../../host/project-file.js";
import { spelledNames, withoutFile } from "../placement/wanted-names.js";
import type { LinkOrder, LinkResult, SearchedFolders, TakenOrder, WhereOrder, WhereResult } from "./script-order.js";

interface KnownLink {
  readonly stamp: string;
  readonly found: FoundScripts;
  /** Read when it is first asked for. */
  linked(): LinkedInputs | undefined;
}

export class LinkAnswers {
  private known: KnownLink | undefined;

  /** @param path of the program. */
  answer(image: Image, path: string, order: LinkOrder): LinkResult<LinkOrder> {
    const link = this.linkOf(path, order);
    switch (order.kind) {
      case "where":
        return whereOf(image, path, link, order);
      case "taken":
        return { taken: takenBy(link, order) };
      case "own-script":
        return { path: link.found.chosen[0]?.path };
    }
  }

  private linkOf(path: string, { folders, mayRun }: SearchedFolders): KnownLink {
    const project = folders[0] === undefined ? undefined : findProject(folders[0])?.path;
    const stamp = JSON.stringify([folders, mayRun, stampOf(path), project === undefined ? "" : stampOf(project)]);
    if (this.known?.stamp === stamp) return this.known;
    const found = findScripts({ folders, anywhere: false, program: path, mayRun });
    let linked: { readonly inputs: LinkedInputs | undefined } | undefined;
    this.known = { stamp, found, linked: () => (linked ??= { inputs: linkedInputs(found) }).inputs };
    return this.known;
  }
}

function whereOf(image: Image, path: string, { found, linked }: KnownLink, order: WhereOrder): WhereResult {
  const { wanted } = order;
  const [spelled = wanted.name] = spelledNames(image, [wanted], order.sourceMap);
  const symbol = withoutFile(spelled, wanted);
  const names = new SymbolNames(image);
  const own = names.find(symbol).own;
  const symbols = own.length > 0 ? own : names.find(wanted.name).own;
  const script = decidingScript(found);
  const head = { version: 1, symbol, program: path, linker: found.dialect.name } as const;
  if (script === undefined || symbols.length === 0) {
    const report: WhereReport = {
      ...head,
      script: script && { path: script.path, isBuiltIn: script.isBuiltIn },
      from: undefined,
      placed: [],
    };
    return { report, builtIn: undefined };
  }
  const source = wanted.at === undefined ? undefined : basename(wanted.at.file);
  const placed = placedSymbols(found, linked(), script, symbols, (address) => image.sectionAt(address)?.name, source);
  const { path: at, isBuiltIn } = script;
  return { report: { ...head, script: { path: at, isBuiltIn }, from: linked()?.from, placed }, builtIn: found.builtIn };
}

function takenBy({ found, linked }: KnownLink, { script, offset }: TakenOrder) {
  const path = script === undefined ? undefined : realPath(script.path);
  if (script !== undefined && !found.chosen.some((each) => each.path === path)) return undefined;
  const given = script === undefined || path === undefined ? undefined : { path, text: script.text };
  const deciding = decidingScript(found, given);
  if (deciding === undefined || deciding.isBuiltIn !== (script === undefined)) return undefined;
  return takenByStatement(found, linked(), deciding, offset);
}

function stampOf(path: string): string {
  const { ino, size, mtimeMs } = statSync(path);
  return `${path} ${ino} ${size} ${mtimeMs}`;
}
