/** Which statement of a script places a symbol, and what a statement takes: answers as data, with places in texts. */
import type { Dialect } from "../dialect.js";
import type { InputSection } from "../matcher-input.js";
import { matchSections, type Placement } from "../matcher.js";
import type { OpenedScript } from "../opened-script.js";
import { placeIn } from "../place.js";
import type { Rule } from "../rules.js";
import { startOf, textOf, type InputSpec, type Node } from "../tree.js";

export interface StatementPlace {
  /** Undefined of the script itself; else of what it includes, or of the linker's own. */
  readonly path: string | undefined;
  /** From 1, the column in UTF-16 units. */
  readonly line: number;
  readonly column: number;
  /** The statement as it is written. */
  readonly text: string;
}

export interface PlacedSection {
  readonly file: string;
  readonly section: string;
  readonly size: number | undefined;
  readonly output: string;
  /** Undefined of an orphan: the linker itself chooses. */
  readonly statement: StatementPlace | undefined;
  /** Others that would have taken it, in their order. */
  readonly shadowed: readonly StatementPlace[];
}

/** @param wanted of `inputs`: all of them decide about ONLY_IF_RO and its like. */
export function placedSections(
  script: OpenedScript,
  inputs: readonly InputSection[],
  wanted: ReadonlySet<InputSection>,
  dialect: Dialect,
): PlacedSection[] {
  const place = statementPlaces(script);
  return matchSections(script.tree, inputs, dialect, script.included)
    .filter(({ input }) => wanted.has(input))
    .map(({ input, output, rule, shadowed }) => ({
      ...{ file: input.file, section: input.name, size: input.size, output },
      statement: rule && place(rule),
      shadowed: shadowed.map(place),
    }));
}

/** Of rules, in the file each is written in. */
function statementPlaces({ text }: OpenedScript): (rule: Rule) => StatementPlace {
  const own = placeIn(text);
  return ({ source, offset, spec }) => {
    const { line, column } = (source === undefined ? own : placeIn(source.text))(offset);
    return { path: source?.path, line, column, text: textOf(spec).trim().replace(/\s+/g, " ") };
  };
}

export interface TakenSections {
  /** Where the statement is in the text. */
  readonly offset: number;
  readonly length: number;
  /** The largest first; those without a byte are counted only. */
  readonly largest: readonly { readonly file: string; readonly section: string; readonly size: number }[];
  readonly count: number;
  readonly size: number;
  /** Sections that match, too, and that an earlier statement took. */
  readonly shadowed: number;
}

/** The statement around an offset of the script's own text; undefined where there is none. */
export function takenAt(
  script: OpenedScript,
  offset: number,
  inputs: readonly InputSection[],
  dialect: Dialect,
): TakenSections | undefined {
  const spec = specAt(script.tree, offset);
  if (spec === undefined) return undefined;
  const placements = matchSections(script.tree, inputs, dialect, script.included);
  const isOwn = ({ rule }: Placement): boolean => rule?.spec === spec;
  const taken = placements.filter(isOwn).map(({ input: { file, name, size = 0 } }) => ({ file, section: name, size }));
  const start = startOf(spec)!;
  return {
    offset: start,
    length: textOf(spec).trim().length,
    largest: taken
      .filter(({ size }) => size > 0)
      .sort((a, b) => b.size - a.size)
      .slice(0, MOST_SHOWN),
    count: taken.length,
    size: taken.reduce((sum, { size }) => sum + size, 0),
    shadowed: placements.filter(
      (placement) => !isOwn(placement) && placement.shadowed.some((rule) => rule.spec === spec),
    ).length,
  };
}

/** The statement of input sections around the offset. */
export function specAt(tree: Node, offset: number): InputSpec | undefined {
  const pending: Node[] = [tree];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const child of next.children) {
      if (child.kind === "token") continue;
      if (child.kind === "input-spec") {
        const start = startOf(child);
        if (start !== undefined && start <= offset && offset < start + textOf(child).trimStart().length) return child;
      } else if (HOLDERS.has(child.kind)) pending.push(child);
    }
  }
  return undefined;
}

const HOLDERS: ReadonlySet<Node["kind"]> = new Set(["sections", "overlay", "section-group", "output-section"]);
const MOST_SHOWN = 12;
