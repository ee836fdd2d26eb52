/** Edits that mend a problem of a script: offered only where reading the script again shows that they do. */
import { editedText, type TextEdit } from "../base/text-edit.js";
import { diagnose } from "./diagnoses/diagnose.js";
import type { ScriptFacts } from "./diagnoses/subject.js";
import { aboveComments, lineStart, restOfLine } from "./edit-text.js";
import { extentOf, type Extent } from "./extent.js";
import { openScript, type OpenedScript, type Surroundings } from "./opened-script.js";
import { placeIn } from "./place.js";
import type { Problem } from "./problems.js";
import { allOutputs, pathTo } from "./script-outline.js";
import type { Element, Node } from "./tree.js";

/** `separate`: spaces where names are glued; `keep`: KEEP( ) around; `move`: above what takes its sections; `remove`: the character goes; `any-folder`: a * before the file. */
export type FixKind = "separate" | "keep" | "move" | "remove" | "any-folder";

export interface Fix {
  readonly kind: FixKind;
  readonly edits: readonly TextEdit[];
}

/** Undefined where there is none, or where it would make something else wrong. */
export function fixOf(
  problem: Problem,
  script: OpenedScript,
  surroundings: Surroundings,
  facts: ScriptFacts,
): Fix | undefined {
  const fix = candidate(problem, script);
  if (fix === undefined) return undefined;
  const count = (problems: readonly Problem[], code?: string) =>
    problems.filter((each) => code === undefined || each.code === code).length;
  const before = diagnose(script, facts);
  const after = diagnose(openScript(editedText(script.text, fix.edits), surroundings), facts);
  const isMended = count(after, problem.code) < count(before, problem.code);
  return isMended && count(after) < count(before) ? fix : undefined;
}

function candidate(problem: Problem, script: OpenedScript): Fix | undefined {
  const { code, offset, length, values } = problem;
  const written = script.text.slice(offset, offset + length);
  switch (code) {
    case "glued-name":
      return { kind: "separate", edits: [{ offset, length, text: separated(written, String(values[0])) }] };
    case "invalid-character":
      return { kind: "remove", edits: [{ offset, length, text: "" }] };
    case "unlinked-file":
      return { kind: "any-folder", edits: [{ offset, length: 0, text: "*" }] };
    case "missing-keep": {
      const spec = nodeAt(script.tree, offset, "input-spec");
      if (spec === undefined) return undefined;
      const { start, end } = extentOf(spec);
      const around = [
        { offset: start, length: 0, text: "KEEP(" },
        { offset: end, length: 0, text: ")" },
      ];
      return { kind: "keep", edits: around };
    }
    case "shadowed":
      return moved(problem, script);
    default:
      return undefined;
  }
}

function separated(text: string, glue: string): string {
  if (glue === ",") return text.replaceAll(/,+/g, " ");
  if (glue === "=") return text.replace(/\s*=\s*/, " = ");
  return text.replace(/\/\*/, " /*").replace(/\*\/(?=.)/, "*/ ");
}

/** The output section with the statement goes above the one that takes its sections, as a whole: both in the same SECTIONS. */
function moved({ offset, values }: Problem, script: OpenedScript): Fix | undefined {
  const line = values[1];
  if (typeof line !== "number") return undefined;
  const place = placeIn(script.text);
  const statements = allOutputs(script)
    .filter(({ source }) => source === undefined)
    .flatMap(({ node }) => {
      const path = pathTo(script, node);
      return path === undefined ? [] : [path];
    });
  const shadowed = statements.find(({ statement }) => holds(extentOf(statement), offset));
  const taking = statements.find(({ statement }) => {
    const { start, end } = extentOf(statement);
    return place(start).line <= line && line <= place(end).line;
  });
  if (shadowed === undefined || taking === undefined || shadowed.holder !== taking.holder) return undefined;
  const { text } = script;
  const from = wholeLines(text, extentOf(shadowed.statement));
  const to = wholeLines(text, extentOf(taking.statement));
  if (from === undefined || to === undefined || from.start < to.end) return undefined;
  const edits = [
    { offset: to.start, length: 0, text: text.slice(from.start, from.end) },
    { offset: from.start, length: from.end - from.start, text: "" },
  ];
  return { kind: "move", edits };
}

function holds({ start, end }: Extent, offset: number): boolean {
  return start <= offset && offset < end;
}

/** With the comments directly above; undefined where something else stands on its lines. */
function wholeLines(text: string, { start, end }: Extent): Extent | undefined {
  if (/\S/.test(text.slice(lineStart(text, start), start))) return undefined;
  const behind = restOfLine(text, end);
  return behind === undefined ? undefined : { start: aboveComments(text, start, 0), end: behind };
}

function nodeAt(tree: Node, offset: number, kind: Node["kind"]): Node | undefined {
  const pending: Element[] = [tree];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === "token") continue;
    if (next.kind === kind && holds(extentOf(next), offset)) return next;
    for (const child of next.children) pending.push(child);
  }
  return undefined;
}
