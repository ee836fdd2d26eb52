/** A makefile that passes a linker script: its flags' variables are appended to, for the program alone where it has a rule. */
import type { TextEdit } from "../base/text-edit.js";
import type { BuildEdit, BuildWish } from "./build-wish.js";
import { fileName, lineEndOf, missingFlags } from "./build-flags.js";
import { expanded, readMakefile, variablesIn, type Makefile, type MakeRule } from "./makefile.js";

export function makefileEdit(text: string, { program, script }: BuildWish): BuildEdit {
  const makefile = readMakefile(text);
  const rule = ruleOf(makefile, program);
  const missing = missingFlags(text, script);
  const isRust = /\$[({]RUSTC[)}]|\brustc\b/.test(rule?.recipe ?? "");
  const compileFlags = isRust ? [] : missing.compile;
  const compile = compileFlags.length === 0 ? [] : compilerVariables(text, makefile);
  const link = linkVariable(text, makefile, rule);
  if (rule === undefined && link === undefined) return refused("no-program");
  if (link === undefined || (compileFlags.length > 0 && compile.length === 0)) return refused("no-flags");
  if (rule === undefined && /\s-shared\b/.test(text)) return refused("shared");
  const eol = lineEndOf(text);
  const option = isRust ? `-C link-arg=-Wl,-T,${script}` : `-Wl,-T,${script}`;
  const linked = [...missing.link, ...(missing.script ? [option] : [])].join(" ");
  return {
    kind: "edits",
    edits: [
      ...compile.map((name) => appended(text, makefile, name, compileFlags.join(" "))),
      ...(linked === "" ? [] : [linkEdit(text, makefile, rule, { name: link, words: linked, eol })]),
      ...(missing.script ? relinked(text, rule, script) : []),
    ],
  };
}

/** The rule with a recipe before one without; the same path before the same name. */
function ruleOf(makefile: Makefile, program: string): MakeRule | undefined {
  const paths = makefile.rules.map((rule) => ({ rule, made: rule.targets.map((target) => pathOf(makefile, target)) }));
  const same = paths.filter(({ made }) => made.includes(program));
  const named = paths.filter(({ made }) => made.some((path) => fileName(path) === fileName(program)));
  const [found] = [...same, ...named].sort((a, b) => Number(b.rule.recipe !== "") - Number(a.rule.recipe !== ""));
  return found?.rule;
}

function pathOf(makefile: Makefile, target: string): string {
  return expanded(makefile, target).replace(/^\.\//, "");
}

/** What recipes give to the compiler; without recipes that do, what make's own rules take. */
function compilerVariables(text: string, { rules, assignments }: Makefile): readonly string[] {
  const used = new Set(rules.flatMap(({ recipe }) => variablesIn(recipe)));
  const named = [...used].filter((name) => /(?:CFLAGS|CXXFLAGS)$/.test(name));
  if (named.length > 0) return named;
  if (used.has("CPPFLAGS")) return ["CPPFLAGS"];
  const compiles = rules.some(({ recipe }) => /\s-c\b|\.(?:c|cc|cpp|cxx)\b/.test(recipe));
  if (compiles) return [];
  const known = ["CFLAGS", "CXXFLAGS"].filter((name) => assignments.some((one) => one.name === name));
  if (known.length > 0) return known;
  return [/\.(?:cc|cpp|cxx)\b/.test(text) ? "CXXFLAGS" : "CFLAGS"];
}

function linkVariable(text: string, { assignments }: Makefile, rule: MakeRule | undefined): string | undefined {
  if (rule === undefined) {
    const isKnown = assignments.some(({ name }) => name === "LDFLAGS") || variablesIn(text).includes("LDFLAGS");
    return isKnown ? "LDFLAGS" : undefined;
  }
  const used = variablesIn(rule.recipe);
  // Without a recipe, and in make's own commands, it is LDFLAGS.
  if (rule.recipe === "" || used.some((name) => name.startsWith("LINK."))) return "LDFLAGS";
  const byRank = LINK_VARIABLES.map((pattern) => used.find((name) => pattern.test(name)));
  return byRank.find((name) => name !== undefined);
}

function linkEdit(
  text: string,
  makefile: Makefile,
  rule: MakeRule | undefined,
  { name, words, eol }: Record<"name" | "words" | "eol", string>,
): TextEdit {
  const [target] = rule?.targets ?? [];
  if (rule === undefined || target === undefined) return appended(text, makefile, name, words);
  return { offset: rule.line.offset, length: 0, text: `${target}: ${name} += ${words}${eol}` };
}

/** To where it is assigned last on every way through the makefile, or before anything could use it. */
function appended(text: string, { assignments, rules }: Makefile, name: string, words: string): TextEdit {
  const own = assignments.filter((one) => one.name === name && one.always);
  const last = own.findLast(({ operator }) => operator !== "?=");
  if (last !== undefined) return { offset: last.line.contentEnd, length: 0, text: ` ${words}` };
  const eol = lineEndOf(text);
  const weak = own.at(-1);
  if (weak !== undefined) {
    const end = weak.line.offset + weak.line.text.length;
    return { offset: end, length: 0, text: `${eol}${name} += ${words}` };
  }
  const read = assignments.find(({ operator, value }) => /^:+=$/.test(operator) && variablesIn(value).includes(name));
  const offset = Math.min(rules[0]?.line.offset ?? text.length, read?.line.offset ?? text.length);
  return { offset, length: 0, text: `${name} += ${words}${eol}` };
}

/** A changed script links again, and is no input of the link. */
function relinked(text: string, rule: MakeRule | undefined, script: string): readonly TextEdit[] {
  const line = rule === undefined ? "" : text.slice(rule.line.offset, rule.line.contentEnd);
  if (rule === undefined || rule.recipe === "" || rule.recipe.includes("$?") || /[;|%]/.test(line)) return [];
  const inputs = [...rule.recipe.matchAll(/\$[\^+]|\$\([\^+]\)|\$\{[\^+]\}/g)].map(({ 0: found, index }): TextEdit => ({
    offset: rule.recipeAt + index,
    length: found.length,
    text: `$(filter-out ${script},${found})`,
  }));
  return [{ offset: rule.line.contentEnd, length: 0, text: ` ${script}` }, ...inputs];
}

function refused(refusal: "no-program" | "no-flags" | "shared"): BuildEdit {
  return { kind: "refused", refusal };
}

const LINK_VARIABLES = [
  /(?:LDFLAGS|LINKFLAGS|LFLAGS)$/,
  /(?:LDLIBS|LIBS)$/,
  /RUSTFLAGS$/,
  /(?:CFLAGS|CXXFLAGS|CPPFLAGS)$/,
];
