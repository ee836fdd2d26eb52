/** The trace that is shown: one at a time, everywhere the same. */
import * as vscode from "vscode";
import type { Report } from "../../core/report/report.js";
import type { Analysis } from "../analysis/analysis.js";

export interface ShownTrace {
  /** Trace folder or perf.data. */
  readonly path: string;
  /** Milliseconds since 1970 when its program was last known to be what was traced. */
  readonly openedAt: number;
  /** Without samples. */
  readonly report: Report;
}

export class TraceStore implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private shown: ShownTrace | undefined;
  /** Fires after `current` changed. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly analysis: Analysis) {}

  get current(): ShownTrace | undefined {
    return this.shown;
  }

  /** Reads the trace and shows it; rejects with the reason, and keeps the old one, when it cannot be read. */
  async open(path: string, signal?: AbortSignal): Promise<ShownTrace> {
    const report = await this.analysis.report(path, signal);
    this.shown = { path, openedAt: Date.now(), report };
    this.changed.fire();
    return this.shown;
  }

  clear(): void {
    if (this.shown === undefined) return;
    this.shown = undefined;
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }
}
