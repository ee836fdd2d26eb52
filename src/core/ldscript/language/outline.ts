/** A script's outline: what stands in it, as an editor lists it. */
import { extentOf, type Extent } from "../extent.js";
import { unquoted, type Insert, type Node, type OutputSection, type Token } from "../tree.js";

export type OutlineKind =
  | "memory"
  | "region"
  | "program-headers"
  | "segment"
  | "sections"
  | "output-section"
  | "overlay"
  | "symbol"
  | "version"
  | "command"
  | "include";

export interface OutlineItem {
  readonly kind: OutlineKind;
  /** As written in the script, without quotes. */
  readonly name: string;
  /** What else its first line says: "> RAM AT> FLASH", "INSERT AFTER .text". */
  readonly detail: string;
  readonly span: Extent;
  readonly nameSpan: Extent;
  readonly children: readonly OutlineItem[];
}

/** In the order of the text. Assignments to the location counter are left out: they would be most of it. */
export function outlineOf(tree: Node): OutlineItem[] {
  return tree.children.flatMap((child, index) => {
    if (child.kind === "token") return [];
    const item = itemOf(child, child.kind === "sections" ? insertBehind(tree, index) : undefined);
    return item === undefined ? [] : [item];
  });
}

/** The INSERT that moves what is in the SECTIONS before it. */
function insertBehind({ children }: Node, index: number): Insert | undefined {
  const next = children.slice(index + 1).find(({ kind }) => kind !== "token");
  return next?.kind === "insert" ? next : undefined;
}

function itemOf(node: Node, insert: Insert | undefined): OutlineItem | undefined {
  switch (node.kind) {
    case "memory":
      return itemWith(node, "memory", "MEMORY", undefined);
    case "program-headers":
      return itemWith(node, "program-headers", "PHDRS", undefined);
    case "sections": {
      const target = insert?.target;
      const moved = target === undefined ? "" : `INSERT ${insert?.after === true ? "AFTER" : "BEFORE"} ${target.text}`;
      return itemWith(node, "sections", node.overwrite ? "OVERWRITE_SECTIONS" : "SECTIONS", undefined, moved);
    }
    case "overlay":
      return itemWith(node, "overlay", "OVERLAY", undefined);
    case "version-block":
      return itemWith(node, "version", "VERSION", undefined);
    case "version-node":
      return itemWith(node, "version", node.tag?.text ?? "{ }", node.tag);
    case "memory-region":
      return named(node, "region", node.name);
    case "program-header":
      return named(node, "segment", node.name);
    case "output-section":
      return named(node, "output-section", node.name, placedIn(node));
    case "assignment":
      return node.name?.text === "." ? undefined : named(node, "symbol", node.name, HIDDEN_FORMS[node.form]);
    case "command":
      return itemWith(node, "command", node.name, undefined, node.values.map(({ text }) => text).join(" "));
    case "include":
      return itemWith(node, "include", "INCLUDE", undefined, node.file?.text ?? "");
    default:
      return undefined;
  }
}

const HIDDEN_FORMS = { plain: "", HIDDEN: "HIDDEN", PROVIDE: "PROVIDE", PROVIDE_HIDDEN: "PROVIDE_HIDDEN" } as const;

function named(node: Node, kind: OutlineKind, token: Token | undefined, detail = ""): OutlineItem | undefined {
  return token === undefined ? undefined : itemWith(node, kind, unquoted(token), token, detail);
}

function itemWith(
  node: Node,
  kind: OutlineKind,
  name: string,
  token: Token | undefined,
  detail = "",
): OutlineItem | undefined {
  const span = extentOf(node);
  const nameSpan = token === undefined ? { start: span.start, end: span.start } : extentOf(token);
  return { kind, name, detail, span, nameSpan, children: outlineOf(node) };
}

function placedIn({ region, loadRegion, segments, constraint }: OutputSection): string {
  return [
    constraint,
    region === undefined ? undefined : `> ${region.text}`,
    loadRegion === undefined ? undefined : `AT> ${loadRegion.text}`,
    ...segments.map(({ text }) => `:${text.replace(/^:/, "")}`),
  ]
    .filter((part) => part !== undefined)
    .join(" ");
}
