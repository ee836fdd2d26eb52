/** EXCLUDE_FILE before the file: GNU ld's, which lld reads as the name of a file. */
import { problemAt, type Diagnosis } from "./subject.js";

export const ignoredExclusion: Diagnosis = ({ dialect, outputs }) => {
  if (dialect.name !== "lld") return [];
  return outputs.flatMap(({ node }) =>
    node.children.flatMap((child) => {
      const file = child.kind === "input-spec" ? child.file?.pattern : undefined;
      return file?.text === "EXCLUDE_FILE" ? [problemAt(file, "ignored-exclusion", "warning")] : [];
    }),
  );
};
