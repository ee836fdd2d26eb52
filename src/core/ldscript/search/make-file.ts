/** The links a Makefile makes: what its rules run, with its variables put in as far as they are plain. */
import { splitWords } from "../../base/shell-words.js";
import { linkCommand, linkerArguments } from "./link-command.js";
import { lineOf, type Mention } from "./mention.js";

export function mentionsInMakefile(text: string): readonly Mention[] {
  if (text.includes("CMAKE generated file")) return []; // Its commands are in files of their own.
  const file = read(text);
  const mentions = file.rules.flatMap((rule) => rule.targets.flatMap((target) => linksOf(file, rule, target, text)));
  if (mentions.some(({ scripts }) => scripts.length > 0)) return mentions;
  return [...mentions, ...ofFlags(file, text)];
}

interface Rule {
  readonly targets: readonly string[];
  readonly inputs: readonly string[];
  readonly recipe: readonly string[];
}

interface MakeFile {
  readonly variables: ReadonlyMap<string, string>;
  readonly rules: readonly Rule[];
}

function linksOf(file: MakeFile, { inputs, recipe }: Rule, target: string, text: string): readonly Mention[] {
  const automatic = new Map([
    ["@", target],
    ["<", inputs[0] ?? ""],
    ["^", inputs.join(" ")],
    ["+", inputs.join(" ")],
  ]);
  const isLinked = inputs.length > 0 && inputs.every((name) => /\.(?:o|a|ld|lds)$/.test(name));
  const commands = recipe.length > 0 ? recipe : isLinked ? [IMPLICIT] : [];
  return commands.flatMap((line) => {
    const words = splitWords(expanded(line.replace(/^[@+-]+\s*/, ""), file.variables, automatic));
    const command = words === undefined ? undefined : linkCommand(words);
    if (command === undefined || (command.scripts.length === 0 && command.inputs.length === 0)) return [];
    if (command.scripts.length === 0 && !command.inputs.some((name) => /\.o(?:bj)?$/.test(name))) return [];
    const program = command.output ?? (/[%$]/.test(target) ? undefined : target);
    return [
      { kind: "make", scripts: command.scripts, program, up: 0, line: lineOf(text, command.scripts[0]), command },
    ];
  });
}

/** Flags that only rules of other files use. */
function ofFlags({ variables }: MakeFile, text: string): readonly Mention[] {
  for (const name of ["LDFLAGS", "LDLIBS", "CFLAGS", "AM_LDFLAGS", "LDSCRIPT_FLAGS"]) {
    const words = splitWords(expanded(variables.get(name) ?? "", variables, new Map()));
    const { scripts = [] } = linkCommand(["cc", ...linkerArguments(words ?? [])]) ?? {};
    if (scripts.length > 0)
      return [{ kind: "make", scripts, program: undefined, up: 0, line: lineOf(text, scripts[0]), command: undefined }];
  }
  return [];
}

function read(text: string): MakeFile {
  const variables = new Map<string, string>(DEFAULTS);
  const rules: { targets: string[]; inputs: string[]; recipe: string[] }[] = [];
  let open: (typeof rules)[number] | undefined;
  for (const line of text.replace(/\\\r?\n\s*/g, " ").split(/\r?\n/)) {
    if (line.startsWith("\t")) {
      open?.recipe.push(line.slice(1).trim());
      continue;
    }
    const plain = line.replace(/(^|[^\\])#.*$/, "$1").trim();
    if (plain === "") continue;
    const assigned = /^(?:export\s+|override\s+)*([\w.-]+)\s*(\?|\+|::?)?=\s*(.*)$/.exec(plain);
    if (assigned !== null) {
      assign(variables, assigned[1]!, assigned[2] ?? "", assigned[3]!);
      continue;
    }
    const rule = /^([^:=]+):(?!=)\s*([^;|]*)[^;]*(?:;(.*))?$/.exec(plain);
    if (rule === null) continue;
    const own = /^\s*([\w.-]+)\s*(\?|\+|::?)?=\s*(.*)$/.exec(rule[2]!);
    // A variable of one target counts for all: a link without it says so itself.
    if (own !== null) {
      assign(variables, own[1]!, own[2] ?? "", own[3]!);
      continue;
    }
    const words = (part: string): string[] => expanded(part, variables, new Map()).split(/\s+/).filter(Boolean);
    open = { targets: words(rule[1]!), inputs: words(rule[2]!), recipe: rule[3] === undefined ? [] : [rule[3].trim()] };
    rules.push(open);
  }
  return { variables, rules };
}

function assign(variables: Map<string, string>, name: string, how: string, value: string): void {
  if (how === "?" && variables.has(name) && !DEFAULTS.some(([known]) => known === name)) return;
  if (how === "+") variables.set(name, `${variables.get(name) ?? ""} ${value}`.trim());
  else variables.set(name, how.startsWith(":") ? expanded(value, variables, new Map()) : value);
}

/** References to variables written out, to a depth; what is unknown is empty, as for make. */
function expanded(
  text: string,
  variables: ReadonlyMap<string, string>,
  automatic: ReadonlyMap<string, string>,
  depth = 0,
): string {
  if (depth > MOST_DEPTH || text.length > MOST_TEXT) return "";
  const inner = (part: string): string => expanded(part, variables, automatic, depth + 1);
  return text.replace(
    /\$(?:\$|\(((?:[^()]|\([^()]*\))*)\)|\{([^{}]*)\}|([@<^+*A-Za-z]))/g,
    (whole, round?: string, curly?: string, short?: string) => {
      if (whole === "$$") return "$";
      const body = round ?? curly ?? short ?? "";
      const known = automatic.get(body);
      if (known !== undefined) return known;
      if (body === "CURDIR" || body === "PWD") return ".";
      const [, from, pattern, to] = /^([\w.-]+):([^=]*)=(.*)$/.exec(body) ?? [];
      if (from !== undefined) return replaced(inner(variables.get(from) ?? ""), `%${pattern}`, `%${to}`);
      const called = /^patsubst\s+([^,]+),([^,]*),(.*)$/.exec(body);
      if (called !== null) return replaced(inner(called[3]!), called[1]!, called[2]!);
      const prefixed = /^addprefix\s+([^,]+),(.*)$/.exec(body);
      if (prefixed !== null) return replaced(inner(prefixed[2]!), "%", `${inner(prefixed[1]!)}%`);
      return inner(variables.get(inner(body)) ?? "");
    },
  );
}

/** As make's patsubst. */
function replaced(words: string, pattern: string, by: string): string {
  const [before = "", after = ""] = pattern.trim().replace("%%", "%").split("%");
  const to = by.trim().replace("%%", "%");
  return words
    .split(/\s+/)
    .filter(Boolean)
    .map((word) =>
      word.length >= before.length + after.length && word.startsWith(before) && word.endsWith(after)
        ? to.replace("%", word.slice(before.length, word.length - after.length))
        : word,
    )
    .join(" ");
}

/** Of GNU make: how a program is linked that has no recipe. */
const IMPLICIT = "$(CC) $(LDFLAGS) $(TARGET_ARCH) $^ $(LOADLIBES) $(LDLIBS) -o $@";
const DEFAULTS: readonly (readonly [string, string])[] = [
  ["CC", "cc"],
  ["CXX", "c++"],
  ["LD", "ld"],
  ["AR", "ar"],
  ["RM", "rm -f"],
];
const MOST_DEPTH = 12;
const MOST_TEXT = 1 << 20;
