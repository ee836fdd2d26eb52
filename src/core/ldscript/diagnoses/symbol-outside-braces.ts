/** lld's INSERT moves output sections, and leaves the symbols between them where they were. */
import { problemAt, type Diagnosis } from "./subject.js";
import type { Element } from "../tree.js";

export const symbolOutsideBraces: Diagnosis = ({ dialect, script }) => {
  if (dialect.name !== "lld") return [];
  const { children } = script.tree;
  return children.flatMap((child, index) => {
    if (child.kind !== "sections" || children[index + 1]?.kind !== "insert") return [];
    return child.children
      .filter(isSymbol)
      .map((symbol) => problemAt(symbol, "symbol-outside-braces", "warning", nameOf(symbol)));
  });
};

function isSymbol(element: Element): boolean {
  return element.kind === "assignment" && nameOf(element) !== "." && element.value !== undefined;
}

function nameOf(element: Element): string {
  return element.kind === "assignment" ? (element.name?.text ?? "") : "";
}
