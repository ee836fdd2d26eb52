/** Placements and what became of them, as a person reads it. */
import type { Mismatch, Verification } from "../placement/verify.js";
import { printable } from "./printable.js";
import { bytes, grouped } from "./quantities.js";
import type { Style } from "./style.js";
import type { Translate } from "./translate.js";

export interface PlacementTextOptions {
  readonly style: Style;
  readonly translate: Translate;
  displayPath(file: string): string;
}

export function placementsText(
  file: string,
  verifications: readonly Verification[],
  options: PlacementTextOptions,
): string {
  const { style, translate } = options;
  const verified = verifications.filter(({ mismatches }) => mismatches.length === 0).length;
  const all = verifications.length;
  const count =
    verified === all
      ? style.good(translate("All {0} placements are verified.", grouped(all)))
      : style.bad(translate("{0} of {1} placements are verified.", grouped(verified), grouped(all)));
  return `${[style.bold(printable(file)), count, "", ...verifications.flatMap((one) => lines(one, options))].join("\n")}\n`;
}

function lines(verification: Verification, { style, translate, displayPath }: PlacementTextOptions): readonly string[] {
  const { placement, mismatches, placed, declaration, takesFileSpace } = verification;
  const where =
    declaration === undefined || declaration.line === 0
      ? ""
      : style.dim(`  ${printable(displayPath(declaration.file))}:${declaration.line}`);
  const mark = mismatches.length === 0 ? style.good("✓") : style.bad("✗");
  const size = placed.reduce((sum, one) => sum + one.size, 0);
  return [
    `${mark} ${printable(placement.symbol)}  ${placement.kind}, ${printable(placement.section)}${where}`,
    ...(placed.length === 0
      ? []
      : [
          style.dim(
            `    ${translate("{0} at {1}", bytes(size), placed.map(({ address }) => `0x${address.toString(16)}`).join(", "))}`,
          ),
        ]),
    ...mismatches.map((mismatch) => `    ${mismatchText(mismatch, translate)}`),
    ...(takesFileSpace
      ? [
          style.dim(
            `    ${translate("Its zeroes take room in the file: a linker script can give the section as NOLOAD.")}`,
          ),
        ]
      : []),
  ];
}

/** What to do where the program's linker takes no INSERT script. @param line of objcopy. */
export function scriptlessText(program: string, linker: string, line: string, translate: Translate): string {
  return translate(
    "{0} was linked by {1}, which takes no such script: link with GNU ld or lld, or compile with -ffunction-sections -fdata-sections and run on each object file before it is linked: {2}",
    printable(program),
    linker,
    printable(line, Infinity),
  );
}

/** Why a placement did not come true, and what to do. */
export function mismatchText(mismatch: Mismatch, translate: Translate): string {
  switch (mismatch.code) {
    case "unknown":
      return translate(
        "Nothing in the file has this name: is it spelled as in the source, and is the file built with -g and not stripped?",
      );
    case "inlined":
      return mismatch.calls > 0
        ? translate(
            "It was inlined into all of its callers ({0} calls): place those, or give it __attribute__((noinline)).",
            grouped(mismatch.calls),
          )
        : translate("It was inlined into all of its callers: place those, or give it __attribute__((noinline)).");
    case "optimised-away":
      return translate("The compiler does without it, since its value is known: there is nothing to place.");
    case "dropped":
      return translate(
        "Nothing refers to it, so the linker dropped it: KEEP() in the script keeps it, or remove the placement.",
      );
    case "other-copy":
      return translate(
        "The linker took another object file's copy, compiled without the placement (in {0}): place it where all of them see it.",
        printable(mismatch.section),
      );
    case "elsewhere":
      return translate(
        "It is in {0}: the file was built without the placement, or the script's pattern matches another name.",
        printable(mismatch.section),
      );
    case "part-outside":
      return translate(
        "The part {0} was left in {1}: place .text.unlikely as well, or compile with -fno-reorder-blocks-and-partition.",
        printable(mismatch.name),
        printable(mismatch.section),
      );
    case "renamed":
      return translate(
        "Only the copy {0} is left, in {1}: give the function __attribute__((noclone)), or place the copy by its name.",
        printable(mismatch.name),
        printable(mismatch.section),
      );
    case "copy-outside":
      return translate(
        "Its copy {0}, made for some of its callers, was left in {1}: give the function __attribute__((noclone)), or place the copy by its name.",
        printable(mismatch.name),
        printable(mismatch.section),
      );
    case "before-start":
      return translate(
        "It lies before {0}, so that it will not be locked: the linker made several sections of one name (mold does), or the script sets the symbol too late.",
        printable(mismatch.start),
      );
    case "declaration-only":
      return translate(
        "It is only used here and defined in another file, a shared library mostly: verify the placement in that file.",
      );
    case "ifunc":
      return translate(
        "What runs under this name is chosen when the program starts (ifunc): place the functions it chooses from.",
      );
    case "thread-local":
      return translate(
        "It is thread-local, and such variables cannot be placed: lock the thread's stack and TLS instead.",
      );
    case "after-end":
      return translate(
        "It lies after {0}, so that it will not be locked: the script lists sections that do not include it.",
        printable(mismatch.end),
      );
  }
}
