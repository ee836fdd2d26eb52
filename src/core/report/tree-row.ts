/** A row of a report as a tree shows it, at whatever level. */
import { entry } from "./tally.js";
import type { Cost } from "./trace-summary.js";

export type TreeRowKind = "function" | "line" | "object" | "region" | "section" | "process" | "thread" | "page";

export interface TreeRow {
  readonly kind: TreeRowKind;
  /** Unique among its siblings. */
  readonly key: string;
  readonly label: string;
  /** Orders siblings by name; numbers in it have the same number of digits. */
  readonly sortName: string;
  /** What else is worth a glance: where it is declared, its section. */
  readonly where: string;
  readonly cost: Cost;
  readonly source: { readonly file: string; readonly line: number } | undefined;
  /** How the memory map finds it. */
  readonly map:
    | {
        readonly pid?: number;
        readonly address?: string;
        readonly object?: string;
        readonly region?: string;
        readonly section?: string;
      }
    | undefined;
  /** For a tooltip: one sentence or name each. */
  readonly details: () => readonly string[];
  /** What a filter finds it by, besides its label. */
  readonly words: () => string;
  readonly below: (() => TreeLevel) | undefined;
}

/** Siblings. There can be a hundred thousand of which a thousand are shown, so rows are made when they are wanted. */
export interface TreeLevel {
  readonly costs: readonly Cost[];
  readonly rowAt: (index: number) => TreeRow;
}

export function levelOf<Row extends Cost>(rows: readonly Row[], rowOf: (row: Row) => TreeRow): TreeLevel {
  return { costs: rows, rowAt: (index) => rowOf(rows[index]!) };
}

type Place = { readonly file: string; readonly line: number };

export function place({ file, line }: Place): string {
  return `${baseName(file)}:${line}`;
}

export function position({ file, line }: Place): string {
  return `${file}:${line}`;
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function key(...parts: readonly (string | undefined)[]): string {
  return parts.map((part) => part ?? "\u0001").join("\0");
}

/** Without the fields that are not known. */
export function mapOf(fields: {
  readonly [Field in keyof NonNullable<TreeRow["map"]>]: NonNullable<TreeRow["map"]>[Field] | undefined;
}): TreeRow["map"] {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

export function groupedBy<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): ReadonlyMap<Key, readonly Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) entry(groups, keyOf(row), () => []).push(row);
  return groups;
}
