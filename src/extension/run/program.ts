/** A program to trace, and the few words by which the workspace remembers it. */

export interface Program {
  /** The program as it is called, then its arguments. */
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** On top of a terminal's own; undefined takes a variable away. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Done before: a task by its name, or a command of its own. */
  readonly before: Preparation | undefined;
}

export type Preparation =
  { readonly kind: "task"; readonly name: string } | { readonly kind: "command"; readonly argv: readonly string[] };

/** What was chosen. It is looked up anew at each trace: files and configurations change. */
export type ProgramChoice =
  /** The program of faultline.json. */
  | { readonly kind: "project" }
  | { readonly kind: "launch"; readonly name: string }
  | { readonly kind: "task"; readonly name: string }
  /** What CMake Tools has selected. */
  | { readonly kind: "cmake" }
  | { readonly kind: "file"; readonly path: string; readonly args: readonly string[] };

/** Equal for what runs the same: a change is shown before it is run. */
export function fingerprint({ argv, cwd, environment, before }: Program): string {
  const variables = Object.entries(environment)
    .map(([name, value]) => [name, value ?? false] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([argv, cwd, variables, before ?? false]);
}
