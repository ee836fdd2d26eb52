/** Input section specifications: which files' which sections, sorted how, kept or not. */
import type { Cursor } from "./cursor.js";
import type { GnuMode } from "./gnu-lexer.js";
import type { Datum, FilePattern, InputSpec, SectionPattern, SortKind, Token } from "./tree.js";

type GnuCursor = Cursor<GnuMode>;

type Specification = Pick<InputSpec, "flags" | "file" | "patterns">;

/** In a node that was begun; `name` is the file's pattern where it was taken already. */
export function inputSpec(c: GnuCursor, name: Token | undefined): void {
  const keep = name === undefined && c.takeIf("KEEP") !== undefined;
  if (keep) c.need("(");
  else if (name === undefined && c.sees("SORT_BY_NAME")) return sortedFileOrConstructors(c);
  const specification = specified(c, name);
  if (keep) c.need(")");
  c.end<InputSpec>({ kind: "input-spec", keep, ...specification, className: undefined });
}

/** SORT(CONSTRUCTORS) begins as SORT(*)(.text) does. */
function sortedFileOrConstructors(c: GnuCursor): void {
  c.begin();
  c.take();
  c.need("(");
  if (c.takeIf("CONSTRUCTORS") !== undefined) {
    c.need(")");
    c.end<FilePattern>({ kind: "file-pattern", pattern: undefined, excluded: [], sorts: [] });
    c.end<Datum>({ kind: "datum", name: "CONSTRUCTORS", value: undefined });
    return;
  }
  const { pattern, excluded, reversed } = maybeReversed(c);
  c.need(")");
  const sorts: SortKind[] = reversed ? ["name", "reverse"] : ["name"];
  const file = c.end<FilePattern>({ kind: "file-pattern", pattern, excluded, sorts });
  const patterns = sectionList(c);
  c.end<InputSpec>({ kind: "input-spec", keep: false, flags: [], file, patterns, className: undefined });
}

function specified(c: GnuCursor, name: Token | undefined): Specification {
  const flags = name === undefined ? sectionFlags(c) : [];
  if (name === undefined && c.takeIf("[") !== undefined) {
    const patterns = sectionPatterns(c, "]");
    c.need("]");
    return { flags, file: undefined, patterns };
  }
  if (name === undefined) c.begin();
  else c.beginAround();
  const { pattern, excluded, sorts } = name === undefined ? filePattern(c) : { pattern: name, excluded: [], sorts: [] };
  const file = c.end<FilePattern>({ kind: "file-pattern", pattern, excluded, sorts });
  const isPlain = excluded.length === 0 && sorts.length === 0;
  return { flags, file, patterns: isPlain && !c.sees("(") ? undefined : sectionList(c) };
}

function sectionList(c: GnuCursor): SectionPattern[] {
  c.need("(");
  const patterns = sectionPatterns(c, ")");
  c.need(")");
  return patterns;
}

function sectionFlags(c: GnuCursor): Token[] {
  if (c.takeIf("INPUT_SECTION_FLAGS") === undefined) return [];
  const flags: Token[] = [];
  c.need("(");
  do {
    const flag = c.need("NAME", "STRING");
    if (flag !== undefined) flags.push(flag);
  } while (c.takeIf("&") !== undefined);
  c.need(")");
  return flags;
}

interface Pattern {
  readonly pattern: Token | undefined;
  readonly excluded: readonly Token[];
}

function maybeExcluded(c: GnuCursor): Pattern {
  const excluded: Token[] = [];
  if (c.takeIf("EXCLUDE_FILE") !== undefined) {
    c.need("(");
    do {
      const file = c.need("NAME", "STRING");
      if (file !== undefined) excluded.push(file);
    } while (c.goesOn(")"));
    c.need(")");
  }
  return { pattern: c.need("NAME", "STRING"), excluded };
}

function maybeReversed(c: GnuCursor): Pattern & { readonly reversed: boolean } {
  if (c.takeIf("REVERSE") === undefined) return { ...maybeExcluded(c), reversed: false };
  c.need("(");
  const inner = maybeExcluded(c);
  c.need(")");
  return { ...inner, reversed: true };
}

interface Sorted extends Pattern {
  readonly sorts: readonly SortKind[];
}

function filePattern(c: GnuCursor): Sorted {
  return sorted(c, FILE_SORTS, FILE_REVERSIBLE, noneWithin);
}

function sectionPatterns(c: GnuCursor, closing: string): SectionPattern[] {
  const patterns: SectionPattern[] = [];
  do {
    c.begin();
    const { pattern, excluded, sorts } = sorted(c, SECTION_SORTS, SECTION_REVERSIBLE, sortsWithin);
    patterns.push(c.end<SectionPattern>({ kind: "section-pattern", pattern, excluded, sorts }));
  } while (c.goesOn(closing));
  return patterns;
}

const FILE_SORTS = ["SORT_BY_NAME", "SORT_NONE"];
const FILE_REVERSIBLE = ["SORT_BY_NAME"];
const noneWithin = (): readonly string[] => [];
const SECTION_SORTS = ["SORT_BY_NAME", "SORT_BY_ALIGNMENT", "SORT_NONE", "SORT_BY_INIT_PRIORITY"];
const SECTION_REVERSIBLE = ["SORT_BY_NAME", "SORT_BY_INIT_PRIORITY"];
const NESTING_SORTS = ["SORT_BY_NAME", "SORT_BY_ALIGNMENT"];
const sortsWithin = (outer: string): readonly string[] => (NESTING_SORTS.includes(outer) ? NESTING_SORTS : []);

/** A pattern in none, one or two sorts; REVERSE stands innermost, or around one of `reversible`. */
function sorted(
  c: GnuCursor,
  outer: readonly string[],
  reversible: readonly string[],
  inner: (outer: string) => readonly string[],
): Sorted {
  const first = c.takeIf(...outer)?.symbol;
  if (first !== undefined) {
    c.need("(");
    const second = c.takeIf(...inner(first))?.symbol;
    if (second !== undefined) c.need("(");
    const { reversed, ...pattern } = maybeReversed(c);
    if (second !== undefined) c.need(")");
    c.need(")");
    const sorts = [first, ...(second === undefined ? [] : [second])].map(sortKind);
    return { ...pattern, sorts: reversed ? [...sorts, "reverse"] : sorts };
  }
  if (c.takeIf("REVERSE") === undefined) return { ...maybeExcluded(c), sorts: [] };
  c.need("(");
  const around = c.takeIf(...reversible)?.symbol;
  if (around !== undefined) c.need("(");
  const pattern = maybeExcluded(c);
  if (around !== undefined) c.need(")");
  c.need(")");
  return { ...pattern, sorts: ["reverse", sortKind(around ?? "SORT_BY_NAME")] };
}

function sortKind(symbol: string): SortKind {
  switch (symbol) {
    case "SORT_BY_ALIGNMENT":
      return "alignment";
    case "SORT_BY_INIT_PRIORITY":
      return "init-priority";
    case "SORT_NONE":
      return "none";
    default:
      return "name";
  }
}
