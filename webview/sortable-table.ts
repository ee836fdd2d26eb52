/** A table whose column headings are buttons that sort it: numbers by size, words by letter. */

/** Cells carry what they are sorted by in data-key; columns without a heading are left alone. */
export function makeSortable(table: HTMLTableElement): void {
  const headings = [...(table.tHead?.rows[0]?.cells ?? [])];
  headings.forEach((heading, column) => {
    if (heading.tagName !== "TH") return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const numbers = heading.classList.contains("amount");
      const first = numbers ? "descending" : "ascending";
      const other = numbers ? "ascending" : "descending";
      const order = heading.ariaSort === first ? other : first;
      for (const each of headings) each.ariaSort = null;
      heading.ariaSort = order;
      sort(table, column, numbers, order === "ascending" ? 1 : -1);
    });
  });
}

function sort(table: HTMLTableElement, column: number, numbers: boolean, direction: 1 | -1): void {
  const body = table.tBodies[0];
  if (body === undefined) return;
  const rows = [...body.rows].map((row) => ({ row, key: row.cells[column]?.dataset["key"] ?? "" }));
  const words = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  rows.sort((a, b) => direction * (numbers ? Number(a.key) - Number(b.key) : words(a.key, b.key)));
  body.append(...rows.map(({ row }) => row));
}
