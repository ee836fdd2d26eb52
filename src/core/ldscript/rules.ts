/** A script's statements that take input sections, in the order the linker tries them. */
import type { Dialect } from "./dialect.js";
import { NamePatterns, type FileRule, type ScriptPattern } from "./name-patterns.js";
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
  readonly section: ScriptPattern;
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

/** What is remembered of a script while it is edited. */
export interface RuleMemory {
  readonly patterns: NamePatterns;
  readonly rules: WeakMap<OutputSection, RulesOfOutput>;
}

interface RulesOfOutput {
  /** Where the output section began when the rules' places were noted. */
  start: number;
  readonly rules: readonly Rule[];
}

export interface OutputRule {
  readonly name: string;
  readonly constraint: OutputSection["constraint"];
  readonly node: OutputSection;
}

/**
 * In the order of matching: OVERWRITE_SECTIONS first, then by the script and what it includes, then by the linker's own.
 * With `memory`, the rules of output sections that stand are those given before, and move with them.
 */
export function rulesOf(
  tree: Script,
  dialect: Dialect,
  included: Included = NONE_INCLUDED,
  memory: RuleMemory = { patterns: new NamePatterns(dialect.name), rules: new WeakMap() },
): { readonly rules: readonly Rule[]; readonly outputs: readonly OutputRule[] } {
  const outputs = outputSections(tree, included);
  const classes = new Map<string, HeldSection>();
  for (const held of outputs)
    if (held.node.isClass && held.node.name !== undefined) classes.set(unquoted(held.node.name), held);
  const placed = outputs.filter(({ node }) => !node.isClass);
  const ordered = [...placed.filter((each) => each.overwrite), ...placed.filter((each) => !each.overwrite)];
  const list = new RuleList(dialect, memory.patterns);
  for (const held of ordered) {
    const { node } = held;
    const known = memory.rules.get(node);
    if (known !== undefined) {
      list.addAgain(node, known);
      continue;
    }
    const first = list.all.length;
    addRules(list, held, classes, included);
    if (isByItself(held)) memory.rules.set(node, { start: startOf(node) ?? 0, rules: list.all.slice(first) });
  }
  return { rules: list.all, outputs: placed.map(({ node }) => outputRule(node)) };
}

function addRules(
  list: RuleList,
  held: HeldSection,
  classes: ReadonlyMap<string, HeldSection>,
  included: Included,
): void {
  const output = outputRule(held.node);
  eachSpec(held, included, (spec, source) => {
    if (spec.className === undefined) return list.add(output, spec, source);
    const referred = classes.get(unquoted(spec.className));
    if (referred !== undefined)
      eachSpec(referred, included, (inner, innerSource) => list.add(output, inner, innerSource));
  });
}

/** Whether its rules follow from its node alone: from nothing that it includes or refers to. */
function isByItself({ node, source }: HeldSection): boolean {
  const isElsewhere = (child: Element): boolean =>
    child.kind === "include" || (child.kind === "input-spec" && child.className !== undefined);
  return source === undefined && !node.children.some(isElsewhere);
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

function eachSpec(
  held: HeldSection,
  included: Included,
  visit: (spec: InputSpec, source: IncludedScript | undefined) => void,
): void {
  const within = (children: readonly Element[], source: IncludedScript | undefined): void => {
    for (const child of children) {
      if (child.kind === "input-spec") visit(child, source);
      const script = child.kind === "include" ? included.scripts.get(child) : undefined;
      if (script !== undefined) within(script.tree.children, script);
    }
  };
  within(held.node.children, held.source);
}

/** Rules in their order. */
class RuleList {
  readonly all: Rule[] = [];

  constructor(
    private readonly dialect: Dialect,
    private readonly patterns: NamePatterns,
  ) {}

  add(output: OutputRule, spec: InputSpec, source: IncludedScript | undefined): void {
    const { patterns } = this;
    const { name: linker } = this.dialect;
    const file = spec.file?.pattern === undefined ? undefined : patterns.fileOf(spec.file.pattern);
    // lld takes EXCLUDE_FILE before the file for the name of a file.
    const fileExcluded = linker === "lld" ? NO_FILES : this.filesOf(spec.file?.excluded ?? []);
    // GNU ld discards before it looks at INPUT_SECTION_FLAGS.
    const asksFlags = linker === "lld" || output.name !== "/DISCARD/";
    const { withFlags, withoutFlags } = asksFlags && spec.flags.length > 0 ? flagsOf(spec.flags) : NO_FLAGS;
    const put = (section: ScriptPattern, excluded: readonly FileRule[], offset: number): void => {
      const order = this.all.length;
      this.all.push({ output, spec, file, section, excluded, withFlags, withoutFlags, offset, source, order });
    };
    if (spec.patterns === undefined)
      return put(patterns.name("*"), fileExcluded, startOf(spec) ?? startOf(output.node) ?? 0);
    for (const { pattern, excluded } of spec.patterns) {
      if (pattern === undefined) continue;
      const own = this.filesOf(excluded);
      put(patterns.nameOf(pattern), own.length === 0 ? fileExcluded : [...fileExcluded, ...own], pattern.offset);
    }
  }

  /** Rules of an output section that stands, at their new places. */
  addAgain(node: OutputSection, known: RulesOfOutput): void {
    const start = startOf(node) ?? 0;
    const shift = start - known.start;
    known.start = start;
    const isInPlace = shift === 0 && known.rules[0]?.order === this.all.length;
    for (const rule of known.rules) {
      if (!isInPlace) replace(rule, rule.offset + shift, this.all.length);
      this.all.push(rule);
    }
  }

  private filesOf(tokens: readonly Token[]): readonly FileRule[] {
    return tokens.length === 0 ? NO_FILES : tokens.map((token) => this.patterns.fileOf(token));
  }
}

function replace(rule: { offset: number; order: number }, offset: number, order: number): void {
  rule.offset = offset;
  rule.order = order;
}

const NO_FILES: readonly FileRule[] = [];
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
