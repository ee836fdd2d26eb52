/** What is asked of `faultline place SYMBOL…` and what became of it: as JSON, as text, and what to do next. */
import { relative } from "node:path";
import type { TextEdit } from "../core/base/text-edit.js";
import type { SectionKind } from "../core/placement/locked-sections.js";
import type { ScriptRefusal } from "../core/placement/script-refusal.js";
import { printable } from "../core/report/printable.js";
import { sourceHintText } from "../core/report/source-hints.js";
import { sourceRefusalText } from "../core/report/source-refusals.js";
import { english } from "../core/report/translate.js";
import type { PlannedFile, PlannedPlacement } from "../host/placement-plan.js";
import type { SourceOutcome } from "../host/placement-source.js";
import { say } from "./say.js";

export interface SymbolOptions {
  readonly source?: boolean;
  readonly script?: boolean;
  /** With a script: the build's file is edited as well. */
  readonly build?: boolean;
  readonly remove?: boolean;
  readonly kind: SectionKind | undefined;
  readonly in?: string;
  readonly output?: string;
  readonly json?: boolean;
  readonly "dry-run"?: boolean;
}

export type PlacedOutcome =
  | SourceOutcome
  | {
      readonly kind: "refused";
      readonly plan: {
        readonly placements: readonly never[];
        readonly files: readonly never[];
        readonly refusals: readonly { readonly wanted: string; readonly refusal: ScriptRefusal }[];
      };
    };

export function asJson(outcome: PlacedOutcome, action: "place" | "remove", dryRun: boolean) {
  const { plan } = outcome;
  return {
    version: 1,
    action,
    applied: outcome.kind === "done" && !dryRun,
    placements: plan.placements,
    files: plan.files.map(({ file, edits }) => ({ path: file.path, edits })),
    refusals: plan.refusals.map(({ wanted, refusal }) => ({
      symbol: wanted,
      ...refusal,
      message: sourceRefusalText(refusal, wanted, english),
    })),
    checked: outcome.kind === "done" ? outcome.checked : [],
    error: outcome.kind === "not-compiled" ? { source: outcome.source, message: outcome.error } : undefined,
  };
}

export function jsonOf(outcome: PlacedOutcome, action: "place" | "remove", dryRun: boolean): string {
  return `${JSON.stringify(asJson(outcome, action, dryRun), undefined, 1)}\n`;
}

export function textOf(outcome: PlacedOutcome, action: "place" | "remove", dryRun: boolean): string {
  const { plan } = outcome;
  const lines = plan.placements.map((placement) => {
    const { symbol, kind, section, file, line, already } = placement;
    const mark = `${outcome.kind === "done" ? "✓" : " "} ${printable(symbol)}  `;
    const place = `${here(file)}:${line}`;
    if (action === "place") return `${mark}${kind}, ${printable(section)}  ${place}${already ? "  (already)" : ""}`;
    return `${mark}${place}  ${already ? "(not by an attribute here)" : removedText(placement, plan.files)}`;
  });
  const hints = plan.placements.flatMap(({ symbol, hint }) =>
    hint === undefined ? [] : [`  ${sourceHintText(hint, symbol, english)}`],
  );
  const refused = plan.refusals.map(({ wanted, refusal }) => `✗ ${sourceRefusalText(refusal, wanted, english)}`);
  const end =
    outcome.kind === "refused"
      ? ["Nothing was changed."]
      : outcome.kind === "not-compiled"
        ? [
            `✗ ${here(outcome.source)} does not compile any more, so the change was taken back:`,
            `  ${printable(outcome.error)}`,
          ]
        : dryRun
          ? plan.files.flatMap(({ file, edits }) => editLines(file, edits))
          : [];
  return `${[...lines, ...hints, ...refused, ...end].join("\n")}\n`;
}

/** The definition's line as it was and as it is; what went where that is another line. */
function removedText({ file: path, line }: PlannedPlacement, files: readonly PlannedFile[]): string {
  const planned = files.find(({ file }) => file.path === path);
  if (planned === undefined) return "";
  const { file, edits, text } = planned;
  const start = startOfLine(file.text, line);
  const shift = edits
    .filter(({ offset, length }) => offset + length <= start)
    .reduce((sum, edit) => sum + edit.text.length - edit.length, 0);
  const [was, is] = [lineAt(file.text, start), lineAt(text, start + shift)];
  if (was !== is) return `${shownLine(was)} is now ${shownLine(is)}`;
  const before = edits.filter(({ offset }) => offset <= start).at(-1) ?? edits[0];
  return before === undefined
    ? ""
    : `without ${shownLine(file.text.slice(before.offset, before.offset + before.length))}`;
}

/** @param line 1-based. */
function startOfLine(text: string, line: number): number {
  let at = 0;
  for (let left = line - 1; left > 0; left--) at = text.indexOf("\n", at) + 1;
  return at;
}

function lineAt(text: string, start: number): string {
  return /[^\r\n]*/.exec(text.slice(start))![0];
}

function shownLine(text: string): string {
  return `"${printable(text.trim(), LONGEST_LINE)}"`;
}

/** Where each edit is and what it does, in the coordinates of the file as it is. */
export function editLines(
  { path, text }: { readonly path: string; readonly text: string | undefined },
  edits: readonly TextEdit[],
): readonly string[] {
  return edits.map(({ offset, length, text: added }) => {
    const before = (text ?? "").slice(0, offset);
    const removed = (text ?? "").slice(offset, offset + length);
    const what = [
      ...(length > 0 ? [`without ${JSON.stringify(removed)}`] : []),
      ...(added === "" ? [] : [`with ${JSON.stringify(added)}`]),
    ];
    return `${here(path)}:${before.split("\n").length}: ${printable(what.join(", "), LONGEST_EDIT)}`;
  });
}

function here(path: string): string {
  const shorter = relative(process.cwd(), path);
  return printable(shorter.startsWith("..") ? path : shorter);
}

export function tellNext(
  { plan, checked }: Extract<SourceOutcome, { kind: "done" }>,
  dryRun: boolean,
  kept: string | undefined,
  remove: boolean,
): void {
  if (dryRun) {
    say("Nothing was changed (--dry-run).");
    return;
  }
  for (const { source, result, reason } of checked)
    if (result === "unknown") say(`${relative(process.cwd(), source)} was not compiled alone: ${reason}.`);
  const files = plan.files.length;
  const changed = [
    ...(files > 0 ? [`${files} source ${files === 1 ? "file" : "files"}`] : []),
    ...(kept === undefined ? [] : [relative(process.cwd(), kept)]),
  ];
  if (changed.length === 0) say("Nothing had to be changed.");
  else say(`${changed.join(" and ")} changed. ${remove ? "Build again." : "Build, then: faultline place --verify"}`);
}

/** Characters of a line of source that are shown. */
const LONGEST_LINE = 80;
/** Characters of an edit that are shown: a generated script is added whole. */
const LONGEST_EDIT = 20_000;
