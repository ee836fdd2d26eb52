/** One recording from its first byte to its last: folder, header, rings, drain thread, totals. */
import { closeSync, openSync, renameSync, writeSync } from "node:fs";
import { machine, release } from "node:os";
import { encodeAttribute } from "../core/perf/attr.js";
import { encodeEvent, encodeFeatures, encodePipeHeader, encodeTracingData } from "../core/perf/encode-header.js";
import type { RunFaults, RunRecord } from "../core/trace/run.js";
import {
  createTraceFolder,
  openTraceFolder,
  removeTrace,
  writeRun,
  writeSnapshot,
  writeVdso,
  type TraceFolder,
} from "../host/trace-folder.js";
import { UserError } from "../host/user-error.js";
import { readVdso } from "../host/vdso.js";
import type { SnapshotFile } from "../host/proc-snapshot.js";
import { countRecords } from "./census.js";
import { startDrain, type Drain } from "./drain.js";
import { withRightsOf } from "./elevation.js";
import { chooseEvents, type Grant, type RecordedEvent } from "./events.js";
import { SystemCallError } from "./ffi/libc.js";
import { pageBytes } from "./ffi/ring.js";
import { kernelMappings } from "./kernel-mappings.js";
import { onlineCpus, possibleCpuCount } from "./machine.js";
import type { Begun, RecordRequest } from "./request.js";
import { Pauses } from "./pauses.js";
import { closeRings, EventSet, openRings, refusal, type Ring } from "./session.js";
import { accessTracepoints, tracingFormats, type Tracepoint } from "./tracefs.js";

const PRIVATE_FILE = 0o600;

/** A new folder, or the one named with -o; it belongs to who called us. */
export function makeFolder(request: RecordRequest, program: string, startedAt: Date): TraceFolder {
  return withRightsOf(request.caller, () =>
    request.output === undefined
      ? createTraceFolder(request.tracesFolder, program, startedAt)
      : openTraceFolder(request.output),
  );
}

function draftOf(folder: TraceFolder): string {
  return `${folder.perfData}.new`;
}

export interface RecordingEnd {
  readonly faults: RunFaults;
  readonly lost: number;
  /** Error name of the write that failed, when the recording ended before its time. */
  readonly failure: string | undefined;
  /** How long nothing was recorded because somebody wanted it so. */
  readonly pausedMs: number;
}

const COUNTED = ["begin", "minor", "major", "access", "side-band"] as const;

export class Recording {
  readonly events: EventSet;
  private stopped: Promise<string | undefined> | undefined;
  private readonly pauses = new Pauses();

  private constructor(
    readonly folder: TraceFolder,
    readonly rings: readonly Ring[],
    private readonly request: RecordRequest,
    private readonly grant: Grant,
    private readonly tracepoints: readonly Tracepoint[],
    private readonly output: number,
    private readonly drain: Drain,
    attaching: boolean,
  ) {
    this.events = new EventSet(chooseEvents({ ...request, attaching }, tracepoints, grant), rings, grant);
  }

  /** Rings and the drain thread are ready; nothing is recorded yet. Throws RecorderRefusal or UserError. */
  static async prepare(
    request: RecordRequest,
    grant: Grant,
    program: string,
    startedAt: Date,
    attaching: boolean,
  ): Promise<Recording> {
    const tracepoints = request.access ? accessTracepoints(grant.userOnly !== "no") : [];
    const rings = openRings(onlineCpus(), request.ringPages);
    try {
      const folder = makeFolder(request, program, startedAt);
      const output = withRightsOf(request.caller, () => openSync(draftOf(folder), "ax", PRIVATE_FILE));
      const drain = await startDrain(rings, output, request.onDrained);
      return new Recording(folder, rings, request, grant, tracepoints, output, drain, attaching);
    } catch (error) {
      closeRings(rings);
      throw asUnwritable(error, request.output ?? request.tracesFolder);
    }
  }

  get ringPages(): number {
    return (this.rings[0]?.mapping.dataBytes ?? 0) / pageBytes();
  }

  get eventNames(): string[] {
    return this.events.events.filter(({ counts }) => counts !== "side-band").map(({ name }) => name);
  }

  /** Of this process: what a person who waits is told and may do. */
  begun(pid: number): Begun {
    return {
      pid,
      folder: this.folder,
      counted: "faults",
      counts: () => this.events.completed(),
      pause: () => {
        this.pauses.begin();
        this.events.pause();
      },
      resume: () => {
        if (this.stopped !== undefined) return;
        this.events.resume();
        this.pauses.end();
      },
    };
  }

  /** Resolves with the error's name if writing fails while recording. */
  get writeFailure(): Promise<string> {
    return this.drain.failure;
  }

  /** What a reader needs before the first record; then the drain begins. All events must be open. */
  writeHeader(command: readonly string[], existing: readonly Uint8Array[]): void {
    const machineNow = {
      kernel: release(),
      arch: machine(),
      cpusConfigured: possibleCpuCount(),
      cpusOnline: this.rings.length,
    };
    const described = (event: RecordedEvent): Uint8Array[] =>
      encodeEvent(event.name, encodeAttribute(event.attribute), this.events.idsOf(event));
    const parts = [
      encodePipeHeader(),
      ...this.events.events.flatMap(described),
      ...encodeFeatures(machineNow, command),
      ...(this.tracepoints.length > 0 ? [encodeTracingData(tracingFormats(this.tracepoints, pageBytes()))] : []),
      ...(this.grant.userOnly === "no" ? kernelMappings() : []),
      ...existing,
    ];
    this.writeVdso();
    const header = Buffer.concat(parts);
    for (let at = 0; at < header.length;) at += writeSync(this.output, header, at);
    // The file gets its name when it can be read: no moment at which a killed recorder leaves half a header.
    withRightsOf(this.request.caller, () => renameSync(draftOf(this.folder), this.folder.perfData));
    this.drain.begin();
    this.request.onFolder?.(this.folder);
  }

  private writeVdso(): void {
    const bytes = readVdso();
    if (bytes !== undefined) this.ifPossible(() => writeVdso(this.folder, bytes));
  }

  /** The target runs by now, and what is recorded stays: a full disk is told, and ends nothing. */
  writeRun(run: RunRecord): void {
    this.ifPossible(
      () => writeRun(this.folder, run),
      (code) =>
        this.request.onNotice?.(
          `run.json could not be written (${code}): the report will not know the command and the process's own counters; make room, and record again.`,
        ),
    );
  }

  writeSnapshot(moment: "start" | "end", snapshot: ReadonlyMap<SnapshotFile, string>): void {
    for (const [name, text] of snapshot) this.ifPossible(() => writeSnapshot(this.folder, moment, name, text));
  }

  /** Where there is no room the records come first: what goes with them is left out. */
  private ifPossible(write: () => void, tell?: (code: string) => void): void {
    try {
      withRightsOf(this.request.caller, write);
    } catch (error) {
      const code = systemCode(error);
      if (code === undefined) throw error;
      tell?.(code);
    }
  }

  /** Resolves when all records so far are in perf.data, or writing has failed. */
  flush(): Promise<void> {
    return this.drain.flush();
  }

  /** No fault after this is recorded; what the rings hold is written. Resolves with the failed write's error name. */
  async stop(): Promise<string | undefined> {
    this.stopped ??= (async () => {
      this.events.disable();
      this.pauses.end();
      return (await this.drain.finish()).failure;
    })();
    return this.stopped;
  }

  /** Does the first steps; if they fail, nothing was recorded and nothing is left behind. */
  async orAbandon<T>(work: () => T): Promise<T> {
    try {
      return work();
    } catch (error) {
      await this.abandon();
      if (!(error instanceof SystemCallError)) throw asUnwritable(error, this.folder.path);
      throw refusal("perf_event_open", error, { userOnly: this.grant.userOnly !== "no" });
    }
  }

  private async abandon(): Promise<void> {
    await this.stop();
    this.close();
    withRightsOf(this.request.caller, () => removeTrace(this.folder, this.request.output === undefined));
  }

  /** Stops, counts and closes everything. */
  async end(): Promise<RecordingEnd> {
    const failure = await this.stop();
    const minor = this.events.totals("minor");
    const major = this.events.totals("major");
    const begin = this.events.totals("begin");
    const recordsBegin = this.events.events.some(({ counts }) => counts === "begin");
    const lost = this.lostRecords(failure);
    this.close();
    return {
      failure,
      pausedMs: this.pauses.total,
      lost,
      faults: {
        minor: minor.count,
        major: major.count,
        refused: recordsBegin ? Math.max(0, begin.count - minor.count - major.count) : undefined,
      },
    };
  }

  /** By the kernel's own count; else by the records about it, or, where writing ended early, by what is not there. */
  private lostRecords(failure: string | undefined): number {
    const totals = COUNTED.map((counts) => this.events.totals(counts));
    if (failure === undefined && totals.every(({ lost }) => lost !== undefined)) {
      return totals.reduce((sum, { lost = 0 }) => sum + lost, 0);
    }
    const census = countRecords(this.folder.perfData);
    if (failure === undefined) return census.lost;
    return Math.max(0, totals.reduce((sum, { count }) => sum + count, 0) - census.samples);
  }

  private close(): void {
    this.events.close();
    closeRings(this.rings);
    closeSync(this.output);
  }
}

/** What the system says against writing a trace there, as a sentence; any other error as it is. */
function asUnwritable(error: unknown, folder: string): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  return new UserError(
    `The trace cannot be written to ${folder} (${code}): make room there, or name another folder with -o.`,
  );
}

/** Of Node's errors for system calls; undefined for all others. */
function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "syscall" in error && "code" in error ? String(error.code) : undefined;
}
