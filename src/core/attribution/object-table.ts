/** The memory objects of a trace and the regions they belong to: each address is looked up once. */
import type { Image } from "../image/image.js";
import type { Mapping, Trace } from "../trace/trace.js";
import type { MemoryObject, Region, RegionKind } from "./findings.js";
import type { Place, Places } from "./place.js";
import { tlsStart } from "./thread-local-block.js";

export class ObjectTable {
  readonly list: MemoryObject[] = [];
  readonly regions: Region[] = [];
  /** Row in `regions` of each object. */
  readonly regionOf: number[] = [];
  private readonly byIdentity = new Map<string, number>();
  private readonly regionNumbers = new Map<string, number>();
  private readonly byMapping = new Map<Mapping, Map<number, number>>();
  /** The mapping whose every address is one object, and that object. */
  private wholeMapping: Mapping | undefined;
  private whole = -1;

  constructor(
    private readonly trace: Trace,
    private readonly places: Places,
  ) {}

  at(pid: number, mapping: Mapping | undefined, address: number): number {
    if (mapping === undefined) return this.outside(pid, address);
    if (mapping === this.wholeMapping) return this.whole;
    const place = this.places.of(pid, mapping);
    if (place.kind === "memory") {
      this.wholeMapping = mapping;
      this.whole = this.memory(pid, place.region, place.name, mapping.start, mapping.end);
      return this.whole;
    }
    let known = this.byMapping.get(mapping);
    if (known === undefined) {
      known = new Map();
      this.byMapping.set(mapping, known);
    }
    let object = known.get(address);
    if (object === undefined) {
      object = place.kind === "image" ? this.inImage(place, address) : this.onStack(pid, place, mapping, address);
      known.set(address, object);
    }
    return object;
  }

  /** Whether every address of the mapping was the same object when it was last asked about. */
  isWhole(mapping: Mapping | undefined): boolean {
    return mapping !== undefined && mapping === this.wholeMapping;
  }

  private inImage(place: Extract<Place, { kind: "image" }>, address: number): number {
    const { image, path } = place;
    const linked = address - place.bias;
    const found = image.objectAt(linked);
    const section =
      image.sectionAt(found === undefined ? linked : Math.max(found.address, 0))?.name ?? image.sectionAt(linked)?.name;
    const region: Region = { kind: place.region, name: path, section };
    if (found === undefined) {
      // A file without section headers: the segment is all there is to name.
      const name = `${path.slice(path.lastIndexOf("/") + 1)} (${segmentName(image, linked)})`;
      return this.intern(
        { kind: "section", name, symbol: undefined, image: path, section, address: linked, size: 0, declaration: none },
        region,
        `${path}\0${name}`,
      );
    }
    return this.intern(
      {
        kind: found.kind,
        name: found.name,
        symbol: found.symbol,
        image: path,
        section,
        address: found.address,
        size: found.size,
        declaration: () => image.declarationAt(found.address),
      },
      region,
      `${path}\0${found.kind}\0${found.address}\0${found.name}`,
    );
  }

  private onStack(
    pid: number,
    place: Extract<Place, { kind: "thread-stack" }>,
    mapping: Mapping,
    address: number,
  ): number {
    const { tid } = place.stack;
    const name = this.trace.processes.nameAt(tid, Infinity);
    const owner = `${name} (tid ${tid})`;
    const tls = tlsStart(mapping.end, this.places.staticTlsBytes(pid));
    return address >= tls
      ? this.memory(pid, "tls", `thread-local storage of ${owner}`, tls, mapping.end)
      : this.memory(pid, "thread-stack", `stack of ${owner}`, mapping.start, tls);
  }

  /** An address no record maps: the main stack grows without one; the rest is the kernel's or nobody's. */
  private outside(pid: number, address: number): number {
    if (address >= KERNEL_START) return this.memory(pid, "kernel", "kernel memory", KERNEL_START, Infinity);
    const stack = this.places.mainStack(pid);
    if (stack !== undefined && address < stack.end && address >= stack.start - MOST_STACK_GROWTH) {
      return this.memory(pid, "main-stack", "[stack]", stack.start, stack.end);
    }
    return this.memory(pid, "unmapped", "unmapped memory", address, address);
  }

  private memory(pid: number, kind: RegionKind, name: string, start: number, end: number): number {
    return this.intern(
      {
        kind,
        name,
        symbol: undefined,
        image: name.startsWith("/") ? name : undefined,
        section: undefined,
        address: start,
        size: end - start,
        declaration: none,
      },
      { kind, name, section: undefined },
      `${pid}\0${kind}\0${name}\0${start}\0${end}`,
    );
  }

  private intern(object: MemoryObject, region: Region, identity: string): number {
    let number = this.byIdentity.get(identity);
    if (number === undefined) {
      number = this.list.push(object) - 1;
      this.byIdentity.set(identity, number);
      this.regionOf.push(this.region(region));
    }
    return number;
  }

  private region(region: Region): number {
    const identity = `${region.kind}\0${region.name}\0${region.section ?? ""}`;
    let number = this.regionNumbers.get(identity);
    if (number === undefined) {
      number = this.regions.push(region) - 1;
      this.regionNumbers.set(identity, number);
    }
    return number;
  }
}

function segmentName(image: Image, address: number): string {
  const segment = image.segments.find((s) => address >= s.address && address < s.address + s.memorySize);
  if (segment === undefined) return "between segments";
  const { read, write, execute } = segment.flags;
  return `${read ? "r" : "-"}${write ? "w" : "-"}${execute ? "x" : "-"} segment`;
}

const none = (): undefined => undefined;

/** User space ends below 2^63 on every architecture Linux runs on. */
const KERNEL_START = 2 ** 63;
/** Twice the usual RLIMIT_STACK maximum that systems set; further down it is not the stack. */
const MOST_STACK_GROWTH = 1 << 30;
