/** A meson.build that passes a linker script: arguments of the program's executable(), and of the static libraries it links. */
import type { TextEdit } from "../base/text-edit.js";
import { callsIn, MESON, type BuildArgument, type BuildCall } from "./build-calls.js";
import type { BuildEdit, BuildWish } from "./build-wish.js";
import { fileName, lineEndOf, missingFlags } from "./build-flags.js";

export function mesonEdit(text: string, { program, script }: BuildWish): BuildEdit {
  const calls = callsIn(text, MESON);
  const executable = calls.find(
    (call) => call.name === "executable" && nameOf(text, calls, call) === fileName(program),
  );
  if (executable === undefined) return { kind: "refused", refusal: "no-program" };
  const languages = languagesOf(text, calls);
  if (languages.length === 0) return { kind: "refused", refusal: "no-flags" };
  const missing = missingFlags(text, script);
  const compile = missing.compile.map(quoted);
  const link = [
    ...missing.link.map(quoted),
    ...(missing.script ? [`'-Wl,-T,' + meson.current_source_dir() / ${quoted(script)}`] : []),
  ];
  const flags = languages.map((language) => [`${language}_args`, compile] as const);
  const own = [
    ...flags,
    ["link_args", link],
    ["link_depends", missing.script ? [`files(${quoted(script)})`] : []],
  ] as const;
  const libraries = staticLibraries(text, calls, executable);
  return {
    kind: "edits",
    edits: [...given(text, executable, own), ...libraries.flatMap((one) => given(text, one, flags))],
  };
}

/** Directories whose meson.build this one reads. */
export function mesonSubdirectories(text: string): readonly string[] {
  return callsIn(text, MESON).flatMap(({ name, args }) => {
    const directory = name === "subdir" ? /^'(.*)'$/.exec(args[0]?.text ?? "")?.[1] : undefined;
    return directory === undefined ? [] : [directory];
  });
}

/** A string, a variable that is assigned one, or the project's name. */
function nameOf(text: string, calls: readonly BuildCall[], { args }: BuildCall): string | undefined {
  const first = args[0]?.text ?? "";
  const literal = /^'(.*)'$/.exec(first)?.[1];
  if (literal !== undefined) return literal;
  if (/^meson\.project_name\(\)$/.test(first)) return /^'(.*)'$/.exec(projectOf(calls)?.args[0]?.text ?? "")?.[1];
  return /^\w+$/.test(first) ? new RegExp(`^\\s*${first}\\s*=\\s*'([^']*)'`, "m").exec(text)?.[1] : undefined;
}

/** Of the project, or, in a directory's own file, by its sources. */
function languagesOf(text: string, calls: readonly BuildCall[]): readonly ("c" | "cpp")[] {
  const project = projectOf(calls)
    ?.args.map((arg) => arg.text)
    .join(" ");
  const known = (["c", "cpp"] as const).filter((language) => project?.includes(`'${language}'`));
  if (project !== undefined) return known;
  return [
    ...(/\.c'/.test(text) ? (["c"] as const) : []),
    ...(/\.(?:cc|cpp|cxx)'/.test(text) ? (["cpp"] as const) : []),
  ];
}

function projectOf(calls: readonly BuildCall[]): BuildCall | undefined {
  return calls.find(({ name }) => name === "project");
}

function staticLibraries(text: string, calls: readonly BuildCall[], { args }: BuildCall): readonly BuildCall[] {
  const linked = args.find((arg) => /^link_with\s*:/.test(arg.text))?.text ?? "";
  return calls.filter(({ name, offset }) => {
    if (name !== "static_library" && name !== "library") return false;
    const variable = /(\w+)\s*=\s*$/.exec(text.slice(Math.max(0, offset - 200), offset))?.[1];
    return variable !== undefined && new RegExp(`\\b${variable}\\b`).test(linked);
  });
}

/** Keyword arguments with elements more: into the list that is there, or as arguments of their own behind the last. */
function given(
  text: string,
  call: BuildCall,
  wanted: readonly (readonly [string, readonly string[]])[],
): readonly TextEdit[] {
  const edits: TextEdit[] = [];
  const added: string[] = [];
  for (const [keyword, elements] of wanted) {
    if (elements.length === 0) continue;
    const there = call.args.find((arg) => new RegExp(`^${keyword}\\s*:`).test(arg.text));
    if (there === undefined) added.push(`${keyword}: [${elements.join(", ")}]`);
    else edits.push(extended(there, elements));
  }
  const last = call.args.at(-1);
  if (added.length > 0 && last !== undefined) {
    const lineStart = text.lastIndexOf("\n", last.offset) + 1;
    const indent = /^[ \t]*$/.exec(text.slice(lineStart, last.offset))?.[0];
    const between = indent === undefined ? ", " : `,${lineEndOf(text)}${indent}`;
    edits.push({ offset: last.end, length: 0, text: added.map((one) => `${between}${one}`).join("") });
  }
  return edits;
}

function extended({ offset, end, text }: BuildArgument, elements: readonly string[]): TextEdit {
  const list = /(,?)\s*\]$/.exec(text);
  const valueAt = /^\w+\s*:\s*/.exec(text)?.[0].length ?? 0;
  if (list !== null && text[valueAt] === "[" && text.indexOf("]") === text.length - 1) {
    const isEmpty = /^\[\s*\]$/.test(text.slice(valueAt));
    const comma = isEmpty || list[1] === "," ? "" : ",";
    const at = offset + list.index + (list[1]?.length ?? 0);
    return { offset: at, length: 0, text: `${comma}${isEmpty ? "" : " "}${elements.join(", ")}` };
  }
  // What it is, a list or one string, is not known here: a list takes either at its end.
  const value = text.slice(valueAt);
  const whole = /^\w+$|^'[^']*'$/.test(value) ? value : `(${value})`;
  return { offset: offset + valueAt, length: end - offset - valueAt, text: `[${elements.join(", ")}] + ${whole}` };
}

function quoted(text: string): string {
  return `'${text}'`;
}
