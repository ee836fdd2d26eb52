/** A statement of a locked section that names what no input has: its function stays where it was, without a word. */
import type { InputSpec } from "../tree.js";
import { unquoted } from "../tree.js";
import { isLocked, nameOf, problemAt, type Diagnosis } from "./subject.js";

/** The section's own name may match nothing where all of it is placed by script, but not where nothing else does. */
export const unmatchedTag: Diagnosis = (subject) => {
  const { outputs, placements } = subject;
  if (placements === undefined) return [];
  const naming = new Set(
    placements
      .flatMap(({ rule, shadowed }) => [...(rule === undefined ? [] : [rule]), ...shadowed])
      .map(({ spec }) => spec),
  );
  return outputs.flatMap(({ node }) => {
    const output = nameOf(node);
    if (!isLocked(subject, output)) return [];
    const specs = node.children.filter((child): child is InputSpec => child.kind === "input-spec");
    const unmatched = specs.filter((spec) => !naming.has(spec));
    const isEmpty = unmatched.length === specs.length;
    return unmatched
      .filter((spec) => isEmpty || !isOwnName(spec, output))
      .map((spec) => problemAt(spec, "unmatched-tag", "warning", spec.patterns?.[0]?.pattern?.text ?? output));
  });
};

function isOwnName({ patterns }: InputSpec, output: string): boolean {
  const plain = output.replace(/^\./, "");
  return (
    patterns?.some(({ pattern }) => pattern !== undefined && unquoted(pattern).replace(/^\./, "") === plain) ?? false
  );
}
