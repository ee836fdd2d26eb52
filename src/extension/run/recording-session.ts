/** One recording at a time: its terminal, its control socket, and what is known of it so far. */
import * as vscode from "vscode";
import type { EditorMessage, RecorderMessage } from "../../core/trace/control.js";
import type { Refusal } from "../../core/trace/refusal.js";
import { ContextKey } from "../ids.js";
import { ControlServer } from "./control-server.js";
import { recorderArgv, type RecorderTarget } from "./recorder-command.js";
import { runInTerminal, type RunningTerminal } from "./recorder-terminal.js";
import type { Recordings, RecordingStatus } from "./recordings.js";

export interface RecordingOrder {
  /** Shown as the terminal's name. */
  readonly name: string;
  /** Shown as what is recorded. */
  readonly command: readonly string[];
  readonly target: RecorderTarget;
  readonly cwd: string;
  /** On top of a terminal's own; undefined takes a variable away. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly elevated: boolean;
  readonly scope: vscode.WorkspaceFolder | undefined;
  /** Done first, in the same "starting" state: builds. False ends it all. */
  readonly before?: (signal: AbortSignal) => Promise<boolean>;
}

export type RecordingOutcome =
  | { readonly kind: "traced"; readonly folder: string }
  | { readonly kind: "cancelled" }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** One sentence. */
  | { readonly kind: "failed"; readonly sentence: string }
  /** The terminal was closed or the recorder killed: what was written may be readable. */
  | { readonly kind: "gone"; readonly folder: string | undefined };

export interface SessionOptions {
  readonly cli: string;
  log(text: string): void;
  /** Perf events were refused, but the program runs: pages are counted. */
  onRefused(refusal: Refusal): void;
  /** A recording begins to write there. */
  onFolder(folder: string | undefined): void;
}

export class RecordingSession implements Recordings, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private status: RecordingStatus | undefined;
  private control: ControlServer | undefined;
  private terminal: RunningTerminal | undefined;
  private preparing: AbortController | undefined;
  private disposed = false;

  constructor(private readonly options: SessionOptions) {}

  get current(): RecordingStatus | undefined {
    return this.status;
  }

  /** Resolves when it is over. Must not be called while there is a current one. */
  async run(order: RecordingOrder): Promise<RecordingOutcome> {
    this.update({
      state: "starting",
      command: order.command,
      faults: 0,
      major: 0,
      lost: 0,
      bytes: 0,
      folder: undefined,
    });
    this.preparing = new AbortController();
    const { signal } = this.preparing;
    try {
      if (order.before !== undefined && !(await order.before(signal))) return { kind: "cancelled" };
      if (signal.aborted) return { kind: "cancelled" };
      return await this.record(order, signal);
    } finally {
      this.control?.close();
      this.control = undefined;
      this.terminal = undefined;
      this.preparing = undefined;
      // When the editor goes first, the trace stays known as unfinished.
      if (!this.disposed) this.options.onFolder(undefined);
      this.update(undefined);
    }
  }

  pause(): void {
    if (this.status?.state !== "recording") return;
    this.say("pause");
    this.update({ ...this.status, state: "paused" });
  }

  resume(): void {
    if (this.status?.state !== "paused") return;
    this.say("resume");
    this.update({ ...this.status, state: "recording" });
  }

  stop(): void {
    this.end("stop");
  }

  cancel(): void {
    this.end("cancel");
  }

  /** The recording itself goes on: it is the terminal's. */
  dispose(): void {
    this.disposed = true;
    this.control?.close();
    this.changed.dispose();
  }

  private async record(order: RecordingOrder, signal: AbortSignal): Promise<RecordingOutcome> {
    let settle: (outcome: RecordingOutcome) => void = () => undefined;
    const outcome = new Promise<RecordingOutcome>((resolve) => (settle = resolve));
    const gone = (): void => settle({ kind: "gone", folder: this.status?.folder });
    const control = await ControlServer.listen({ onMessage: (message) => this.hear(message, settle), onGone: gone });
    this.control = control;
    const entries = Object.entries(order.environment);
    const argv = recorderArgv({
      runtime: process.execPath,
      cli: this.options.cli,
      socket: control.path,
      elevated: order.elevated,
      unset: entries.flatMap(([name, value]) => (value === undefined ? [name] : [])),
      target: order.target,
    });
    this.options.log(`${order.cwd}: ${JSON.stringify(argv)}`);
    const environment = Object.fromEntries(
      entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    const { name, cwd, scope } = order;
    const terminal = await runInTerminal({ name, argv, cwd, environment, scope });
    this.terminal = terminal;
    if (signal.aborted) terminal.terminate();
    // A recorder that never came (a refused password, a closed terminal) leaves no socket to close.
    void terminal.ended.then(() => {
      if (!control.connected) settle(signal.aborted ? { kind: "cancelled" } : { kind: "gone", folder: undefined });
    });
    return outcome;
  }

  private hear(message: RecorderMessage, settle: (outcome: RecordingOutcome) => void): void {
    if (this.status === undefined) return;
    switch (message.kind) {
      case "started": {
        const { state } = this.status;
        this.options.onFolder(message.folder);
        this.update({ ...this.status, state: state === "starting" ? "recording" : state, folder: message.folder });
        return;
      }
      case "counts": {
        const { faults, major, lost, bytes } = message;
        this.update({ ...this.status, faults, major, lost, bytes });
        return;
      }
      case "refused":
        if (message.goesOn) this.options.onRefused(message.refusal);
        else settle({ kind: "refused", refusal: message.refusal });
        return;
      case "failed":
        settle({ kind: "failed", sentence: message.sentence });
        return;
      case "ended":
        settle(message.removed ? { kind: "cancelled" } : { kind: "traced", folder: message.folder });
        return;
    }
  }

  private end(how: "stop" | "cancel"): void {
    if (this.status === undefined) return;
    this.preparing?.abort();
    this.say(how);
    // Before the recorder listens, its terminal is all there is to end.
    if (this.control?.connected !== true) this.terminal?.terminate();
    this.update({ ...this.status, state: "ending" });
  }

  private say(kind: EditorMessage["kind"]): void {
    this.control?.say({ kind });
  }

  private update(status: RecordingStatus | undefined): void {
    const before = this.status?.state;
    this.status = status;
    if (before !== status?.state) {
      setContext(ContextKey.Recording, status !== undefined);
      setContext(ContextKey.Paused, status?.state === "paused");
    }
    this.changed.fire();
  }
}

function setContext(key: string, value: boolean): void {
  void vscode.commands.executeCommand("setContext", key, value);
}
