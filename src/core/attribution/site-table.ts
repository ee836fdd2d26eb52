/** The sites of a trace: each instruction address is looked up once, however often it faulted. */
import { GRANULE_BYTES } from "../base/units.js";
import { NO_CHAIN } from "../trace/fault-table.js";
import type { Mapping, Trace } from "../trace/trace.js";
import type { Site } from "./findings.js";
import type { Places } from "./place.js";

export class SiteTable {
  readonly list: Site[] = [];
  private readonly byMapping = new Map<Mapping | undefined, Map<number, number>>();
  /** The same code mapped by many processes is one site. */
  private readonly byIdentity = new Map<string, number>();
  /** Sites of kernel-mode faults by process and call chain; equal chains are one row of the trace's table. */
  private readonly callers = new Map<number, number>();
  private kernelSite = -1;
  private lastMapping: Mapping | undefined;
  private lastIp = -1;
  private last = -1;

  constructor(
    private readonly trace: Trace,
    private readonly places: Places,
  ) {}

  /** Site of an instruction in user space. */
  at(pid: number, mapping: Mapping | undefined, ip: number, called = false): number {
    if (ip === this.lastIp && mapping === this.lastMapping) return this.last;
    let known = this.byMapping.get(mapping);
    if (known === undefined) {
      known = new Map();
      this.byMapping.set(mapping, known);
    }
    let site = known.get(ip);
    if (site === undefined) {
      site = this.intern({ ...this.describe(pid, mapping, ip), called });
      known.set(ip, site);
    }
    this.lastIp = ip;
    this.lastMapping = mapping;
    this.last = site;
    return site;
  }

  /** Site of a fault taken in kernel mode: the user code that called, when a call chain says which. */
  inKernel(pid: number, time: number, chain: number): number {
    if (chain !== NO_CHAIN) {
      const key = pid * 2 ** 30 + chain;
      let caller = this.callers.get(key);
      if (caller === undefined) {
        caller = this.caller(pid, time, chain);
        this.callers.set(key, caller);
      }
      if (caller >= 0) return caller;
    }
    if (this.kernelSite < 0) {
      this.kernelSite = this.intern({
        image: undefined,
        address: 0,
        section: undefined,
        frames: [],
        label: "kernel code",
        unknown: "kernel",
        called: true,
      });
    }
    return this.kernelSite;
  }

  /**
   * Who asked the kernel: the innermost frame with a source line outside the image that holds the system call (the C
   * library's wrapper), else the innermost with a line, else the innermost; -1 for a chain without frames.
   */
  private caller(pid: number, time: number, chain: number): number {
    const { offsets, ipGranule, ipOffset } = this.trace.chains;
    let innermost = -1;
    let withLine = -1;
    for (let frame = offsets[chain]!; frame < offsets[chain + 1]!; frame++) {
      // Every address of a chain taken in kernel mode is a return address: the call is before it.
      const call = ipGranule[frame]! * GRANULE_BYTES + ipOffset[frame]! - 1;
      const mapping = this.trace.mappings.at(pid, time, call);
      if (mapping === undefined) continue;
      const site = this.at(pid, mapping, call, true);
      if (innermost < 0) innermost = site;
      if (!this.list[site]!.frames.some(({ line }) => line > 0)) continue;
      if (this.list[site]!.image !== this.list[innermost]!.image) return site;
      if (withLine < 0) withLine = site;
    }
    return withLine >= 0 ? withLine : innermost;
  }

  private describe(pid: number, mapping: Mapping | undefined, ip: number): Omit<Site, "called"> {
    if (mapping === undefined) {
      return { ...nowhere(ip), label: `0x${ip.toString(16)} (in no mapping)`, unknown: "not-an-image" };
    }
    const place = this.places.of(pid, mapping);
    if (place.kind !== "image") {
      const name = mapping.name.startsWith("//anon") || mapping.name === "" ? "generated code" : baseName(mapping.name);
      const unavailable = this.places.unavailable.get(mapping.name);
      const unknown =
        unavailable?.reason === "file-changed" || unavailable?.reason === "file-missing"
          ? unavailable.reason
          : "not-an-image";
      const offset = ip - mapping.start + mapping.fileOffset;
      return {
        ...nowhere(ip),
        image: mapping.name.startsWith("/") ? mapping.name : undefined,
        label: `${name}+0x${offset.toString(16)}`,
        unknown,
      };
    }
    const address = ip - place.bias;
    const frames = place.image.framesAt(address);
    const section = place.image.sectionAt(address);
    const within = section === undefined ? "" : ` ${section.name}`;
    const offset = address - (section?.address ?? 0);
    return {
      image: place.path,
      address,
      section: section?.name,
      frames,
      label: frames[0]?.function ?? `${baseName(place.path)}${within}+0x${offset.toString(16)}`,
      unknown: frames.length === 0 ? "no-symbols" : undefined,
    };
  }

  private intern(site: Site): number {
    const identity = `${site.image ?? ""}\0${site.address}\0${site.label}`;
    let number = this.byIdentity.get(identity);
    if (number === undefined) {
      number = this.list.push(site) - 1;
      this.byIdentity.set(identity, number);
    }
    return number;
  }
}

function nowhere(address: number): Pick<Site, "image" | "address" | "section" | "frames"> {
  return { image: undefined, address, section: undefined, frames: [] };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
