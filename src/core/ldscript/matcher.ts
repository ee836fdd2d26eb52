/** Which statement of a script places each input section, and which others would have. */
import type { Dialect } from "./dialect.js";
import { NONE_INCLUDED, type Included } from "./included.js";
import type { InputSection } from "./matcher-input.js";
import { orphanOutput } from "./orphans.js";
import { isComplete } from "./script-outline.js";
import { rulesOf, type FileRule, type OutputRule, type Rule } from "./rules.js";
import type { Script } from "./tree.js";

export interface Placement {
  readonly input: InputSection;
  /** The output section, /DISCARD/ of one that is discarded. */
  readonly output: string;
  /** Undefined of an orphan. */
  readonly rule: Rule | undefined;
  /** Later statements that match too, in their order. */
  readonly shadowed: readonly Rule[];
}

/**
 * The first statement in the script's order takes a section, over KEEP and /DISCARD/ alike. An output section whose
 * ONLY_IF_RO or ONLY_IF_RW its inputs break takes nothing, and the next ones are tried. Measured with GNU ld 2.40 and lld 19.
 */
export function matchSections(
  tree: Script,
  inputs: readonly InputSection[],
  dialect: Dialect,
  included: Included = NONE_INCLUDED,
): Placement[] {
  const { rules, outputs } = rulesOf(tree, dialect, included);
  const find = finder(rules, dialect);
  const candidates = inputs.map((input) => find(input));
  // GNU ld asks what is writable without a look at INPUT_SECTION_FLAGS; lld looks at what would be taken.
  const dropped = unmetConstraints(
    outputs,
    inputs,
    candidates,
    dialect.name === "lld" ? find : finder(rules, dialect, false),
  );
  // lld's own layout: without SECTIONS, or with none but those that INSERT moves.
  const mergesByPrefix = dialect.name === "lld" && !isComplete({ tree, included });
  return inputs.map((input, index) => {
    const taking = candidates[index]!.filter(({ output }) => !dropped.has(output.node));
    const [rule, ...shadowed] = taking;
    return { input, output: rule?.output.name ?? orphanOutput(input, mergesByPrefix), rule, shadowed };
  });
}

type Find = (input: InputSection) => Rule[];

/** Exact names through a map, wildcards by what they begin with; a name's candidates are found once. */
function finder(rules: readonly Rule[], dialect: Dialect, byFlags = true): Find {
  const exact = new Map<string, number[]>();
  const wild = new Map<string, number[]>();
  rules.forEach(({ section: { isLiteral, text, prefix } }, index) => {
    const list = isLiteral ? exact : wild;
    const key = isLiteral ? text : prefix;
    const known = list.get(key);
    if (known === undefined) list.set(key, [index]);
    else known.push(index);
  });
  const lengths = [...new Set([...wild.keys()].map(({ length }) => length))];
  const byName = new Map<string, readonly Rule[]>();
  const named = (name: string): readonly Rule[] => {
    const known = byName.get(name);
    if (known !== undefined) return known;
    const indices = [...(exact.get(name) ?? [])];
    for (const length of lengths) {
      if (length > name.length) continue;
      for (const index of wild.get(name.slice(0, length)) ?? [])
        if (rules[index]!.section.matches(name)) indices.push(index);
    }
    const found = indices.sort((a, b) => a - b).map((index) => rules[index]!);
    byName.set(name, found);
    return found;
  };
  const files = new Map<string, InputFile>();
  return (input) => {
    let file = files.get(input.file);
    if (file === undefined) files.set(input.file, (file = inputFile(input.file)));
    const known = file;
    const flags = flagBits(input.flags);
    return named(input.name).filter(
      (rule) =>
        (rule.file === undefined || matchesFile(rule.file, known, dialect, false)) &&
        !rule.excluded.some((each) => matchesFile(each, known, dialect, true)) &&
        (!byFlags || ((flags & rule.withFlags) === rule.withFlags && (flags & rule.withoutFlags) === 0)),
    );
  };
}

interface InputFile {
  readonly archive: string | undefined;
  readonly name: string;
  /** As lld names it: archive:member. */
  readonly joined: string;
}

function inputFile(text: string): InputFile {
  const [, archive, member] = /^(.*)\(([^()]*)\)$/s.exec(text) ?? [];
  if (archive === undefined || member === undefined) return { archive: undefined, name: text, joined: text };
  return { archive, name: member, joined: `${archive}:${member}` };
}

function matchesFile(rule: FileRule, file: InputFile, { name: linker }: Dialect, isExclusion: boolean): boolean {
  if (linker === "lld") {
    if (rule.inArchive === true && rule.file === undefined)
      return file.archive !== undefined && rule.archive?.matches(file.archive) === true;
    if (rule.inArchive === false) return file.archive === undefined && (rule.file?.matches(file.name) ?? true);
    return rule.whole.matches(file.joined);
  }
  if (rule.inArchive === undefined) {
    if (rule.whole.matches(file.name)) return true;
    // GNU ld takes an archive's name in an exclusion for all of its members; a pattern matches the archive as well.
    return file.archive !== undefined && (isExclusion || !rule.whole.isLiteral) && rule.whole.matches(file.archive);
  }
  if (rule.inArchive !== (file.archive !== undefined)) return false;
  if (rule.file !== undefined && !rule.file.matches(file.name)) return false;
  return rule.archive === undefined || rule.archive.matches(file.archive ?? "");
}

/** Output sections whose ONLY_IF_RO or ONLY_IF_RW does not hold for what they would take. */
function unmetConstraints(
  outputs: readonly OutputRule[],
  inputs: readonly InputSection[],
  candidates: readonly (readonly Rule[])[],
  loose: Find,
): ReadonlySet<OutputRule["node"]> {
  const dropped = new Set<OutputRule["node"]>();
  const constrained = outputs.filter(({ constraint }) => constraint === "ONLY_IF_RO" || constraint === "ONLY_IF_RW");
  if (constrained.length === 0) return dropped;
  const order = new Map(outputs.map(({ node }, index) => [node, index]));
  const at = (rule: Rule | undefined): number =>
    rule === undefined ? Infinity : (order.get(rule.output.node) ?? Infinity);
  const writable = new Map(constrained.map(({ node }) => [node, new Set<number>()]));
  inputs.forEach((input, index) => {
    if (!input.flags.includes("W")) return;
    for (const { output } of loose(input)) writable.get(output.node)?.add(index);
  });
  for (const { node, constraint } of constrained) {
    const own = order.get(node)!;
    const hasWritable = [...writable.get(node)!].some(
      (index) => at(candidates[index]!.find((rule) => !dropped.has(rule.output.node))) >= own,
    );
    if (hasWritable === (constraint === "ONLY_IF_RO")) dropped.add(node);
  }
  return dropped;
}

/** readelf's letters to elf.h's bits. */
function flagBits(letters: string): number {
  let bits = 0;
  for (const letter of letters) bits |= FLAG_BITS[letter] ?? 0;
  return bits;
}

const FLAG_BITS: Readonly<Record<string, number>> = {
  W: 0x1,
  A: 0x2,
  X: 0x4,
  M: 0x10,
  S: 0x20,
  I: 0x40,
  L: 0x80,
  O: 0x100,
  G: 0x200,
  T: 0x400,
  C: 0x800,
  E: 0x80000000,
};
