/** What may stand at several levels of a script: INCLUDE, assignments, ASSERT, as GNU ld's grammar takes them. */
import type { Cursor } from "./cursor.js";
import { mustBeExpression, parseExpression } from "./gnu-expression.js";
import type { GnuMode } from "./gnu-lexer.js";
import type { Assertion, Assignment, Entry, Expression, Include, Token } from "./tree.js";

export type GnuCursor = Cursor<GnuMode>;

export function include(c: GnuCursor, entry: Entry): void {
  c.begin();
  c.take();
  const file = c.need("NAME", "STRING");
  c.end<Include>({ kind: "include", file, entry });
}

/** An assignment and its separator; in the mode of whatever surrounds it. */
export function assignmentStatement(c: GnuCursor): void {
  c.begin();
  if (isName(c)) {
    const name = c.take();
    return finishAssignment(c, name);
  }
  const form = c.take().symbol as Assignment["form"];
  c.need("(");
  const name = c.need("NAME", "STRING");
  c.need("=");
  const value = c.isMistaken ? undefined : mustBeExpression(c);
  c.need(")");
  c.need(";", ",");
  c.end<Assignment>({ kind: "assignment", form, name, operator: "=", value });
}

/** Behind the name, in a node that was begun before it. */
export function finishAssignment(c: GnuCursor, name: Token): void {
  const operator = c.need(...ASSIGNMENT_OPERATORS)?.symbol ?? "=";
  const value = c.isMistaken ? undefined : mustBeExpression(c);
  c.need(";", ",");
  c.end<Assignment>({ kind: "assignment", form: "plain", name, operator, value });
}

export function assertion(c: GnuCursor, separated: boolean): void {
  c.begin();
  c.take();
  c.enter("expression");
  c.need("(");
  const condition: Expression | undefined = c.isMistaken ? undefined : parseExpression(c);
  c.need(",");
  const message = c.need("NAME", "STRING");
  c.need(")");
  if (separated) c.need(";", ",");
  c.leave();
  c.end<Assertion>({ kind: "assertion", condition, message });
}

export function isName(c: GnuCursor): boolean {
  return c.sees("NAME", "STRING");
}

export const ASSIGNMENT_OPERATORS = ["=", "+=", "-=", "*=", "/=", "<<=", ">>=", "&=", "|=", "^="];
