/** One perf session over a whole campaign: faults are recorded during intervals only, and read as soon as one ends. */
import { basename } from "node:path";
import { readlinkSync } from "node:fs";
import { TraceReader } from "../../core/perf/trace-reader.js";
import { GRANULE_BYTES } from "../../core/base/units.js";
import { FaultFlag, accessOf, type Access, type FaultTable } from "../../core/trace/fault-table.js";
import type { CallChains, Trace } from "../../core/trace/trace.js";
import { FileByteSource } from "../../host/file-source.js";
import { readProc, statOf, takeSnapshot } from "../../host/proc-snapshot.js";
import type { TraceFolder } from "../../host/trace-folder.js";
import { attachAll } from "../attach.js";
import { blindSpots } from "../blind-spots.js";
import { existingProcess } from "../existing-process.js";
import type { Grant } from "../events.js";
import { raiseOpenFileLimit } from "../ffi/limits.js";
import { pageBytes } from "../ffi/ring.js";
import { Recording } from "../recording.js";
import type { RecordRequest } from "../request.js";
import { cutShort, draftRun, finishRun, monotonicNow } from "../run-draft.js";

/** One fault as a campaign needs it. */
export interface IntervalFault {
  readonly pid: number;
  readonly tid: number;
  readonly time: number;
  /** What was reached for: data, or the instruction itself. */
  readonly address: number;
  /** Page number of the address (address / page size). */
  readonly page: number;
  readonly pageSize: number;
  /** Address of the instruction. */
  readonly instruction: number;
  readonly major: boolean;
  readonly kernel: boolean;
  readonly access: Access;
  /** Addresses of user code, innermost first: the instruction, then its callers as far as they were recorded. */
  readonly chain: readonly number[];
}

export interface IntervalTrace {
  readonly faults: readonly IntervalFault[];
  /** How many the events themselves counted: more than `faults` where records were dropped. */
  readonly counted: number;
  /** Records the kernel dropped in the interval, as it counts them and as the file says. */
  readonly lost: number;
}

export class CampaignTrace {
  private row = 0;
  private before = { faults: 0, lost: 0, lostRecords: 0 };

  private constructor(
    private readonly recording: Recording,
    private readonly reader: TraceReader,
    private readonly source: FileByteSource,
    private readonly draft: ReturnType<typeof draftRun>,
    private readonly pid: number,
    readonly grant: Grant,
    readonly settled: boolean,
  ) {}

  /** Attaches to all threads of the process; faults are off until `begin`. Throws RecorderRefusal or UserError. */
  static async attach(pid: number, request: RecordRequest, grant: Grant): Promise<CampaignTrace> {
    raiseOpenFileLimit();
    const startedAt = new Date();
    const userOnly = grant.userOnly !== "no";
    const program = programOf(pid);
    const recording = await Recording.prepare(request, grant, basename(program), startedAt, true);
    const command = (readProc(`${pid}/cmdline`) ?? "").split("\0").filter((word) => word !== "");
    const settled = await recording.orAbandon(() => {
      const attachment = attachAll(pid, recording.events, userOnly);
      recording.writeHeader(command, existingProcess(pid, attachment.tids));
      return attachment.settled;
    });
    recording.writeSnapshot("start", takeSnapshot(pid));
    const draft = draftRun(
      {
        mode: "attach",
        pid,
        command: command.length > 0 ? command : [program],
        workingDirectory: "/",
        environmentNames: [],
        startedAt,
        startTime: monotonicNow(),
        userOnly,
        blind: blindSpots({
          userOnly: grant.userOnly,
          program,
          events: recording.eventNames,
          pageSize: pageBytes(),
        }),
      },
      recording,
    );
    recording.writeRun(cutShort(draft));
    const source = FileByteSource.open(recording.folder.perfData);
    return new CampaignTrace(recording, new TraceReader(source), source, draft, pid, grant, settled);
  }

  get folder(): TraceFolder {
    return this.recording.folder;
  }

  /** Faults from here on are recorded. */
  begin(): void {
    this.before = this.totals();
    this.recording.events.resume();
  }

  /** …and from here on no more; what was recorded is read. */
  async end(): Promise<IntervalTrace> {
    this.recording.events.pause();
    await this.recording.flush();
    this.reader.pull();
    const rows = this.reader.completed(this.row);
    this.row += rows.length;
    const now = this.totals();
    const lost = Math.max(now.lost - this.before.lost, now.lostRecords - this.before.lostRecords);
    const { chains } = this.reader.surroundings();
    return { faults: faultsOf(rows, chains, pageBytes()), counted: now.faults - this.before.faults, lost };
  }

  /** When a thread last took the name, in nanoseconds of CLOCK_MONOTONIC; undefined when none did since `from`. */
  async markSince(name: string, from: number): Promise<number | undefined> {
    await this.recording.flush();
    this.reader.pull();
    const { threads } = this.reader.surroundings().processes;
    const times = [...threads.values()].flatMap(({ names }) =>
      names.filter((one) => one.name === name && one.time >= from).map(({ time }) => time),
    );
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Ends the session; the trace folder is complete then. */
  async finish(): Promise<Trace> {
    const stat = statOf(this.pid);
    const snapshot = takeSnapshot(this.pid);
    const end = await this.recording.end();
    this.recording.writeSnapshot("end", snapshot);
    const run = finishRun(this.draft, end, {
      exit: undefined,
      endTime: monotonicNow(),
      rusage: stat === undefined ? undefined : { minor: stat.minorFaults, major: stat.majorFaults },
    });
    this.recording.writeRun(run);
    this.reader.pull();
    const trace = this.reader.finish();
    this.source.close();
    return trace;
  }

  private totals(): { faults: number; lost: number; lostRecords: number } {
    const { faults = 0, lost = 0 } = this.recording.events.completed() ?? {};
    return { faults, lost, lostRecords: this.reader.surroundings().lost };
  }
}

/** Faults of a table, each by itself. */
export function faultsOf(rows: FaultTable, chains: CallChains, pageSize: number): IntervalFault[] {
  return Array.from({ length: rows.length }, (_, row) => {
    const flags = rows.flags[row]!;
    const address = rows.addressGranule[row]! * GRANULE_BYTES + rows.addressOffset[row]!;
    const instruction = rows.ipGranule[row]! * GRANULE_BYTES + rows.ipOffset[row]!;
    return {
      pid: rows.pid[row]!,
      tid: rows.tid[row]!,
      time: rows.time[row]!,
      address,
      page: Math.floor(address / pageSize),
      pageSize,
      instruction,
      major: (flags & FaultFlag.Major) !== 0,
      kernel: (flags & FaultFlag.Kernel) !== 0,
      // Unprivileged, an address that is the instruction's own means an instruction fetch.
      access: address === instruction ? "execute" : accessOf(flags),
      chain: chainOf(chains, rows.chain[row]!, (flags & FaultFlag.Kernel) === 0 ? instruction : undefined),
    };
  });
}

function chainOf(chains: CallChains, row: number, instruction: number | undefined): number[] {
  const frames: number[] = [];
  for (let frame = chains.offsets[row]!; frame < chains.offsets[row + 1]!; frame++) {
    frames.push(chains.ipGranule[frame]! * GRANULE_BYTES + chains.ipOffset[frame]!);
  }
  return frames.length === 0 && instruction !== undefined ? [instruction] : frames;
}

function programOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return (readProc(`${pid}/comm`) ?? String(pid)).trim(); // Another user's, or gone.
  }
}
