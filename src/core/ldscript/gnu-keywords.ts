/** Which words are commands in which of GNU ld's lexer modes: elsewhere they are names. */
import { isKnown, type Dialect } from "./dialect.js";

/** The grammar's word for `word`, undefined where it is a name. */
export function isGnuKeyword(word: string, mode: string, dialect: Dialect): string | undefined {
  const modes = MODES.get(word);
  if (modes === undefined || !modes.includes(MODE_LETTERS[mode] ?? "-") || !isKnown(dialect, word)) return undefined;
  if (word === "MAP" && dialect.version >= 241) return undefined;
  return CANONICAL[word] ?? word;
}

const MODE_LETTERS: Readonly<Record<string, string>> = { script: "s", expression: "e", wildcard: "w", files: "f" };

const CANONICAL: Readonly<Record<string, string>> = {
  SORT: "SORT_BY_NAME",
  o: "ORIGIN",
  org: "ORIGIN",
  l: "LENGTH",
  len: "LENGTH",
};

function table(lists: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(lists).flatMap(([modes, words]) => words.split(" ").map((word): [string, string] => [word, modes])),
  );
}

const MODES = table({
  s: "MEMORY REGION_ALIAS LD_FEATURE VERSION ENTRY EXTERN TARGET SEARCH_DIR OUTPUT INPUT GROUP LIB FORCE_COMMON_ALLOCATION FORCE_GROUP_ALLOCATION INHIBIT_COMMON_ALLOCATION SECTIONS INSERT AFTER BEFORE STARTUP OUTPUT_FORMAT OUTPUT_ARCH HLL SYSLIB FLOAT NOFLOAT o org l len PHDRS MAP",
  se: "ORIGIN BLOCK BIND LENGTH ALIGN DATA_SEGMENT_ALIGN DATA_SEGMENT_RELRO_END DATA_SEGMENT_END ADDR LOADADDR ALIGNOF ABSOLUTE MAX MIN LOG2CEIL NEXT SIZEOF_HEADERS SEGMENT_START SIZEOF DEFINED NOCROSSREFS NOCROSSREFS_TO OVERLAY ONLY_IF_RO ONLY_IF_RW SPECIAL ALIGN_WITH_INPUT SUBALIGN CONSTANT",
  sew: "ASSERT INCLUDE AT HIDDEN PROVIDE PROVIDE_HIDDEN",
  f: "AS_NEEDED",
  w: "CREATE_OBJECT_SYMBOLS CONSTRUCTORS FILL QUAD SQUAD LONG SHORT BYTE ASCIZ LINKER_VERSION SORT_BY_NAME SORT_BY_ALIGNMENT SORT SORT_BY_INIT_PRIORITY SORT_NONE REVERSE INPUT_SECTION_FLAGS KEEP EXCLUDE_FILE",
  e: "NOLOAD READONLY DSECT COPY INFO TYPE",
});

/** What keywords begin with, and how long they are: most names are none. */
export const KEYWORD_START = [...new Set([...MODES.keys()].map((word) => word[0]!))].join("");
export const LONGEST_KEYWORD = Math.max(...[...MODES.keys()].map(({ length }) => length));
