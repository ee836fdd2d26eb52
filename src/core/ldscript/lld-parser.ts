/** Scripts as lld's parser takes them (lld/ELF/ScriptParser): it stops at the first mistake, where this one goes on. */
import { isLldNumber, lldExpression, lldParenthesised } from "./lld-expression.js";
import { takeName, until, type LldCursor } from "./lld-cursor.js";
import { lldClass, lldOutputSection, lldOutputSectionBody, lldOverlay } from "./lld-output-section.js";
import { lldDynamicList, lldVersionBlock, lldVersionScript } from "./lld-version.js";
import { lldAssignment, lldInclude } from "./lld-statement.js";
import type {
  Command,
  Entry,
  Insert,
  Memory,
  MemoryRegion,
  ProgramHeader,
  ProgramHeaders,
  Sections,
  Token,
} from "./tree.js";
import { unquoted } from "./tree.js";

/** What `entry` begins with; the rest of the text is the caller's. */
export function lldBody(c: LldCursor, entry: Entry): void {
  BODIES[entry](c);
}

const BODIES: Readonly<Record<Entry, (c: LldCursor) => void>> = {
  script: scriptBody,
  sections: (c) => sectionsBody(c, "END"),
  "output-section": (c) => lldOutputSectionBody(c, "END"),
  memory: (c) => memoryBody(c, "END"),
  "version-script": lldVersionScript,
  "dynamic-list": lldDynamicList,
};

function scriptBody(c: LldCursor): void {
  c.list("script", "END", () => {
    const token = c.peek();
    const parse = token.symbol === "STRING" ? undefined : COMMANDS.get(token.text);
    if (parse !== undefined) return parse(c);
    c.begin();
    if (lldAssignment(c, c.take())) return;
    c.end({ kind: "skipped" });
    c.failAt(token);
  });
}

function sections(c: LldCursor): void {
  c.begin();
  c.take();
  c.need("{");
  sectionsBody(c, "}");
  c.need("}");
  c.end<Sections>({ kind: "sections", overwrite: false });
  if (!c.sees("INSERT")) return;
  c.begin();
  c.take();
  const after = c.need("AFTER", "BEFORE")?.text === "AFTER";
  const target = takeName(c);
  c.end<Insert>({ kind: "insert", after, target });
}

function sectionsBody(c: LldCursor, closing: string): void {
  c.list("sections", closing, () => {
    if (c.sees("OVERLAY")) return lldOverlay(c);
    if (c.sees("CLASS") && c.dialect.version >= 20) return lldClass(c);
    if (c.sees("INCLUDE")) return lldInclude(c, "sections");
    c.begin();
    const name = c.take();
    if (!lldAssignment(c, name)) lldOutputSection(c, name);
  });
}

function overwriteSections(c: LldCursor): void {
  c.begin();
  c.take();
  c.need("{");
  c.list("overwrite", "}", () => {
    c.begin();
    lldOutputSection(c, c.take());
  });
  c.need("}");
  c.end<Sections>({ kind: "sections", overwrite: true });
}

function memory(c: LldCursor): void {
  c.begin();
  c.take();
  c.need("{");
  memoryBody(c, "}");
  c.need("}");
  c.end<Memory>({ kind: "memory" });
}

function memoryBody(c: LldCursor, closing: string): void {
  c.list("memory", closing, () => {
    if (c.sees("INCLUDE")) return lldInclude(c, "memory");
    c.begin();
    const name = c.take();
    if (c.takeIf("(") !== undefined) {
      const attributes = takeName(c);
      if (attributes !== undefined && !/^[!rwxail]*$/i.test(attributes.text)) c.failAt(attributes);
      c.need(")");
    }
    c.need(":");
    c.need("ORIGIN", "org", "o");
    const origin = assigned(c);
    c.need(",");
    c.need("LENGTH", "len", "l");
    const length = assigned(c);
    if (c.declarations.has(name.text)) c.failAt(name);
    c.declarations.add(name.text);
    c.end<MemoryRegion>({ kind: "memory-region", name, origin, length });
    // Before lld 20 a word that was looked at behind an expression stays in the pieces of one.
    if (c.dialect.version < 20) c.back("expression");
  });
}

function assigned(c: LldCursor) {
  c.need("=");
  return c.isMistaken ? undefined : lldExpression(c);
}

function programHeaders(c: LldCursor): void {
  c.begin();
  c.take();
  c.need("{");
  c.list("program-header", "}", () => {
    c.begin();
    const name = c.take();
    const type = takeName(c);
    if (type !== undefined && !isLldNumber(type.text) && !PROGRAM_HEADER_TYPES.includes(type.text)) c.failAt(type);
    while (c.goesOn(";")) {
      if (c.takeIf("FILEHDR", "PHDRS") !== undefined) continue;
      if (c.takeIf("AT", "FLAGS") !== undefined) lldParenthesised(c);
      else c.failAt(c.take());
    }
    c.need(";");
    c.end<ProgramHeader>({ kind: "program-header", name });
  });
  c.need("}");
  c.end<ProgramHeaders>({ kind: "program-headers" });
}

function one(c: LldCursor): void {
  c.begin();
  const name = c.take().text;
  c.need("(");
  const value = takeName(c);
  c.need(")");
  if (name === "TARGET" && value !== undefined && !/^"?(elf|binary"?$)/.test(value.text)) c.failAt(value);
  c.end<Command>({ kind: "command", name, values: value === undefined ? [] : [value] });
}

function any(c: LldCursor): void {
  c.begin();
  const name = c.take().text;
  const values: Token[] = [];
  c.need("(");
  until(c, ")", (token) => {
    if (token.text === "AS_NEEDED" && name !== "EXTERN" && name !== "OUTPUT_ARCH" && c.takeIf("(") !== undefined)
      until(c, ")", (needed) => values.push(needed));
    else values.push(token);
  });
  c.end<Command>({ kind: "command", name, values });
}

function outputFormat(c: LldCursor): void {
  c.begin();
  const name = c.take().text;
  c.need("(");
  const values = [takeName(c)];
  if (c.takeIf(")") === undefined) {
    c.need(",");
    values.push(takeName(c));
    c.need(",");
    values.push(takeName(c));
    c.takeIf(")");
  }
  const format = values[0];
  if (format !== undefined && !FORMATS.test(unquoted(format))) c.failAt(format);
  c.end<Command>({ kind: "command", name, values: values.filter((value) => value !== undefined) });
}

function regionAlias(c: LldCursor): void {
  c.begin();
  c.take();
  c.need("(");
  const alias = takeName(c);
  c.need(",");
  const region = takeName(c);
  c.need(")");
  if (alias !== undefined && c.declarations.has(alias.text)) c.failAt(alias);
  if (region !== undefined && !c.declarations.has(region.text)) c.failAt(region);
  if (alias !== undefined) c.declarations.add(alias.text);
  const values = [alias, region].filter((value) => value !== undefined);
  c.end<Command>({ kind: "command", name: "REGION_ALIAS", values });
}

/** The BFD names lld knows (parseBfdName in lld/ELF/ScriptParser). */
const FORMATS =
  /^(?:binary|(?:elf32-(?:i386|avr|iamcu|littlearm|bigarm|x86-64|powerpc|powerpcle|n?trad(?:big|little)mips|bigmips|littleriscv|msp430|loongarch|hexagon|littlehexagon)|elf64-(?:aarch64|littleaarch64|bigaarch64|powerpc|powerpcle|x86-64|trad(?:big|little)mips|littleriscv|sparc|loongarch|s390))(?:-freebsd)?)$/;

const PROGRAM_HEADER_TYPES = [
  ...["PT_NULL", "PT_LOAD", "PT_DYNAMIC", "PT_INTERP", "PT_NOTE", "PT_SHLIB", "PT_PHDR", "PT_TLS"],
  ...["PT_GNU_EH_FRAME", "PT_GNU_STACK", "PT_GNU_RELRO", "PT_OPENBSD_MUTABLE", "PT_OPENBSD_RANDOMIZE"],
  ...["PT_OPENBSD_SYSCALLS", "PT_OPENBSD_WXNEEDED", "PT_OPENBSD_BOOTDATA"],
];

const COMMANDS: ReadonlyMap<string, (c: LldCursor) => void> = new Map([
  [";", (c: LldCursor) => void c.take()],
  ["ENTRY", one],
  ["EXTERN", any],
  ["GROUP", any],
  ["INPUT", any],
  ["INCLUDE", (c: LldCursor) => lldInclude(c, "script")],
  ["MEMORY", memory],
  ["NOCROSSREFS", any],
  ["NOCROSSREFS_TO", any],
  ["OUTPUT", one],
  ["OUTPUT_ARCH", any],
  ["OUTPUT_FORMAT", outputFormat],
  ["OVERWRITE_SECTIONS", overwriteSections],
  ["PHDRS", programHeaders],
  ["REGION_ALIAS", regionAlias],
  ["SEARCH_DIR", one],
  ["SECTIONS", sections],
  ["TARGET", one],
  ["VERSION", lldVersionBlock],
]);
