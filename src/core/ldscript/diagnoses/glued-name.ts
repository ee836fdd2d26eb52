/** A comma, an equals sign or a comment that is part of a name: what was meant to be two matches nothing. */
import type { RawProblem } from "../problems.js";
import { problemAt, type Diagnosis } from "./subject.js";
import type { InputSpec, Token } from "../tree.js";

export const gluedName: Diagnosis = ({ outputs }) =>
  outputs.flatMap(({ node }) =>
    node.children.filter((child) => child.kind === "input-spec").flatMap((spec) => inSpec(spec)),
  );

function inSpec(spec: InputSpec): RawProblem[] {
  const names = (spec.patterns ?? []).map(({ pattern }) => pattern);
  const file = spec.file?.pattern;
  return [...names, file].flatMap((token) => {
    const glue = token === undefined ? undefined : glueOf(token, token === file && spec.patterns === undefined);
    return token === undefined || glue === undefined
      ? []
      : [problemAt(token, "glued-name", "warning", glue, token.text)];
  });
}

function glueOf({ symbol, text }: Token, isFile: boolean): string | undefined {
  if (symbol === "STRING") return undefined;
  // lld makes a name of its own of a comma.
  if (text.includes(",")) return ",";
  if (text.includes("/*") && text.includes("*/")) return "/*";
  if (isFile && text.includes("=")) return "=";
  return undefined;
}
