/** `record --live`: the notifier of old. Reads the trace as it is written and prints each fault, attributed. */
import { existsSync } from "node:fs";
import { attempt } from "../core/base/errors.js";
import { TraceReader } from "../core/perf/trace-reader.js";
import { liveLines } from "../core/report/live-lines.js";
import { coloured, plain } from "../core/report/style.js";
import { english } from "../core/report/translate.js";
import { FaultColumns } from "../core/trace/fault-columns.js";
import type { FaultTable } from "../core/trace/fault-table.js";
import { sortByTime } from "../core/trace/time-order.js";
import type { Trace } from "../core/trace/trace.js";
import { FileByteSource } from "../host/file-source.js";
import { imageResolver } from "../host/image-resolver.js";
import type { TraceFolder } from "../host/trace-folder.js";

export class LivePrinter {
  private readonly resolve = imageResolver({ tracedAt: undefined, vdso: undefined });
  private source: FileByteSource | undefined;
  private reader: TraceReader | undefined;
  private printed = 0;
  private start: number | undefined;

  /**
   * @param pageSize bytes in a page of this machine.
   * @param out standard error: standard output is the program's own.
   */
  constructor(
    private readonly pageSize: number,
    private readonly out: NodeJS.WriteStream = process.stderr,
  ) {}

  /** The trace begins: its header is on disk. Without perf events there is no perf.data and nothing to print. */
  begin({ perfData }: TraceFolder): void {
    if (!existsSync(perfData)) return;
    const source = FileByteSource.open(perfData);
    this.source = source;
    const opened = attempt(() => new TraceReader(source));
    if (opened.ok) this.reader = opened.value;
  }

  /** Prints what was completed since the last time. */
  update(): void {
    const { reader } = this;
    if (reader === undefined) return;
    reader.pull();
    const faults = inTimeOrder(reader.completed(this.printed));
    if (faults.length === 0) return;
    this.printed += faults.length;
    this.start ??= faults.time[0]!;
    const trace: Trace = {
      ...reader.surroundings(),
      faults,
      refused: reader.completed(this.printed),
      pageSize: this.pageSize,
      events: [],
      command: [],
      arch: undefined,
      run: undefined,
      problems: [],
    };
    const style = this.out.isTTY && !process.env["NO_COLOR"] ? coloured : plain;
    const lines = liveLines(trace, this.resolve, {
      start: this.start,
      most: MOST_LINES,
      style,
      translate: english,
      displayPath: (file) => file,
    });
    this.out.write(`${lines.join("\n")}\n`);
  }

  end(): void {
    this.update();
    this.source?.close();
  }
}

/** A sorted copy: the reader still appends to its own rows. */
function inTimeOrder(rows: FaultTable): FaultTable {
  const copy = new FaultColumns(rows.length);
  for (let row = 0; row < rows.length; row++) copy.copyRow(rows, row);
  return sortByTime(copy);
}

/** More than anybody reads between two drains; a storm must not fill the terminal for minutes. */
const MOST_LINES = 500;
