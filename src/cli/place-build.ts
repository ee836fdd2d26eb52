/** `--build`: what the build must pass for a linker script goes into its own file, or is told. */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { editedText, type TextEdit } from "../core/base/text-edit.js";
import { buildOptions } from "../core/placement/build-edit.js";
import { buildRefusalText } from "../core/report/build-refusals.js";
import { english } from "../core/report/translate.js";
import { plannedBuild } from "../host/build-file.js";
import { readEditable, type FileChange } from "../host/placement-files.js";

export interface BuildChange {
  /** Undefined where the build passes the script already, or cannot be edited. */
  readonly change: (FileChange & { readonly edits: readonly TextEdit[] }) | undefined;
  /** What changed, or what to pass. */
  readonly sentence: string;
}

/** Writes nothing. Throws UserError for a build file that may not be changed. */
export function buildChange(folder: string, program: string, script: string): BuildChange {
  const read = (path: string) => (existsSync(path) ? readEditable(path, [folder]) : undefined);
  const plan = plannedBuild(folder, program, script, (path) => read(path)?.text);
  const pass = `Pass ${buildOptions(relative(folder, script))} when it compiles and links.`;
  const told = (sentence: string): BuildChange => ({ change: undefined, sentence });
  if (plan === undefined) return told(`No Makefile, CMakeLists.txt, meson.build or Cargo.toml is here. ${pass}`);
  const { path, edits, refusal, system } = plan;
  const shown = relative(process.cwd(), path);
  if (refusal !== undefined) return told(`${buildRefusalText(refusal, shown, english)} ${pass}`);
  if (edits.length === 0) return told(`${shown} passes it already. Build, then: faultline place --verify`);
  const file = read(path) ?? { path, text: undefined, encoding: "utf8" as const };
  return {
    change: { file, text: editedText(file.text ?? "", edits), edits },
    // Make compares times, not flags.
    sentence: `${shown} passes it now. Build${system === "make" ? " everything once more, make -B" : ""}, then: faultline place --verify`,
  };
}
