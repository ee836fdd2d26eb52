/** Way 1 of a placement: the attribute in the source, on the definition of one function or global, and its removal. */
import { editedText } from "../base/text-edit.js";
import { cPlacement, cRemoval } from "./c-placement.js";
import type { SourceAnswer, SourceDefinition, SourceLanguage, SourceOptions, SourceRefusal } from "./source-answer.js";
import { unwrittenName } from "./source-names.js";
import { rustPlacement, rustRemoval } from "./source-rust.js";

/** The edits that place one definition. Any text is answered: what cannot be read is a refusal. */
export function placementEdit(text: string, definition: SourceDefinition, options: SourceOptions): SourceAnswer {
  const refusal = refusedByName(definition, options);
  if (refusal !== undefined) return { ok: false, refusal };
  const answer =
    options.language === "rust"
      ? rustPlacement(text, definition, options)
      : cPlacement(text, definition, { ...options, language: options.language });
  if (!answer.ok) return answer;
  // What could not be taken back is not done: text that no compiler takes reads otherwise with an attribute in it.
  const removal = removalEdit(editedText(text, answer.edits), definition, options);
  return removal.ok ? answer : { ok: false, refusal: { code: "changed", line: answer.line } };
}

/** The edits that take the placement of one definition back: what `placementEdit` gave, undone to the byte. */
export function removalEdit(
  text: string,
  definition: SourceDefinition,
  options: Pick<SourceOptions, "language" | "changed">,
): SourceAnswer {
  return options.language === "rust"
    ? rustRemoval(text, definition, options)
    : cRemoval(text, definition, { language: options.language, changed: options.changed });
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
  if (compiler === "gcc" && /^\.data\.rel\.ro(?:\.|$)/.test(currentSection ?? ""))
    return { code: "relocated-constant", line };
  if (currentSection === undefined || COMPILERS_OWN.test(currentSection)) return undefined;
  return currentSection === section || currentSection === `.${section}`
    ? { code: "already", line }
    : { code: "other-section", section: currentSection, line };
}

/** Sections that compilers and linkers choose by themselves. */
const COMPILERS_OWN =
  /^\.(?:text|rodata|data|bss|sdata|sbss|lrodata|ldata|lbss|ltext|data\.rel\.ro|init_array)(?:\.|$)|^$/;
