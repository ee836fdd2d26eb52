/** The attribute that places a function or variable of C or C++, put in front of its definition and taken away again. */
import type { TextEdit } from "../base/text-edit.js";
import type { CDeclaration } from "./c-declaration.js";
import { functionAround } from "./c-enclosing.js";
import { frontOf } from "./c-front.js";
import type { CInline } from "./c-inline.js";
import { findDeclaration } from "./c-search.js";
import type { CStructure } from "./c-structure.js";
import { placedBy, type CMark } from "./c-marks.js";
import { PAREN } from "./c-signs.js";
import type { SectionKind } from "./locked-sections.js";
import type { SourceAnswer, SourceDefinition, SourceOptions, SourceRefusal } from "./source-answer.js";
import type { SourceText } from "./source-text.js";

export type CLanguage = "c" | "c++";

export function cPlacement(source: SourceText, definition: SourceDefinition, options: COptions): SourceAnswer {
  const structure = source.c;
  const found = findDeclaration(structure, definition, options.changed);
  if (!found.ok) return found;
  const { declaration } = found;
  const line = structure.lineOf(declaration.name);
  const inline = declaration.isFunction ? source.cInline.of(declaration) : NOT_INLINE;
  const refusal =
    refused(structure, declaration, line, definition, options) ??
    inlinedOnly(declaration, inline, line, definition, options);
  if (refusal !== undefined) return { ok: false, refusal };
  const macro = MACROS[definition.kind];
  const header =
    options.style === "macro" && options.section === macro.section ? source.cHeader.edit(declaration.start) : undefined;
  const withMacro = header !== undefined && header.kind !== "too-early";
  const mark = withMacro
    ? inline.inline
      ? INLINE_MACRO
      : macro.name
    : attribute(definition.kind, inline.inline, options);
  const edit = declaration.several ? behind(structure, declaration, mark) : inFront(structure, declaration, mark);
  const edits = header?.kind === "edit" ? [header.edit, edit] : [edit];
  return { ok: true, edits, line, ...(inline.inline && staysInlined(options) ? { hint: "inlined-calls" } : {}) };
}

/** The mark alone: the header's line goes with the last of them. */
export function cRemoval(
  { c: structure }: SourceText,
  definition: SourceDefinition,
  { changed }: Pick<SourceOptions, "changed">,
): SourceAnswer {
  const isPlaced = (declaration: CDeclaration): boolean => placedBy(structure, declaration) !== undefined;
  const found = findDeclaration(structure, definition, changed, isPlaced);
  if (!found.ok) return found;
  const line = structure.lineOf(found.declaration.name);
  const mark = placedBy(structure, found.declaration);
  if (mark === undefined || mark.shared) return { ok: false, refusal: { code: "not-placed", line } };
  return { ok: true, edits: [withoutMark(structure.text, mark)], line };
}

/** What a macro of runtime/faultline.h puts things into, unless it is told otherwise. */
const MACROS: Readonly<Record<SectionKind, { readonly name: string; readonly section: string }>> = {
  text: { name: "FAULTLINE_CODE", section: "locked_text" },
  rodata: { name: "FAULTLINE_RODATA", section: "locked_rodata" },
  data: { name: "FAULTLINE_DATA", section: "locked_data" },
  bss: { name: "FAULTLINE_BSS", section: "locked_bss" },
};

/** As FAULTLINE_CODE, where the compiler takes "inline" together with noinline: gcc's C warns of it. */
const INLINE_MACRO = "FAULTLINE_CODE_INLINE";
const NOT_INLINE: CInline = { inline: false, only: false };

interface COptions extends SourceOptions {
  readonly language: CLanguage;
}

/** What the macros of runtime/faultline.h stand for. A copy that was inlined or cloned would not lie in the section. */
function attribute(kind: SectionKind, inline: boolean, options: COptions): string {
  const inlined = inline && staysInlined(options);
  const whole = [...(inlined ? [] : ["noinline"]), ...(options.compiler === "gcc" ? ["noclone"] : [])];
  const words = [`section("${options.section}")`, ...(kind === "text" ? whole : [])];
  return `__attribute__((${words.join(", ")}))`;
}

/** In C gcc does not take noinline with inline without a warning. */
function staysInlined({ language, compiler }: COptions): boolean {
  return language === "c" && compiler !== "clang";
}

/** An attribute places what has code of its own. */
function inlinedOnly(
  { words }: CDeclaration,
  { inline, only }: CInline,
  line: number,
  { emitted }: SourceDefinition,
  options: COptions,
): SourceRefusal | undefined {
  // An inline function of C that is not static has its code in the file that declares it extern.
  const elsewhere = options.language === "c" && !words.has("static");
  const inlined = inline && emitted === false && (elsewhere || staysInlined(options));
  return only || inlined ? { code: "inlined-only", line } : undefined;
}

function inFront(structure: CStructure, declaration: CDeclaration, mark: string): TextEdit {
  const front = frontOf(structure, declaration).token;
  return { offset: structure.tokens.starts[front]!, length: 0, text: `${mark} ` };
}

/** Of several declarators an attribute in front would place all. */
function behind(structure: CStructure, { end }: CDeclaration, mark: string): TextEdit {
  return { offset: structure.tokens.ends[structure.previous(end)]!, length: 0, text: ` ${mark}` };
}

function withoutMark(text: string, { start, end }: CMark): TextEdit {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const alone = /^[ \t]*$/.test(text.slice(lineStart, start)) ? /^[ \t]*\r?\n/.exec(text.slice(end)) : null;
  if (alone !== null) return { offset: lineStart, length: end - lineStart + alone[0].length, text: "" };
  if (text[end] === " ") return { offset: start, length: end + 1 - start, text: "" };
  const space = text[start - 1] === " " ? 1 : 0;
  return { offset: start - space, length: end - start + space, text: "" };
}

function refused(
  structure: CStructure,
  declaration: CDeclaration,
  line: number,
  { kind }: SourceDefinition,
  { language, compiler, section }: COptions,
): SourceRefusal | undefined {
  const { words, scope, isFunction } = declaration;
  if (words.has("thread_local") || words.has("__thread") || words.has("_Thread_local")) return { code: "thread-local" };
  if (words.has("register")) return { code: "automatic", line };
  if (!isFunction && scope.kind === "block" && !words.has("static")) return { code: "automatic", line };
  const mark = placedBy(structure, declaration);
  if (mark?.alias === true) return { code: "alias", line };
  if (mark !== undefined)
    return mark.section === section ||
      mark.macro === MACROS[kind].name ||
      (kind === "text" && mark.macro === INLINE_MACRO)
      ? { code: "already", line }
      : { code: "other-section", section: mark.section ?? mark.macro ?? "", line };
  if (!declaration.isDefinition) return { code: "declaration-only", line };
  if (language === "c" || compiler === "clang") return undefined;
  // A variable of a function is as many as the function.
  const local = !isFunction && scope.kind === "block" ? functionAround(structure, declaration.name) : undefined;
  const shared = sharedAs(structure, declaration) ?? (local && sharedAs(structure, local));
  return shared === undefined ? undefined : { code: shared, line };
}

/** Whether each object file that uses it has a copy of its own, of which the linker takes one. */
function sharedAs(structure: CStructure, declaration: CDeclaration): "template" | "inline" | undefined {
  const { words, scope, qualifiers, isFunction } = declaration;
  if (scope.template || frontOf(structure, declaration).template || isAbbreviated(structure, declaration))
    return "template";
  const inClass = scope.kind === "class" && qualifiers.length === 0;
  const everywhere = words.has("inline") || words.has("constexpr") || words.has("consteval");
  const shared = isFunction ? everywhere || inClass : words.has("inline") || (inClass && words.has("constexpr"));
  const local = scope.anonymous || (!inClass && words.has("static"));
  return shared && !local ? "inline" : undefined;
}

/** "int f(auto a)" is a template. */
function isAbbreviated(structure: CStructure, { isFunction, name, end }: CDeclaration): boolean {
  if (!isFunction) return false;
  let list = name;
  while (list < end && structure.kind(list) !== PAREN) list = structure.next(list);
  for (let token = structure.next(list); token < (structure.partner[list] ?? -1); token = structure.after(token))
    if (structure.is(token, "auto")) return true;
  return false;
}
