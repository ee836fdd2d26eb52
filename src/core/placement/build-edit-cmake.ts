/** A CMakeLists.txt that passes a linker script: options of the program's target, and of the static libraries it links. */
import type { TextEdit } from "../base/text-edit.js";
import { callsIn, CMAKE, type BuildCall } from "./build-calls.js";
import type { BuildEdit, BuildWish } from "./build-wish.js";
import { fileName, lineEndOf, missingFlags } from "./build-flags.js";

export function cmakeEdit(text: string, { program, script }: BuildWish): BuildEdit {
  const calls = callsIn(text, CMAKE);
  const target = calls.find((call) => isCall(call, "add_executable") && makes(calls, call, fileName(program)));
  const name = target?.args[0]?.text;
  if (target === undefined || name === undefined) return { kind: "refused", refusal: "no-program" };
  const missing = missingFlags(text, script);
  const path = `"\${CMAKE_CURRENT_SOURCE_DIR}/${script}"`;
  const link = [...missing.link, ...(missing.script ? [`"-Wl,-T,\${CMAKE_CURRENT_SOURCE_DIR}/${script}"`] : [])];
  const own = [
    ...compileLines(name, missing.compile),
    ...(link.length > 0 ? [`target_link_options(${name} PRIVATE ${link.join(" ")})`] : []),
    ...(missing.script ? [`set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${path})`] : []),
  ];
  const libraries = missing.compile.length === 0 ? [] : staticLibraries(calls, name);
  const edits = [
    addedAfter(text, target, own),
    ...libraries.map((library) => addedAfter(text, library, compileLines(library.args[0]!.text, missing.compile))),
  ];
  return { kind: "edits", edits: edits.filter((edit) => edit.text !== "") };
}

/** Directories whose CMakeLists.txt this one reads, as they are written. */
export function cmakeSubdirectories(text: string): readonly string[] {
  return callsIn(text, CMAKE).flatMap((call) => {
    const [directory] = isCall(call, "add_subdirectory") ? call.args : [];
    return directory === undefined ? [] : [unquoted(directory.text)];
  });
}

/** By the target's own name, or the one it is given for the file. */
function makes(calls: readonly BuildCall[], { args }: BuildCall, program: string): boolean {
  const name = args[0]?.text;
  if (name === undefined || args[1]?.text === "IMPORTED" || args[1]?.text === "ALIAS") return false;
  const renamed = calls.flatMap((call) => {
    const words = call.args.map(({ text }) => text);
    const isOfTarget = isCall(call, "set_target_properties") ? words.indexOf(name) : -1;
    const at = words.indexOf("OUTPUT_NAME");
    return isOfTarget >= 0 && isOfTarget < words.indexOf("PROPERTIES") && at >= 0 ? [words[at + 1] ?? ""] : [];
  });
  return expanded(calls, renamed.at(-1) ?? name) === program;
}

function expanded(calls: readonly BuildCall[], text: string): string {
  return unquoted(text).replace(/\$\{(\w+)\}/g, (whole, name: string) => {
    const set = calls.findLast((call) => isCall(call, "set") && call.args[0]?.text === name)?.args[1]?.text;
    const project = calls.find((call) => isCall(call, "project"))?.args[0]?.text;
    const known = /^(?:CMAKE_)?PROJECT_NAME$/.test(name) ? project : set;
    return known === undefined ? whole : unquoted(known);
  });
}

/** What the file itself makes of sources, and links into the target, over any number of steps. */
function staticLibraries(calls: readonly BuildCall[], target: string): readonly BuildCall[] {
  const linked = new Set([target]);
  // A set that grows while it is walked is walked to its end.
  for (const name of linked) {
    const links = calls.filter((call) => isCall(call, "target_link_libraries") && call.args[0]?.text === name);
    for (const { text } of links.flatMap(({ args }) => args.slice(1))) linked.add(text);
  }
  return calls.filter(({ name, args }) => {
    const [library, kind] = args.map(({ text }) => text);
    const isLibrary = name.toLowerCase() === "add_library" && library !== undefined && linked.has(library);
    return isLibrary && !/^(?:SHARED|MODULE|INTERFACE|ALIAS|UNKNOWN|IMPORTED)$/.test(kind ?? "");
  });
}

function compileLines(target: string, flags: readonly string[]): readonly string[] {
  return flags.length === 0 ? [] : [`target_compile_options(${target} PRIVATE ${flags.join(" ")})`];
}

/** Below the call, indented and spelled as it is. */
function addedAfter(text: string, { name, offset, end }: BuildCall, lines: readonly string[]): TextEdit {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart, offset))?.[0] ?? "";
  const rest = text.indexOf("\n", end);
  const lineEnd = rest < 0 ? text.length : text[rest - 1] === "\r" ? rest - 1 : rest;
  const isUpper = name === name.toUpperCase();
  const spelled = lines.map((line) => (isUpper ? line.replace(/^\w+/, (word) => word.toUpperCase()) : line));
  const added = spelled.map((line) => `${lineEndOf(text)}${indent}${line}`).join("");
  return { offset: lineEnd, length: 0, text: added };
}

function isCall({ name }: BuildCall, wanted: string): boolean {
  return name.toLowerCase() === wanted;
}

function unquoted(text: string): string {
  return /^"[^]*"$/.test(text) ? text.slice(1, -1) : text;
}
