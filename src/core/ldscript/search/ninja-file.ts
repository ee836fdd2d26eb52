/** The links of a build.ninja, as CMake and Meson write it. */
import { splitWords } from "../../base/shell-words.js";
import { linkCommand } from "./link-command.js";
import { lineOf, type Mention } from "./mention.js";

export function mentionsInNinja(text: string): readonly Mention[] {
  const mentions: Mention[] = [];
  const statements = text.replace(/\$\r?\n\s*/g, "").split(/^(?=\S)/m);
  for (const statement of statements) {
    const [, outputs, rule = "", inputs = ""] = /^build ([^:]+): (\S+)([^\n]*)/.exec(statement) ?? [];
    if (outputs === undefined || !/LINK/i.test(rule)) continue;
    const value = (name: string): string => new RegExp(`^\\s+${name} = (.*)$`, "m").exec(statement)?.[1] ?? "";
    const explicit = inputs.split(/ \|/)[0]!;
    const flags = ["LINK_FLAGS", "LINK_PATH"].map(value).join(" ");
    const behind = ["LINK_ARGS", "LINK_LIBRARIES"].map(value).join(" ");
    const words = splitWords(unescaped(`cc ${flags} ${explicit} ${behind}`));
    const command = words === undefined ? undefined : linkCommand(words);
    if (command === undefined) continue;
    const program = unescaped(outputs.split(" ")[0]!);
    const line = lineOf(text, command.scripts[0]);
    mentions.push({ kind: "ninja", scripts: command.scripts, program, up: 0, line, command });
  }
  return mentions;
}

function unescaped(text: string): string {
  return text.replace(/\$([ :$])/g, (_, letter: string) => (letter === " " ? "\\ " : letter));
}
