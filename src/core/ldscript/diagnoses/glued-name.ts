/** A comma, an equals sign or a comment that is part of a name: what was meant to be two matches nothing. */
import { remembered, type GluedName } from "../script-memory.js";
import { problemAt, type Diagnosis } from "./subject.js";
import type { OutputSection, Token } from "../tree.js";

export const gluedName: Diagnosis = ({ outputs, memory }) =>
  outputs.flatMap(({ node }) =>
    remembered(memory.glued, node, gluedIn).map(({ token, glue }) =>
      problemAt(token, "glued-name", "warning", glue, token.text),
    ),
  );

function gluedIn({ children }: OutputSection): GluedName[] {
  const found: GluedName[] = [];
  const look = (token: Token | undefined, isFile: boolean): void => {
    const glue = token === undefined ? undefined : glueOf(token, isFile);
    if (token !== undefined && glue !== undefined) found.push({ token, glue });
  };
  for (const child of children) {
    if (child.kind !== "input-spec") continue;
    for (const { pattern } of child.patterns ?? []) look(pattern, false);
    look(child.file?.pattern, child.patterns === undefined);
  }
  return found;
}

function glueOf({ symbol, text }: Token, isFile: boolean): string | undefined {
  if (symbol === "STRING") return undefined;
  // lld makes a name of its own of a comma.
  if (text.includes(",")) return ",";
  if (text.includes("/*") && text.includes("*/")) return "/*";
  if (isFile && text.includes("=")) return "=";
  return undefined;
}
