/** Which linker made a file, where it is one that takes no INSERT script: by what it leaves in what it links. */
import type { ElfFile } from "./elf-file.js";

export type ScriptlessLinker = "gold" | "mold";

/** gold leaves a note (gold/layout.cc: create_gold_note), mold a string of .comment; undefined: neither. */
export function scriptlessLinker({ source, sections }: ElfFile): ScriptlessLinker | undefined {
  if (sections.some(({ name }) => name === ".note.gnu.gold-version")) return "gold";
  const comment = sections.find(({ name }) => name === ".comment");
  if (comment === undefined) return undefined;
  const text = new TextDecoder("latin1").decode(source.read(comment.offset, Math.min(comment.size, MOST_BYTES)));
  return /(?:^|\0)mold /.test(text) ? "mold" : undefined;
}

/** Of .comment: a string for each compiler that was used. */
const MOST_BYTES = 65_536;
