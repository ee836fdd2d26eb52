/** The command that runs the recorder in a terminal. */

export interface RecorderCommand {
  /** VS Code's own runtime: a Node, or Electron that can be one. */
  readonly runtime: string;
  /** dist/cli.js */
  readonly cli: string;
  readonly socket: string;
  /** Only the recorder becomes root; the program still runs as who sits here. */
  readonly elevated: boolean;
  /** Variables the program must not see. */
  readonly unset: readonly string[];
  readonly target: RecorderTarget;
}

export type RecorderTarget =
  { readonly kind: "program"; readonly argv: readonly string[] } | { readonly kind: "process"; readonly pid: number };

/** argv of it; the recorder takes ELECTRON_RUN_AS_NODE out of the program's environment again. */
export function recorderArgv({ runtime, cli, socket, elevated, unset, target }: RecorderCommand): readonly string[] {
  const without = unset.flatMap((name) => ["-u", name]);
  // sudo clears the environment, so the variable is set behind it.
  const sudo = elevated ? ["sudo", "env"] : [];
  const what = target.kind === "program" ? ["--", ...target.argv] : ["--pid", String(target.pid)];
  return ["env", ...without, ...sudo, "ELECTRON_RUN_AS_NODE=1", runtime, cli, "record", "--control", socket, ...what];
}
