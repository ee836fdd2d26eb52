/** EXCLUDE_FILE before the file: GNU ld's, which lld reads as the name of a file. */
import { remembered } from "../script-memory.js";
import type { OutputSection, Token } from "../tree.js";
import { problemAt, type Diagnosis } from "./subject.js";

export const ignoredExclusion: Diagnosis = ({ dialect, outputs, memory }) => {
  if (dialect.name !== "lld") return [];
  return outputs.flatMap(({ node }) =>
    remembered(memory.ignoredExclusions, node, exclusionsIn).map((token) =>
      problemAt(token, "ignored-exclusion", "warning"),
    ),
  );
};

function exclusionsIn({ children }: OutputSection): Token[] {
  const files = children.map((child) => (child.kind === "input-spec" ? child.file?.pattern : undefined));
  return files.filter((file) => file !== undefined).filter(({ text }) => text === "EXCLUDE_FILE");
}
