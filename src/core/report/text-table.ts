/** Tables for a terminal: numbers right, names left; the longest names give way when the line is full. */
import type { Style } from "./style.js";

export interface Column<Row> {
  readonly title: string;
  readonly align: "left" | "right";
  text(row: Row): string;
}

/** One line of titles and one a row, none wider than `width` where names can give way. Empty columns are left out. */
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
  narrow(widths, filled, width - INDENT.length - GAP.length * (widths.length - 1));
  const line = (cells: readonly string[]) =>
    (INDENT + cells.map((cell, i) => fit(cell, widths[i]!, filled[i]!.align)).join(GAP)).trimEnd();
  return [
    style.dim(line(filled.map(({ title }) => title))),
    ...rows.map((_row, i) => line(filled.map(({ cells }) => cells[i]!))),
  ];
}

/** The last column first, down to what still says something; then the widest names, one by one, down to less. */
function narrow(widths: number[], columns: readonly { readonly align: "left" | "right" }[], room: number): void {
  let excess = widths.reduce((sum, one) => sum + one, 0) - room;
  const last = widths.length - 1;
  const give = (column: number, least: number): void => {
    const given = Math.min(excess, Math.max(widths[column]! - least, 0));
    widths[column]! -= given;
    excess -= given;
  };
  if (last >= 0 && excess > 0) give(last, SMALLEST_LAST);
  const names = widths.flatMap((_, column) => (columns[column]!.align === "left" ? [column] : []));
  while (excess > 0) {
    const [widest, second] = names.toSorted((a, b) => widths[b]! - widths[a]!);
    if (widest === undefined || widths[widest]! <= SMALLEST_NAME) return;
    give(widest, Math.max(SMALLEST_NAME, Math.min(widths[widest]! - 1, second === undefined ? 0 : widths[second]!)));
  }
}

/** Padded, or cut with an ellipsis. */
export function fit(text: string, width: number, align: "left" | "right"): string {
  if (text.length > width) return `${text.slice(0, Math.max(width - 1, 0))}…`;
  return align === "left" ? text.padEnd(width) : text.padStart(width);
}

const GAP = "  ";
const INDENT = "  ";
const SMALLEST_LAST = 16;
const SMALLEST_NAME = 8;
