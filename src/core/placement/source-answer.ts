/** What is asked of a source and what it answers: edits, or why there can be none. */
import type { TextEdit } from "../base/text-edit.js";
import type { SectionKind } from "./locked-sections.js";

export type SourceLanguage = "c" | "c++" | "rust";

/** What is to be placed, as the debug information and the symbol table know it. */
export interface SourceDefinition {
  /** As in the symbol table or as the report shows it: "dispatch", "audio::Mixer::callback(float*)", "count.0". */
  readonly displayName: string;
  /** DW_AT_decl_line, 1-based; 0: unknown, the whole text is searched. */
  readonly line: number;
  /** DW_AT_decl_column, 1-based; 0: unknown (clang tells none). */
  readonly column: number;
  /** From the flags of the section that it is in now: what compilers call constant is not always read-only. */
  readonly kind: SectionKind;
  /** The section it is in now; undefined: not known, not asked about. */
  readonly currentSection: string | undefined;
  readonly threadLocal: boolean;
  /** Whether the program has code or storage of it; false: every call was inlined; undefined: not known. */
  readonly emitted?: boolean;
}

export interface SourceOptions {
  readonly language: SourceLanguage;
  /** The section it is to be in. */
  readonly section: string;
  /** Who compiles it, from DW_AT_producer: gcc ignores section attributes on templates, clang does not. */
  readonly compiler: "gcc" | "clang" | "rustc" | "unknown";
  /**
   * "macro": FAULTLINE_CODE and its include, where `section` is the macro's own section. "attribute": spelled out, which
   * needs no header. Other sections are always spelled out.
   */
  readonly style: "macro" | "attribute";
  /** True when the text is newer than what the position is from: then only a definition that is alone in its name counts. */
  readonly changed: boolean;
  /** Whether this Rust edition wants unsafe(…) around link_section: 2024 and later. */
  readonly unsafeAttributes: boolean;
}

/** Why the source cannot say it. All but "changed", "already", "inlined-only" and "not-placed" can be placed by a linker script. */
export type SourceRefusal =
  | { readonly code: "thread-local" }
  /** Nothing of the name is defined at the line, nor once elsewhere: the file has changed since the build. */
  | { readonly code: "changed"; readonly line: number }
  /** Several definitions of the name, and the file has changed since the build: `lines` says where they are. */
  | { readonly code: "several"; readonly lines: readonly number[] }
  /** A macro makes the definition. */
  | { readonly code: "macro"; readonly macro: string; readonly line: number }
  /** The text only declares it. */
  | { readonly code: "declaration-only"; readonly line: number }
  /** In the stack's frame, or in a register: it has no section. */
  | { readonly code: "automatic"; readonly line: number }
  | { readonly code: "lambda" }
  /** Nobody wrote it: a destructor, a copy, a guard, that the compiler made. */
  | { readonly code: "compiler-made" }
  /** gcc ignores the attribute on what a template makes; of Rust's generic functions there is a copy a use. */
  | { readonly code: "template"; readonly line: number }
  /** gcc does not mix inline functions, which each object file has, with others in one section. */
  | { readonly code: "inline"; readonly line: number }
  /** Every call of it is inlined: it has no code that a section could hold. */
  | { readonly code: "inlined-only"; readonly line: number }
  /** Read-only once its addresses are known: gcc takes it neither with constants nor with data, clang not with data. */
  | { readonly code: "relocated-constant"; readonly line: number }
  /** Another name of something else, or chosen at load time. */
  | { readonly code: "alias"; readonly line: number }
  /** It is where it should be, or says so. */
  | { readonly code: "already"; readonly line: number }
  /** It has been put into another section. */
  | { readonly code: "other-section"; readonly section: string; readonly line: number }
  /** A literal has no name that an attribute could stand at. */
  | { readonly code: "literal" }
  /** Rust: a const has no place, each use is a copy. */
  | { readonly code: "constant"; readonly line: number }
  /** Rust: what runs is not the function but the state machine it makes. */
  | { readonly code: "async"; readonly line: number }
  /** Removal: nothing there places it. */
  | { readonly code: "not-placed"; readonly line: number };

/** gcc may still inline calls of it: the callers hold those. */
export type SourceHint = "inlined-calls";

export type SourceAnswer =
  | { readonly ok: true; readonly edits: readonly TextEdit[]; readonly line: number; readonly hint?: SourceHint }
  | { readonly ok: false; readonly refusal: SourceRefusal };
