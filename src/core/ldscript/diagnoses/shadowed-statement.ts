/** A statement that takes nothing because an earlier one takes everything it names. */
import type { RawProblem } from "../problems.js";
import type { NamePattern } from "../glob.js";
import type { FileRule, Rule } from "../rules.js";
import { startOf } from "../tree.js";
import { problemAt, type Diagnosis, type Subject } from "./subject.js";

/** By the patterns alone where the inputs are not known: only what is sure to be shadowed is told. */
export const shadowedStatement: Diagnosis = (subject) =>
  subject.placements === undefined ? byPatterns(subject) : byPlacements(subject);

function byPlacements(subject: Subject): RawProblem[] {
  const taking = new Set<number>();
  const shadows = new Map<number, { readonly by: Rule; readonly section: string }>();
  for (const { input, rule, shadowed } of subject.placements ?? []) {
    if (rule === undefined) continue;
    taking.add(rule.order);
    for (const { order } of shadowed) if (!shadows.has(order)) shadows.set(order, { by: rule, section: input.name });
  }
  return subject.rules.flatMap((rule) => {
    const shadow = shadows.get(rule.order);
    if (shadow === undefined || taking.has(rule.order) || !isTold(rule, shadow.by)) return [];
    return told(subject, rule, shadow.by, shadow.section);
  });
}

function byPatterns(subject: Subject): RawProblem[] {
  const earlier = new EarlierRules();
  return subject.rules.flatMap((rule) => {
    const by = earlier.firstTaking(rule);
    if (isSimple(rule)) earlier.add(rule);
    return by === undefined || !isTold(rule, by) ? [] : told(subject, rule, by, rule.section.text);
  });
}

/** By file and by what names begin with, so that a script of thousands of statements is read in one pass. */
class EarlierRules {
  private readonly byFile = new Map<string, EarlierNames>();
  /** Of statements for all files, or for none in particular. */
  private readonly ofAll: EarlierNames = { same: new Map(), wild: new Map(), lengths: [] };

  add(rule: Rule): void {
    const { same, wild, lengths } = this.namesFor(rule.file);
    const { text, prefix, isLiteral } = rule.section;
    if (same.has(text)) return;
    same.set(text, rule);
    if (isLiteral) return;
    const others = wild.get(prefix);
    if (others === undefined) wild.set(prefix, [rule]);
    else others.push(rule);
    if (!lengths.includes(prefix.length)) lengths.push(prefix.length);
  }

  firstTaking({ file, section }: Rule): Rule | undefined {
    const own = file === undefined ? undefined : this.byFile.get(file.whole.text);
    const byAll = firstIn(this.ofAll, section);
    const byOwn = own === undefined ? undefined : firstIn(own, section);
    if (byAll === undefined || byOwn === undefined) return byAll ?? byOwn;
    return byAll.order < byOwn.order ? byAll : byOwn;
  }

  private namesFor(file: FileRule | undefined): EarlierNames {
    // In the form [ pattern … ] there is no file.
    if (file === undefined || file.whole.text === "*") return this.ofAll;
    const known = this.byFile.get(file.whole.text);
    if (known !== undefined) return known;
    const made: EarlierNames = { same: new Map(), wild: new Map(), lengths: [] };
    this.byFile.set(file.whole.text, made);
    return made;
  }
}

interface EarlierNames {
  /** The first one of each pattern as it is written. */
  readonly same: Map<string, Rule>;
  /** Those with wildcards, by what their names begin with. */
  readonly wild: Map<string, Rule[]>;
  /** Of what they begin with. */
  readonly lengths: number[];
}

function firstIn({ same, wild, lengths }: EarlierNames, section: NamePattern): Rule | undefined {
  let first = same.get(section.text);
  for (const length of lengths) {
    if (length > section.prefix.length) continue;
    for (const rule of wild.get(section.prefix.slice(0, length)) ?? [])
      if ((first === undefined || rule.order < first.order) && takesNames(rule.section, section)) first = rule;
  }
  return first;
}

/** Takes whatever its names match: nothing excluded, no flags asked for, no constraint. */
function isSimple({ excluded, withFlags, withoutFlags, output }: Rule): boolean {
  return excluded.length === 0 && withFlags === 0 && withoutFlags === 0 && output.constraint === undefined;
}

function takesNames(earlier: NamePattern, later: NamePattern): boolean {
  if (later.isLiteral) return earlier.matches(later.text);
  if (earlier.text === later.text) return true;
  const isPrefix = earlier.text.endsWith("*") && earlier.prefix.length === earlier.text.length - 1;
  return isPrefix && later.prefix.startsWith(earlier.prefix);
}

/** Within one output section it changes nothing but the order. */
function isTold(rule: Rule, by: Rule): boolean {
  if (rule.source !== undefined || rule.output.node === by.output.node || rule.output.name === by.output.name)
    return false;
  return rule.output.constraint === undefined && !TWICE.test(rule.section.text);
}

/**
 * Linkers' own scripts name these twice and mean it: constructors for .init_array and for .ctors, PowerPC's table of
 * contents within the GOT, and link-once sections, which no compiler makes any more.
 */
const TWICE = /^\.(?:[cd]tors|toc$|gnu\.linkonce\.)/;

function told(subject: Subject, rule: Rule, by: Rule, section: string): RawProblem[] {
  const pattern = rule.spec.patterns?.find((each) => startOf(each.pattern ?? each) === rule.offset);
  const { line } = subject.place(by.source === undefined ? by.offset : 0);
  const where = by.source === undefined ? line : by.source.path;
  return [problemAt(pattern?.pattern ?? rule.spec, "shadowed", "warning", section, where, by.output.name)];
}
