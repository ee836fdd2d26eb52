/** Calls in the languages of CMake and Meson: a name, an opening parenthesis, arguments, and where each is. */

export interface BuildCall {
  readonly name: string;
  readonly offset: number;
  /** After the closing parenthesis. */
  readonly end: number;
  readonly args: readonly BuildArgument[];
}

export interface BuildArgument {
  readonly offset: number;
  readonly end: number;
  /** As it is written. */
  readonly text: string;
}

export interface CallSyntax {
  readonly string: RegExp;
  /** What lies between arguments; white space does too. */
  readonly separator: "," | "";
}

export const CMAKE: CallSyntax = { string: /"(?:[^"\\]|\\[^])*"|\[(=*)\[[^]*?\]\1\]/y, separator: "" };
export const MESON: CallSyntax = { string: /'''[^]*?'''|'(?:[^'\\\n]|\\[^])*'/y, separator: "," };

/** Each with all its arguments; one that is not closed ends what is read. */
export function callsIn(text: string, syntax: CallSyntax): readonly BuildCall[] {
  const calls: BuildCall[] = [];
  for (let at = 0; at < text.length;) {
    const skipped = afterOpaque(text, at, syntax);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    NAME.lastIndex = at;
    const found = NAME.exec(text);
    if (found === null) {
      at++;
      continue;
    }
    const [whole, name = "", open] = found;
    if (open === undefined) {
      at += whole.length;
      continue;
    }
    const read = argumentsOf(text, at + whole.length, syntax);
    if (read === undefined) return calls;
    calls.push({ name, offset: at, ...read });
    // What is called within the arguments is found as well: Meson's are expressions.
    at = syntax.separator === "" ? read.end : at + whole.length;
  }
  return calls;
}

function argumentsOf(text: string, from: number, syntax: CallSyntax): Pick<BuildCall, "args" | "end"> | undefined {
  const args: BuildArgument[] = [];
  let depth = 0;
  let start: number | undefined;
  let last = from;
  const close = () => {
    if (start !== undefined) args.push({ offset: start, end: last, text: text.slice(start, last) });
    start = undefined;
  };
  for (let at = from; at < text.length;) {
    const sign = text[at]!;
    if (sign === "#") {
      at = afterOpaque(text, at, syntax);
      continue;
    }
    const isBlank = /\s/.test(sign);
    if (depth === 0 && sign === ")") {
      close();
      return { args, end: at + 1 };
    }
    if (depth === 0 && (sign === syntax.separator || (syntax.separator === "" && isBlank))) {
      close();
      at++;
      continue;
    }
    if (isBlank) {
      at++;
      continue;
    }
    if ("([{".includes(sign)) depth++;
    if (")]}".includes(sign)) depth--;
    start ??= at;
    at = Math.max(at + 1, afterOpaque(text, at, syntax));
    last = at;
  }
  return undefined;
}

/** After the comment or string that starts here; `at` itself where none does. */
function afterOpaque(text: string, at: number, { string, separator }: CallSyntax): number {
  if (text[at] === "#") {
    const bracket = separator === "" ? /#\[(=*)\[[^]*?\]\1\]/y : undefined;
    if (bracket !== undefined) {
      bracket.lastIndex = at;
      const found = bracket.exec(text);
      if (found !== null) return at + found[0].length;
    }
    const end = text.indexOf("\n", at);
    return end < 0 ? text.length : end;
  }
  string.lastIndex = at;
  return at + (string.exec(text)?.[0].length ?? 0);
}

const NAME = /([A-Za-z_]\w*)[ \t]*(\()?/y;
