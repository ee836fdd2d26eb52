/** One process at one moment, by its /proc/PID/maps: what lies at an address, and which code an address is. */
import { lastAtOrBelow } from "../base/bisect.js";
import type { ImageResolver } from "../attribution/image-resolver.js";
import { Places, type Place } from "../attribution/place.js";
import { tlsStart } from "../attribution/thread-local-block.js";
import type { ThreadStack } from "../attribution/thread-stacks.js";
import type { Image } from "../image/image.js";
import { parseMaps } from "../proc/maps.js";
import type { Mapping } from "../trace/trace.js";
import type { LockSetObservation } from "./lock-set.js";

export interface LocatedCode {
  readonly function: string;
  readonly image: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
}

export class LiveProcess {
  /** In address order, as the kernel lists them. */
  private readonly mappings: readonly Mapping[];
  private readonly starts: Float64Array;
  private readonly places: Places;
  private readonly code = new Map<number, LocatedCode>();
  /** Path of the program itself: everything else is a library. */
  readonly program: string | undefined;

  constructor(
    private readonly observed: Pick<LockSetObservation, "pid" | "maps" | "threads" | "pageSize" | "executable">,
    resolve: ImageResolver,
  ) {
    const { pid, pageSize } = observed;
    this.mappings = parseMaps(observed.maps).map(asMapping);
    this.starts = Float64Array.from(this.mappings, ({ start }) => start);
    const names = new Map(observed.threads.map(({ tid, name }) => [tid, name]));
    this.places = new Places(
      {
        pageSize,
        mappings: { pids: [pid], of: () => this.mappings, at: (_pid, _time, address) => this.mappingAt(address) },
        processes: { threads: new Map(), nameAt: (tid) => names.get(tid) ?? "thread" },
      },
      resolve,
      this.threadStacks(),
    );
    // The kernel maps the program below everything the loader adds, and its heap right after it.
    this.program = observed.executable ?? this.mappings.find(({ name }) => name.startsWith("/"))?.name;
  }

  mappingAt(address: number): Mapping | undefined {
    const mapping = this.mappings[lastAtOrBelow(this.starts, address)];
    return mapping !== undefined && address < mapping.end ? mapping : undefined;
  }

  placeOf(mapping: Mapping): Place {
    return this.places.of(this.observed.pid, mapping);
  }

  /** "input (tid 12)" */
  stackOwner({ tid }: ThreadStack): string {
    const name = this.observed.threads.find((thread) => thread.tid === tid)?.name;
    return name === undefined || name === "" ? `a thread (tid ${tid})` : `${name} (tid ${tid})`;
  }

  /** The executable's own image and path, and where it lies; undefined where its file could not be read. */
  programImage(): { readonly path: string; readonly image: Image; readonly bias: number } | undefined {
    const mapping = this.mappings.find(({ name }) => name === this.program);
    const place = mapping && this.placeOf(mapping);
    return place?.kind === "image" ? place : undefined;
  }

  /** First address of thread-local storage in the mapping of a thread's stack. */
  tlsStartIn(mapping: Mapping): number {
    return tlsStart(mapping.end, this.places.staticTlsBytes(this.observed.pid));
  }

  /** The main stack grows downwards without anybody mapping more of it. */
  isBelowMainStack(address: number): boolean {
    const stack = this.mappings.find(({ name }) => name === "[stack]");
    return stack !== undefined && address < stack.start && address >= stack.start - MOST_STACK_GROWTH;
  }

  /** A mapping that no thread's stack pointer is in, but that looks like a stack: a guard of no rights lies right below. */
  looksLikeStack(mapping: Mapping): boolean {
    const below = this.mappings[lastAtOrBelow(this.starts, mapping.start - 1)];
    return (
      mapping.name === "" &&
      mapping.writable === true &&
      mapping.shared === false &&
      below?.end === mapping.start &&
      below.name === "" &&
      below.readable === false &&
      below.writable === false &&
      below.end - below.start <= LARGEST_GUARD
    );
  }

  /** The innermost function of an instruction address; undefined in no image. */
  codeAt(address: number): LocatedCode | undefined {
    let code = this.code.get(address);
    if (code === undefined) {
      code = this.describe(address);
      if (code !== undefined) this.code.set(address, code);
    }
    return code;
  }

  /** All functions an instruction is in, innermost first: those that were inlined there and the one they are in. */
  functionsAt(address: number): readonly string[] {
    const mapping = this.mappingAt(address);
    const place = mapping === undefined ? undefined : this.placeOf(mapping);
    if (place?.kind !== "image") return [];
    const linked = address - place.bias;
    const symbol = place.image.symbolAt(linked);
    const frames = place.image.framesAt(linked).map((frame) => frame.function ?? "");
    return symbol === undefined ? frames : [...frames, symbol.name, symbol.displayName];
  }

  private describe(address: number): LocatedCode | undefined {
    const mapping = this.mappingAt(address);
    if (mapping === undefined) return undefined;
    const place = this.placeOf(mapping);
    if (place.kind !== "image") {
      const image = mapping.name.startsWith("/") ? mapping.name : undefined;
      return { function: "", image, file: undefined, line: undefined };
    }
    const linked = address - place.bias;
    const frame = place.image.framesAt(linked)[0];
    const symbol = place.image.symbolAt(linked);
    return {
      function: frame?.function ?? symbol?.displayName ?? "",
      image: place.path,
      file: frame === undefined || frame.line === 0 ? undefined : frame.file,
      line: frame === undefined || frame.line === 0 ? undefined : frame.line,
    };
  }

  private threadStacks(): ReadonlyMap<Mapping, ThreadStack> {
    const stacks = new Map<Mapping, ThreadStack>();
    const { pid, threads } = this.observed;
    for (const { tid, stackPointer } of threads) {
      const mapping = stackPointer === undefined ? undefined : this.mappingAt(stackPointer);
      if (mapping?.name === "" && tid !== pid) stacks.set(mapping, { pid, tid, mapping });
    }
    return stacks;
  }
}

function asMapping(mapping: ReturnType<typeof parseMaps>[number]): Mapping {
  // A campaign may run the program on copies of its libraries, under their own paths: the inode says nothing.
  return { ...mapping, buildId: undefined, inode: undefined, time: 0 };
}

/** Twice the usual RLIMIT_STACK maximum that systems set; further down it is not the stack. */
const MOST_STACK_GROWTH = 1 << 30;
/** glibc's guard is one page; languages with larger ones stay below this. */
const LARGEST_GUARD = 1 << 20;
