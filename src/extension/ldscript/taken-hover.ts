/** Markdown: which sections a statement took from which files, the largest first. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { bytes, grouped } from "../../core/report/quantities.js";
import { plain } from "../editor/markdown.js";
import type { TakenResult } from "./script-order.js";

export function takenLines(program: string, taken: NonNullable<TakenResult["taken"]>): string[] {
  const { count, size, largest, shadowed, from } = taken;
  const name = plain(basename(program));
  const sum =
    count === 0
      ? vscode.l10n.t("Takes nothing of {0}.", name)
      : count === 1
        ? vscode.l10n.t("Takes 1 section of {0}, {1}.", name, plain(bytes(size)))
        : vscode.l10n.t("Takes {0} sections of {1}, {2}.", grouped(count), name, plain(bytes(size)));
  const rows = largest.map(({ size: own, section, file }) => row([bytes(own), section, short(file)]));
  const more = count - largest.length;
  const notes = [
    ...(more > 0 && largest.length > 0 ? [moreText(more)] : []),
    ...(shadowed > 0 ? [shadowedText(shadowed)] : []),
    ...(from.kind === "map"
      ? []
      : [vscode.l10n.t("By the objects of the build, before the linker drops or merges anything.")]),
  ];
  const head = row([vscode.l10n.t("Size"), vscode.l10n.t("Section"), vscode.l10n.t("File")]);
  const table = rows.length === 0 ? [] : [[head, "| ---: | :--- | :--- |", ...rows].join("\n")];
  return [sum, ...table, ...(notes.length === 0 ? [] : [notes.join(" ")])];
}

function moreText(count: number): string {
  return count === 1
    ? vscode.l10n.t("1 more is smaller or empty.")
    : vscode.l10n.t("{0} more are smaller or empty.", grouped(count));
}

function shadowedText(count: number): string {
  return count === 1
    ? vscode.l10n.t("1 more matches it, and an earlier statement takes it.")
    : vscode.l10n.t("{0} more match it, and earlier statements take them.", grouped(count));
}

/** Columns of a hover's table stand close: no-break spaces part them. */
function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => `${plain(cell)}&nbsp;&nbsp;`).join(" | ")} |`;
}

/** Its end tells more than its folders. */
function short(file: string): string {
  return file.length <= LONGEST_FILE ? file : `…${file.slice(-LONGEST_FILE)}`;
}

const LONGEST_FILE = 60;
