/** What to do in source so that the program locks its set by itself: steps a person can follow, one after the other. */
import type { RemedyCode } from "../diagnosis/diagnosis.js";
import type { SourcePosition } from "../image/image.js";
import type { LockSet, LockSetPart } from "../memlock/lock-set.js";
import { lockTable, type LockTable } from "../memlock/lock-table.js";
import { prefaultDepths, roundedDepth } from "../memlock/prefault-depths.js";
import { remedyText } from "./diagnosis-text.js";
import { baseName, partName } from "./lock-set-words.js";
import { printable } from "./printable.js";
import { bytes, grouped } from "./quantities.js";
import type { Translate } from "./translate.js";

export interface SourceStep {
  /** undefined: the step that the others need, linking the generated lock set. */
  readonly remedy: RemedyCode | undefined;
  readonly title: string;
  /** Sentences. */
  readonly lines: readonly string[];
  /** To be pasted as it is. */
  readonly snippet: readonly string[];
  readonly places: readonly PlaceStep[];
}

/** A definition to write a macro in front of. */
export interface PlaceStep {
  readonly symbol: string;
  readonly macro: string;
  readonly declaration: SourcePosition | undefined;
}

export function sourceSteps(set: LockSet, { translate }: { readonly translate: Translate }): readonly SourceStep[] {
  const table = lockTable(set);
  const steps = set.remedies
    // What the table locks needs no step of its own.
    .filter(({ code, parts }) => {
      if (code === "lock-library-ranges") return false;
      if (!table.wholeProgram) return true;
      // A choice only where there is something to choose.
      return code === "place-in-locked-section"
        ? !parts.every((number) => isBare(set.parts[number]!))
        : code !== "lock-own-section";
    })
    .map(({ code, parts }): SourceStep => {
      const concerned = parts.map((number) => set.parts[number]!);
      const step = { remedy: code, title: remedyText(code, translate), ...bodyOf(code, concerned, set, translate) };
      return table.wholeProgram && code === "place-in-locked-section" ? asChoice(step, translate) : step;
    });
  const linked = table.wholeProgram || table.libraries.length > 0;
  const link = linked ? [linkStep(set, table, translate)] : [];
  const first = steps.findIndex(({ remedy }) => remedy !== "bind-now" && remedy !== "warm-up");
  const before = first < 0 ? steps.length : first;
  return [...steps.slice(0, before), ...link, ...steps.slice(before)];
}

/** The file that `--c` writes: the libraries' ranges, and a small program as a whole. */
function linkStep(set: LockSet, { wholeProgram, libraries }: LockTable, translate: Translate): SourceStep {
  const whole = wholeProgram ? set.program : undefined;
  return {
    remedy: undefined,
    title: translate("Link the generated lock set, and call faultline_lock"),
    lines: [
      translate(
        "faultline lockset --c locked.c writes it. Compile it with the program (faultline.h must be found: -I), and call once, at the start of main:",
      ),
      ...(whole === undefined
        ? []
        : [translate("· the program itself, whole ({0}): its own pages move with every build", bytes(whole.bytes))]),
      ...libraryLines(libraries, translate),
    ],
    snippet: ['if (faultline_lock(0) != 0) { fprintf(stderr, "%s\\n", faultline_error()); exit(1); }'],
    places: [],
  };
}

/** Placing is the way for a larger program, and for who wants to lock less of a small one. */
function asChoice(step: SourceStep, translate: Translate): SourceStep {
  const instead = translate(
    "Only to lock less than the whole program: then take its entry {NULL, NULL, 0, 0} out of the generated file.",
  );
  return { ...step, lines: [instead, ...step.lines] };
}

type Body = Pick<SourceStep, "lines" | "snippet" | "places">;

function bodyOf(code: RemedyCode, parts: readonly LockSetPart[], set: LockSet, translate: Translate): Body {
  switch (code) {
    case "bind-now":
      return body([
        translate(
          "Link with -Wl,-z,now (or start it with LD_BIND_NOW=1): {0} pages came in because functions were resolved at their first call{1}.",
          grouped(pagesOf(parts, code)),
          parenthesised(subjectsOf(parts, code)),
        ),
      ]);
    case "warm-up":
      return body([
        translate(
          "Call {0} once before the interval: what is set up at the first use only stays set up, and the kernel's clock page cannot be locked, only read.",
          subjectsOf(parts, code).join(", "),
        ),
      ]);
    case "place-in-locked-section":
      return placing(parts, translate);
    case "lock-own-section":
      return body([
        translate(
          "Nothing in the source names {0} ({1}), and the program is too large to be locked whole: lock the pages where they lie, with mlock on what their functions and tables point to.",
          parts.map((part) => partName(part, translate)).join(", "),
          bytes(parts.reduce((sum, part) => sum + part.bytes, 0)),
        ),
      ]);
    case "lock-library-ranges":
      return body([translate("The generated lock set locks them: {0}.", namesOf(parts, translate))]);
    case "prefault-thread-stack":
    case "prefault-main-stack":
      return stacks(code, set, translate);
    case "prefault-heap":
      return body(
        [
          translate(
            "Allocate what the interval needs before it, keep malloc from giving memory back, and lock the heap: {0} of it were needed.",
            bytes(parts.reduce((sum, part) => sum + part.bytes, 0)),
          ),
        ],
        [`faultline_prefault_heap(${roundedDepth(parts.reduce((sum, part) => sum + part.bytes, 0))});`],
      );
    case "populate-for-writing":
      return body([
        translate(
          "Write to {0} once before the interval, or map it with MAP_POPULATE: reading alone brings in the page of zeros.",
          namesOf(parts, translate),
        ),
      ]);
    case "no-fork-copies":
      return body([
        translate("Start children with posix_spawn, or call madvise(MADV_DONTFORK) on {0}.", namesOf(parts, translate)),
      ]);
    case "memory-backed-file":
      return body([
        translate("Keep {0} in a memfd or on tmpfs, and do not call msync in the interval.", namesOf(parts, translate)),
      ]);
    case "lock-buffer":
      return body([
        translate(
          "Lock the memory that is handed to {0} ({1}) with mlock, or make it a static variable in a locked section.",
          subjectsOf(parts, code).join(", ") || translate("the system call"),
          namesOf(parts, translate),
        ),
      ]);
    case "lock-mapping":
      return body([
        translate("Lock with mlock after they were mapped: {0}.", namesOf(parts, translate)),
        ...(parts.some(({ region }) => region === "anonymous")
          ? [translate("These lie elsewhere in every run: whoever maps the memory has to lock it.")]
          : []),
      ]);
  }
}

function placing(parts: readonly LockSetPart[], translate: Translate): Body {
  const places = parts.flatMap((part) =>
    part.objects
      .filter(({ reached, kind }) => reached && (kind === "function" || kind === "variable" || kind === "vtable"))
      .map(({ name, section, declaration }): PlaceStep => ({
        symbol: name,
        macro: macroOf(section ?? part.section),
        declaration,
      })),
  );
  const bare = parts.filter(isBare);
  const unnamed = parts.filter((part) => !part.objects.some(({ reached }) => reached) && !bare.includes(part));
  return {
    lines: [
      ...(bare.length === 0
        ? []
        : [
            translate(
              "{0}: no symbol names what lies there. Build the program without stripping it, and find what to lock once more.",
              bare.map((part) => partName(part, translate)).join(", "),
            ),
          ]),
      ...unnamed.map((part) =>
        translate(
          "{0}: the faults do not name what they touched; on these pages lie {1}.",
          partName(part, translate),
          listed(
            part.objects.map(({ name }) => printable(name)),
            part.moreObjects,
          ),
        ),
      ),
      translate(
        "What else lies on the same pages may be needed as well and shows only once these have moved: build, and find what to lock once more.",
      ),
      ...(places.length === 0
        ? []
        : [
            translate(
              "Write the macro of faultline.h in front of each definition, and call faultline_lock once at the start:",
            ),
          ]),
    ],
    snippet: [],
    places,
  };
}

/** Stripped: nothing is known but the section. */
function isBare({ objects }: LockSetPart): boolean {
  return objects.every(({ kind }) => kind === "section" || kind === "padding");
}

/** The macro of faultline.h for what lies in a section. */
export function macroOf(section: string | undefined): string {
  if (section === undefined) return "FAULTLINE_CODE";
  if (/^\.(?:text|init|fini)/.test(section) || /(?:code|text)$/.test(section)) return "FAULTLINE_CODE";
  if (/^\.(?:t?bss)/.test(section)) return "FAULTLINE_BSS";
  if (/^\.(?:rodata|data\.rel\.ro)/.test(section) || /(?:rodata|table|const)$/.test(section)) return "FAULTLINE_RODATA";
  return "FAULTLINE_DATA";
}

function stacks(code: RemedyCode, set: LockSet, translate: Translate): Body {
  const depths = prefaultDepths(set).filter(({ main }) => main === (code === "prefault-main-stack"));
  return body(
    depths.map(({ name, depth }) =>
      translate(
        "{0}: {1} deep in the observed intervals.",
        name === "[stack]" ? translate("the main thread's stack") : printable(name),
        bytes(depth),
      ),
    ),
    [
      code === "prefault-main-stack"
        ? translate("/* at the start of main: */")
        : translate("/* first thing in the thread: */"),
      `faultline_lock_stack(${roundedDepth(Math.max(0, ...depths.map(({ depth }) => depth)))});`,
    ],
  );
}

function libraryLines(libraries: LockTable["libraries"], translate: Translate): readonly string[] {
  return libraries.map(({ part }) => {
    const functions = part.objects.filter(({ reached }) => reached).map(({ name }) => printable(name));
    const pages = part.pages === 1 ? translate("1 page") : translate("{0} pages", part.pages);
    return functions.length === 0
      ? `· ${partName(part, translate)}: ${pages}`
      : `· ${partName(part, translate)}: ${pages} (${listed(functions, 0)})`;
  });
}

function body(lines: readonly string[], snippet: readonly string[] = []): Body {
  return { lines, snippet, places: [] };
}

function pagesOf(parts: readonly LockSetPart[], code: RemedyCode): number {
  return parts.reduce(
    (sum, { diagnoses }) => sum + diagnoses.reduce((all, { remedy, pages }) => all + (remedy === code ? pages : 0), 0),
    0,
  );
}

function subjectsOf(parts: readonly LockSetPart[], code: RemedyCode): readonly string[] {
  const subjects = parts.flatMap(({ diagnoses }) =>
    diagnoses.flatMap(({ remedy, subject }) =>
      remedy === code && subject !== undefined ? [printable(subject, 60)] : [],
    ),
  );
  return [...new Set(subjects)];
}

function namesOf(parts: readonly LockSetPart[], translate: Translate): string {
  return parts
    .map((part) => (part.section === undefined ? printable(baseName(part.name)) : partName(part, translate)))
    .join(", ");
}

function parenthesised(names: readonly string[]): string {
  return names.length === 0 ? "" : ` (${listed(names, 0)})`;
}

function listed(names: readonly string[], more: number): string {
  const shown = names.slice(0, MOST_LISTED);
  return `${shown.join(", ")}${names.length + more > shown.length ? ", …" : ""}`;
}

const MOST_LISTED = 8;
