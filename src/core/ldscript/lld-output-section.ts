/** Output sections, overlays and section classes as lld takes them. */
import { lldExpression, lldParenthesised, lldPrimary } from "./lld-expression.js";
import { takeName, within, type LldCursor } from "./lld-cursor.js";
import { lldClassReference, lldInputRules, lldInputSpec } from "./lld-input-spec.js";
import { lldAssignment, lldInclude } from "./lld-statement.js";
import type { Datum, Expression, OutputSection, Overlay, SectionGroup, Token } from "./tree.js";

interface Header {
  readonly address: Expression | undefined;
  readonly type: string | undefined;
}

const NO_HEADER: Header = { address: undefined, type: undefined };

/** Behind the section's name, in a node that was begun before it. */
export function lldOutputSection(c: LldCursor, name: Token): void {
  const { address, type } = c.sees(":") ? NO_HEADER : header(c);
  c.need(":");
  if (c.takeIf("AT") !== undefined) lldParenthesised(c);
  if (c.takeIf("ALIGN") !== undefined) lldParenthesised(c);
  if (c.takeIf("SUBALIGN") !== undefined) lldParenthesised(c);
  const readOnly = c.takeIf("ONLY_IF_RO");
  const writable = c.takeIf("ONLY_IF_RW");
  const constraint = writable !== undefined ? "ONLY_IF_RW" : readOnly !== undefined ? "ONLY_IF_RO" : undefined;
  const opening = c.need("{");
  // A mistake before the brace is the outer list's to skip, braces and all.
  if (!c.isMistaken) lldOutputSectionBody(c, "}");
  const closing = c.need("}");
  const region = c.takeIf(">") === undefined ? undefined : takeName(c);
  const loadRegion = c.takeIf("AT") === undefined ? undefined : (c.need(">"), takeName(c));
  const segments = segmentNames(c);
  if (!c.isMistaken && c.peek().symbol.startsWith("=")) {
    within(c, "expression", () => {
      c.need("=");
      lldPrimary(c);
    });
  }
  c.takeIf(",");
  const attributes = { name, address, type, constraint, opening, closing, region, loadRegion, segments } as const;
  c.end<OutputSection>({ kind: "output-section", ...attributes, isClass: false });
}

export function lldOutputSectionBody(c: LldCursor, closing: string): void {
  c.list("output-section", closing, () => statement(c));
}

export function lldOverlay(c: LldCursor): void {
  c.begin();
  c.take();
  if (!c.sees(":")) lldExpression(c);
  c.need(":");
  if (c.takeIf("AT") !== undefined) lldParenthesised(c);
  c.need("{");
  c.list("overlay", "}", () => overlaySection(c));
  c.need("}");
  c.end<Overlay>({ kind: "overlay" });
}

/** CLASS(name) { … }: input sections by a name, placed where the class is referred to. */
export function lldClass(c: LldCursor): void {
  c.begin();
  c.take();
  const name = lldClassReference(c);
  const opening = c.need("{");
  c.list("class", "}", () => {
    c.begin();
    const first = c.take();
    if (first.text === "(" || first.text === ")") c.failAt(first);
    if (c.sees("(")) return lldInputSpec(c, first);
    c.end({ kind: "skipped" });
  });
  const closing = c.need("}");
  c.end<OutputSection>({ ...BARE, kind: "output-section", name, isClass: true, opening, closing, segments: [] });
}

const BARE = {
  address: undefined,
  type: undefined,
  constraint: undefined,
  region: undefined,
  loadRegion: undefined,
} as const;

function overlaySection(c: LldCursor): void {
  c.begin();
  const name = takeName(c);
  const opening = c.need("{");
  c.list("overlay-section", "}", () => {
    c.begin();
    lldInputRules(c, c.take());
  });
  const closing = c.need("}");
  const segments = segmentNames(c);
  c.end<OutputSection>({ ...BARE, kind: "output-section", name, isClass: false, opening, closing, segments });
}

function statement(c: LldCursor): void {
  if (c.takeIf(";") !== undefined) return;
  if (c.sees("INCLUDE")) return lldInclude(c, "output-section");
  c.begin();
  const first = c.take();
  if (lldAssignment(c, first)) return;
  switch (first.symbol) {
    case "BYTE":
    case "SHORT":
    case "LONG":
    case "QUAD": {
      const value = lldParenthesised(c);
      c.end<Datum>({ kind: "datum", name: first.text, value });
      return;
    }
    case "CONSTRUCTORS":
      c.end<Datum>({ kind: "datum", name: first.text, value: undefined });
      return;
    case "FILL": {
      const value = c.sees("(") ? lldPrimary(c) : (c.need("("), undefined);
      c.end<Datum>({ kind: "datum", name: first.text, value });
      return;
    }
    case "SORT":
      c.need("(");
      c.need("CONSTRUCTORS");
      c.need(")");
      c.end<SectionGroup>({ kind: "section-group" });
      return;
    case "(":
    case ")":
      c.failAt(first);
      c.end({ kind: "skipped" });
      return;
    default:
      lldInputSpec(c, first);
  }
}

/** Address and type up to the colon. */
function header(c: LldCursor): Header {
  if (c.sees("(")) {
    c.begin();
    c.take();
    const opened = within(c, "expression", (): Header | undefined => {
      if (!c.sees(...TYPES)) return undefined;
      return { address: undefined, type: directive(c) };
    });
    if (opened !== undefined) {
      c.end({ kind: "command", name: "TYPE", values: [] });
      return opened;
    }
    const inner = lldExpression(c);
    c.need(")");
    const address = c.end<Extract<Expression, { kind: "parenthesised" }>>({ kind: "parenthesised", inner });
    return { address, type: trailingType(c) };
  }
  const address = lldExpression(c);
  return { address, type: trailingType(c) };
}

function trailingType(c: LldCursor): string | undefined {
  if (c.takeIf("(") === undefined) return undefined;
  return within(c, "expression", () => directive(c));
}

/** Behind the parenthesis, up to and with its closing one. */
function directive(c: LldCursor): string | undefined {
  const type = c.need(...TYPES)?.symbol;
  if (type === "TYPE") {
    c.need("=");
    const { symbol } = c.peek();
    if (SECTION_TYPES.includes(symbol)) c.take();
    else if (symbol.startsWith("SHT_")) c.fail("syntax");
    else lldExpression(c);
  }
  c.need(")");
  return type;
}

function segmentNames(c: LldCursor): Token[] {
  const segments: Token[] = [];
  while (!c.isMistaken && c.peek().symbol.startsWith(":")) {
    const token = c.take();
    const name = token.text === ":" ? takeName(c) : token;
    if (name !== undefined) segments.push(name);
  }
  return segments;
}

const TYPES = ["NOLOAD", "COPY", "INFO", "OVERLAY", "TYPE"];
const SECTION_TYPES = [
  ...["SHT_PROGBITS", "SHT_NOTE", "SHT_NOBITS", "SHT_INIT_ARRAY", "SHT_FINI_ARRAY", "SHT_PREINIT_ARRAY"],
];
