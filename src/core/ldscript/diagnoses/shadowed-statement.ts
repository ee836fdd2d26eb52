/** A statement that takes nothing because an earlier one takes everything it names. */
import type { RawProblem } from "../problems.js";
import type { FileRule, NamePatterns } from "../name-patterns.js";
import type { Rule } from "../rules.js";
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
  const earlier = new EarlierRules(subject.memory.patterns);
  const found: RawProblem[] = [];
  for (const rule of subject.rules) {
    const by = earlier.firstTaking(rule);
    if (isSimple(rule)) earlier.add(rule);
    if (by !== undefined && isTold(rule, by)) found.push(...told(subject, rule, by, rule.section.text));
  }
  return found;
}

/** The first rule of each pattern, by its index. */
type FirstRules = Rule[];

/** By file and by pattern, so that a script of thousands of statements is read in one pass. */
class EarlierRules {
  private readonly byFile = new Map<string, FirstRules>();
  /** Of statements for all files, or for none in particular. */
  private readonly ofAll: FirstRules = [];

  constructor(private readonly patterns: NamePatterns) {}

  add(rule: Rule): void {
    this.rulesFor(rule.file)[rule.section.index] ??= rule;
  }

  firstTaking({ file, section }: Rule): Rule | undefined {
    const own = file === undefined || this.byFile.size === 0 ? undefined : this.byFile.get(file.whole.text);
    let first = earlierOf(this.ofAll[section.index], own?.[section.index]);
    for (const wider of this.patterns.widerThan(section)) {
      first = earlierOf(first, this.ofAll[wider.index]);
      if (own !== undefined) first = earlierOf(first, own[wider.index]);
    }
    return first;
  }

  private rulesFor(file: FileRule | undefined): FirstRules {
    // In the form [ pattern … ] there is no file.
    if (file === undefined || file.whole.text === "*") return this.ofAll;
    const known = this.byFile.get(file.whole.text);
    if (known !== undefined) return known;
    const made: FirstRules = [];
    this.byFile.set(file.whole.text, made);
    return made;
  }
}

function earlierOf(a: Rule | undefined, b: Rule | undefined): Rule | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.order <= b.order ? a : b;
}

/** Takes whatever its names match: nothing excluded, no flags asked for, no constraint. */
function isSimple({ excluded, withFlags, withoutFlags, output }: Rule): boolean {
  return excluded.length === 0 && withFlags === 0 && withoutFlags === 0 && output.constraint === undefined;
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
