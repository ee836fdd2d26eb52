/** Commands that run our command line in a terminal. */

export interface TerminalCommand {
  /** VS Code's own runtime: a Node, or Electron that can be one. */
  readonly runtime: string;
  /** dist/cli.js */
  readonly cli: string;
  /** Only we become root; the program still runs as who sits here. */
  readonly elevated: boolean;
  /** Variables the program must not see. */
  readonly unset: readonly string[];
}

export interface RecorderCommand extends TerminalCommand {
  readonly socket: string;
  readonly target: RecorderTarget;
}

export type RecorderTarget =
  { readonly kind: "program"; readonly argv: readonly string[] } | { readonly kind: "process"; readonly pid: number };

/** argv of the recorder. */
export function recorderArgv({ socket, target, ...command }: RecorderCommand): readonly string[] {
  const what = target.kind === "program" ? ["--", ...target.argv] : ["--pid", String(target.pid)];
  return terminalArgv(command, ["record", "--control", socket, ...what]);
}

/** argv of any command; it takes ELECTRON_RUN_AS_NODE out of the program's environment again. */
export function terminalArgv(
  { runtime, cli, elevated, unset }: TerminalCommand,
  words: readonly string[],
): readonly string[] {
  const without = unset.flatMap((name) => ["-u", name]);
  // sudo clears the environment, so the variable is set behind it.
  const sudo = elevated ? ["sudo", "env"] : [];
  return ["env", ...without, ...sudo, "ELECTRON_RUN_AS_NODE=1", runtime, cli, ...words];
}
