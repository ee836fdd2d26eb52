/** From a trace to findings: every fault to its site, memory object, region and page. */
import { lastAtOrBelow } from "../base/bisect.js";
import { GRANULE_BYTES } from "../base/units.js";
import { FaultFlag } from "../trace/fault-table.js";
import type { Mapping, Trace } from "../trace/trace.js";
import { CellTable } from "./cell-table.js";
import { FaultRuns } from "./fault-run.js";
import type { Findings } from "./findings.js";
import type { ImageResolver } from "./image-resolver.js";
import { ObjectPages } from "./object-pages.js";
import { ObjectTable } from "./object-table.js";
import { Places } from "./place.js";
import { SiteTable } from "./site-table.js";
import { ThreadTable } from "./thread-table.js";
import { TouchedPageTable } from "./touched-page-table.js";

/** @param perFault whether to tell the site and object of every single fault, too. */
export function attribute(trace: Trace, resolve: ImageResolver, perFault = false): Findings {
  const { faults } = trace;
  const places = new Places(trace, resolve);
  const sites = new SiteTable(trace, places);
  const objects = new ObjectTable(trace, places);
  const cells = new CellTable();
  const pages = new TouchedPageTable(trace.pageSize / GRANULE_BYTES, faults.length / FAULTS_PER_PAGE);
  const threads = new ThreadTable(trace.processes);
  const ipMappings = new MappingCursor(trace);
  const addressMappings = new MappingCursor(trace);
  const objectPages = new ObjectPages();
  const siteOfFault = new Uint32Array(perFault ? faults.length : 0);
  const objectOfFault = new Uint32Array(perFault ? faults.length : 0);

  const runs = new FaultRuns();
  for (let first = 0; first < faults.length;) {
    const run = runs.at(faults, first);
    const pid = faults.pid[first]!;
    if (!run.continues(faults, first)) {
      const time = faults.time[first]!;
      const address = faults.addressGranule[first]! * GRANULE_BYTES + faults.addressOffset[first]!;
      const ip = faults.ipGranule[first]! * GRANULE_BYTES + faults.ipOffset[first]!;
      const inKernel = (faults.flags[first]! & FaultFlag.Kernel) !== 0;
      run.site = inKernel
        ? sites.inKernel(pid, time, faults.chain[first]!)
        : sites.at(pid, ipMappings.at(pid, time, ip), ip);
      const mapping = addressMappings.at(pid, time, address);
      run.object = objects.at(pid, mapping, address);
      run.cell = cells.row(run.site, run.object, threads.number(pid, faults.tid[first]!, time));
      const until = Math.min(ipMappings.until, addressMappings.until);
      run.begin(faults, first, objects.isWhole(mapping) ? mapping : undefined, until);
    }
    const end = run.endOf(faults, first);
    cells.count(run.cell, faults, first, end);
    objectPages.note(run.object, pages.count(pid, objects.regionOf[run.object]!, faults, first, end));
    if (perFault) {
      siteOfFault.fill(run.site, first, end);
      objectOfFault.fill(run.object, first, end);
    }
    first = end;
  }
  return {
    sites: sites.list,
    objects: objects.list,
    regions: objects.regions,
    regionOfObject: objects.regionOf,
    threads: threads.list,
    cells: cells.finish(),
    pages: pages.finish(),
    pagesOfObject: objectPages.finish(objects.list.length),
    perFault: perFault ? { site: siteOfFault, object: objectOfFault } : undefined,
    unavailable: [...places.unavailable.values()],
  };
}

/** Remembers the last mapping it answered with and how long that answer holds: until the process maps again. */
class MappingCursor {
  private readonly changes = new Map<number, Float64Array>();
  private mapping: Mapping | undefined;
  private pid = -1;
  private from = 0;
  /** When the process maps again, after the last fault asked about. */
  until = 0;
  private start = 0;
  private end = 0;

  constructor(private readonly trace: Trace) {}

  at(pid: number, time: number, address: number): Mapping | undefined {
    if (pid === this.pid && address >= this.start && address < this.end && time >= this.from && time < this.until) {
      return this.mapping;
    }
    const mapping = this.trace.mappings.at(pid, time, address);
    this.remember(pid, time, mapping);
    return mapping;
  }

  private remember(pid: number, time: number, mapping: Mapping | undefined): void {
    const times = this.timesOf(pid);
    const next = lastAtOrBelow(times, time) + 1;
    this.pid = pid;
    this.mapping = mapping;
    this.start = mapping?.start ?? 0;
    this.end = mapping?.end ?? 0;
    this.from = next > 0 ? times[next - 1]! : -Infinity;
    this.until = next < times.length ? times[next]! : Infinity;
  }

  private timesOf(pid: number): Float64Array {
    let times = this.changes.get(pid);
    if (times === undefined) {
      times = Float64Array.from(this.trace.mappings.of(pid), ({ time }) => time).sort();
      this.changes.set(pid, times);
    }
    return times;
  }
}

/** Room that is made for touched pages at the start; what is not used costs nothing. */
const FAULTS_PER_PAGE = 8;
