/** The flags by which a build passes a linker script, and what of them a build file has already. */

export interface MissingFlags {
  /** For the compiler: a section for each function and each global. */
  readonly compile: readonly string[];
  /** For the linker besides the script: link-time optimisation compiles once more. */
  readonly link: readonly string[];
  /** Nothing names the script. */
  readonly script: boolean;
}

export function missingFlags(text: string, script: string): MissingFlags {
  const compile = SECTION_FLAGS.filter((flag) => !text.includes(flag));
  const link = /-flto|INTERPROCEDURAL_OPTIMIZATION|\bb_lto\b/.test(text) ? compile : [];
  return { compile, link, script: !text.includes(script) };
}

/** Without these the compiler leaves nothing that a script could place by its name. */
export const SECTION_FLAGS = ["-ffunction-sections", "-fdata-sections"] as const;

export function lineEndOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/** The last part of a path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
