/** `record --report`: reads the trace while it is written, so that at the program's end little is left to do. */
import { existsSync } from "node:fs";
import { attribute } from "../core/attribution/attribute.js";
import { attempt } from "../core/base/errors.js";
import { TraceReader } from "../core/perf/trace-reader.js";
import { coloured, plain } from "../core/report/style.js";
import { english } from "../core/report/translate.js";
import type { RunRecord } from "../core/trace/run.js";
import { FileByteSource } from "../host/file-source.js";
import {
  openedImages,
  openReportInput,
  reportInputOf,
  type OpenedImages,
  type ReportInput,
} from "../host/report-input.js";
import type { TraceFolder } from "../host/trace-folder.js";
import { textOf } from "./report-text.js";
import { print, terminalWidth, wantsColour } from "./terminal.js";

export class EarlyReport {
  private reading: Reading | undefined;

  /** @param pageSize bytes in a page of this machine. */
  constructor(private readonly pageSize: number) {}

  /** The trace begins: its header is on disk. Without perf events there is no perf.data to read along. */
  begin({ path, perfData }: TraceFolder): void {
    if (!existsSync(perfData)) return;
    const source = FileByteSource.open(perfData);
    const opened = attempt(() => new TraceReader(source));
    if (opened.ok) this.reading = { source, reader: opened.value, images: openedImages(path, undefined), looked: 0 };
    else source.close();
  }

  /** Reads what was written since the last time. */
  update(): void {
    const { reading } = this;
    if (reading === undefined) return;
    reading.reader.pull();
    const faults = reading.reader.completed(reading.looked);
    // Each look costs as much as all mappings so far: twice as many faults later, the next is worth it.
    if (faults.length <= reading.looked) return;
    lookAhead(reading, this.pageSize);
    reading.looked += faults.length;
  }

  /** The report of `faultline report`, on standard output. True: it has said what there is to say. */
  async print({ folder, run }: { readonly folder: TraceFolder; readonly run: RunRecord }): Promise<true> {
    const input = this.input(folder, run);
    const findings = attribute(input.trace, input.resolve);
    await print([
      textOf("line", input, findings, {
        style: wantsColour() ? coloured : plain,
        width: terminalWidth(),
        top: DEFAULT_TOP,
        translate: english,
        instructions: true,
      }),
    ]);
    input.close();
    this.reading?.source.close();
    return true;
  }

  private input({ path }: TraceFolder, run: RunRecord): ReportInput {
    const where = { here: process.cwd(), sourceRoots: [] };
    const { reading } = this;
    if (reading === undefined) return openReportInput({ ...where, path });
    reading.reader.pull();
    return reportInputOf(reading.reader.finish(run), reading.images, where);
  }
}

interface Reading {
  readonly source: FileByteSource;
  readonly reader: TraceReader;
  readonly images: OpenedImages;
  /** Completed faults whose code and data were looked up already. */
  looked: number;
}

/** Opens the images of the next faults and decodes what they need: the answers are kept by the images. */
function lookAhead({ reader, images, looked }: Reading, pageSize: number): void {
  const few = reader.completed(looked);
  const faults = few.length > MOST_LOOKED_AHEAD ? reader.completed(looked + few.length - MOST_LOOKED_AHEAD) : few;
  attribute(
    {
      ...reader.surroundings(),
      faults,
      refused: reader.completed(looked + few.length),
      pageSize,
      events: [],
      command: [],
      arch: undefined,
      run: undefined,
      problems: [],
    },
    images.resolve,
  );
}

const MOST_LOOKED_AHEAD = 20_000;
const DEFAULT_TOP = 15;
