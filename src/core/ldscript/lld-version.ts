/** Version scripts and dynamic lists as lld takes them. */
import { takeName, until, type LldCursor } from "./lld-cursor.js";
import type { VersionBlock, VersionNode } from "./tree.js";

export function lldVersionBlock(c: LldCursor): void {
  c.begin();
  c.take();
  c.need("{");
  nodes(c);
  c.need("}");
  c.end<VersionBlock>({ kind: "version-block" });
}

export function lldVersionScript(c: LldCursor): void {
  nodes(c);
  if (!c.isMistaken && !c.sees("END")) c.fail("syntax", "EOF");
}

export function lldDynamicList(c: LldCursor): void {
  c.begin();
  c.need("{");
  symbols(c);
  c.need(";");
  c.end<VersionNode>({ kind: "version-node", tag: undefined });
  if (!c.isMistaken && !c.sees("END")) c.fail("syntax", "EOF");
}

function nodes(c: LldCursor): void {
  if (c.sees("{")) {
    c.begin();
    c.take();
    symbols(c);
    c.need(";");
    c.end<VersionNode>({ kind: "version-node", tag: undefined });
    return;
  }
  while (c.goesOn("}")) {
    c.begin();
    const tag = c.take();
    if (tag.text === "{") c.failAt(tag);
    c.need("{");
    symbols(c);
    if (c.takeIf(";") === undefined) {
      takeName(c);
      c.need(";");
    }
    c.end<VersionNode>({ kind: "version-node", tag });
  }
}

function symbols(c: LldCursor): void {
  until(c, "}", ({ text }) => {
    if (text === "extern") language(c);
    else if (text === "local:" || text === "global:") return;
    else if ((text === "local" || text === "global") && c.takeIf(":") !== undefined) return;
    c.need(";");
  });
}

function language(c: LldCursor): void {
  const name = takeName(c);
  if (name !== undefined && name.text !== '"C++"' && name.text !== '"C"') c.failAt(name);
  c.need("{");
  while (c.goesOn("}")) {
    takeName(c);
    if (c.sees("}")) break;
    c.need(";");
  }
  c.need("}");
}
