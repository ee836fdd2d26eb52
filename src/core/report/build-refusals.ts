/** Why a build file is not edited, in one sentence with what to do instead. */
import type { BuildRefusal } from "../placement/build-wish.js";
import { printable } from "./printable.js";
import type { Translate } from "./translate.js";

/** @param file the build file as it is shown. */
export function buildRefusalText(refusal: BuildRefusal, file: string, translate: Translate): string {
  const name = printable(file, LONGEST_NAME);
  switch (refusal) {
    case "script-name":
      return translate("The linker script's name would need quoting in {0}: pass the options yourself.", name);
    case "no-program":
      return translate("Nothing in {0} is known to make this program: pass the options where it is linked.", name);
    case "no-flags":
      return translate("What makes the program in {0} names no variable for flags: pass the options there.", name);
    case "shared":
      return translate("The flags of {0} link a shared library as well: pass the options to the program alone.", name);
    case "generated":
      return translate("{0} is written by another program: pass the options to that one.", name);
  }
}

const LONGEST_NAME = 200;
