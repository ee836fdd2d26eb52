/** What a mapping is: part of an image, heap, a stack, anonymous memory, a file … decided once a mapping. */
import type { Image } from "../image/image.js";
import { segmentTypes } from "./segment-types.js";
import type { Mapping, Trace } from "../trace/trace.js";
import type { RegionKind, UnavailableImage } from "./findings.js";
import type { ImageResolver } from "./image-resolver.js";
import { threadStacks, type ThreadStack } from "./thread-stacks.js";

export type Place =
  | {
      readonly kind: "image";
      readonly image: Image;
      readonly path: string;
      readonly region: "image" | "vdso";
      /** Run-time address minus link-time address. */
      readonly bias: number;
    }
  | { readonly kind: "memory"; readonly region: RegionKind; readonly name: string; readonly path: string | undefined }
  | { readonly kind: "thread-stack"; readonly stack: ThreadStack };

/** What is asked of a trace to place its mappings; a live process can be asked the same. */
export type PlacedProcesses = Pick<Trace, "mappings" | "processes" | "pageSize">;

/** Places of a trace's mappings, remembered. */
export class Places {
  private readonly known = new Map<Mapping, Place>();
  private readonly stacks: ReadonlyMap<Mapping, ThreadStack>;
  private readonly inherited = new Map<number, readonly Mapping[]>();
  private readonly tlsBytes = new Map<number, number>();
  readonly unavailable = new Map<string, UnavailableImage>();

  /** @param stacks told by the order of a trace's events, where nothing else tells them. */
  constructor(
    private readonly trace: PlacedProcesses,
    private readonly resolve: ImageResolver,
    stacks?: ReadonlyMap<Mapping, ThreadStack>,
  ) {
    this.stacks = stacks ?? threadStacks(trace);
  }

  of(pid: number, mapping: Mapping): Place {
    let place = this.known.get(mapping);
    if (place === undefined) {
      place = this.decide(pid, mapping);
      this.known.set(mapping, place);
    }
    return place;
  }

  /** Bytes of static TLS that the images of the process ask for (PT_TLS), each rounded up to the block's alignment. */
  staticTlsBytes(pid: number): number {
    const known = this.tlsBytes.get(pid);
    if (known !== undefined) return known;
    const images = new Set<Image>();
    for (const mapping of this.ofProcess(pid)) {
      const place = isFile(mapping.name) ? this.of(pid, mapping) : undefined;
      if (place?.kind === "image") images.add(place.image);
    }
    let bytes = 0;
    for (const { segments } of images) {
      for (const segment of segments) {
        if (segment.type === segmentTypes.tls) bytes += Math.ceil(segment.memorySize / TLS_ALIGNMENT) * TLS_ALIGNMENT;
      }
    }
    this.tlsBytes.set(pid, bytes);
    return bytes;
  }

  /** The main thread's stack, as it was mapped at exec. */
  mainStack(pid: number): Mapping | undefined {
    return this.ofProcess(pid).findLast(({ name }) => name === "[stack]");
  }

  /** The mappings of a process, those it inherited by fork first. */
  ofProcess(pid: number): readonly Mapping[] {
    let all = this.inherited.get(pid);
    if (all === undefined) {
      all = this.trace.mappings.of(pid);
      const seen = new Set([pid]);
      for (let parent = this.parentOf(pid); parent !== undefined && !seen.has(parent); parent = this.parentOf(parent)) {
        seen.add(parent);
        all = [...this.trace.mappings.of(parent), ...all];
      }
      this.inherited.set(pid, all);
    }
    return all;
  }

  private parentOf(pid: number): number | undefined {
    return this.trace.processes.threads.get(pid)?.parent;
  }

  private decide(pid: number, mapping: Mapping): Place {
    if (isFile(mapping.name)) return this.file(pid, mapping);
    if (mapping.name === "[vdso]") return this.vdso(mapping);
    const special = specialRegion(mapping.name);
    if (special !== undefined) return { kind: "memory", region: special, name: mapping.name, path: undefined };
    const bss = this.imageAround(pid, mapping);
    if (bss !== undefined) return bss;
    const stack = this.stacks.get(mapping);
    if (stack !== undefined) return { kind: "thread-stack", stack };
    if (this.isHeap(pid, mapping)) return { kind: "memory", region: "heap", name: "[heap]", path: undefined };
    return { kind: "memory", region: "anonymous", name: anonymousName(mapping), path: undefined };
  }

  /**
   * The kernel names the heap only from its second growth on: its first brk() is an anonymous mapping a random distance
   * after the program, which has nothing else near it (arch_randomize_brk).
   */
  private isHeap(pid: number, mapping: Mapping): boolean {
    if (mapping.writable === false || mapping.shared === true) return false;
    const below = this.ofProcess(pid).filter(
      (candidate) =>
        isFile(candidate.name) &&
        candidate.start < mapping.start &&
        this.trace.mappings.at(pid, mapping.time, candidate.start) === candidate,
    );
    const end = below.reduce((last, candidate) => Math.max(last, candidate.end), 0);
    // Below the heap there is the program and nothing but the program.
    return (
      below.length > 0 &&
      below.every(({ name }) => name === below[0]!.name) &&
      mapping.start - end <= MOST_BRK_RANDOMNESS
    );
  }

  /** The kernel's own shared object; a trace of ours keeps a copy of it. */
  private vdso(mapping: Mapping): Place {
    const lookup = this.resolve(mapping);
    return lookup.kind === "image"
      ? { kind: "image", image: lookup.image, path: mapping.name, region: "vdso", bias: mapping.start }
      : { kind: "memory", region: "vdso", name: mapping.name, path: undefined };
  }

  /** Where the mapping alone leaves a choice, the one most mappings of the same file agree on: they were loaded together. */
  private bias(pid: number, image: Image, mapping: Mapping): number | undefined {
    const { pageSize } = this.trace;
    const possible = biasesOf(image, mapping, pageSize);
    if (possible.length < 2) return possible[0];
    const votes = new Map(possible.map((bias) => [bias, 0]));
    for (const other of this.ofProcess(pid)) {
      if (other.name !== mapping.name) continue;
      for (const bias of biasesOf(image, other, pageSize)) {
        if (votes.has(bias)) votes.set(bias, votes.get(bias)! + 1);
      }
    }
    return [...votes].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
  }

  private file(pid: number, mapping: Mapping): Place {
    const lookup = this.resolve(mapping);
    if (lookup.kind === "image") {
      const bias = this.bias(pid, lookup.image, mapping);
      if (bias !== undefined) return { kind: "image", image: lookup.image, path: mapping.name, region: "image", bias };
    } else if (lookup.reason !== "not-an-image") {
      this.unavailable.set(mapping.name, { path: mapping.name, reason: lookup.reason, detail: lookup.detail });
    }
    const region = isSharedMemory(mapping.name) ? "shared-memory" : "file";
    return { kind: "memory", region, name: mapping.name, path: mapping.name };
  }

  /** The image whose memory, beyond its file's bytes, this anonymous mapping is: its .bss. */
  private imageAround(pid: number, mapping: Mapping): Place | undefined {
    for (const candidate of this.ofProcess(pid)) {
      if (!isFile(candidate.name) || candidate.time > mapping.time || candidate.start > mapping.start) continue;
      // An earlier program of this process may have had its image here.
      if (this.trace.mappings.at(pid, mapping.time, candidate.start) !== candidate) continue;
      const place = this.of(pid, candidate);
      if (place.kind !== "image") continue;
      const inside = place.image.segments.some(
        (segment) =>
          segment.type === segmentTypes.load &&
          segment.memorySize > segment.fileSize &&
          mapping.start >= place.bias + segment.address &&
          mapping.start < place.bias + segment.address + segment.memorySize,
      );
      if (inside) return place;
    }
    return undefined;
  }
}

/**
 * Run-time minus link-time addresses, as each segment of the file that could be behind the mapping would have it. The
 * loader maps whole pages, so a mapping begins up to a page before its segment, and a page may belong to two of them.
 */
function biasesOf(
  { segments }: Image,
  { start, fileOffset, executable }: Mapping,
  pageSize: number,
): readonly number[] {
  return segments
    .filter(
      (segment) =>
        segment.type === segmentTypes.load &&
        fileOffset >= segment.fileOffset - (segment.fileOffset % pageSize) &&
        fileOffset < segment.fileOffset + segment.fileSize &&
        // RELRO takes rights away after loading, but nothing becomes executable.
        (segment.flags.execute || !executable),
    )
    .map((segment) => start - (segment.address + fileOffset - segment.fileOffset));
}

function isFile(name: string): boolean {
  return name.startsWith("/") && !name.startsWith("//anon") && !name.startsWith("/anon_hugepage");
}

function isSharedMemory(name: string): boolean {
  return /^\/(dev\/shm\/|dev\/zero\b|memfd:|SYSV)/.test(name);
}

function specialRegion(name: string): RegionKind | undefined {
  if (name === "[heap]") return "heap";
  if (name === "[stack]") return "main-stack";
  if (name.startsWith("[vvar")) return "vvar";
  if (name === "[vsyscall]" || name.startsWith("[kernel")) return "kernel";
  return undefined;
}

/** glibc's secondary arenas start on 64 MB boundaries (HEAP_MAX_SIZE in malloc/arena.c); nothing else does as a rule. */
function anonymousName(mapping: Mapping): string {
  const named = /^\[anon:(.+)\]$/.exec(mapping.name)?.[1];
  if (named !== undefined) return named;
  const kind =
    mapping.start % ARENA_BYTES === 0 && mapping.end - mapping.start <= ARENA_BYTES
      ? "malloc arena"
      : "anonymous memory";
  return `${kind} at ${mapping.start.toString(16)}`;
}

const ARENA_BYTES = 64 * 2 ** 20;
const TLS_ALIGNMENT = 64;
/** arm64 and x86-64 randomise the start of the heap over at most 1 GiB. */
const MOST_BRK_RANDOMNESS = 1 << 30;
