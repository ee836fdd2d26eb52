import { expect, it } from "vitest";
import { plain } from "../../../../src/core/report/style.js";
import { textTable, type Column } from "../../../../src/core/report/text-table.js";

interface Row {
  readonly count: number;
  readonly note: string;
  readonly name: string;
}
const columns: readonly Column<Row>[] = [
  { title: "faults", align: "right", text: ({ count }) => String(count) },
  { title: "note", align: "left", text: ({ note }) => note },
  { title: "name", align: "left", text: ({ name }) => name },
];

it("puts numbers right and names left", () => {
  const rows = [
    { count: 1200, note: "hot", name: "main" },
    { count: 3, note: "", name: "handle_event" },
  ];
  expect(textTable(rows, columns, 80, plain)).toEqual([
    "  faults  note  name",
    "    1200  hot   main",
    "       3        handle_event",
  ]);
});

it("leaves empty columns out", () => {
  const lines = textTable([{ count: 1, note: "", name: "main" }], columns, 80, plain);
  expect(lines[0]).toBe("  faults  name");
});

it("keeps every line within the width by cutting the last column", () => {
  const lines = textTable([{ count: 1, note: "", name: "x".repeat(200) }], columns, 40, plain);
  expect(lines.every((line) => line.length <= 40)).toBe(true);
  expect(lines[1]).toMatch(/…$/);
});

it.each([30, 45, 60, 80, 200])(
  "keeps every line within %i characters when several names are long, and each says something",
  (width) => {
    const long = { count: 12, note: "n".repeat(50), name: "m".repeat(90) };
    const lines = textTable([long, { count: 3, note: "short", name: "main" }], columns, width, plain);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines[1]).toMatch(/n{7}.* m{6}/);
  },
);
