/** The names a script defines and refers to: symbols, regions, output sections, segments, included files. */
import { unquoted, type Command, type Node, type Token } from "../tree.js";

export type NameKind = "symbol" | "region" | "output-section" | "segment" | "class" | "file";

export interface ScriptName {
  readonly kind: NameKind;
  /** Without quotes, and without the colon that lld's lexer leaves on a segment. */
  readonly name: string;
  readonly token: Token;
  /** Of the name in the text, quotes included, UTF-16 units. */
  readonly offset: number;
  readonly length: number;
  readonly isDefinition: boolean;
}

/** In the order of the text. `.`, the location counter, is none of them; nor is what only the object files say. */
export function namesOf(tree: Node): ScriptName[] {
  const names: ScriptName[] = [];
  const tell: Tell = (kind, token, isDefinition) => {
    if (token === undefined) return;
    const skipped = kind === "segment" && token.text.startsWith(":") ? 1 : 0;
    const name = unquoted(token).slice(skipped);
    const place = { offset: token.offset + skipped, length: token.text.length - skipped };
    if (name !== "" && name !== ".") names.push({ kind, name, token, ...place, isDefinition });
  };
  const pending: Node[] = [tree];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    ownNames(next, tell);
    for (const child of next.children) if (child.kind !== "token") pending.push(child);
  }
  return names.sort((a, b) => a.offset - b.offset);
}

export type Tell = (kind: NameKind, token: Token | undefined, isDefinition: boolean) => void;

/** The names that a node has itself, not those of the nodes in it. */
export function ownNames(node: Node, tell: Tell): void {
  switch (node.kind) {
    case "assignment":
      return tell("symbol", node.name, true);
    case "symbol":
      // Reads like a name, and is none.
      return node.token.text === "SIZEOF_HEADERS" ? undefined : tell("symbol", node.token, false);
    case "call": {
      const kind = ARGUMENTS[node.name];
      return kind === undefined ? undefined : tell(kind, node.argument, false);
    }
    case "memory-region":
      return tell("region", node.name, true);
    case "program-header":
      return tell("segment", node.name, true);
    case "output-section":
      tell(node.isClass ? "class" : "output-section", node.name, true);
      tell("region", node.region, false);
      tell("region", node.loadRegion, false);
      return node.segments.forEach((token) => tell("segment", token, false));
    case "input-spec":
      return tell("class", node.className, false);
    case "insert":
      return tell("output-section", node.target, false);
    case "include":
      return tell("file", node.file, false);
    case "command":
      return commandNames(node, tell);
    default:
      return undefined;
  }
}

/** ld's manual, "Builtin Functions": what stands in the parentheses of each. */
const ARGUMENTS: Readonly<Record<string, NameKind>> = {
  ADDR: "output-section",
  ALIGNOF: "output-section",
  LOADADDR: "output-section",
  SIZEOF: "output-section",
  ORIGIN: "region",
  LENGTH: "region",
  DEFINED: "symbol",
};

function commandNames({ name, values }: Command, tell: Tell): void {
  if (name === "ENTRY" || name === "EXTERN") values.forEach((token) => tell("symbol", token, false));
  if (name === "NOCROSSREFS" || name === "NOCROSSREFS_TO")
    values.forEach((token) => tell("output-section", token, false));
  if (name === "REGION_ALIAS") {
    tell("region", values[0], true);
    tell("region", values[1], false);
  }
}

/** The name at a place of the text: on it, or right behind its last character. */
export function nameAt(names: readonly ScriptName[], offset: number): ScriptName | undefined {
  return names.find((name) => name.offset <= offset && offset <= name.offset + name.length);
}

/** All that mean the same thing, definitions too. A `:NONE` segment and the like have no definition. */
export function sameAs(names: readonly ScriptName[], wanted: ScriptName): ScriptName[] {
  return names.filter(({ kind, name }) => kind === wanted.kind && name === wanted.name);
}
