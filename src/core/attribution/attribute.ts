/** From a trace to findings: every fault to its site, memory object, region and page. */
import { lastAtOrBelow } from "../base/bisect.js";
import { GRANULE_BYTES } from "../base/units.js";
import { FaultFlag, type FaultTable } from "../trace/fault-table.js";
import type { Mapping, Trace } from "../trace/trace.js";
import { CellTable } from "./cell-table.js";
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
  const granulesPerPage = trace.pageSize / GRANULE_BYTES;
  const places = new Places(trace, resolve);
  const sites = new SiteTable(trace, places);
  const objects = new ObjectTable(trace, places);
  const cells = new CellTable();
  const pages = new TouchedPageTable();
  const threads = new ThreadTable(trace.processes);
  const ipMappings = new MappingCursor(trace);
  const addressMappings = new MappingCursor(trace);
  const objectPages = new ObjectPages();
  const siteOfFault = new Uint32Array(perFault ? faults.length : 0);
  const objectOfFault = new Uint32Array(perFault ? faults.length : 0);

  const run = new FaultRun();
  for (let i = 0; i < faults.length; i++) {
    const pid = faults.pid[i]!;
    const addressGranule = faults.addressGranule[i]!;
    const address = addressGranule * GRANULE_BYTES + faults.addressOffset[i]!;
    if (!run.continues(faults, i, address)) {
      const time = faults.time[i]!;
      const ip = faults.ipGranule[i]! * GRANULE_BYTES + faults.ipOffset[i]!;
      const inKernel = (faults.flags[i]! & FaultFlag.Kernel) !== 0;
      const site = inKernel
        ? sites.inKernel(pid, time, faults.chain[i]!)
        : sites.at(pid, ipMappings.at(pid, time, ip), ip);
      const mapping = addressMappings.at(pid, time, address);
      const object = objects.at(pid, mapping, address);
      run.site = site;
      run.object = object;
      run.cell = cells.row(site, object, threads.number(pid, faults.tid[i]!, time));
      if (objects.isWhole(mapping)) run.begin(faults, i, mapping!, Math.min(ipMappings.until, addressMappings.until));
      else run.end();
    }
    const flags = faults.flags[i]!;
    const kind = flags & FaultFlag.KindUnknown ? 2 : flags & FaultFlag.Major ? 1 : 0;
    const duration = faults.duration[i]!;
    cells.count(run.cell, kind, (flags & FaultFlag.Kernel) !== 0, duration);
    const page = pages.row(pid, Math.floor(addressGranule / granulesPerPage), objects.regionOf[run.object]!);
    pages.count(page, kind, duration);
    objectPages.note(run.object, page);
    if (perFault) {
      siteOfFault[i] = run.site;
      objectOfFault[i] = run.object;
    }
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

/**
 * The faults a loop takes on one mapping come from one instruction, one after the other: what was found for the first
 * holds for the next as long as nothing but the address inside that mapping and the time differ.
 */
class FaultRun {
  site = 0;
  object = 0;
  cell = 0;
  private pid = -1;
  private tid = -1;
  private ipGranule = -1;
  private ipOffset = -1;
  private chain = -1;
  private kernel = -1;
  private start = 0;
  private finish = 0;
  private until = 0;

  continues(faults: FaultTable, i: number, address: number): boolean {
    return (
      address >= this.start &&
      address < this.finish &&
      faults.time[i]! < this.until &&
      faults.ipGranule[i] === this.ipGranule &&
      faults.ipOffset[i] === this.ipOffset &&
      faults.tid[i] === this.tid &&
      faults.pid[i] === this.pid &&
      faults.chain[i] === this.chain &&
      (faults.flags[i]! & FaultFlag.Kernel) === this.kernel
    );
  }

  begin(faults: FaultTable, i: number, mapping: Mapping, until: number): void {
    this.pid = faults.pid[i]!;
    this.tid = faults.tid[i]!;
    this.ipGranule = faults.ipGranule[i]!;
    this.ipOffset = faults.ipOffset[i]!;
    this.chain = faults.chain[i]!;
    this.kernel = faults.flags[i]! & FaultFlag.Kernel;
    this.start = mapping.start;
    this.finish = mapping.end;
    this.until = until;
  }

  end(): void {
    this.finish = 0;
  }
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
