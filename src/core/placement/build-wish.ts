/** What a build is to pass, and the edits of its file that make it so. */
import type { TextEdit } from "../base/text-edit.js";

export interface BuildWish {
  /** Path of the program from the build file's folder, as far as it is known; its name counts. */
  readonly program: string;
  /** Path of the linker script from the build file's folder. */
  readonly script: string;
}

export type BuildEdit =
  /** Without edits the build passes all of it already. */
  | { readonly kind: "edits"; readonly edits: readonly TextEdit[] }
  | { readonly kind: "refused"; readonly refusal: BuildRefusal };

export type BuildRefusal =
  /** A name that would have to be quoted three times over. */
  | "script-name"
  /** No rule or target makes the program, as far as the text tells. */
  | "no-program"
  /** What makes the program names no variable for flags. */
  | "no-flags"
  /** The flags also link a shared library, which would get the script's symbols too. */
  | "shared"
  /** Another program writes the file. */
  | "generated";
