/** The recording under way: what every part may know of it and ask of it. One at a time. */
import type * as vscode from "vscode";

export interface RecordingStatus {
  /** "starting": the build runs, or the terminal has not answered yet. "ending": told to stop, still writing. */
  readonly state: "starting" | "recording" | "paused" | "ending";
  /** The program as it was called, then its arguments; `pid N` of a running process. */
  readonly command: readonly string[];
  /** Completed so far. */
  readonly faults: number;
  readonly major: number;
  /** Records the kernel dropped so far. */
  readonly lost: number;
  /** Written to perf.data so far. */
  readonly bytes: number;
  /** Where the trace is being written, once it is known. */
  readonly folder: string | undefined;
}

export interface Recordings {
  /** Fires after `current` changed: about five times a second while something is recorded. */
  readonly onDidChange: vscode.Event<void>;
  /** undefined while nothing is recorded. */
  readonly current: RecordingStatus | undefined;
  pause(): void;
  resume(): void;
  /** Ends the recording, and the program with it where it was started for it; the trace is shown. */
  stop(): void;
  /** As `stop`, but the trace is thrown away. */
  cancel(): void;
}
