/** Patterns of names: fnmatch without flags for GNU ld (`*` crosses `/`), lld's own globs, both compiled once. */
import type { DialectName } from "./dialect.js";

export interface NamePattern {
  readonly text: string;
  /** No wildcard: an exact compare. */
  readonly isLiteral: boolean;
  /** Every name it takes begins so. */
  readonly prefix: string;
  /** Every name that begins so is taken. */
  readonly isPrefix: boolean;
  readonly matches: (name: string) => boolean;
}

/** `quoted` names still glob in GNU ld, and are literal in lld. */
export function namePattern(text: string, quoted: boolean, dialect: DialectName): NamePattern {
  const isLiteral = (quoted && dialect === "lld") || !/[?*[]/.test(text);
  if (isLiteral) return { text, isLiteral, prefix: text, isPrefix: false, matches: (name) => name === text };
  const prefix = /^[^?*[\\]*/.exec(text)![0];
  if (/^[^?*[\\]*\*+$/.test(text))
    return { text, isLiteral, prefix, isPrefix: true, matches: (name) => name.startsWith(prefix) };
  const steps = compile(text);
  const matches = (name: string): boolean => name.startsWith(prefix) && matchesSteps(steps, name);
  return { text, isLiteral, prefix, isPrefix: false, matches };
}

type Step = "any-run" | ((character: string) => boolean);

function compile(text: string): Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === "*") {
      if (steps[steps.length - 1] !== "any-run") steps.push("any-run");
    } else if (character === "?") steps.push(() => true);
    else if (character === "[") {
      const set = characterSet(text, at);
      if (set === undefined) steps.push((found) => found === "[");
      else {
        steps.push(set.takes);
        at = set.end;
      }
    } else {
      const literal = character === "\\" && at + 1 < text.length ? text[++at]! : character;
      steps.push((found) => found === literal);
    }
  }
  return steps;
}

/** `[a-z]`, `[!a-z]`, `[^a-z]`; a bracket that is not closed is itself. */
function characterSet(
  text: string,
  at: number,
): { readonly takes: (c: string) => boolean; readonly end: number } | undefined {
  const negated = text[at + 1] === "!" || text[at + 1] === "^";
  const first = at + (negated ? 2 : 1);
  const end = text.indexOf("]", first + 1);
  if (end < 0) return undefined;
  const ranges: [string, string][] = [];
  for (let i = first; i < end; i++) {
    const low = text[i]!;
    if (text[i + 1] === "-" && i + 2 < end) {
      ranges.push([low, text[i + 2]!]);
      i += 2;
    } else ranges.push([low, low]);
  }
  const isIn = (c: string): boolean => ranges.some(([low, high]) => c >= low && c <= high);
  return { takes: (c) => isIn(c) !== negated, end };
}

/** Linear in the product of the lengths: only the last run is ever taken up again. */
function matchesSteps(steps: readonly Step[], name: string): boolean {
  let step = 0;
  let at = 0;
  let runStep = -1;
  let runAt = 0;
  while (at < name.length) {
    const current = steps[step];
    if (current === "any-run") {
      runStep = step++;
      runAt = at;
    } else if (current !== undefined && current(name[at]!)) {
      step += 1;
      at += 1;
    } else if (runStep >= 0) {
      step = runStep + 1;
      at = ++runAt;
    } else return false;
  }
  while (steps[step] === "any-run") step += 1;
  return step === steps.length;
}
