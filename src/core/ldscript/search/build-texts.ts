/** The linker scripts that a project's own build files name, where the build has not written its commands down. */
import { splitWords } from "../../base/shell-words.js";
import { listOf, objectOf, parsedJson, textOf } from "../../base/json-fields.js";
import { linkCommand, type LinkCommand } from "./link-command.js";
import { mentionsInMakefile } from "./make-file.js";
import { lineOf, type Mention, type MentionKind } from "./mention.js";
import { mentionsInNinja } from "./ninja-file.js";
import { mentionsInCMake, mentionsInMeson } from "./written-builds.js";

/** What a file of this path says of linker scripts; undefined: it is no build file. Never fails. */
export function mentionsIn(path: string, text: string): readonly Mention[] | undefined {
  const name = path.split("/").at(-1) ?? "";
  if (name === "link.txt" && path.includes("/CMakeFiles/")) return mentionsInLinkText(text);
  if (name === "compile_commands.json") return mentionsInDatabase(text);
  if (name === "build.ninja") return mentionsInNinja(text);
  if (/^(?:GNU)?[Mm]akefile$|\.mk$/.test(name)) return mentionsInMakefile(text);
  if (name === "CMakeLists.txt" || name.endsWith(".cmake")) return mentionsInCMake(text);
  if (name === "meson.build") return mentionsInMeson(text);
  if (name === "build.rs" || (name === "output" && /\/build\/[^/]+\/output$/.test(path)))
    return ofBuildScript(text, name === "output" ? 2 : 0);
  if (/(?:^|\/)\.cargo\/config(?:\.toml)?$/.test(path)) return ofCargoConfig(text);
  return undefined;
}

/** CMake's CMakeFiles/TARGET.dir/link.txt: run two folders above. */
function mentionsInLinkText(text: string): readonly Mention[] {
  return text.split("\n").flatMap((line) => {
    const words = splitWords(line);
    const command = words === undefined || words.length < 2 ? undefined : linkCommand(words);
    return command === undefined ? [] : [mentionOf("link-command", command, text, 2)];
  });
}

/** https://clang.llvm.org/docs/JSONCompilationDatabase.html: mostly compiles, but a program of one file is linked at once. */
function mentionsInDatabase(text: string): readonly Mention[] {
  return listOf(parsedJson(text)).flatMap((item) => {
    const entry = objectOf(item);
    const given = listOf(entry?.["arguments"]).filter((word): word is string => typeof word === "string");
    const words = given.length > 0 ? given : (splitWords(textOf(entry?.["command"]) ?? "") ?? []);
    const command = words.length < 2 ? undefined : linkCommand(words);
    if (command === undefined || command.scripts.length === 0) return [];
    const directory = textOf(entry?.["directory"]) ?? "";
    const within = (name: string): string => (directory === "" || name.startsWith("/") ? name : `${directory}/${name}`);
    const mention = mentionOf("link-command", command, text, 0);
    const program = mention.program === undefined ? undefined : within(mention.program);
    return [{ ...mention, scripts: mention.scripts.map(within), program, command: undefined }];
  });
}

/** Cargo's build scripts print `cargo:rustc-link-arg=…`; what they printed is in target/PROFILE/build/…/output. */
function ofBuildScript(text: string, up: number): readonly Mention[] {
  const found = [...text.matchAll(/cargo::?rustc-link-arg(?:-bins?|-examples|-tests)?=([^"\n]+)/g)];
  return found.flatMap(([, value = ""]) => {
    const [, program, argument = value] = /^([\w-]+)=(-.*)$/.exec(value) ?? [];
    // A name that is computed keeps its literal end: {}/locked.ld
    const words = [argument.replace(/^(.*?)\{[^}]*\}\/?/, "$1")];
    const scripts = linkCommand(["cc", ...words])?.scripts ?? [];
    const mention = {
      kind: "cargo",
      scripts,
      program,
      up,
      line: lineOf(text, scripts[0]),
      command: undefined,
    } as const;
    return scripts.length === 0 ? [] : [mention];
  });
}

/** rustflags of [build] and [target.…], as a list or as one text. */
function ofCargoConfig(text: string): readonly Mention[] {
  return [...text.matchAll(/^[ \t]*rustflags\s*=\s*(\[[^\]]*\]|"[^"\n]*")/gm)].flatMap(([, value = ""]) => {
    const texts = [...value.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g)].map(([, a, b]) => a ?? b ?? "");
    const words = value.startsWith("[") ? texts : texts.flatMap((one) => one.split(/\s+/));
    const scripts = linkCommand(["cc", ...words])?.scripts ?? [];
    if (scripts.length === 0) return [];
    // Relative ones count from where the crate is, above .cargo.
    return [{ kind: "cargo", scripts, program: undefined, up: 1, line: lineOf(text, scripts[0]), command: undefined }];
  });
}

function mentionOf(kind: MentionKind, command: LinkCommand, text: string, up: number): Mention {
  const { scripts, output } = command;
  return { kind, scripts, program: output, up, line: lineOf(text, scripts[0]), command };
}
