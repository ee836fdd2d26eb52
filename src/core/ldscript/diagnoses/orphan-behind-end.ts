/** A section that no statement names joins the output section of its name, behind the symbol that is to mark its end. */
import { nameOf, problemAt, type Diagnosis } from "./subject.js";
import type { Assignment, OutputSection } from "../tree.js";

export const orphanBehindEnd: Diagnosis = ({ outputs, placements }) => {
  if (placements === undefined) return [];
  const orphans = placements.filter(({ rule }) => rule === undefined);
  return outputs.flatMap(({ node }) => {
    const end = endSymbol(node);
    const orphan = orphans.find(({ output }) => output === nameOf(node));
    if (end?.name === undefined || orphan === undefined) return [];
    const { name, file } = orphan.input;
    return [problemAt(end.name, "orphan-behind-end", "warning", name, file, end.name.text)];
  });
};

/** The last symbol that is set behind all statements that take sections. */
function endSymbol({ children }: OutputSection): Assignment | undefined {
  const last = children.findLastIndex(({ kind }) => kind === "input-spec");
  return children
    .slice(last + 1)
    .findLast((child): child is Assignment => child.kind === "assignment" && child.name?.text !== ".");
}
