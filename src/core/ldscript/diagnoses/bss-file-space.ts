/** Zeroes that take space in the file: one section with contents among them is enough. */
import { isLocked, nameOf, problemAt, type Diagnosis } from "./subject.js";

/** gcc makes PROGBITS of a section attribute's `.locked_bss`; only names that begin with .bss stay NOBITS. */
export const bssFileSpace: Diagnosis = (subject) => {
  const { outputs, placements } = subject;
  if (placements === undefined) return [];
  return outputs.flatMap(({ node }) => {
    const taken = placements.filter(({ rule }) => rule?.output.node === node).map(({ input }) => input);
    const isBss = (isLocked(subject, nameOf(node)) && /bss/.test(nameOf(node))) || nameOf(node) === ".bss";
    const withContents = taken.find(({ type, flags }) => type === "PROGBITS" && flags.includes("A"));
    if (!isBss || node.type === "NOLOAD" || withContents === undefined || node.name === undefined) return [];
    return [problemAt(node.name, "bss-file-space", "warning", nameOf(node), withContents.name, withContents.file)];
  });
};
