/** The top level of a script, SECTIONS and MEMORY, as GNU ld's grammar takes them (ld, ldgram.y). */
import { mustBeExpression, parseExpression } from "./gnu-expression.js";
import { outputSection, overlay, sectionGroup } from "./gnu-output-section.js";
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
import type { Command, Insert, Memory, MemoryRegion, ProgramHeader, ProgramHeaders, Sections, Token } from "./tree.js";
import { versionBlock } from "./version-parser.js";

export function scriptBody(c: GnuCursor): void {
  c.list("script", "END", () => {
    const parse = COMMANDS[c.peek().symbol];
    if (parse !== undefined) parse(c);
    else if (isName(c)) assignmentStatement(c);
    else c.fail("syntax");
  });
}

export function sectionsBody(c: GnuCursor, closing: string): void {
  c.list("sections", closing, () => {
    switch (c.peek().symbol) {
      case "NAME":
      case "STRING":
        return sectionOrAssignment(c);
      case "OVERLAY":
        return overlay(c);
      case "GROUP":
        return sectionGroup(c, sectionsBody);
      case "INCLUDE":
        return include(c, "sections");
      case "ENTRY":
        return names(c, 1);
      case "ASSERT":
        return assertion(c, false);
      case "HIDDEN":
      case "PROVIDE":
      case "PROVIDE_HIDDEN":
        return assignmentStatement(c);
      default:
        c.fail("syntax");
    }
  });
}

export function memoryBody(c: GnuCursor, closing: string): void {
  c.list("memory", closing, () => {
    if (c.sees("INCLUDE")) return include(c, "memory");
    c.begin();
    const name = c.need("NAME", "STRING");
    if (c.takeIf("(") !== undefined) {
      do {
        c.takeIf("!");
        c.need("NAME", "STRING");
      } while (c.goesOn(")"));
      c.need(")");
    }
    c.need(":");
    c.need("ORIGIN");
    c.need("=");
    const origin = c.isMistaken ? undefined : mustBeExpression(c);
    c.takeIf(",");
    c.need("LENGTH");
    c.need("=");
    const length = c.isMistaken ? undefined : mustBeExpression(c);
    if (c.sees("NAME", "STRING")) c.back();
    c.end<MemoryRegion>({ kind: "memory-region", name, origin, length });
    // Between two regions, not behind the last.
    if (c.takeIf(",") !== undefined && !c.sees("NAME", "STRING", "INCLUDE")) c.fail("syntax", "name");
  });
}

/** A name is a section's unless an assignment's operator follows. */
function sectionOrAssignment(c: GnuCursor): void {
  c.begin();
  const name = c.take();
  if (c.sees(...ASSIGNMENT_OPERATORS)) finishAssignment(c, name);
  else outputSection(c, name);
}

function sections(c: GnuCursor): void {
  c.begin();
  c.take();
  c.need("{");
  sectionsBody(c, "}");
  c.need("}");
  c.end<Sections>({ kind: "sections", overwrite: false });
}

function memory(c: GnuCursor): void {
  c.begin();
  c.take();
  c.need("{");
  memoryBody(c, "}");
  c.need("}");
  c.end<Memory>({ kind: "memory" });
}

function programHeaders(c: GnuCursor): void {
  c.begin();
  c.take();
  c.need("{");
  c.list("program-header", "}", () => {
    c.begin();
    const name = c.need("NAME", "STRING");
    c.enter("expression");
    const type = parseExpression(c);
    if (type.kind === "symbol" && !PROGRAM_HEADER_TYPES.includes(type.token.text))
      c.tell("unknown-program-header", type.token, "error");
    while (c.goesOn(";")) {
      if (c.takeIf("AT") !== undefined) parenthesisedValue(c);
      else qualifier(c);
    }
    c.leave();
    c.need(";");
    c.end<ProgramHeader>({ kind: "program-header", name });
  });
  c.need("}");
  c.end<ProgramHeaders>({ kind: "program-headers" });
}

function qualifier(c: GnuCursor): void {
  const word = c.need("NAME", "STRING");
  const hasValue = c.sees("(");
  if (hasValue) parenthesisedValue(c);
  if (word === undefined || word.text === (hasValue ? "FLAGS" : "FILEHDR") || (!hasValue && word.text === "PHDRS"))
    return;
  c.tell("unknown-program-header", word, "error");
}

function parenthesisedValue(c: GnuCursor): void {
  c.need("(");
  parseExpression(c);
  c.need(")");
}

/** A command and its names in parentheses: exactly `count` of them with commas between, or any number for Infinity. */
function names(c: GnuCursor, count: number, least = count): void {
  c.begin();
  const name = c.take().symbol;
  const values: Token[] = [];
  c.need("(");
  while (c.goesOn(")") && values.length < count) {
    if (values.length > 0 && count !== Infinity) c.need(",");
    const value = c.need("NAME", "STRING");
    if (value !== undefined) values.push(value);
    if (count === Infinity) c.takeIf(",");
  }
  if (values.length < least || (name === "OUTPUT_FORMAT" && values.length === 2)) c.need("NAME");
  c.need(")");
  c.end<Command>({ kind: "command", name, values });
}

function inputs(c: GnuCursor): void {
  c.begin();
  const name = c.take().symbol;
  const values: Token[] = [];
  c.need("(");
  c.enter("files");
  inputList(c, values);
  c.leave();
  c.need(")");
  c.end<Command>({ kind: "command", name, values });
}

function inputList(c: GnuCursor, values: Token[]): void {
  if (c.nesting > MAX_SCRIPT_NESTING) return c.fail("too-deep", String(MAX_SCRIPT_NESTING));
  do {
    if (c.sees("AS_NEEDED")) {
      c.begin();
      c.take();
      c.need("(");
      inputList(c, values);
      c.need(")");
      c.end<Command>({ kind: "command", name: "AS_NEEDED", values: [] });
    } else {
      const value = c.need("NAME", "STRING", "LNAME");
      if (value !== undefined) values.push(value);
    }
    if (c.takeIf(",") !== undefined && c.sees(")")) c.fail("syntax", "name");
  } while (c.goesOn(")"));
}

function extern(c: GnuCursor): void {
  c.begin();
  const name = c.take().symbol;
  const values: Token[] = [];
  c.need("(");
  c.enter("expression");
  do {
    const value = c.need("NAME", "STRING");
    if (value !== undefined) values.push(value);
    if (c.takeIf(",") !== undefined && c.sees(")")) c.fail("syntax", "name");
  } while (c.goesOn(")"));
  c.need(")");
  c.leave();
  c.end<Command>({ kind: "command", name, values });
}

function word(c: GnuCursor): void {
  c.begin();
  const name = c.take().symbol;
  c.end<Command>({ kind: "command", name, values: [] });
}

function insert(c: GnuCursor): void {
  c.begin();
  c.take();
  const after = c.need("AFTER", "BEFORE")?.symbol === "AFTER";
  const target = c.need("NAME", "STRING");
  c.end<Insert>({ kind: "insert", after, target });
}

const PROGRAM_HEADER_TYPES = [
  ...["PT_NULL", "PT_LOAD", "PT_DYNAMIC", "PT_INTERP", "PT_NOTE", "PT_SHLIB", "PT_PHDR", "PT_TLS"],
  ...["PT_GNU_EH_FRAME", "PT_GNU_STACK", "PT_GNU_RELRO", "PT_GNU_PROPERTY"],
];

const one = (c: GnuCursor): void => names(c, 1);
const two = (c: GnuCursor): void => names(c, 2);
const any = (c: GnuCursor): void => names(c, Infinity, 0);

const COMMANDS: Readonly<Record<string, (c: GnuCursor) => void>> = {
  MEMORY: memory,
  SECTIONS: sections,
  PHDRS: programHeaders,
  STARTUP: one,
  HLL: any,
  SYSLIB: any,
  FLOAT: word,
  NOFLOAT: word,
  ENTRY: one,
  ASSERT: (c) => assertion(c, false),
  HIDDEN: assignmentStatement,
  PROVIDE: assignmentStatement,
  PROVIDE_HIDDEN: assignmentStatement,
  VERSION: versionBlock,
  ";": (c) => {
    c.take();
  },
  TARGET: one,
  SEARCH_DIR: one,
  OUTPUT: one,
  OUTPUT_FORMAT: (c) => names(c, 3, 1),
  OUTPUT_ARCH: one,
  FORCE_COMMON_ALLOCATION: word,
  FORCE_GROUP_ALLOCATION: word,
  INHIBIT_COMMON_ALLOCATION: word,
  INPUT: inputs,
  GROUP: inputs,
  LIB: inputs,
  MAP: one,
  INCLUDE: (c) => include(c, "script"),
  NOCROSSREFS: any,
  NOCROSSREFS_TO: any,
  EXTERN: extern,
  INSERT: insert,
  REGION_ALIAS: two,
  LD_FEATURE: one,
};
