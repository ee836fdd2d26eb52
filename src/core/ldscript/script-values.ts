/** What a script's symbols are worth, as far as the script or the file that was linked with it tells. */
import type { Dialect } from "./dialect.js";
import { combined, evaluate, type KnownNames } from "./evaluate.js";
import type { WholeScript } from "./included.js";
import { isComplete, isHolder } from "./script-outline.js";
import { unquoted, type Assignment, type Command, type Expression, type MemoryRegion, type Node } from "./tree.js";

/** The file that came of the link. */
export interface LinkedFile {
  readonly section: (name: string) => LinkedSection | undefined;
  readonly symbol: (name: string) => bigint | undefined;
  /** Of the ELF header and the program headers, in bytes: SIZEOF_HEADERS. */
  readonly headersSize: bigint;
}

export interface LinkedSection {
  readonly address: bigint;
  readonly size: bigint;
  readonly loadAddress: bigint | undefined;
  readonly alignment: bigint;
  /** Whether what follows comes behind it: not of sections that are not loaded, nor of .tbss. */
  readonly advances: boolean;
}

export interface ValueFacts {
  readonly dialect: Dialect;
  readonly linked: LinkedFile | undefined;
  /** CONSTANT(COMMONPAGESIZE) and CONSTANT(MAXPAGESIZE) of the target, where it is known. */
  readonly pageSizes: { readonly common: bigint; readonly maximum: bigint } | undefined;
}

/** Of every assignment whose value is known, those of included files among them. */
export function scriptValues(script: WholeScript, facts: ValueFacts): ReadonlyMap<Assignment, bigint> {
  const regions = regionsOf(script);
  const symbols = new Map<string, bigint | undefined>();
  const values = new Map<Assignment, bigint>();
  const repeated = namesAssignedTwice(script);
  // The linked file knows the last value only.
  const linkedSymbol = (name: string): bigint | undefined =>
    repeated.has(name) ? undefined : facts.linked?.symbol(name);
  let counter: bigint | undefined = isComplete(script) ? 0n : undefined;
  const known: KnownNames = {
    dialect: facts.dialect.name,
    symbol: (name) => {
      if (name === ".") return counter;
      return symbols.has(name) ? symbols.get(name) : linkedSymbol(name);
    },
    attribute: (name, of) => attribute(name, of),
  };
  const asked = new Set<Expression>();
  const ofRegion = (expression: Expression | undefined): bigint | undefined => {
    // A region may ask for itself.
    if (expression === undefined || asked.has(expression)) return undefined;
    asked.add(expression);
    const value = evaluate(expression, known);
    asked.delete(expression);
    return value;
  };
  const attribute = (name: string, of: string): bigint | undefined => {
    const region = regions.get(of);
    switch (name) {
      case "ORIGIN":
        return ofRegion(region?.origin);
      case "LENGTH":
        return ofRegion(region?.length);
      case "DEFINED":
        return symbols.has(of) || facts.linked?.symbol(of) !== undefined ? 1n : undefined;
      case "CONSTANT":
        return of === "COMMONPAGESIZE"
          ? facts.pageSizes?.common
          : of === "MAXPAGESIZE"
            ? facts.pageSizes?.maximum
            : undefined;
      case "SIZEOF_HEADERS":
        // lld counts headers that it leaves out later.
        return facts.dialect.name === "lld" ? undefined : facts.linked?.headersSize;
      default:
        return sectionAttribute(name, facts.linked?.section(of));
    }
  };
  const visit = (node: Node, isInSection: boolean): void => {
    for (const child of node.children) {
      if (child.kind === "assignment") {
        const name = child.name === undefined ? "" : unquoted(child.name);
        const given = child.value === undefined ? undefined : evaluate(child.value, known);
        const before = name === "." ? counter : symbols.get(name);
        const computed = combined(child.operator, before, given, facts.dialect.name);
        // In a section GNU ld makes offsets of numbers: only the linked file tells the sum.
        const value =
          name !== "."
            ? (linkedSymbol(name) ?? (isInSection ? undefined : computed))
            : isInSection
              ? undefined
              : computed;
        if (name === ".") counter = value;
        else symbols.set(name, value);
        if (value !== undefined) values.set(child, value);
      } else if (child.kind === "output-section") {
        const linked = child.name === undefined ? undefined : facts.linked?.section(unquoted(child.name));
        const before = counter;
        counter = undefined;
        visit(child, true);
        counter = linked === undefined ? undefined : linked.advances ? linked.address + linked.size : before;
      } else if (child.kind === "include") {
        const included = script.included.scripts.get(child);
        if (included === undefined) counter = undefined;
        else visit(included.tree, isInSection);
      } else if (isHolder(child)) visit(child, isInSection);
    }
  };
  visit(script.tree, false);
  return values;
}

function namesAssignedTwice({ tree, included }: WholeScript): ReadonlySet<string> {
  const once = new Set<string>();
  const twice = new Set<string>();
  const visit = (node: Node): void => {
    for (const child of node.children) {
      if (child.kind === "assignment" && child.name !== undefined) {
        const name = unquoted(child.name);
        (once.has(name) ? twice : once).add(name);
      }
      const script = child.kind === "include" ? included.scripts.get(child)?.tree : undefined;
      if (script !== undefined) visit(script);
      else if (child.kind === "output-section" || isHolder(child)) visit(child);
    }
  };
  visit(tree);
  return twice;
}

function sectionAttribute(name: string, section: LinkedSection | undefined): bigint | undefined {
  switch (name) {
    case "ADDR":
      return section?.address;
    case "SIZEOF":
      return section?.size;
    case "LOADADDR":
      return section?.loadAddress;
    case "ALIGNOF":
      return section?.alignment;
    default:
      return undefined;
  }
}

interface Region {
  readonly origin: Expression | undefined;
  readonly length: Expression | undefined;
}

/** MEMORY's, and other names that REGION_ALIAS gives them. */
function regionsOf({ tree, included }: WholeScript): ReadonlyMap<string, Region> {
  const regions = new Map<string, Region>();
  const visit = (node: Node): void => {
    for (const child of node.children) {
      if (child.kind === "memory-region") addRegion(regions, child);
      else if (child.kind === "command") addAlias(regions, child);
      else if (child.kind === "include") {
        const script = included.scripts.get(child);
        if (script !== undefined) visit(script.tree);
      } else if (child.kind === "memory") visit(child);
    }
  };
  visit(tree);
  return regions;
}

function addRegion(regions: Map<string, Region>, { name, origin, length }: MemoryRegion): void {
  if (name !== undefined) regions.set(unquoted(name), { origin, length });
}

function addAlias(regions: Map<string, Region>, { name, values }: Command): void {
  const [alias, region] = values;
  if (name !== "REGION_ALIAS" || alias === undefined || region === undefined) return;
  const known = regions.get(unquoted(region));
  if (known !== undefined) regions.set(unquoted(alias), known);
}
