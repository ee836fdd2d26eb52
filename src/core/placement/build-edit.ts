/** What a build must pass so that a linker script places things, as edits of the file that describes the build. */
import { buildScriptEdit } from "./build-edit-cargo.js";
import { cmakeEdit } from "./build-edit-cmake.js";
import { makefileEdit } from "./build-edit-make.js";
import { mesonEdit } from "./build-edit-meson.js";
import type { BuildEdit, BuildWish } from "./build-wish.js";
import { SECTION_FLAGS } from "./build-flags.js";

export type BuildSystem = "make" | "cmake" | "meson" | "cargo";

/** @param text of the build file; undefined: there is none yet, which only Cargo's build script may be. */
export function buildEdit(system: BuildSystem, text: string | undefined, wish: BuildWish): BuildEdit {
  if (!PLAIN_PATH.test(wish.script)) return { kind: "refused", refusal: "script-name" };
  const given = text ?? "";
  switch (system) {
    case "make":
      return makefileEdit(given, wish);
    case "cmake":
      return cmakeEdit(given, wish);
    case "meson":
      return mesonEdit(given, wish);
    case "cargo":
      return buildScriptEdit(text, wish);
  }
}

/** The same as one line, to be copied. */
export function buildOptions(script: string): string {
  const quoted = PLAIN_PATH.test(script) ? script : `'${script.replaceAll("'", "'\\''")}'`;
  return `${SECTION_FLAGS.join(" ")} -Wl,-T,${quoted}`;
}

const PLAIN_PATH = /^[\w./+-]+$/;
