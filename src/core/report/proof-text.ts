/** A proof as text: the verdict, what was counted, what was doubtful, where it faulted, and what it does not cover. */
import { LEAST_COVERAGE, type Doubt, type Proof, type ProofFault, type ProofInterval } from "../memlock/proof.js";
import { gapText } from "./diagnosis-text.js";
import { baseName } from "./lock-set-words.js";
import { printable } from "./printable.js";
import { bytes, grouped } from "./quantities.js";
import type { Style } from "./style.js";
import { textTable, type Column } from "./text-table.js";
import type { Translate } from "./translate.js";
import { wrapped } from "./wrapped.js";

export interface ProofTextOptions {
  readonly style: Style;
  readonly width: number;
  readonly translate: Translate;
  /** Rows of the table of intervals and of faults at the most. */
  readonly top: number;
}

export function proofText(proof: Proof, options: ProofTextOptions): string {
  const { translate } = options;
  const sections = [
    headline(proof, options),
    titled(translate("What keeps it from being proved"), sentences(proof.doubts, doubtText, options), options),
    titled(translate("Intervals"), intervalLines(proof, options), options),
    titled(translate("Faults"), faultLines(proof, options), options),
    titled(translate("How it was done"), methodLines(proof, options), options),
    titled(translate("What this does not cover"), gapLines(proof, options), options),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** The verdict in one sentence. */
function proofSentence(proof: Proof, translate: Translate): string {
  const { intervals, faults, worst } = proof;
  switch (proof.verdict) {
    case "fault-free":
      return worst === 0
        ? translate("Fault-free: {0} intervals, each after eviction, took no page fault.", grouped(intervals))
        : translate(
            "Within the budget: {0} intervals, each after eviction, took at most {1} page faults each.",
            grouped(intervals),
            grouped(worst),
          );
    case "faults":
      return translate("Not fault-free: {0} page faults in {1} intervals.", grouped(faults), grouped(intervals));
    case "unproved":
      return faults === 0
        ? translate("Unproved: no fault was counted, but that does not show that there are none.")
        : translate("Unproved: {0} faults were counted, and there may be more.", grouped(faults));
  }
}

export function doubtText({ code, intervals, detail = "" }: Doubt, translate: Translate): string {
  const count = grouped(intervals);
  const shown = printable(detail);
  switch (code) {
    case "no-intervals":
      return translate("No interval was run.");
    case "no-events":
      return translate(
        "Perf events were refused in {0} intervals: one counter alone proves nothing. faultline record says how to allow them.",
        count,
      );
    case "no-counters":
      return translate("The kernel's own counters could not be read in {0} intervals: the program was gone.", count);
    case "lost-records":
      return translate("{0} records were lost in {1} intervals; a larger ring (--ring) helps.", shown, count);
    case "not-evicted":
      return translate(
        "In {0} intervals nothing was evicted before: whatever was in memory anyway hides its faults.",
        count,
      );
    case "coverage":
      return translate(
        "In {0} intervals too little of what they need had left memory: {1} in the worst, {2} is asked for.",
        count,
        shown,
        `${LEAST_COVERAGE * 100} %`,
      );
    case "locked-absent":
      return translate("In {0} intervals locked pages were not in memory, up to {1} (locked on fault?).", count, shown);
    case "not-taken":
      return translate("In {0} intervals the program did not take the whole stimulus.", count);
    case "no-end":
      return translate("In {0} intervals the end was not seen in time (--timeout).", count);
    case "target-ended":
      return translate("In {0} intervals the program ended where the interval should have.", count);
    case "nothing-ran":
      return translate(
        "In {0} intervals no thread of the program ran: the stimulus did nothing, or the program sleeps longer than the interval lasts.",
        count,
      );
    case "counters-disagree":
      return translate("In {0} intervals the two counters disagree: faults happened that no event told.", count);
  }
}

function headline(proof: Proof, { style, width, translate }: ProofTextOptions): readonly string[] {
  const command = printable(proof.command.join(" "), width - 15);
  const colour = proof.verdict === "fault-free" ? style.good : style.bad;
  return [
    style.bold(command === "" ? translate("Proof") : translate("Proof: {0}", command)),
    ...wrapped(proofSentence(proof, translate), width).map((line) => colour(line)),
    ...wrapped(countersSentence(proof, translate), width),
  ];
}

function countersSentence({ counters, coverage, intervals }: Proof, translate: Translate): string {
  if (intervals === 0) return "";
  const { events, minor, major, lost } = counters;
  return [
    events === undefined
      ? translate("Perf events: refused.")
      : translate("Perf events: {0}, {1} lost.", grouped(events), grouped(lost)),
    minor === undefined || major === undefined
      ? translate("The kernel's counters: not known.")
      : translate("The kernel's counters: {0} minor, {1} major.", grouped(minor), grouped(major)),
    translate(
      "Verified absent or locked: {0} of {1} pages that the intervals need.",
      grouped(coverage.verified),
      grouped(coverage.needed),
    ),
  ].join(" ");
}

interface NumberedInterval extends ProofInterval {
  readonly number: number;
}

/** The ones with faults or doubts; all of them would be the same line again and again. */
function intervalLines({ evidence }: Proof, { style, width, translate, top }: ProofTextOptions): readonly string[] {
  const all = evidence.intervals.map((run, index): NumberedInterval => ({ ...run, number: index + 1 }));
  const notable = all.filter((run) => countedIn(run) > 0 || (run.events?.faults ?? 0) > 0 || !isWhole(run));
  const shown = notable.length > 0 ? notable.slice(0, top) : all.slice(0, ALIKE);
  if (shown.length === 0) return [];
  const columns: readonly Column<NumberedInterval>[] = [
    { title: "#", align: "right", text: ({ number }) => String(number) },
    { title: translate("interval"), align: "left", text: (run) => printable(run.stimulus ?? run.name, 40) },
    { title: translate("in memory before"), align: "right", text: ({ eviction }) => grouped(eviction?.before ?? 0) },
    {
      title: translate("after eviction"),
      align: "right",
      text: ({ eviction }) => (eviction === undefined ? "–" : grouped(eviction.after)),
    },
    {
      title: translate("events"),
      align: "right",
      text: ({ events }) => (events === undefined ? "–" : grouped(events.faults)),
    },
    {
      title: translate("counters"),
      align: "right",
      text: (run) => (run.counters === undefined ? "–" : grouped(countedIn(run))),
    },
    { title: translate("end"), align: "left", text: ({ ending }) => endText(ending, translate) },
  ];
  const rest = all.length - shown.length;
  return [
    ...textTable(shown, columns, width, style),
    ...(rest > 0 ? [style.dim(`  ${translate("… and {0} more.", grouped(rest))}`)] : []),
  ];
}

function endText(ending: ProofInterval["ending"], translate: Translate): string {
  switch (ending) {
    case "seen":
      return translate("seen");
    case "timeout":
      return translate("not in time");
    case "target-ended":
      return translate("program ended");
  }
}

function isWhole({ ending, taken, ran, lockedAbsent, events, coverage }: ProofInterval): boolean {
  const verified = coverage.needed === 0 || coverage.verified / coverage.needed >= LEAST_COVERAGE;
  return ending === "seen" && taken && ran > 0 && lockedAbsent === 0 && events?.lost === 0 && verified;
}

function countedIn({ counters }: ProofInterval): number {
  return counters === undefined ? 0 : counters.minor + counters.major;
}

function faultLines({ evidence }: Proof, { style, width, translate, top }: ProofTextOptions): readonly string[] {
  const faults = evidence.intervals.flatMap((run) => run.faults);
  if (faults.length === 0) return [];
  const columns: readonly Column<ProofFault>[] = [
    { title: translate("address"), align: "left", text: ({ address }) => printable(address, 20) },
    { title: translate("kind"), align: "left", text: ({ major }) => (major ? translate("major") : translate("minor")) },
    { title: translate("access"), align: "left", text: (fault) => accessText(fault, translate) },
    { title: translate("function"), align: "left", text: (fault) => printable(fault.function ?? "", 44) },
    { title: translate("touched"), align: "left", text: ({ object }) => printable(object ?? "", 44) },
  ];
  const rest = faults.length - top;
  return [
    ...textTable(faults.slice(0, top), columns, width, style),
    ...(rest > 0 ? [style.dim(`  ${translate("… and {0} more.", grouped(rest))}`)] : []),
    ...wrapped(translate("faultline lockset says what to lock against them."), width - 2).map((line) =>
      style.dim(`  ${line}`),
    ),
  ];
}

function accessText({ access, kernel }: ProofFault, translate: Translate): string {
  if (kernel) return translate("in a system call");
  switch (access) {
    case "read":
      return translate("read");
    case "write":
      return translate("write");
    case "execute":
      return translate("execute");
    case "unknown":
      return "";
  }
}

function methodLines({ evidence }: Proof, { width, translate }: ProofTextOptions): readonly string[] {
  const { locked, machine, startedAt, endedAt, critical, tracePath } = evidence;
  const means = [
    ...new Set(evidence.intervals.flatMap(({ eviction }) => (eviction === undefined ? [] : [eviction.means]))),
  ];
  const lines = [
    ...(means.length === 0
      ? []
      : [
          evidence.gaps.some(({ code }) => code === "before-lock")
            ? translate(
                "Each interval is a new process, which has no page yet; what only it maps of files was dropped from the page cache before.",
              )
            : translate(
                "Evicted before each interval by {0}, verified in pagemap.",
                means.map((one) => printable(one)).join(", "),
              ),
        ]),
    ...(locked === undefined
      ? []
      : [translate("Locked: {0}, {1} of it in memory.", bytes(locked.bytes), bytes(locked.residentBytes))]),
    ...(critical.length === 0
      ? []
      : [
          translate(
            "Only faults below these functions count: {0}.",
            critical.map((name) => printable(name)).join(", "),
          ),
        ]),
    translate("{0}, {1} to {2}.", printable(machine), printable(startedAt), printable(endedAt)),
    ...(tracePath === undefined ? [] : [translate("Every record is in {0}.", printable(tracePath))]),
  ];
  return lines.flatMap((line) => wrapped(line, width - 2).map((part) => `  ${part}`));
}

/** What the verdict is not about: always something. */
export function proofCoverage(proof: Proof, translate: Translate): readonly string[] {
  const names = [...new Set(proof.evidence.intervals.map(({ stimulus, name }) => printable(stimulus ?? name)))];
  return [
    translate("Other inputs and rarer paths: only these intervals were run ({0}).", names.join(", ")),
    translate("Another build, kernel or limit: the verdict is about this machine and these files."),
    translate(
      "Other waits than page faults: the disk, locks, the scheduler, and TLB misses or copies by the kernel (compaction, KSM, NUMA balancing) that happen to a locked page.",
    ),
    ...proof.gaps.map((gap) => gapText({ ...gap, detail: gap.detail && baseName(gap.detail) }, translate)),
  ];
}

function gapLines(proof: Proof, options: ProofTextOptions): readonly string[] {
  const { width, style, translate } = options;
  return proofCoverage(proof, translate).flatMap((sentence) =>
    wrapped(sentence, width - 4).map((line, i) => style.dim(i === 0 ? `  · ${line}` : `    ${line}`)),
  );
}

function sentences<Item>(
  items: readonly Item[],
  text: (item: Item, translate: Translate) => string,
  { width, translate, style }: ProofTextOptions,
): readonly string[] {
  return items.flatMap((item) =>
    wrapped(text(item, translate), width - 4).map((line, i) => style.bad(i === 0 ? `  · ${line}` : `    ${line}`)),
  );
}

function titled(title: string, lines: readonly string[], { style }: ProofTextOptions): readonly string[] {
  return lines.length === 0 ? [] : [style.bold(title), ...lines];
}

/** Rows of intervals that say the same, zero. */
const ALIKE = 3;
