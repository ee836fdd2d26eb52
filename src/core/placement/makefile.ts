/** As much of a makefile's grammar (GNU make) as it takes to know its variables, its rules and their recipes. */

export interface Makefile {
  readonly assignments: readonly MakeAssignment[];
  readonly rules: readonly MakeRule[];
}

export interface MakeAssignment {
  readonly name: string;
  readonly operator: string;
  readonly value: string;
  readonly line: MakeLine;
  /** Not within a conditional. */
  readonly always: boolean;
}

export interface MakeRule {
  /** As they are written, with variables. */
  readonly targets: readonly string[];
  readonly line: MakeLine;
  /** Its lines as one text, from `recipeAt` on; "" where there is none. */
  readonly recipe: string;
  readonly recipeAt: number;
}

/** A line with those that a backslash joins to it. */
export interface MakeLine {
  readonly offset: number;
  readonly text: string;
  /** Where a comment and the blanks before it start, or the end. */
  readonly contentEnd: number;
}

export function readMakefile(text: string): Makefile {
  const assignments: MakeAssignment[] = [];
  const rules: (Omit<MakeRule, "recipe"> & { recipe: string })[] = [];
  let depth = 0;
  let defining = false;
  let rule: (typeof rules)[number] | undefined;
  for (const line of linesOf(text)) {
    if (rule !== undefined && line.text.startsWith("\t")) {
      rule.recipe = text.slice(rule.recipeAt, line.offset + line.text.length);
      continue;
    }
    const [word = ""] = line.text.trimStart().split(/[\s(]/, 1);
    if (word === "define" || word === "endef") defining = word === "define";
    if (defining) continue;
    if (/^if(n?eq|n?def)$/.test(word)) depth++;
    if (word === "endif") depth--;
    const content = text.slice(line.offset, line.contentEnd);
    if (/^\s*$/.test(content) || DIRECTIVE.test(word)) continue;
    const assigned = ASSIGNMENT.exec(content);
    if (assigned !== null) {
      const [, name = "", operator = "", value = ""] = assigned;
      assignments.push({ name, operator, value, line, always: depth === 0 });
      continue;
    }
    const targets = /^((?:\$\([^)]*\)|\$\{[^}]*\}|[^:=$])+)::?(?!=)(?!\s*[\w.-]+\s*(?:[+?:!]|::)?=)/.exec(content)?.[1];
    if (targets === undefined) continue;
    const recipeAt = line.offset + line.text.length;
    rule = { targets: targets.match(WORD) ?? [], line, recipe: "", recipeAt };
    rules.push(rule);
  }
  return { assignments, rules };
}

/** With what the makefile itself assigns; variables it does not know are empty. */
export function expanded({ assignments }: Makefile, text: string, depth = 0): string {
  if (depth > MOST_NESTED) return "";
  return text
    .replace(/\$[({]([\w.-]+)[)}]/g, (_, name: string) => {
      const value = assignments.findLast((one) => one.name === name)?.value.trim() ?? "";
      return expanded({ assignments, rules: [] }, value, depth + 1);
    })
    .slice(0, MOST_TEXT);
}

/** Names of the variables in a text, in order. */
export function variablesIn(text: string): readonly string[] {
  return [...text.matchAll(/\$[({]([\w.-]+)[)}]/g)].map(([, name = ""]) => name);
}

function* linesOf(text: string): Generator<MakeLine> {
  for (let offset = 0; offset < text.length;) {
    let end = offset;
    for (;;) {
      const next = text.indexOf("\n", end);
      end = next < 0 ? text.length : next;
      const joined = /(?:^|[^\\])(?:\\\\)*\\\r?$/.test(text.slice(offset, end));
      if (!joined || end >= text.length) break;
      end++;
    }
    const line = text.slice(offset, end).replace(/\r$/, "");
    const comment = /(?:^|\s)\s*#|\s*$/.exec(line)?.index ?? line.length;
    yield { offset, text: line, contentEnd: offset + line.slice(0, comment).trimEnd().length };
    offset = end + 1;
  }
}

const ASSIGNMENT = /^ *(?:(?:override|export|private) +)*([\w.-]+)\s*(=|:{1,3}=|\+=|\?=)([^]*)$/;
const DIRECTIVE = /^(?:-?include|sinclude|export|unexport|vpath|undefine|ifn?eq|ifn?def|else|endif|endef)$/;
const WORD = /(?:\$\([^)]*\)|\$\{[^}]*\}|[^\s])+/g;
const MOST_NESTED = 8;
const MOST_TEXT = 10_000;
