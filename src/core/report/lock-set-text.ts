/** A lock set as text: the verdict, how it was found, what it consists of, what it costs, what to do, what is not covered. */
import type { LockSet, LockSetPart, LockSetRound } from "../memlock/lock-set.js";
import { kernelAnswer } from "../memlock/kernel-rules.js";
import { gapText } from "./diagnosis-text.js";
import { baseName, objectNames, partName, reasonText, sizeText } from "./lock-set-words.js";
import { printable } from "./printable.js";
import { bytes, grouped } from "./quantities.js";
import { sourceSteps, type SourceStep } from "./source-steps.js";
import type { Style } from "./style.js";
import { textTable, type Column } from "./text-table.js";
import type { Translate } from "./translate.js";
import { wrapped } from "./wrapped.js";

export interface LockSetTextOptions {
  readonly style: Style;
  readonly width: number;
  readonly translate: Translate;
  /** Shorter where the file is below the working directory. */
  displayPath(file: string): string;
}

export function lockSetText(set: LockSet, options: LockSetTextOptions): string {
  const { translate } = options;
  const sections = [
    headline(set, options),
    titled(translate("How it was found"), roundLines(set, options), options),
    titled(translate("What to lock"), partLines(set, options), options),
    titled(translate("What could be reached besides"), reachLines(set, options), options),
    titled(translate("What it costs"), costLines(set, options), options),
    ...(set.parts.length === 0
      ? []
      : [titled(translate("What to do in source"), stepLines(sourceSteps(set, options), options), options)]),
    titled(translate("What this does not cover"), coverageLines(set, options), options),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** The verdict in one sentence, and what it is about. */
export function verdictSentence(set: LockSet, translate: Translate): string {
  const size = sizeText(set, translate);
  switch (set.verdict) {
    case "irreducible":
      return set.pages === 0
        ? translate("Nothing needs to be locked for the observed intervals: they take no fault.")
        : translate("Lock {0}: irreducible for the observed intervals.", size);
    case "sufficient":
      return translate("Lock {0}: enough for the observed intervals; not every page was tried alone.", size);
    case "faults":
      return translate(
        "{0} are not enough: the last intervals still took {1} faults.",
        size,
        grouped(set.faultsAfter ?? 0),
      );
    case "unproved":
      return translate("{0} were found, but nothing is proved.", size);
  }
}

function headline(set: LockSet, { style, translate, width }: LockSetTextOptions): readonly string[] {
  const command = printable(set.command.join(" "), width - 15);
  const sentence = verdictSentence(set, translate);
  const good = set.verdict === "irreducible" || set.verdict === "sufficient";
  return [
    style.bold(command === "" ? translate("What to lock") : translate("What to lock: {0}", command)),
    ...wrapped(sentence, width).map((line) => (good ? style.good(line) : style.bad(line))),
    ...wrapped(observedSentence(set, translate), width),
  ];
}

function observedSentence(set: LockSet, translate: Translate): string {
  const intervals = set.intervals.map(({ name, stimulus, runs }) => {
    const shown = printable(stimulus === undefined || stimulus === name ? name : `${name} (${stimulus})`);
    return translate("{0}, {1} times", shown, grouped(runs));
  });
  const sentences = [
    ...(intervals.length === 0 ? [] : [translate("Observed: {0}.", intervals.join("; "))]),
    ...(set.verdict === "irreducible" && set.pages > 0
      ? [
          translate(
            "With these pages locked they took no fault; each of them was missed at least once while it was not locked.",
          ),
        ]
      : []),
  ];
  return sentences.join(" ");
}

function roundLines(set: LockSet, { translate, width, style }: LockSetTextOptions): readonly string[] {
  const columns: readonly Column<LockSetRound>[] = [
    { title: translate("round"), align: "right", text: ({ round }) => String(round) },
    { title: translate("still in memory"), align: "right", text: ({ resident }) => grouped(resident) },
    { title: translate("faults"), align: "right", text: ({ faults }) => grouped(faults) },
    { title: translate("newly locked"), align: "right", text: ({ newPages }) => grouped(newPages) },
  ];
  if (set.rounds.length === 0) return [];
  const dropped =
    set.droppedPages > 0
      ? wrapped(
          translate("Then each page was unlocked alone; {0} were not missed and left out.", grouped(set.droppedPages)),
          width - 2,
        )
      : [];
  const exact = set.rounds.filter((round) => round.exact === true).map(({ round }) => round);
  const shown =
    exact.length > 0
      ? wrapped(
          translate(
            "Rounds in which the kernel was kept from bringing in neighbours as well, so that each page came in by a fault of its own: {0}.",
            exact.join(", "),
          ),
          width - 2,
        )
      : [];
  return [...textTable(set.rounds, columns, width, style), ...[...shown, ...dropped].map((line) => `  ${line}`)];
}

function partLines(set: LockSet, { translate, width, style }: LockSetTextOptions): readonly string[] {
  const columns: readonly Column<LockSetPart>[] = [
    { title: translate("pages"), align: "right", text: ({ pages }) => grouped(pages) },
    { title: translate("size"), align: "right", text: (part) => bytes(part.bytes) },
    { title: translate("what"), align: "left", text: (part) => partName(part, translate) },
    { title: translate("holds"), align: "left", text: (part) => objectNames(part, 6) },
    { title: translate("why"), align: "left", text: (part) => reasonText(part, translate) },
  ];
  return set.parts.length === 0 ? [] : textTable(set.parts, columns, width, style);
}

/** What no interval executed, but the critical functions could: only where it was asked for. */
function reachSentences({ reach, pageSize }: LockSet, translate: Translate): readonly string[] {
  if (reach === undefined) return [];
  const { addedPages, notExecuted, unknownCalls } = reach;
  const names = notExecuted.slice(0, MOST_NAMES).map((one) => printable(one.function, 60));
  if (notExecuted.length > names.length) names.push("…");
  return [
    translate(
      "{0} pages ({1}) are in the set because the critical functions could reach them.",
      grouped(addedPages),
      bytes(addedPages * pageSize),
    ),
    notExecuted.length === 0
      ? translate("Every function below them was executed, or lies on pages of those that were.")
      : translate("{0} functions below them were not executed: {1}.", grouped(notExecuted.length), names.join(", ")),
    ...(unknownCalls > 0
      ? [translate("{0} calls through pointers could lead to more: faultline reach lists them.", grouped(unknownCalls))]
      : []),
  ];
}

function reachLines(set: LockSet, { translate, width }: LockSetTextOptions): readonly string[] {
  return reachSentences(set, translate).flatMap((sentence) => wrapped(sentence, width - 2).map((line) => `  ${line}`));
}

/** Against the limit of the process, and against locking everything. */
export function costSentences(set: LockSet, translate: Translate): readonly string[] {
  const locked = set.alreadyLockedPages * set.pageSize;
  const sentences: string[] = [];
  const own = kernelAnswer({ kind: "range", newBytes: set.bytes }, set.limits, locked);
  if (set.limits.privileged) {
    sentences.push(translate("The program may lock without limit (CAP_IPC_LOCK)."));
  } else if (set.limits.softBytes === undefined) {
    sentences.push(translate("The program's limit for locked memory (RLIMIT_MEMLOCK) is unlimited."));
  } else if (own.kind === "fits") {
    sentences.push(translate("It fits into RLIMIT_MEMLOCK, {0}.", bytes(set.limits.softBytes)));
  } else if (own.errno === "EPERM") {
    sentences.push(
      translate("RLIMIT_MEMLOCK is 0: mlock fails with EPERM. Raise it (ulimit -l, LimitMEMLOCK= of systemd)."),
    );
  } else {
    sentences.push(
      translate(
        "RLIMIT_MEMLOCK is {0}: mlock fails with ENOMEM, {1} are wanted. Raise it (ulimit -l, LimitMEMLOCK= of systemd).",
        bytes(own.limitBytes),
        bytes(own.wantedBytes),
      ),
    );
  }
  if (set.whole !== undefined) sentences.push(...wholeSentences(set, set.whole, translate));
  if (set.alreadyLockedPages > 0) {
    sentences.push(translate("The program itself had {0} locked before; they are not counted.", bytes(locked)));
  }
  return sentences;
}

function wholeSentences(set: LockSet, whole: NonNullable<LockSet["whole"]>, translate: Translate): readonly string[] {
  const { virtualBytes, residentBytes } = whole;
  const all = kernelAnswer({ kind: "all-current", virtualBytes }, set.limits, 0);
  return [
    translate(
      "mlockall(MCL_CURRENT) would lock {0}, of which {1} were in memory.",
      bytes(virtualBytes),
      bytes(residentBytes),
    ),
    ...(all.kind === "fits" ? [] : [translate("The kernel would refuse that with {0}.", all.errno)]),
  ];
}

function costLines(set: LockSet, { translate, width }: LockSetTextOptions): readonly string[] {
  return costSentences(set, translate).flatMap((sentence) => wrapped(sentence, width - 2).map((line) => `  ${line}`));
}

function stepLines(steps: readonly SourceStep[], { style, width, displayPath }: LockSetTextOptions): readonly string[] {
  return steps.flatMap(({ title, lines, snippet, places }, number) => [
    ...(number > 0 ? [""] : []),
    `  ${number + 1}. ${style.bold(title)}`,
    ...lines.flatMap((line) =>
      wrapped(line, width - 7).map((text, i) => (i > 0 && line.startsWith("· ") ? `       ${text}` : `     ${text}`)),
    ),
    ...places.map(({ symbol, macro, declaration }) => {
      const where =
        declaration === undefined ? "" : `  ${printable(displayPath(declaration.file))}:${declaration.line}`;
      return `       ${macro} ${printable(symbol)}${style.dim(where)}`;
    }),
    ...snippet.map((line) => `       ${printable(line)}`),
  ]);
}

/** What the verdict is not about: always something. */
export function coverageSentences(set: LockSet, translate: Translate): readonly string[] {
  const stimuli = set.intervals.map(({ stimulus, name }) => printable(stimulus ?? name)).join(", ");
  return [
    translate("Other inputs, and rarer paths of the same intervals: only what was observed is covered ({0}).", stimuli),
    translate("Another build of the program or of a library: pages are found by build id and offset."),
    ...set.gaps.map((gap) => gapText({ ...gap, detail: gap.detail && baseName(gap.detail) }, translate)),
  ];
}

function coverageLines(set: LockSet, { translate, width, style }: LockSetTextOptions): readonly string[] {
  return coverageSentences(set, translate).flatMap((sentence) =>
    wrapped(sentence, width - 4).map((line, i) => style.dim(i === 0 ? `  · ${line}` : `    ${line}`)),
  );
}

function titled(title: string, lines: readonly string[], { style }: LockSetTextOptions): readonly string[] {
  return lines.length === 0 ? [] : [style.bold(title), ...lines];
}

const MOST_NAMES = 20;
