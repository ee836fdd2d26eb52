/** CMakeLists.txt and meson.build: the linker scripts that people write into them. */
import { splitWords } from "../../base/shell-words.js";
import { linkCommand, SCRIPT_NAME } from "./link-command.js";
import { lineOf, type Mention, type MentionKind } from "./mention.js";

/** target_link_options, target_link_libraries, add_link_options, set_target_properties, and the flags that CMake takes. */
export function mentionsInCMake(text: string): readonly Mention[] {
  const variables = new Map<string, string>();
  const mentions: Mention[] = [];
  for (const [, name = "", body = ""] of withoutComments(text).matchAll(COMMAND)) {
    const words = cmakeWords(body).map((word) => put(word, variables));
    const [first = "", ...rest] = words;
    switch (name.toLowerCase()) {
      case "set":
        variables.set(first, rest.filter((word) => !/^(?:CACHE|PARENT_SCOPE)$/.test(word)).join(";"));
        if (/^CMAKE_\w*LINKER_FLAGS/.test(first)) mentions.push(...ofWords("cmake", rest, undefined, text));
        break;
      case "target_link_options":
      case "target_link_libraries":
        mentions.push(...ofWords("cmake", rest, first, text));
        break;
      case "add_link_options":
        mentions.push(...ofWords("cmake", words, undefined, text));
        break;
      case "set_target_properties":
        mentions.push(...ofProperties(words, text));
        break;
    }
  }
  return mentions;
}

/** LINK_FLAGS and LINK_OPTIONS name it as the linker is told; LINK_DEPENDS only says that the link reads it. */
function ofProperties(words: readonly string[], text: string): readonly Mention[] {
  const at = words.indexOf("PROPERTIES");
  if (at < 0) return [];
  const properties = words.slice(at + 1);
  return words.slice(0, at).flatMap((target) =>
    properties.flatMap((name, index) => {
      const value = properties[index + 1] ?? "";
      if (name === "LINK_FLAGS" || name === "LINK_OPTIONS") return ofWords("cmake", [value], target, text);
      const scripts = name === "LINK_DEPENDS" ? value.split(";").filter((path) => SCRIPT_NAME.test(path)) : [];
      return scripts.length === 0 ? [] : [made("cmake", scripts, target, text)];
    }),
  );
}

/** executable(…, link_args: …, link_depends: …), add_project_link_arguments(…). */
export function mentionsInMeson(text: string): readonly Mention[] {
  const plain = withoutComments(text);
  const variables = new Map<string, string>();
  for (const [, name = "", value = ""] of plain.matchAll(/^\s*(\w+)\s*\+?=\s*(.+)$/gm))
    variables.set(name, mesonText(value, variables));
  return [...plain.matchAll(COMMAND)].flatMap(([, name = "", body = ""]) => {
    if (!/^(?:executable|shared_library|shared_module|add_(?:project|global)_link_arguments)$/.test(name)) return [];
    const target = name.startsWith("add_") ? undefined : /^\s*'([^']+)'/.exec(body)?.[1];
    const args = target === undefined ? body : (LINK_ARGS.exec(body)?.[1] ?? "");
    const own = ofWords("meson", splitList(args, variables), target, text);
    if (own.length > 0 || target === undefined) return own;
    const depends = /link_depends\s*:\s*(\[[^\]]*\]|files\([^)]*\)|[^,]+)/.exec(body)?.[1] ?? "";
    const scripts = splitList(depends, variables).filter((path) => SCRIPT_NAME.test(path));
    return scripts.length === 0 ? [] : [made("meson", scripts, target, text)];
  });
}

function splitList(value: string, variables: ReadonlyMap<string, string>): readonly string[] {
  return value
    .replace(/^\s*(?:\[|files\()|[\])]\s*$/g, "")
    .split(/,(?=(?:[^']*'[^']*')*[^']*$)/)
    .flatMap((item) => mesonText(item, variables).split(LIST_MARK))
    .filter((item) => item !== "");
}

/** A joined path or a formatted text, written out: what is computed by meson.…() is a folder of the project. */
function mesonText(value: string, variables: ReadonlyMap<string, string>): string {
  const formatted = /^\s*'([^']*)'\.format\((.*)\)\s*,?\s*$/s.exec(value);
  if (formatted !== null) {
    const given = formatted[2]!.split(",").map((item) => mesonText(item, variables));
    return formatted[1]!.replace(/@(\d)@/g, (_, index: string) => given[Number(index)] ?? "");
  }
  if (/^\s*\[/.test(value)) return splitList(value, variables).join(LIST_MARK);
  const added = value.split(" + ");
  if (added.length > 1) return added.map((part) => mesonText(part, variables)).join("");
  const joined = /^\s*join_paths\((.*)\)\s*$/s.exec(value)?.[1]?.split(",");
  const files = /^\s*files\((.*)\)\s*$/s.exec(value)?.[1] ?? value;
  return (joined ?? files.split(" / "))
    .map((part) => /^\s*'([^']*)'/.exec(part)?.[1] ?? variables.get(part.trim()) ?? "")
    .filter((part) => part !== "")
    .join("/");
}

function ofWords(
  kind: MentionKind,
  words: readonly string[],
  target: string | undefined,
  text: string,
): readonly Mention[] {
  const all = words.flatMap((word) =>
    word.split(";").flatMap((one) => (/^(?:LINKER|SHELL):/.test(one) ? [one] : (splitWords(one) ?? []))),
  );
  const scripts = linkCommand(["cc", ...all])?.scripts ?? [];
  return scripts.length === 0 ? [] : [made(kind, scripts, target, text)];
}

function made(kind: MentionKind, scripts: readonly string[], program: string | undefined, text: string): Mention {
  return { kind, scripts, program, up: 0, line: lineOf(text, scripts[0]), command: undefined };
}

function withoutComments(text: string): string {
  return text.replace(/^((?:[^"'#\n]|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')*)#.*$/gm, "$1");
}

function cmakeWords(body: string): readonly string[] {
  return [...body.matchAll(/"((?:[^"\\]|\\.)*)"|([^\s"]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

/** Folders of the project are left out: relative paths are looked for from the file's folder upwards. */
function put(word: string, variables: ReadonlyMap<string, string>): string {
  const folders = word.replace(/\$\{(?:CMAKE|PROJECT|[A-Za-z]\w*)_(?:CURRENT_)?(?:SOURCE_DIR|LIST_DIR)\}\/?/g, "");
  const plain = folders.replace(/\$\{(\w+)\}/g, (_, name: string) => variables.get(name) ?? "");
  // $<$<CONFIG:Debug>:-Tx.ld>: what stands behind the condition.
  return plain.replace(/\$<(?:\$<[^<>]*>|[^<>:]*):([^<>]*)>/g, "$1");
}

const COMMAND = /([A-Za-z_]\w*)\s*\(((?:[^()"']|"(?:[^"\\]|\\.)*"|'[^']*'|\((?:[^()]|\([^()]*\))*\))*)\)/g;
const LINK_ARGS = /link_args\s*:\s*(\[[^\]]*\][^,]*|(?:'[^']*'|\((?:[^()]|\([^()]*\))*\)|[^,'()])+)/;
/** Between the items of a list that a variable holds. */
const LIST_MARK = "\u0001";
