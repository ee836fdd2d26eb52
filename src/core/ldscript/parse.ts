/** A linker script's text to its tree and what is wrong with it: never fails, and the tree holds every byte. */
import { Cursor, type RawProblem } from "./cursor.js";
import { NEWEST, type Dialect } from "./dialect.js";
import { lexGnu, type GnuMode } from "./gnu-lexer.js";
import { outputSectionBody } from "./gnu-output-section.js";
import { memoryBody, scriptBody, sectionsBody } from "./gnu-parser.js";
import { MAX_SCRIPT_PROBLEMS } from "./limits.js";
import { parseLld } from "./lld-parser.js";
import { placeholders } from "./placeholders.js";
import type { Problem } from "./problems.js";
import type { Element, Entry, Script } from "./tree.js";
import { dynamicList, versionNodes } from "./version-parser.js";

export interface ParsedScript {
  readonly tree: Script;
  readonly problems: readonly Problem[];
}

/** `entry` says what the text is a piece of; `dialect` whose rules it is read by. The problems are in the text's order. */
export function parse(text: string, entry: Entry = "script", dialect: Dialect = NEWEST.gnu): ParsedScript {
  const { children, problems } =
    dialect.name === "lld" ? parseLld(text, entry, dialect) : parseGnu(text, entry, dialect);
  const tree: Script = { kind: "script", entry, children };
  return { tree, problems: located(text, [...problems, ...(PREPROCESSED.test(text) ? placeholders(tree) : [])]) };
}

/** Line and column of each, sorted by place, cut to what a person would read. */
export function located(text: string, problems: readonly RawProblem[]): Problem[] {
  const sorted = [...problems].sort((a, b) => a.offset - b.offset).slice(0, MAX_SCRIPT_PROBLEMS);
  let line = 1;
  let lineStart = 0;
  return sorted.map((problem) => {
    for (
      let end = text.indexOf("\n", lineStart);
      end >= 0 && end < problem.offset;
      end = text.indexOf("\n", lineStart)
    ) {
      line += 1;
      lineStart = end + 1;
    }
    return { ...problem, line, column: problem.offset - lineStart + 1 };
  });
}

/** Without these there is nothing to look for. */
const PREPROCESSED = /@\w+@|#/;

interface Parsed {
  readonly children: readonly Element[];
  readonly problems: readonly RawProblem[];
}

function parseGnu(text: string, entry: Entry, dialect: Dialect): Parsed {
  const cursor = new Cursor<GnuMode>(
    text,
    (whole, offset, mode) => lexGnu(whole, offset, mode, dialect),
    START[entry],
    true,
    undefined,
  );
  BODIES[entry](cursor);
  cursor.rest();
  return { children: cursor.finished(), problems: cursor.problems };
}

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
