/** A lock set as a tree: the verdict, the parts with what is on them and why, what to do, and what is not covered. */
import type { LockSet, LockSetPart, PartObject, PartSite } from "../memlock/lock-set.js";
import { causeText } from "./diagnosis-text.js";
import { baseName, objectNames, partName, reasonText } from "./lock-set-words.js";
import { costSentences, coverageSentences, verdictSentence } from "./lock-set-text.js";
import { printable } from "./printable.js";
import { bytes, grouped } from "./quantities.js";
import { sourceSteps, type SourceStep } from "./source-steps.js";
import type { Translate } from "./translate.js";

export interface LockSetNode {
  /** The same for the same thing, so that what is open stays open. */
  readonly id: string;
  readonly kind: LockSetNodeKind;
  /** Plain text, as are all texts here: nothing in a name is markup. */
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly source: { readonly file: string; readonly line: number } | undefined;
  /** What the command "Copy" puts on the clipboard, where that makes sense. */
  readonly copy: string | undefined;
  /** The function or global it is about, by the name that the symbol table or the report has; undefined: none alone. */
  readonly symbol: string | undefined;
  readonly children: readonly LockSetNode[];
}

export type LockSetNodeKind =
  "good" | "bad" | "part" | "object" | "neighbour" | "site" | "range" | "step" | "place" | "round" | "note";

export function lockSetTree(set: LockSet, translate: Translate): readonly LockSetNode[] {
  return [
    verdictNode(set, translate),
    ...set.parts.map((part, number) => partNode(part, `part${number}`, translate)),
    ...stepsNode(set, translate),
    notesNode("coverage", translate("What this does not cover"), coverageSentences(set, translate)),
  ];
}

function verdictNode(set: LockSet, translate: Translate): LockSetNode {
  const rounds = set.rounds.map(({ round, faults, newPages, resident }) =>
    node("round", `round${round}`, translate("Round {0}", round), {
      description: translate("{0} faults, {1} pages locked", grouped(faults), grouped(newPages)),
      tooltip: translate("{0} pages were still in memory when it began.", grouped(resident)),
    }),
  );
  const intervals = set.intervals.map(({ name, stimulus, runs }, number) =>
    node("note", `interval${number}`, printable(stimulus ?? name), {
      description: translate("{0} times", grouped(runs)),
    }),
  );
  const costs = costSentences(set, translate).map((sentence, number) => node("note", `cost${number}`, sentence));
  const good = set.verdict === "irreducible" || set.verdict === "sufficient";
  return node(good ? "good" : "bad", "verdict", verdictSentence(set, translate), {
    tooltip: `${verdictSentence(set, translate)}\n${printable(set.command.join(" "))}`,
    children: [...costs, ...intervals, ...rounds],
  });
}

function partNode(part: LockSetPart, id: string, translate: Translate): LockSetNode {
  const causes = part.diagnoses.map(({ cause, pages }) => `${causeText(cause, translate)} (${grouped(pages)})`);
  const reached = part.objects.filter((object) => object.reached);
  const beside = part.objects.filter((object) => !object.reached);
  const first = reached.find(({ declaration }) => (declaration?.line ?? 0) > 0)?.declaration;
  return node("part", id, partName(part, translate), {
    description: [pagesText(part.pages, translate), bytes(part.bytes), objectNames(part, 3)]
      .filter((text) => text !== "")
      .join(" · "),
    tooltip: [printable(part.name), reasonText(part, translate), ...causes].filter((text) => text !== "").join("\n"),
    source: reached.length === 1 && first !== undefined ? { file: first.file, line: first.line } : undefined,
    children: [
      ...reached.map((object, number) => objectNode("object", `${id}.o${number}`, object, translate)),
      ...part.sites
        .filter((site) => site.function !== "")
        .map((site, number) => siteNode(`${id}.s${number}`, site, translate)),
      ...part.ranges.map(({ address, pages, fileOffset }, number) =>
        node("range", `${id}.r${number}`, address, {
          description: [
            pagesText(pages, translate),
            fileOffset === undefined ? "" : translate("file offset {0}", `0x${fileOffset.toString(16)}`),
          ]
            .filter((text) => text !== "")
            .join(" · "),
          copy: address,
        }),
      ),
      ...(beside.length === 0 || part.region !== "image"
        ? []
        : [
            node("note", `${id}.beside`, translate("On the same pages"), {
              description: grouped(beside.length + part.moreObjects),
              children: beside.map((object, number) => objectNode("neighbour", `${id}.n${number}`, object, translate)),
            }),
          ]),
    ],
  });
}

function objectNode(kind: "object" | "neighbour", id: string, object: PartObject, translate: Translate): LockSetNode {
  const { name, size, declaration, section } = object;
  const known = declaration !== undefined && declaration.line > 0;
  return node(kind, id, printable(name, LONGEST_NAME), {
    description: [
      size > 0 ? bytes(size) : "",
      printable(section ?? "", LONGEST_NAME),
      known ? `${printable(baseName(declaration.file), LONGEST_NAME)}:${declaration.line}` : "",
    ]
      .filter((text) => text !== "")
      .join(" · "),
    tooltip: kind === "object" ? translate("A fault reached for it.") : translate("It lies on the same page."),
    source: known ? { file: declaration.file, line: declaration.line } : undefined,
    copy: name,
    symbol: object.kind === "function" || object.kind === "variable" ? name : undefined,
  });
}

function siteNode(id: string, site: PartSite, translate: Translate): LockSetNode {
  const { file, line, calledFrom, pages } = site;
  const name = printable(site.function, LONGEST_NAME);
  return node("site", id, translate("reached by {0}", name), {
    description: [
      pagesText(pages, translate),
      calledFrom === undefined ? "" : translate("called from {0}", printable(calledFrom, LONGEST_NAME)),
      file === undefined || line === undefined ? "" : `${printable(baseName(file), LONGEST_NAME)}:${line}`,
    ]
      .filter((text) => text !== "")
      .join(" · "),
    source: file === undefined || line === undefined ? undefined : { file, line },
    copy: site.function,
  });
}

function stepsNode(set: LockSet, translate: Translate): readonly LockSetNode[] {
  const steps = sourceSteps(set, { translate });
  if (steps.length === 0) return [];
  return [
    node("note", "steps", translate("What to do in source"), {
      description: grouped(steps.length),
      children: steps.map((step, number) => stepNode(step, `step${number}`, number + 1)),
    }),
  ];
}

function stepNode({ title, lines, snippet, places }: SourceStep, id: string, number: number): LockSetNode {
  return node("step", id, `${number}. ${title}`, {
    tooltip: lines.join("\n"),
    copy: snippet.length > 0 ? snippet.join("\n") : undefined,
    children: [
      ...lines.map((line, index) => node("note", `${id}.l${index}`, line)),
      ...places.map(({ symbol, macro, declaration }, index) =>
        node("place", `${id}.p${index}`, `${macro} ${printable(symbol, LONGEST_NAME)}`, {
          description:
            declaration === undefined || declaration.line === 0
              ? ""
              : `${printable(baseName(declaration.file), LONGEST_NAME)}:${declaration.line}`,
          source:
            declaration === undefined || declaration.line === 0
              ? undefined
              : { file: declaration.file, line: declaration.line },
          copy: macro,
          symbol,
        }),
      ),
      ...snippet.map((line, index) => node("place", `${id}.c${index}`, line, { copy: line })),
    ],
  });
}

function notesNode(id: string, label: string, sentences: readonly string[]): LockSetNode {
  return node("note", id, label, {
    description: grouped(sentences.length),
    children: sentences.map((sentence, number) => node("note", `${id}${number}`, sentence)),
  });
}

function pagesText(pages: number, translate: Translate): string {
  return pages === 1 ? translate("1 page") : translate("{0} pages", grouped(pages));
}

function node(
  kind: LockSetNodeKind,
  id: string,
  label: string,
  rest: Partial<Omit<LockSetNode, "kind" | "id" | "label">> = {},
): LockSetNode {
  return {
    kind,
    id,
    label,
    description: "",
    tooltip: label,
    source: undefined,
    copy: undefined,
    symbol: undefined,
    children: [],
    ...rest,
  };
}

const LONGEST_NAME = 80;
