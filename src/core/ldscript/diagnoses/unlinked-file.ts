/** A file's name without a wildcard that is none of the inputs: GNU ld opens it as one more. */
import { namePattern } from "../glob.js";
import { unquoted, type InputSpec, type Token } from "../tree.js";
import { problemAt, type Diagnosis, type Subject } from "./subject.js";

export const unlinkedFile: Diagnosis = (subject) => {
  const { inputs, dialect, outputs } = subject;
  if (inputs === undefined || dialect.name !== "gnu") return [];
  const files = new Set(inputs.map(({ file }) => file));
  return outputs.flatMap(({ node }) =>
    node.children
      .filter((child): child is InputSpec => child.kind === "input-spec")
      .flatMap(({ file }) => {
        const token = file?.pattern;
        if (token === undefined || !isOpened(token, subject) || files.has(unquoted(token))) return [];
        return [problemAt(token, "unlinked-file", "warning", unquoted(token))];
      }),
  );
};

/** Not archive:member, nor what is told as glued already. */
function isOpened(token: Token, { dialect }: Subject): boolean {
  const text = unquoted(token);
  return namePattern(text, token.symbol === "STRING", dialect.name).isLiteral && !/[:=,]/.test(text);
}
