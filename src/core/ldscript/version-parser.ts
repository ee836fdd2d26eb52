/** Version scripts and dynamic lists, in the lexer modes GNU ld has for them. */
import type { Cursor } from "./cursor.js";
import type { GnuMode } from "./gnu-lexer.js";
import { MAX_SCRIPT_NESTING } from "./limits.js";
import type { VersionBlock, VersionNode } from "./tree.js";

type GnuCursor = Cursor<GnuMode>;

/** VERSION { … } in a script. */
export function versionBlock(c: GnuCursor): void {
  c.begin();
  c.take();
  c.enter("version-start");
  if (c.need("{") !== undefined) c.switchTo("version");
  versionNodes(c, "}");
  c.need("}");
  c.leave();
  c.end<VersionBlock>({ kind: "version-block" });
}

export function versionNodes(c: GnuCursor, closing: string): void {
  do versionNode(c);
  while (c.goesOn(closing));
}

export function dynamicList(c: GnuCursor): void {
  do {
    c.begin();
    openNode(c);
    ended(c, definitions(c));
    closeNode(c);
    c.need(";");
    c.end<VersionNode>({ kind: "version-node", tag: undefined });
  } while (c.goesOn("END"));
}

function versionNode(c: GnuCursor): void {
  c.begin();
  const tag = c.takeIf("TAG");
  openNode(c);
  if (!c.sees("}")) body(c);
  closeNode(c);
  if (tag !== undefined) while (c.takeIf("TAG") !== undefined);
  c.need(";");
  c.end<VersionNode>({ kind: "version-node", tag });
}

/** The word global or local is a scope before a colon and a symbol's name otherwise. */
function body(c: GnuCursor): void {
  const scope = c.takeIf("global", "local");
  if (scope === undefined) return ended(c, definitions(c));
  if (c.takeIf(":") === undefined) return ended(c, moreDefinitions(c));
  const end = definitions(c, scope.symbol === "global");
  ended(c, end === "local" ? definitions(c) : end);
}

/** How a list of symbols ended: behind its semicolon, before one that is missing, or behind `local:`. */
type ListEnd = "semicolon" | "open" | "local";

function ended(c: GnuCursor, end: ListEnd): void {
  if (end !== "semicolon") c.need(";");
}

/** `a; b; extern "C" { c; };` */
function definitions(c: GnuCursor, beforeLocal = false): ListEnd {
  definition(c);
  return moreDefinitions(c, beforeLocal);
}

function moreDefinitions(c: GnuCursor, beforeLocal = false): ListEnd {
  while (c.takeIf(";") !== undefined) {
    if (c.sees("}")) return "semicolon";
    if (beforeLocal && c.takeIf("local") !== undefined) {
      if (c.takeIf(":") !== undefined) return "local";
    } else definition(c);
  }
  return "open";
}

function definition(c: GnuCursor): void {
  const first = c.need("IDENTIFIER", "STRING", "extern", "global", "local");
  if (first?.symbol !== "extern" || !c.sees("STRING")) return;
  if (c.nesting > MAX_SCRIPT_NESTING) return c.fail("too-deep", String(MAX_SCRIPT_NESTING));
  c.begin();
  c.take();
  c.need("{");
  definitions(c);
  c.need("}");
  c.end<VersionBlock>({ kind: "version-block" });
}

function openNode(c: GnuCursor): void {
  if (c.need("{") !== undefined) c.switchTo("version-node");
}

function closeNode(c: GnuCursor): void {
  if (c.need("}") !== undefined) c.switchTo("version");
}
