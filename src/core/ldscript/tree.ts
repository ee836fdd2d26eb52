/** The lossless tree of a linker script: its tokens with their trivia, in order, are the text. */

/** Where a parse starts. */
export type Entry = "script" | "sections" | "output-section" | "memory" | "version-script" | "dynamic-list";

export interface Token {
  readonly kind: "token";
  /** What the grammar sees: NAME, STRING, INT, LNAME, TAG, IDENTIFIER, END, a keyword or an operator. */
  readonly symbol: string;
  /** As written, quotes included. */
  readonly text: string;
  /** Spaces, comments and ignored characters before it. */
  readonly trivia: string;
  /** Of the text, in UTF-16 units from the start of the file. */
  readonly offset: number;
}

export type Element = Token | Node;

interface Branch {
  readonly children: readonly Element[];
}

export interface Script extends Branch {
  readonly kind: "script";
  readonly entry: Entry;
}

/** What no rule of the language took: kept, and skipped by everything else. */
export interface Skipped extends Branch {
  readonly kind: "skipped";
}

/** A command that names things: ENTRY(main), INPUT(a.o b.o), OUTPUT_FORMAT(…), PROVIDE has a node of its own. */
export interface Command extends Branch {
  readonly kind: "command";
  readonly name: string;
  readonly values: readonly Token[];
}

export interface Include extends Branch {
  readonly kind: "include";
  readonly file: Token | undefined;
  /** How the included text is to be parsed. */
  readonly entry: Entry;
}

export interface Sections extends Branch {
  readonly kind: "sections";
  readonly overwrite: boolean;
}

export interface Insert extends Branch {
  readonly kind: "insert";
  readonly after: boolean;
  readonly target: Token | undefined;
}

export interface OutputSection extends Branch {
  readonly kind: "output-section";
  readonly name: Token | undefined;
  readonly address: Expression | undefined;
  readonly type: string | undefined;
  readonly constraint: "ONLY_IF_RO" | "ONLY_IF_RW" | "SPECIAL" | undefined;
  /** lld: CLASS(name) { … }. */
  readonly isClass: boolean;
  readonly opening: Token | undefined;
  readonly closing: Token | undefined;
  readonly region: Token | undefined;
  readonly loadRegion: Token | undefined;
  readonly segments: readonly Token[];
}

export interface Overlay extends Branch {
  readonly kind: "overlay";
}

export interface SectionGroup extends Branch {
  readonly kind: "section-group";
}

export type SortKind = "name" | "alignment" | "init-priority" | "none" | "reverse";

export interface FilePattern extends Branch {
  readonly kind: "file-pattern";
  readonly pattern: Token | undefined;
  readonly excluded: readonly Token[];
  readonly sorts: readonly SortKind[];
}

export interface SectionPattern extends Branch {
  readonly kind: "section-pattern";
  readonly pattern: Token | undefined;
  readonly excluded: readonly Token[];
  readonly sorts: readonly SortKind[];
}

export interface InputSpec extends Branch {
  readonly kind: "input-spec";
  readonly keep: boolean;
  readonly flags: readonly Token[];
  /** Undefined in the form [ pattern … ], and of a reference to a class. */
  readonly file: FilePattern | undefined;
  /** Undefined where every section of the file is meant. */
  readonly patterns: readonly SectionPattern[] | undefined;
  /** lld: CLASS(name). */
  readonly className: Token | undefined;
}

export interface Assignment extends Branch {
  readonly kind: "assignment";
  readonly form: "plain" | "HIDDEN" | "PROVIDE" | "PROVIDE_HIDDEN";
  readonly name: Token | undefined;
  readonly operator: string;
  readonly value: Expression | undefined;
}

export interface Assertion extends Branch {
  readonly kind: "assertion";
  readonly condition: Expression | undefined;
  readonly message: Token | undefined;
}

/** BYTE … SQUAD, FILL, ASCIZ, LINKER_VERSION, CONSTRUCTORS, CREATE_OBJECT_SYMBOLS. */
export interface Datum extends Branch {
  readonly kind: "datum";
  readonly name: string;
  readonly value: Expression | undefined;
}

export interface Memory extends Branch {
  readonly kind: "memory";
}

export interface MemoryRegion extends Branch {
  readonly kind: "memory-region";
  readonly name: Token | undefined;
  readonly origin: Expression | undefined;
  readonly length: Expression | undefined;
}

export interface ProgramHeaders extends Branch {
  readonly kind: "program-headers";
}

export interface ProgramHeader extends Branch {
  readonly kind: "program-header";
  readonly name: Token | undefined;
}

export interface VersionNode extends Branch {
  readonly kind: "version-node";
  readonly tag: Token | undefined;
}

export interface VersionBlock extends Branch {
  readonly kind: "version-block";
}

export type Expression =
  | (Branch & { readonly kind: "number"; readonly token: Token })
  | (Branch & { readonly kind: "symbol"; readonly token: Token })
  | (Branch & { readonly kind: "unary"; readonly operator: string; readonly operand: Expression })
  | (Branch & {
      readonly kind: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Branch & {
      readonly kind: "conditional";
      readonly condition: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression;
    })
  | (Branch & { readonly kind: "parenthesised"; readonly inner: Expression })
  | (Branch & {
      readonly kind: "call";
      readonly name: string;
      readonly argument: Token | undefined;
      readonly arguments: readonly Expression[];
    })
  | (Branch & { readonly kind: "absent" });

export type Node =
  | Script
  | Skipped
  | Command
  | Include
  | Sections
  | Insert
  | OutputSection
  | Overlay
  | SectionGroup
  | FilePattern
  | SectionPattern
  | InputSpec
  | Assignment
  | Assertion
  | Datum
  | Memory
  | MemoryRegion
  | ProgramHeaders
  | ProgramHeader
  | VersionNode
  | VersionBlock
  | Expression;

/** The tokens below a node, in the order of the text. No recursion: trees nest as deep as the parser allows. */
export function tokensOf(element: Element): Token[] {
  const tokens: Token[] = [];
  const pending: Element[] = [element];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === "token") tokens.push(next);
    else for (let i = next.children.length - 1; i >= 0; i--) pending.push(next.children[i]!);
  }
  return tokens;
}

/** The text a node was read from, trivia before it included: of a whole tree, every byte of the file. */
export function textOf(element: Element): string {
  return tokensOf(element)
    .map(({ trivia, text }) => trivia + text)
    .join("");
}

/** A name as the linker takes it: without its quotes. */
export function unquoted(token: Token): string {
  return token.symbol === "STRING" ? token.text.slice(1, -1) : token.text;
}

/** Where the node's first token is written, undefined of an empty one. No recursion, as above. */
export function startOf(element: Element): number | undefined {
  const pending: Element[] = [element];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === "token") return next.offset;
    for (let i = next.children.length - 1; i >= 0; i--) pending.push(next.children[i]!);
  }
  return undefined;
}
