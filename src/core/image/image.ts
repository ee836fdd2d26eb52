/** What the rest of Faultline knows about an ELF file: an address to its section, symbol, frames, object and declaration. */

/** Addresses are link-time addresses (st_value, p_vaddr), below 2^53. */
export interface Image {
  /** Where the bytes came from: for messages only. */
  readonly path: string;
  /** Lower-case hexadecimal NT_GNU_BUILD_ID. */
  readonly buildId: string | undefined;
  readonly machine: "x86-64" | "aarch64" | "i386" | "arm" | "riscv64" | "other";
  readonly kind: "executable" | "shared" | "relocatable" | "core" | "other";
  readonly segments: readonly ImageSegment[];
  /** In file order, without the null section. Empty in a file stripped of section headers. */
  readonly sections: readonly ImageSection[];
  /** What symbols and lines come from, for "no debug information" messages. */
  readonly debug: {
    readonly symbols: "symtab" | "dynsym" | "none";
    readonly lines: boolean;
    readonly file: string | undefined;
  };
  /** What could not be read, told once: bad sections, unsupported forms. */
  readonly problems: readonly string[];

  /** Link-time address of a byte of the file, by its PT_LOAD segment. */
  addressOfFileOffset(offset: number): number | undefined;
  /** The allocated section that covers the address (.tbss covers nothing). */
  sectionAt(address: number): ImageSection | undefined;
  /** The function or object symbol whose [start, start + size) covers the address; sizeless ones reach to the next symbol. */
  symbolAt(address: number): ImageSymbol | undefined;
  /** All named functions and objects, sorted by address. */
  symbols(): readonly ImageSymbol[];
  /** In the same order those with one of these names: spelled so, up to a suffix or version, or an identifier of a mangled name. */
  symbolsLike(names: ReadonlySet<string>): readonly ImageSymbol[];
  /** Innermost (inlined) frame first, the enclosing out-of-line function last; empty where nothing is known. */
  framesAt(address: number): readonly Frame[];
  /** What a data address holds, named as precisely as the file allows. */
  objectAt(address: number): ImageObject | undefined;
  /** Where a function or variable that starts at this address is declared. */
  declarationAt(start: number): SourcePosition | undefined;
  /**
   * What the debug information tells of these names (without namespace and parameters), one for each compilation unit
   * that has it: also of what was inlined everywhere or dropped by the linker. Reads all of it: for rare questions.
   */
  definitionsOf(names: ReadonlySet<string>): readonly Definition[];
}

export interface ImageSegment {
  readonly type: number;
  readonly flags: { readonly read: boolean; readonly write: boolean; readonly execute: boolean };
  readonly fileOffset: number;
  readonly fileSize: number;
  readonly address: number;
  readonly memorySize: number;
}

export interface ImageSection {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: {
    readonly write: boolean;
    readonly allocated: boolean;
    readonly execute: boolean;
    readonly tls: boolean;
  };
  readonly address: number;
  readonly fileOffset: number;
  readonly size: number;
  readonly nobits: boolean;
}

export interface ImageSymbol {
  /** As in the symbol table (mangled). */
  readonly name: string;
  /** Readable; equal to `name` where there is nothing to demangle. */
  readonly displayName: string;
  readonly kind: "function" | "object" | "tls" | "other";
  readonly address: number;
  /** 0 when the table gives none. */
  readonly size: number;
  /** STT_GNU_IFUNC: the address is of what chooses a function at load time. */
  readonly indirect?: boolean;
}

export interface SourcePosition {
  /** As the compiler recorded it, made absolute with the compilation directory; may not exist here. */
  readonly file: string;
  /** 1-based; 0 when the compiler attributes the instruction to no line. */
  readonly line: number;
  /** 1-based; 0 when unknown. */
  readonly column: number;
}

export interface Frame extends SourcePosition {
  /** MD5 of the file as it was compiled, lower-case hexadecimal; only where the compiler recorded it (DWARF 5). */
  readonly md5?: string;
  /** Demangled name; "" only when neither DWARF nor a symbol names it. */
  readonly function: string;
  /** The linkage name where there is one, else the same as `function`. */
  readonly linkageName: string;
  /** True for all but the last frame: this call was inlined into the next one. */
  readonly inlined: boolean;
  /** Where the function is declared. */
  readonly declaration: SourcePosition | undefined;
}

/** A function or variable as a compilation unit defines or declares it. */
export interface Definition {
  /** As in the symbol table (mangled). */
  readonly name: string;
  readonly displayName: string;
  readonly kind: "function" | "variable";
  readonly declaration: SourcePosition | undefined;
  /** Where its code or storage is. */
  readonly addresses: readonly number[];
  /** The compiler made it, the linker dropped it: nothing refers to it, or another object file's copy was taken. */
  readonly dropped: boolean;
  /** Calls of it that were inlined. */
  readonly inlinedCalls: number;
  /** It is declared where it is used, and defined in another file: a shared library, mostly. */
  readonly declaredOnly: boolean;
  /** What was compiled to it: the source named on the command line, where, by which compiler (DW_AT_producer), DW_LANG_…. */
  readonly unit: {
    readonly name: string;
    readonly directory: string;
    readonly producer: string;
    readonly language: number;
  };
}

export type ObjectKind =
  | "function"
  | "variable"
  | "string"
  | "jump-table"
  | "got-slot"
  | "plt-stub"
  | "vtable"
  | "unwind-table"
  | "dynamic-table"
  | "relocations"
  | "tls-template"
  | "padding"
  | "section";

export interface ImageObject {
  readonly kind: ObjectKind;
  /** "main", "\"ev %d at…\"", "switch table of dispatch", "printf@got", or the section's name when nothing finer is known. */
  readonly name: string;
  /** The symbol's own (mangled) name where a symbol names it: what `nm` prints. */
  readonly symbol: string | undefined;
  readonly address: number;
  readonly size: number;
}
