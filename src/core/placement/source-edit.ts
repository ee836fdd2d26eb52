/** Way 1 of a placement: the attribute in the source, on the definition of one function or global, and its removal. */
import { editedText, type TextEdit } from "../base/text-edit.js";
import { includeRemoval } from "./c-include.js";
import { cPlacement, cRemoval } from "./c-placement.js";
import type { SourceAnswer, SourceDefinition, SourceLanguage, SourceOptions, SourceRefusal } from "./source-answer.js";
import { unwrittenName } from "./source-names.js";
import { rustPlacement, rustRemoval } from "./source-rust.js";
import { SourceText } from "./source-text.js";

export interface PlacementRequest {
  readonly definition: SourceDefinition;
  readonly options: SourceOptions;
}

export interface RemovalRequest {
  readonly definition: SourceDefinition;
  readonly options: Pick<SourceOptions, "language" | "changed">;
}

/** The edits that place each of several definitions of one text. Any text is answered: what cannot be read is a refusal. */
export function placementEdits(text: string, requests: readonly PlacementRequest[]): readonly SourceAnswer[] {
  const source = new SourceText(text);
  const answers = requests.map((request) => placed(source, request));
  // What could not be taken back is not done: text that no compiler takes reads otherwise with an attribute in it.
  for (
    let lost = irrevocable(source, requests, answers);
    lost.length > 0;
    lost = irrevocable(source, requests, answers)
  )
    for (const { index, line } of lost) answers[index] = { ok: false, refusal: { code: "changed", line } };
  return answers;
}

/** The edits that take the placements of several definitions back: what `placementEdits` gave, undone to the byte. */
export function removalEdits(text: string, requests: readonly RemovalRequest[]): readonly SourceAnswer[] {
  const source = new SourceText(text);
  const answers = requests.map((request) => removed(source, request));
  if (requests.every(({ options }) => options.language === "rust")) return answers;
  const marks = distinctEdits(answers);
  if (marks.length === 0) return answers;
  // The line stands before all of them: its place is the same in both texts.
  const header = includeRemoval(editedText(text, marks), Math.min(...marks.map(({ offset }) => offset)));
  return header === undefined
    ? answers
    : answers.map((answer) => (answer.ok ? { ...answer, edits: [header, ...answer.edits] } : answer));
}

export function placementEdit(text: string, definition: SourceDefinition, options: SourceOptions): SourceAnswer {
  return placementEdits(text, [{ definition, options }])[0]!;
}

export function removalEdit(
  text: string,
  definition: SourceDefinition,
  options: RemovalRequest["options"],
): SourceAnswer {
  return removalEdits(text, [{ definition, options }])[0]!;
}

/** Those of several answers about one text, each once: every macro brings the same line of the header. */
export function distinctEdits(answers: readonly SourceAnswer[]): readonly TextEdit[] {
  const edits = answers.flatMap((answer) => (answer.ok ? answer.edits : []));
  return [...new Map(edits.map((edit) => [`${edit.offset}:${edit.length}:${edit.text}`, edit])).values()];
}

function placed(source: SourceText, { definition, options }: PlacementRequest): SourceAnswer {
  const refusal = refusedByName(definition, options);
  if (refusal !== undefined) return { ok: false, refusal };
  return options.language === "rust"
    ? rustPlacement(source, definition, options)
    : cPlacement(source, definition, { ...options, language: options.language });
}

function removed(source: SourceText, { definition, options }: RemovalRequest): SourceAnswer {
  return options.language === "rust" ? rustRemoval(source, definition, options) : cRemoval(source, definition, options);
}

/** Of the answers that place something those that could not be taken back from the text with all of them in it. */
function irrevocable(
  { text, lines }: SourceText,
  requests: readonly PlacementRequest[],
  answers: readonly SourceAnswer[],
): readonly { readonly index: number; readonly line: number }[] {
  const edits = distinctEdits(answers);
  if (edits.length === 0) return [];
  const after = new SourceText(editedText(text, edits));
  const linesBefore = (line: number): number => {
    const { end } = lines.range(line);
    return edits.reduce((sum, { offset, text: put }) => sum + (offset <= end ? put.split("\n").length - 1 : 0), 0);
  };
  return answers.flatMap((answer, index) => {
    if (!answer.ok) return [];
    const { definition, options } = requests[index]!;
    const line = definition.line === 0 ? 0 : definition.line + linesBefore(definition.line);
    return removed(after, { definition: { ...definition, line }, options }).ok ? [] : [{ index, line: answer.line }];
  });
}

/** The language of a source file by its name; undefined: none that attributes are known for. */
export function languageOf(path: string, unit: SourceLanguage | undefined): SourceLanguage | undefined {
  if (/\.rs$/.test(path)) return "rust";
  if (/\.(?:cc|cpp|cxx|c\+\+|C|CPP|hh|hpp|hxx|h\+\+|H|ipp|tpp|tcc|inl|cppm|ixx)$/.test(path)) return "c++";
  if (/\.c$/.test(path)) return unit === "c++" ? "c++" : "c";
  // A header, or a generated file: whoever includes it says.
  return /\.(?:h|inc|def)$/.test(path) ? (unit ?? "c") : unit;
}

/** What needs no look at the source. */
function refusedByName(
  { displayName, currentSection, threadLocal, line }: SourceDefinition,
  { section, compiler }: SourceOptions,
): SourceRefusal | undefined {
  if (threadLocal || /^\.(?:tdata|tbss)/.test(currentSection ?? "")) return { code: "thread-local" };
  const unwritten = unwrittenName(displayName);
  if (unwritten !== undefined) return unwritten;
  if (compiler !== "rustc" && /^\.data\.rel\.ro(?:\.|$)/.test(currentSection ?? ""))
    return { code: "relocated-constant", line };
  if (currentSection === undefined || COMPILERS_OWN.test(currentSection)) return undefined;
  return currentSection === section || currentSection === `.${section}`
    ? { code: "already", line }
    : { code: "other-section", section: currentSection, line };
}

/** Sections that compilers and linkers choose by themselves. */
const COMPILERS_OWN =
  /^\.(?:text|rodata|data|bss|sdata|sbss|lrodata|ldata|lbss|ltext|data\.rel\.ro|init_array)(?:\.|$)|^$/;
