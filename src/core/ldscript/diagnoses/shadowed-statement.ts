/** A statement that takes nothing because an earlier one takes everything it names. */
import type { RawProblem } from "../cursor.js";
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
  const { rules } = subject;
  const wide = rules.filter(isSimple);
  return rules.flatMap((rule) => {
    const by = wide.find((earlier) => earlier.order < rule.order && takesAllOf(earlier, rule));
    return by === undefined || !isTold(rule, by) ? [] : told(subject, rule, by, rule.section.text);
  });
}

/** Takes whatever its names match: nothing excluded, no flags asked for, no constraint. */
function isSimple({ excluded, withFlags, withoutFlags, output }: Rule): boolean {
  return excluded.length === 0 && withFlags === 0 && withoutFlags === 0 && output.constraint === undefined;
}

function takesAllOf(earlier: Rule, later: Rule): boolean {
  return takesFiles(earlier.file, later.file) && takesNames(earlier.section, later.section);
}

function takesFiles(earlier: FileRule | undefined, later: FileRule | undefined): boolean {
  return earlier === undefined || earlier.whole.text === "*" || earlier.whole.text === later?.whole.text;
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
