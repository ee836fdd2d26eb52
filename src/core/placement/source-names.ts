/** A readable name taken apart: what a definition is called, where it belongs, how many parameters it has. */

export interface DefinedName {
  /** "callback", "~Mixer", "operator==". */
  readonly name: string;
  /** Outermost first, without template arguments: ["audio", "Mixer"]. */
  readonly qualifiers: readonly string[];
  /** undefined: the name does not tell (C, variables). */
  readonly parameters: number | undefined;
  /** An instance of a template, or of a member of one. */
  readonly instance: boolean;
}

/** @param displayName as demanglers give it, or as in a symbol table: "int ns::twice<int>(int)", "count.0". */
export function definedName(displayName: string): DefinedName {
  // Compilers number variables of functions (count.0, in clang handle.count), and name clones after what they are of.
  const whole = displayName
    .replace(/ \[clone [^\]]*\]/g, "")
    .replace(/(?: \(\.[^)]*\))+$/, "")
    .replace(/^([A-Za-z_$][\w$]*)(?:\.(?:\d+|cold|part|constprop|isra|lto_priv|llvm|localalias))+$/, "$1")
    .replace(/^[A-Za-z_$][\w$]*\.([A-Za-z_$][\w$]*)(?:\.\d+)*$/, "$1")
    .replace(/@.*$/, "");
  const open = parametersAt(whole);
  const path = split(open < 0 ? whole : whole.slice(0, open), "::");
  const last = path.pop() ?? "";
  const operator = /(?:^|[\s:])(operator\b.*)$/s.exec(last)?.[1];
  // An instance of a function template has its result before its name: "int twice<int>".
  const named = operator ?? withoutArguments(last).replace(/^.*[\s*&]/s, "");
  const outer = path.map((part, index) => (index === 0 ? (split(part, " ").at(-1) ?? part) : part));
  return {
    name: named.replace(/\[abi:[^\]]*\]/g, ""),
    qualifiers: outer.map((part) => withoutArguments(part)),
    parameters: open < 0 ? undefined : parameterCount(whole.slice(open + 1, whole.lastIndexOf(")"))),
    instance:
      operator === undefined
        ? [...path, last].some((part) => /^[^<].*<.*>$/s.test(part))
        : path.some((part) => part.endsWith(">")),
  };
}

/** What no source gives a name that an attribute could stand at; undefined: it may well be written somewhere. */
export function unwrittenName(
  displayName: string,
): { readonly code: "literal" | "lambda" | "compiler-made" } | undefined {
  if (displayName.startsWith('"') || displayName.startsWith("switch table of ")) return { code: "literal" };
  if (/\{lambda|'lambda|\$_\d|\{\{?closure/.test(displayName)) return { code: "lambda" };
  return COMPILERS_OWN.test(displayName) ? { code: "compiler-made" } : undefined;
}

/** Where the parameters open that end the name; -1: it has none. */
function parametersAt(name: string): number {
  const end = /\)(?: const| volatile|&|\s)*$/.exec(name)?.index;
  if (end === undefined) return -1;
  let depth = 0;
  for (let at = end; at >= 0; at--) {
    if (name[at] === ")") depth++;
    else if (name[at] === "(" && --depth === 0) {
      const before = name.slice(0, at);
      return before === "" || before.endsWith("::") || /\boperator$/.test(before) ? -1 : at;
    }
  }
  return -1;
}

function parameterCount(text: string): number {
  if (text.trim() === "" || text.trim() === "void") return 0;
  return split(text, ",").length;
}

/** At the separators that are in no brackets; the ">" of an operator or an arrow closes nothing. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const operator = /^operator(?:->\*?|<=>|<<=?|>>=?|<=?|>=?|\(\))/.exec(text.slice(at, at + 12));
    if (operator !== null && !/[\w$]/.test(text[at - 1] ?? "")) {
      at += operator[0].length - 1;
      continue;
    }
    const character = text[at]!;
    if ("(<[{".includes(character)) depth++;
    else if (")>]}".includes(character) && text[at - 1] !== "-") depth = Math.max(0, depth - 1);
    else if (depth === 0 && text.startsWith(separator, at)) {
      parts.push(text.slice(start, at));
      at += separator.length - 1;
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function withoutArguments(part: string): string {
  const at = part.startsWith("<") ? -1 : part.indexOf("<");
  return at > 0 ? part.slice(0, at) : part;
}

/** As demanglers call what stands for no declaration. */
const COMPILERS_OWN =
  /^(?:vtable|VTT|typeinfo(?: name)?|guard variable|construction vtable|(?:non-)?virtual thunk|covariant return thunk|reference temporary|TLS (?:init|wrapper) function) /;
