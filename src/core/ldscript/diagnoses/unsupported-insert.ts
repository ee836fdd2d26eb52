/** INSERT is GNU ld's and lld's: gold and mold take a script for the whole layout, or not at all. */
import { problemAt, type Diagnosis } from "./subject.js";

export const unsupportedInsert: Diagnosis = ({ dialect, script }) => {
  if (dialect.name !== "gold") return [];
  return script.tree.children.flatMap((child) =>
    child.kind === "insert" ? [problemAt(child, "unsupported-insert", "error")] : [],
  );
};
