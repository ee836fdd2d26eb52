/** Levels of the tree of faults that begin with names in the code: function to line to object, object to line. */
import { bytes } from "./quantities.js";
import type { LineRow, Report, TouchedObject } from "./report.js";
import { entry } from "./tally.js";
import type { Cost } from "./trace-summary.js";
import type { Translate } from "./translate.js";
import { baseName, groupedBy, key, levelOf, mapOf, place, position, type TreeLevel, type TreeRow } from "./tree-row.js";

export function functionRows(report: Report, translate: Translate): TreeLevel {
  // Lines name the innermost, inlined function; the table of functions counts for the outermost one.
  const linesOf = groupedBy(report.lines, (line) =>
    key(line.image, line.inlinedInto.at(-1)?.function ?? line.function),
  );
  return levelOf(report.functions, (row): TreeRow => {
    const lines = linesOf.get(key(row.image, row.name)) ?? [];
    const withLine = lines.find(({ line }) => line > 0);
    const onlyCode = lines.length === 1 && withLine === undefined ? lines[0] : undefined;
    const declared = row.file === undefined ? undefined : { file: row.file, line: row.line ?? 1 };
    return {
      kind: "function",
      key: key(row.image, row.name),
      label: row.name,
      sortName: row.name.toLowerCase(),
      where: declared === undefined ? baseName(row.image ?? "") : place(declared),
      cost: row,
      source: declared ?? withLine,
      map: mapOf({ object: row.name, region: row.image }),
      details: () => [...(declared === undefined ? [] : [`${declared.file}:${declared.line}`]), row.image ?? ""],
      words: () => `${row.file ?? ""} ${row.image ?? ""}`,
      below:
        lines.length === 0
          ? undefined
          : onlyCode === undefined
            ? () => levelOf(lines, (line) => lineRow(line, line, translate))
            : () => touchedRows(onlyCode),
    };
  });
}

/** @param cost of the line, or of the part of it that is spoken of. */
function lineRow(line: LineRow, cost: Cost, translate: Translate): TreeRow {
  const source = line.line > 0 ? { file: line.file, line: line.line } : undefined;
  const caller = line.inlinedInto[0];
  return {
    kind: "line",
    key: key(line.image, line.file, String(line.line), line.function),
    label: source === undefined ? line.function : place(source),
    sortName: `${baseName(line.file).toLowerCase()}\0${String(line.line).padStart(9, "0")}\0${line.function}`,
    where: source === undefined ? baseName(line.image ?? "") : line.function,
    cost,
    source,
    map: undefined,
    details: () => [
      ...(source === undefined ? [] : [`${line.file}:${line.line}`]),
      ...(caller === undefined ? [] : [translate("inlined into {0} ({1})", caller.function, place(caller))]),
      line.image ?? "",
    ],
    words: () => `${line.file} ${line.function}`,
    below: line.objects.length === 0 ? undefined : () => touchedRows(line),
  };
}

/** A line as far as it touched one object or ran in one thread: how often is all that is known of that. */
export function partOfLine(line: LineRow, cost: Cost, translate: Translate): TreeRow {
  return { ...lineRow(line, cost, translate), below: undefined };
}

function touchedRows(line: LineRow): TreeLevel {
  // What a line's objects cost in time is not known, only how often each was touched.
  const objects = line.objects.map((object) => ({ object, ...touches(object.faults) }));
  return levelOf(objects, ({ object, ...cost }) => ({
    kind: "object",
    key: objectKey(object),
    label: object.name,
    sortName: object.name.toLowerCase(),
    where: [object.kind, ...(object.image === undefined ? [] : [baseName(object.image)])].join(" · "),
    cost,
    source: object.declaration,
    map: mapOf({ object: object.name, region: object.image }),
    details: () => [object.kind, ...(object.declaration === undefined ? [] : [position(object.declaration)])],
    words: () => object.kind,
    below: undefined,
  }));
}

export function objectRows(report: Report, translate: Translate): TreeLevel {
  const touchesOf = new Map<string, (Cost & { readonly line: LineRow })[]>();
  for (const line of report.lines) {
    for (const object of line.objects) {
      entry(touchesOf, objectKey(object), () => []).push({ line, ...touches(object.faults) });
    }
  }
  return levelOf(report.objects, (row): TreeRow => {
    const lines = touchesOf.get(objectKey(row)) ?? [];
    return {
      kind: "object",
      key: key(objectKey(row), row.section),
      label: row.name,
      sortName: row.name.toLowerCase(),
      where: [row.section ?? row.kind, ...(row.image === undefined ? [] : [baseName(row.image)])].join(" · "),
      cost: row,
      source: row.declaration,
      map: mapOf({ object: row.name, region: row.image, section: row.section }),
      details: () => [
        row.kind,
        row.pages === 1 ? translate("{0} page", row.pages) : translate("{0} pages", row.pages),
        ...(row.size > 0 ? [bytes(row.size)] : []),
        ...(row.declaration === undefined ? [] : [position(row.declaration)]),
        row.image ?? "",
      ],
      words: () => `${row.kind} ${row.section ?? ""} ${row.image ?? ""} ${row.symbol ?? ""}`,
      below:
        lines.length === 0 ? undefined : () => levelOf(lines, ({ line, ...cost }) => partOfLine(line, cost, translate)),
    };
  });
}

function touches(faults: number): Cost {
  return { faults, major: 0, timeNs: 0 };
}

/** Two static variables of one name are told apart by where they are declared, other things by the file they are in. */
function objectKey({
  kind,
  name,
  image,
  declaration,
}: Pick<TouchedObject, "kind" | "name" | "image" | "declaration">): string {
  return key(kind, name, image, declaration === undefined ? undefined : position(declaration));
}
