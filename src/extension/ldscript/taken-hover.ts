/** Markdown: which sections a statement took from which files, the largest first. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { bytes, grouped } from "../../core/report/quantities.js";
import { plain } from "../editor/markdown.js";
import type { TakenResult } from "./script-order.js";

export function takenLines(program: string, taken: NonNullable<TakenResult["taken"]>): string[] {
  const { count, size, largest, shadowed, from } = taken;
  const name = plain(basename(program));
  const head =
    count === 0
      ? vscode.l10n.t("Takes nothing of {0}.", name)
      : count === 1
        ? vscode.l10n.t("Takes 1 section of {0}, {1}.", name, plain(bytes(size)))
        : vscode.l10n.t("Takes {0} sections of {1}, {2}.", grouped(count), name, plain(bytes(size)));
  const rows = largest.map(
    (each) => `| ${plain(bytes(each.size))} | ${plain(each.section)} | ${plain(short(each.file))} |`,
  );
  const more = count - largest.length;
  const notes = [
    ...(more > 0 && largest.length > 0 ? [vscode.l10n.t("{0} more are smaller or empty.", grouped(more))] : []),
    ...(shadowed > 0
      ? [vscode.l10n.t("{0} more match it, and an earlier statement takes them.", grouped(shadowed))]
      : []),
    ...(from.kind === "map"
      ? []
      : [vscode.l10n.t("By the objects of the build, before the linker drops or merges anything.")]),
  ];
  const table = rows.length === 0 ? [] : [["| | | |", "| ---: | :--- | :--- |", ...rows].join("\n")];
  return [head, ...table, ...(notes.length === 0 ? [] : [notes.join(" ")])];
}

/** Its end tells more than its folders. */
function short(file: string): string {
  return file.length <= LONGEST_FILE ? file : `…${file.slice(-LONGEST_FILE)}`;
}

const LONGEST_FILE = 60;
