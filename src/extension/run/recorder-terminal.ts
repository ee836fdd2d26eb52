/** Runs the recorder where the user can interact with the program: a task's terminal, which stays open after its end. */
import * as vscode from "vscode";

export interface TerminalRun {
  readonly name: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly scope: vscode.WorkspaceFolder | undefined;
}

/** Source of the tasks made here. */
export const RECORDER = "Faultline";

export interface RunningTerminal {
  /** The exit code; undefined when it was closed or never started. */
  readonly ended: Promise<number | undefined>;
  terminate(): void;
}

export async function runInTerminal({ name, argv, cwd, environment, scope }: TerminalRun): Promise<RunningTerminal> {
  const [program = "", ...args] = argv;
  const execution = new vscode.ProcessExecution(program, args, { cwd, env: { ...environment } });
  // A definition of its own: VS Code would otherwise ask whether to end the one that runs.
  const definition = { type: "process", faultline: `${process.pid}-${performance.now()}` };
  const task = new vscode.Task(definition, scope ?? vscode.TaskScope.Workspace, name, RECORDER, execution, []);
  task.presentationOptions = {
    reveal: vscode.TaskRevealKind.Always,
    focus: true,
    echo: false,
    showReuseMessage: false,
    panel: vscode.TaskPanelKind.Dedicated,
  };
  return watched(task);
}

/** Runs a task and tells its end. */
export async function watched(task: vscode.Task): Promise<RunningTerminal> {
  const listeners: vscode.Disposable[] = [];
  let running: vscode.TaskExecution | undefined = undefined;
  let early: { readonly execution: vscode.TaskExecution; readonly code: number | undefined }[] | undefined = [];
  let settle: (code: number | undefined) => void = () => undefined;
  const ended = new Promise<number | undefined>((resolve) => (settle = resolve));
  const over = (execution: vscode.TaskExecution, code: number | undefined): void => {
    // A short task may be over before we know which one is ours.
    if (running === undefined) early?.push({ execution, code });
    else if (execution === running) settle(code);
  };
  listeners.push(
    vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => over(execution, exitCode)),
    // The event of the process comes first, where there was one.
    vscode.tasks.onDidEndTask(({ execution }) => setTimeout(() => over(execution, undefined), AFTER_PROCESS_MS)),
  );
  void ended.then(() => vscode.Disposable.from(...listeners).dispose());
  const execution = await vscode.tasks.executeTask(task);
  running = execution;
  for (const end of early) over(end.execution, end.code);
  early = undefined;
  return { ended, terminate: () => execution.terminate() };
}

const AFTER_PROCESS_MS = 200;
