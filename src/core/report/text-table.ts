/** Tables for a terminal: numbers right, names left, the last column gives way when the line is full. */
import type { Style } from "./style.js";

export interface Column<Row> {
  readonly title: string;
  readonly align: "left" | "right";
  text(row: Row): string;
}

/** One line of titles and one a row, none wider than `width`. Empty columns are left out. */
export function textTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number,
  style: Style,
): readonly string[] {
  const filled = columns
    .map((column) => ({ ...column, cells: rows.map((row) => column.text(row)) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""));
  const widths = filled.map(({ title, cells }) =>
    cells.reduce((most, cell) => Math.max(most, cell.length), title.length),
  );
  const fixed = widths.slice(0, -1).reduce((sum, one) => sum + one + GAP.length, 0);
  const lastWidth = Math.max(width - fixed - INDENT.length, SMALLEST_LAST);
  if (widths.length > 0) widths[widths.length - 1] = Math.min(widths.at(-1)!, lastWidth);
  const line = (cells: readonly string[]) =>
    (INDENT + cells.map((cell, i) => fit(cell, widths[i]!, filled[i]!.align)).join(GAP)).trimEnd();
  return [
    style.dim(line(filled.map(({ title }) => title))),
    ...rows.map((_row, i) => line(filled.map(({ cells }) => cells[i]!))),
  ];
}

/** Padded, or cut with an ellipsis. */
export function fit(text: string, width: number, align: "left" | "right"): string {
  if (text.length > width) return `${text.slice(0, Math.max(width - 1, 0))}…`;
  return align === "left" ? text.padEnd(width) : text.padStart(width);
}

const GAP = "  ";
const INDENT = "  ";
const SMALLEST_LAST = 16;
