/** Assignments and INCLUDE as lld takes them, at any level of a script. */
import { lldExpression } from "./lld-expression.js";
import { takeName, within, type LldCursor } from "./lld-cursor.js";
import type { Assertion, Assignment, Entry, Expression, Include, Token } from "./tree.js";

/** Whether the statement that `first` begins, in a node begun before it, is an assignment or ASSERT; read if it is. */
export function lldAssignment(c: LldCursor, first: Token): boolean {
  if (c.isMistaken) return false;
  if (first.text === "ASSERT") {
    assertion(c);
    return true;
  }
  const next = c.peek().symbol;
  if (next.startsWith("=") || OPERATORS.includes(next)) {
    assign(c, first, "plain");
    return true;
  }
  const form = first.text;
  if (form !== "PROVIDE" && form !== "HIDDEN" && form !== "PROVIDE_HIDDEN") return false;
  assign(c, first, form);
  return true;
}

export function lldInclude(c: LldCursor, entry: Entry): void {
  c.begin();
  c.take();
  const file = takeName(c);
  c.end<Include>({ kind: "include", file, entry });
}

/** No semicolon need follow. */
function assertion(c: LldCursor): void {
  c.need("(");
  const condition = lldExpression(c);
  c.need(",");
  const message = takeName(c);
  c.need(")");
  c.end<Assertion>({ kind: "assertion", condition, message });
}

function assign(c: LldCursor, first: Token, form: Assignment["form"]): void {
  let name: Token | undefined = first;
  let operator = "=";
  let value: Expression | undefined;
  within(c, "expression", () => {
    if (form !== "plain") {
      c.need("(");
      name = takeName(c);
    }
    operator = (form === "plain" ? c.need("=", ...OPERATORS) : c.need("="))?.text ?? "=";
    value = c.isMistaken ? undefined : lldExpression(c);
    if (form !== "plain") c.need(")");
  });
  c.need(";");
  c.end<Assignment>({ kind: "assignment", form, name, operator, value });
}

const OPERATORS = ["+=", "-=", "*=", "/=", "&=", "^=", "|=", "<<=", ">>="];
