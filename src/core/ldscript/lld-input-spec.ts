/** Input section descriptions as lld takes them: lists of patterns, in none, one or two sorts. */
import { isLldNumber } from "./lld-expression.js";
import { takeName, until, type LldCursor } from "./lld-cursor.js";
import type { FilePattern, InputSpec, SectionPattern, SortKind, Token } from "./tree.js";

/** `first` was taken, in a node that was begun before it. */
export function lldInputSpec(c: LldCursor, first: Token): void {
  // KEEP is a file's name too where no parenthesis follows.
  if (!c.sees("(")) return wholeFile(c, first);
  const keep = first.text === "KEEP";
  let file: Token | undefined = first;
  let flags: readonly Token[] = [];
  if (keep) {
    c.need("(");
    file = takeName(c);
  }
  if (file?.text === "INPUT_SECTION_FLAGS") {
    flags = sectionFlags(c);
    file = takeName(c);
  }
  if (file?.text === "CLASS" && c.dialect.version >= 20) {
    const className = lldClassReference(c);
    if (keep) c.need(")");
    c.end<InputSpec>({ kind: "input-spec", keep, flags, file: undefined, patterns: [], className });
    return;
  }
  const pattern = filePattern(c, file);
  const patterns = sectionPatterns(c);
  if (keep) c.need(")");
  c.end<InputSpec>({ kind: "input-spec", keep, flags, file: pattern, patterns, className: undefined });
}

/** In an overlay there is no KEEP, and no file without its list. */
export function lldInputRules(c: LldCursor, first: Token): void {
  const flags = first.text === "INPUT_SECTION_FLAGS" ? sectionFlags(c) : [];
  const file = first.text === "INPUT_SECTION_FLAGS" ? takeName(c) : first;
  const pattern = filePattern(c, file);
  const patterns = sectionPatterns(c);
  c.end<InputSpec>({ kind: "input-spec", keep: false, flags, file: pattern, patterns, className: undefined });
}

export function lldClassReference(c: LldCursor): Token | undefined {
  c.need("(");
  const name = takeName(c);
  c.need(")");
  return name;
}

function wholeFile(c: LldCursor, file: Token): void {
  const pattern = filePattern(c, file);
  c.end<InputSpec>({
    kind: "input-spec",
    keep: false,
    flags: [],
    file: pattern,
    patterns: undefined,
    className: undefined,
  });
}

function filePattern(c: LldCursor, pattern: Token | undefined): FilePattern {
  c.beginAround();
  return c.end<FilePattern>({ kind: "file-pattern", pattern, excluded: [], sorts: [] });
}

function sectionFlags(c: LldCursor): Token[] {
  const flags: Token[] = [];
  c.need("(");
  while (!c.isMistaken) {
    const flag = takeName(c);
    if (flag !== undefined) {
      const word = flag.text.replace(/^"?!?/, "");
      if (!isLldNumber(word) && !FLAGS.includes(word)) c.failAt(flag);
      flags.push(flag);
    }
    if (c.takeIf(")") !== undefined) break;
    c.need("&");
  }
  return flags;
}

function sectionPatterns(c: LldCursor): SectionPattern[] {
  const patterns: SectionPattern[] = [];
  c.need("(");
  while (c.goesOn(")")) {
    const outer = takeSort(c);
    if (outer === undefined) {
      if (!patternList(c, [], patterns)) break;
      continue;
    }
    c.need("(");
    const inner = takeSort(c);
    if (inner !== undefined) c.need("(");
    patternList(c, inner === undefined ? [outer] : [outer, inner], patterns);
    if (inner !== undefined) c.need(")");
    c.need(")");
  }
  c.need(")");
  return patterns;
}

/** Patterns up to a parenthesis or a sort; an EXCLUDE_FILE is for all patterns up to the next one. Whether any was taken. */
function patternList(c: LldCursor, sorts: readonly SortKind[], patterns: SectionPattern[]): boolean {
  const before = patterns.length;
  while (c.goesOn(")")) {
    const excluded: Token[] = [];
    if (c.takeIf("EXCLUDE_FILE") !== undefined) {
      c.need("(");
      until(c, ")", (token) => excluded.push(token));
    }
    let taken = 0;
    while (c.goesOn(")") && !c.sees("EXCLUDE_FILE", ...Object.keys(SORTS))) {
      if (c.sees("(", "{", "}")) {
        c.fail("syntax");
        break;
      }
      c.begin();
      const pattern = c.take();
      patterns.push(c.end<SectionPattern>({ kind: "section-pattern", pattern, excluded, sorts }));
      taken += 1;
    }
    if (taken > 0) continue;
    if (excluded.length > 0) c.fail("syntax", "section");
    break;
  }
  return patterns.length > before;
}

function takeSort(c: LldCursor): SortKind | undefined {
  const token = c.takeIf(...Object.keys(SORTS));
  return token === undefined ? undefined : SORTS[token.text];
}

const SORTS: Readonly<Record<string, SortKind>> = {
  SORT: "name",
  SORT_BY_NAME: "name",
  SORT_BY_ALIGNMENT: "alignment",
  SORT_BY_INIT_PRIORITY: "init-priority",
  SORT_NONE: "none",
  REVERSE: "reverse",
};

const FLAGS = [
  ...["SHF_WRITE", "SHF_ALLOC", "SHF_EXECINSTR", "SHF_MERGE", "SHF_STRINGS", "SHF_INFO_LINK", "SHF_LINK_ORDER"],
  ...["SHF_OS_NONCONFORMING", "SHF_GROUP", "SHF_TLS", "SHF_COMPRESSED", "SHF_EXCLUDE", "SHF_ARM_PURECODE"],
];
