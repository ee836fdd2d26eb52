/** Under --gc-sections what nothing refers to goes, placed or not. */
import { isLocked, nameOf, problemAt, type Diagnosis } from "./subject.js";

export const missingKeep: Diagnosis = (subject) => {
  if (!subject.dropsUnreferenced) return [];
  return subject.outputs.flatMap(({ node }) => {
    if (!isLocked(subject, nameOf(node))) return [];
    const specs = node.children.filter((child) => child.kind === "input-spec");
    return specs
      .filter(({ keep }) => !keep)
      .slice(0, 1)
      .map((spec) => problemAt(spec, "missing-keep", "information", nameOf(node)));
  });
};
