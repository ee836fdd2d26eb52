/** Output sections, overlays and what may stand in their braces, as GNU ld's grammar takes them. */
import { mustBeExpression, parenthesised, parseExpression, withOperators } from "./gnu-expression.js";
import { inputSpec } from "./gnu-input-spec.js";
import {
  ASSIGNMENT_OPERATORS,
  assertion,
  assignmentStatement,
  finishAssignment,
  include,
  isName,
  type GnuCursor,
} from "./gnu-statement.js";
import { MAX_SCRIPT_NESTING } from "./limits.js";
import type { Datum, Expression, OutputSection, Overlay, SectionGroup, Token } from "./tree.js";

interface Header {
  readonly address: Expression | undefined;
  readonly type: string | undefined;
}

/** Behind the section's name, in a node that was begun before it. */
export function outputSection(c: GnuCursor, name: Token): void {
  c.enter("expression");
  const { address, type } = header(c);
  attribute(c, "AT");
  attribute(c, "ALIGN");
  c.takeIf("ALIGN_WITH_INPUT");
  attribute(c, "SUBALIGN");
  const constraint = c.takeIf("ONLY_IF_RO", "ONLY_IF_RW", "SPECIAL")?.symbol as OutputSection["constraint"];
  c.leave();
  c.enter("wildcard");
  const opening = c.need("{");
  // A mistake before the brace is the outer list's to skip, braces and all.
  if (!c.isMistaken) outputSectionBody(c, "}");
  const closing = c.need("}");
  c.leave();
  const region = c.takeIf(">") === undefined ? undefined : c.need("NAME", "STRING");
  const loadRegion = c.takeIf("AT") === undefined ? undefined : (c.need(">"), c.need("NAME", "STRING"));
  const segments = segmentsAndFill(c);
  c.end<OutputSection>({
    kind: "output-section",
    name,
    address,
    type,
    constraint,
    isClass: false,
    opening,
    closing,
    region,
    loadRegion,
    segments,
  });
}

export function overlay(c: GnuCursor): void {
  c.begin();
  c.take();
  c.enter("expression");
  if (!c.sees(":")) parseExpression(c);
  c.need(":");
  c.takeIf("NOCROSSREFS");
  attribute(c, "AT");
  attribute(c, "SUBALIGN");
  c.leave();
  c.need("{");
  c.list("overlay", "}", () => overlaySection(c));
  c.need("}");
  if (c.takeIf(">") !== undefined) c.need("NAME", "STRING");
  if (c.takeIf("AT") !== undefined) {
    c.need(">");
    c.need("NAME", "STRING");
  }
  segmentsAndFill(c);
  c.end<Overlay>({ kind: "overlay" });
}

export function sectionGroup(c: GnuCursor, body: (c: GnuCursor, closing: string) => void): void {
  c.begin();
  c.take();
  if (c.nesting > MAX_SCRIPT_NESTING) c.fail("too-deep", String(MAX_SCRIPT_NESTING));
  c.enter("expression");
  header(c);
  c.leave();
  c.need("{");
  if (!c.isMistaken) body(c, "}");
  c.need("}");
  c.end<SectionGroup>({ kind: "section-group" });
}

export function outputSectionBody(c: GnuCursor, closing: string): void {
  c.list("output-section", closing, () => statement(c));
}

function overlaySection(c: GnuCursor): void {
  c.begin();
  const name = c.need("NAME", "STRING");
  c.enter("wildcard");
  const opening = c.need("{");
  outputSectionBody(c, "}");
  const closing = c.need("}");
  c.leave();
  const segments = segmentsAndFill(c);
  const none = { address: undefined, type: undefined, constraint: undefined, region: undefined, loadRegion: undefined };
  c.end<OutputSection>({ kind: "output-section", name, ...none, isClass: false, opening, closing, segments });
}

function statement(c: GnuCursor): void {
  const { symbol } = c.peek();
  switch (symbol) {
    case ";":
      c.take();
      return;
    case "HIDDEN":
    case "PROVIDE":
    case "PROVIDE_HIDDEN":
      return assignmentStatement(c);
    case "ASSERT":
      return assertion(c, true);
    case "INCLUDE":
      return include(c, "output-section");
    case "CONSTRUCTORS":
    case "CREATE_OBJECT_SYMBOLS":
    case "LINKER_VERSION":
      c.begin();
      c.take();
      c.end<Datum>({ kind: "datum", name: symbol, value: undefined });
      return;
    case "ASCIZ":
      c.begin();
      c.take();
      c.need("NAME", "STRING");
      c.end<Datum>({ kind: "datum", name: symbol, value: undefined });
      return;
    case "QUAD":
    case "SQUAD":
    case "LONG":
    case "SHORT":
    case "BYTE":
    case "FILL":
      return datum(c);
    default:
      c.begin();
      if (isName(c)) {
        const name = c.take();
        if (c.sees(...ASSIGNMENT_OPERATORS)) return finishAssignment(c, name);
        return inputSpec(c, name);
      }
      return inputSpec(c, undefined);
  }
}

function datum(c: GnuCursor): void {
  c.begin();
  const name = c.take().symbol;
  c.need("(");
  const value = c.isMistaken ? undefined : mustBeExpression(c);
  c.need(")");
  c.end<Datum>({ kind: "datum", name, value });
}

/** Address and type up to the colon: `(` begins either, so that its next word decides. */
function header(c: GnuCursor): Header {
  let address: Expression | undefined;
  let type: string | undefined;
  if (c.takeIf("BIND") !== undefined) {
    address = inParentheses(c);
    if (c.takeIf("BLOCK") !== undefined) inParentheses(c);
    type = optionalType(c);
  } else if (c.sees("(")) {
    c.begin();
    c.take();
    if (c.sees(...TYPES, ")")) {
      type = typeName(c);
      c.end({ kind: "command", name: "TYPE", values: [] });
    } else {
      address = withOperators(c, parenthesised(c), 0);
      type = optionalType(c);
    }
  } else if (!c.sees(":")) {
    address = parseExpression(c);
    type = optionalType(c);
  }
  c.need(":");
  return { address, type };
}

function optionalType(c: GnuCursor): string | undefined {
  if (!c.sees("(")) return undefined;
  c.begin();
  c.take();
  const type = typeName(c);
  c.end({ kind: "command", name: "TYPE", values: [] });
  return type;
}

/** Behind the parenthesis, up to and with its closing one. */
function typeName(c: GnuCursor): string | undefined {
  if (c.takeIf(")") !== undefined) return undefined;
  const type = c.need(...TYPES)?.symbol;
  if (type === "TYPE") typeValue(c);
  else if (type === "READONLY" && c.takeIf("(") !== undefined) {
    c.need("TYPE");
    typeValue(c);
    c.need(")");
  }
  c.need(")");
  return type;
}

function typeValue(c: GnuCursor): void {
  c.need("=");
  parseExpression(c);
}

function attribute(c: GnuCursor, name: string): void {
  if (c.takeIf(name) !== undefined) inParentheses(c);
}

function inParentheses(c: GnuCursor): Expression {
  c.need("(");
  const value = parseExpression(c);
  c.need(")");
  return value;
}

/** `:segment … =fill ,` behind the closing brace. A name behind the fill was read as an expression's: it is read again. */
function segmentsAndFill(c: GnuCursor): Token[] {
  const segments: Token[] = [];
  while (c.takeIf(":") !== undefined) {
    const name = c.need("NAME", "STRING");
    if (name !== undefined) segments.push(name);
  }
  if (c.takeIf("=") !== undefined) mustBeExpression(c);
  if (c.sees("NAME", "STRING")) c.back();
  c.takeIf(",");
  return segments;
}

const TYPES = ["NOLOAD", "DSECT", "COPY", "INFO", "OVERLAY", "READONLY", "TYPE"];
