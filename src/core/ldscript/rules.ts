/** A script's statements that take input sections, in the order the linker tries them. */
import type { Dialect } from "./dialect.js";
import { namePattern, type NamePattern } from "./glob.js";
import { isHolder } from "./script-outline.js";
import { NONE_INCLUDED, type Included, type IncludedScript } from "./included.js";
import {
  startOf,
  unquoted,
  type Element,
  type InputSpec,
  type Node,
  type OutputSection,
  type Script,
  type Token,
} from "./tree.js";

/** Statements of one output section: more than one where it is written twice. */
export interface Rule {
  readonly output: OutputRule;
  readonly spec: InputSpec;
  /** The file must match this; undefined in the form [ pattern … ]. */
  readonly file: FileRule | undefined;
  readonly section: NamePattern;
  /** Files not meant by this pattern. */
  readonly excluded: readonly FileRule[];
  /** SHF_ bits that must, and must not, be set. */
  readonly withFlags: number;
  readonly withoutFlags: number;
  /** Of the script, or of the included one, where the pattern (the file's, where it has none) is written. */
  readonly offset: number;
  /** Undefined of a statement of the script itself. */
  readonly source: IncludedScript | undefined;
  /** The first rule that matches, by this, takes a section. */
  readonly order: number;
}

export interface OutputRule {
  readonly name: string;
  readonly constraint: OutputSection["constraint"];
  readonly node: OutputSection;
}

export interface FileRule {
  /** Before the colon of archive:member; undefined where there is no colon. */
  readonly archive: NamePattern | undefined;
  /** Behind the colon, or all of it. */
  readonly file: NamePattern | undefined;
  /** `archive:` takes members, `:file` files outside archives. */
  readonly inArchive: boolean | undefined;
  readonly whole: NamePattern;
}

/** In the order of matching: OVERWRITE_SECTIONS first, then by the script and what it includes, then by the linker's own. */
export function rulesOf(
  tree: Script,
  dialect: Dialect,
  included: Included = NONE_INCLUDED,
): { readonly rules: readonly Rule[]; readonly outputs: readonly OutputRule[] } {
  const outputs = outputSections(tree, included);
  const classes = new Map<string, HeldSection>();
  for (const held of outputs)
    if (held.node.isClass && held.node.name !== undefined) classes.set(unquoted(held.node.name), held);
  const placed = outputs.filter(({ node }) => !node.isClass);
  const ordered = [...placed.filter((each) => each.overwrite), ...placed.filter((each) => !each.overwrite)];
  const rules = new RuleList(dialect);
  for (const held of ordered) {
    const output = outputRule(held.node);
    for (const { spec, source } of specsOf(held, included)) {
      const referred = spec.className === undefined ? undefined : classes.get(unquoted(spec.className));
      if (spec.className === undefined) rules.add(output, spec, source);
      else if (referred !== undefined)
        for (const inner of specsOf(referred, included)) rules.add(output, inner.spec, inner.source);
    }
  }
  return { rules: rules.all, outputs: placed.map(({ node }) => outputRule(node)) };
}

function outputRule(node: OutputSection): OutputRule {
  return { name: node.name === undefined ? "" : unquoted(node.name), constraint: node.constraint, node };
}

interface HeldSection {
  readonly node: OutputSection;
  /** Whether OVERWRITE_SECTIONS holds it. */
  readonly overwrite: boolean;
  readonly source: IncludedScript | undefined;
}

/** Output sections at every level, those of included files where they are included. */
function outputSections(tree: Script, included: Included): HeldSection[] {
  const found: HeldSection[] = [];
  const visit = (node: Node, overwrite: boolean, source: IncludedScript | undefined): void => {
    for (const child of node.children) {
      if (child.kind === "output-section") found.push({ node: child, overwrite, source });
      else if (child.kind === "include") {
        const script = included.scripts.get(child);
        if (script !== undefined) visit(script.tree, overwrite, script);
      } else if (isHolder(child)) visit(child, overwrite || (child.kind === "sections" && child.overwrite), source);
    }
  };
  visit(tree, false, undefined);
  if (included.base !== undefined) visit(included.base.tree, false, included.base);
  return found;
}

interface HeldSpec {
  readonly spec: InputSpec;
  readonly source: IncludedScript | undefined;
}

function specsOf(held: HeldSection, included: Included): HeldSpec[] {
  const within = (children: readonly Element[], source: IncludedScript | undefined): HeldSpec[] =>
    children.flatMap((child) => {
      if (child.kind === "input-spec") return [{ spec: child, source }];
      const script = child.kind === "include" ? included.scripts.get(child) : undefined;
      return script === undefined ? [] : within(script.tree.children, script);
    });
  return within(held.node.children, held.source);
}

/** Rules in their order; what is written alike is compiled once. */
class RuleList {
  readonly all: Rule[] = [];
  private readonly names = new Map<string, NamePattern>();
  private readonly files = new Map<string, FileRule>();

  constructor(private readonly dialect: Dialect) {}

  add(output: OutputRule, spec: InputSpec, source: IncludedScript | undefined): void {
    const { name: linker } = this.dialect;
    const file = spec.file?.pattern === undefined ? undefined : this.fileRule(spec.file.pattern);
    // lld takes EXCLUDE_FILE before the file for the name of a file.
    const fileExcluded = linker === "lld" ? [] : (spec.file?.excluded ?? []).map((token) => this.fileRule(token));
    // GNU ld discards before it looks at INPUT_SECTION_FLAGS.
    const asksFlags = linker === "lld" || output.name !== "/DISCARD/";
    const { withFlags, withoutFlags } = asksFlags && spec.flags.length > 0 ? flagsOf(spec.flags) : NO_FLAGS;
    const put = (section: NamePattern, excluded: readonly FileRule[], offset: number): void => {
      const order = this.all.length;
      this.all.push({ output, spec, file, section, excluded, withFlags, withoutFlags, offset, source, order });
    };
    if (spec.patterns === undefined) return put(this.pattern("*", false), fileExcluded, startOf(spec) ?? 0);
    for (const { pattern, excluded } of spec.patterns) {
      if (pattern === undefined) continue;
      const own = excluded.map((token) => this.fileRule(token));
      put(this.patternOf(pattern), own.length === 0 ? fileExcluded : [...fileExcluded, ...own], pattern.offset);
    }
  }

  private patternOf(token: Token): NamePattern {
    return this.pattern(unquoted(token), token.symbol === "STRING");
  }

  private pattern(text: string, quoted: boolean): NamePattern {
    const key = quoted ? `"${text}` : text;
    const known = this.names.get(key);
    if (known !== undefined) return known;
    const made = namePattern(text, quoted, this.dialect.name);
    this.names.set(key, made);
    return made;
  }

  private fileRule(token: Token): FileRule {
    const known = this.files.get(token.text);
    if (known !== undefined) return known;
    const made = this.madeFileRule(token);
    this.files.set(token.text, made);
    return made;
  }

  private madeFileRule(token: Token): FileRule {
    const quoted = token.symbol === "STRING";
    const text = unquoted(token);
    const whole = this.patternOf(token);
    const colon = text.indexOf(":");
    if (colon < 0) return { archive: undefined, file: whole, inArchive: undefined, whole };
    const part = (piece: string): NamePattern | undefined => (piece === "" ? undefined : this.pattern(piece, quoted));
    return { archive: part(text.slice(0, colon)), file: part(text.slice(colon + 1)), inArchive: colon > 0, whole };
  }
}

const NO_FLAGS = { withFlags: 0, withoutFlags: 0 };

/** `SHF_WRITE & !SHF_EXECINSTR`, or numbers. */
function flagsOf(tokens: readonly Token[]): { readonly withFlags: number; readonly withoutFlags: number } {
  let withFlags = 0;
  let withoutFlags = 0;
  for (const token of tokens) {
    const text = unquoted(token);
    const word = text.replace(/^!/, "");
    const bit = FLAGS[word] ?? (Number(word) || 0);
    if (text.startsWith("!")) withoutFlags |= bit;
    else withFlags |= bit;
  }
  return { withFlags, withoutFlags };
}

/** elf.h. */
const FLAGS: Readonly<Record<string, number>> = {
  SHF_WRITE: 0x1,
  SHF_ALLOC: 0x2,
  SHF_EXECINSTR: 0x4,
  SHF_MERGE: 0x10,
  SHF_STRINGS: 0x20,
  SHF_INFO_LINK: 0x40,
  SHF_LINK_ORDER: 0x80,
  SHF_OS_NONCONFORMING: 0x100,
  SHF_GROUP: 0x200,
  SHF_TLS: 0x400,
  SHF_COMPRESSED: 0x800,
  SHF_EXCLUDE: 0x80000000,
};
