/** Asks the analysis thread: what it answers is data only. */
import type { MapModel } from "../../core/report/map-model.js";
import type { Report } from "../../core/report/report.js";
import type { BinaryLayout } from "../../core/report/binary-layout.js";
import type { LinkOrder, LinkResult } from "../ldscript/script-order.js";
import type { PlacementOrder, PlacementResult } from "../placement/placement-order.js";

export interface Analysis {
  /** The report of a trace folder or perf.data; rejects with one sentence for a person. */
  report(path: string, signal?: AbortSignal): Promise<Report>;
  /** The memory map of a trace that was reported on. */
  map(path: string, signal?: AbortSignal): Promise<MapModel>;
  /** Segments, sections and symbols by page of any ELF file. */
  layout(path: string, signal?: AbortSignal): Promise<BinaryLayout>;
  /** What an ELF file tells about placing functions and globals. */
  placement<Order extends PlacementOrder>(path: string, order: Order): Promise<PlacementResult<Order>>;
  /** What tells how an ELF file was linked. */
  link<Order extends LinkOrder>(path: string, order: Order): Promise<LinkResult<Order>>;
  /** Programs that the workspace's build files link with this linker script, and that are here; built last, first. */
  programs(script: string): Promise<readonly string[]>;
  /** The HTML page of a trace. */
  html(path: string, signal?: AbortSignal): Promise<string>;
  /** A trace will be asked about soon, of a program whose path may be known: what takes time is done ahead. */
  prepare(program?: string): void;
  dispose(): void;
}
