/** A linker script's text to its tree and what is wrong with it: never fails, and the tree holds every byte. */
import { Cursor } from "./cursor.js";
import { NEWEST, type Dialect } from "./dialect.js";
import { lexGnu, type GnuMode } from "./gnu-lexer.js";
import { outputSectionBody } from "./gnu-output-section.js";
import { memoryBody, scriptBody, sectionsBody } from "./gnu-parser.js";
import { MAX_SCRIPT_PROBLEMS } from "./limits.js";
import { lexLld, type LldMode } from "./lld-lexer.js";
import { lldBody } from "./lld-parser.js";
import { placesInOrder } from "./place.js";
import type { Problem, RawProblem } from "./problems.js";
import { EarlierItems, type ReadItems } from "./read-items.js";
import type { Entry, Script } from "./tree.js";
import { dynamicList, versionNodes } from "./version-parser.js";

export interface ParsedScript {
  readonly tree: Script;
  readonly problems: readonly Problem[];
}

/** `entry` says what the text is a piece of; `dialect` whose rules it is read by. The problems are in the text's order. */
export function parse(text: string, entry: Entry = "script", dialect: Dialect = NEWEST.gnu): ParsedScript {
  return scriptReader(entry, dialect)(text);
}

/**
 * Reads one text after another as parse does, but for what an edit does not touch: that is taken over. The nodes are those of
 * the text before, moved with it: of what was given for that one nothing may be used any more.
 */
export function scriptReader(entry: Entry, dialect: Dialect): (text: string) => ParsedScript {
  return dialect.name === "lld" ? reader(entry, dialect, readLld) : reader(entry, dialect, readGnu);
}

function reader<Mode extends string>(entry: Entry, dialect: Dialect, read: Read<Mode>): (text: string) => ParsedScript {
  let earlier: { readonly text: string; readonly items: ReadItems<Mode> } | undefined;
  return (text) => {
    const items = earlier === undefined ? undefined : new EarlierItems(earlier.items, earlier.text, text);
    const cursor = read(text, entry, dialect, items);
    earlier = { text, items: cursor.items };
    return finished(text, entry, cursor);
  };
}

/** What is to be preprocessed is told behind what is wrong at the same place. */
function finished<Mode extends string>(text: string, entry: Entry, cursor: Cursor<Mode>): ParsedScript {
  cursor.rest();
  const { problems } = cursor;
  const isOpaque = ({ code }: RawProblem): boolean => code === "needs-preprocessing";
  const ordered = [...problems.filter((each) => !isOpaque(each)), ...problems.filter(isOpaque)];
  return { tree: { kind: "script", entry, children: cursor.finished() }, problems: located(text, ordered) };
}

/** Line and column of each, sorted by place, cut to what a person would read. */
export function located(text: string, problems: readonly RawProblem[]): Problem[] {
  const sorted = [...problems].sort((a, b) => a.offset - b.offset).slice(0, MAX_SCRIPT_PROBLEMS);
  const place = placesInOrder(text);
  return sorted.map((problem) => ({ ...problem, ...place(problem.offset) }));
}

type Read<Mode extends string> = (
  text: string,
  entry: Entry,
  dialect: Dialect,
  earlier: EarlierItems<Mode> | undefined,
) => Cursor<Mode>;

const readGnu: Read<GnuMode> = (text, entry, dialect, earlier) => {
  const cursor = new Cursor(text, dialect, lexGnu, START[entry], true, earlier);
  BODIES[entry](cursor);
  return cursor;
};

const readLld: Read<LldMode> = (text, entry, dialect, earlier) => {
  const cursor = new Cursor<LldMode>(text, dialect, lexLld, "script", false, earlier);
  lldBody(cursor, entry);
  return cursor;
};

const START: Readonly<Record<Entry, GnuMode>> = {
  script: "script",
  sections: "script",
  "output-section": "wildcard",
  memory: "script",
  "version-script": "version",
  "dynamic-list": "version",
};

const BODIES: Readonly<Record<Entry, (cursor: Cursor<GnuMode>) => void>> = {
  script: scriptBody,
  sections: (cursor) => sectionsBody(cursor, "END"),
  "output-section": (cursor) => outputSectionBody(cursor, "END"),
  memory: (cursor) => memoryBody(cursor, "END"),
  "version-script": (cursor) => versionNodes(cursor, "END"),
  "dynamic-list": dynamicList,
};
