/** Follows references from function to function and from data to data, nearest first. One walk has one state: hence its length. */
import type { ImageObject } from "../image/image.js";
import { Candidates } from "./candidates.js";
import { DataExtents } from "./data-extents.js";
import { nameOf, type CodeRange } from "./function-index.js";
import { BINDING_SECTIONS, HASH_SECTIONS, LOADS, LOOKUP_SECTIONS, THROWS, UNWIND_SECTIONS } from "./loader-tables.js";
import type { How, LibraryReference, Reach, ReachedData, ReachedObject, ReachOptions, Via } from "./reached.js";
import type { ReachFile } from "./reach-file.js";
import type { IndirectCall, Reference } from "./references.js";
import type { Pointer } from "./pointers.js";
import { keptReferences } from "./kept-references.js";

interface Step {
  readonly known: KnownFile;
  readonly range: CodeRange;
  readonly depth: number;
}

/** A file with what was made of it on the way. */
interface KnownFile {
  readonly file: ReachFile;
  readonly extents: DataExtents;
  /** Where what was reached ends, by where it begins. */
  readonly seen: Map<number, number>;
  readonly tables: Set<string>;
  candidates: Candidates | undefined;
}

interface PendingCall {
  readonly known: KnownFile;
  readonly range: CodeRange;
  readonly depth: number;
  readonly call: IndirectCall;
}

/** Where a reference comes from. */
interface Origin {
  readonly known: KnownFile;
  readonly by: string;
  readonly depth: number;
  readonly how: How;
  readonly site: number | undefined;
}

export class Walk {
  private readonly objects: ReachedObject[] = [];
  private readonly unknown: PendingCall[] = [];
  private readonly library = new Map<string, LibraryReference>();
  private readonly unread: string[] = [];
  private readonly files = new Map<ReachFile, KnownFile>();
  private steps: Step[] = [];
  /** Unknown calls whose candidates were followed. */
  private followed = 0;
  private asked: KnownFile | undefined;

  constructor(private readonly options: ReachOptions) {}

  start(file: ReachFile, roots: readonly CodeRange[]): void {
    const known = (this.asked = this.knownFile(file));
    for (const range of roots) this.addFunction(known, range, 0, undefined);
    while (this.steps.length > 0) {
      // One level after the other: each place keeps the shortest way to it.
      const level = this.steps.sort((a, b) => a.depth - b.depth);
      const depth = level[0]!.depth;
      this.steps = level.filter((step) => step.depth > depth);
      for (const step of level) if (step.depth === depth) this.readFunction(step);
      if (this.steps.length === 0 && this.options.candidates) this.followCandidates();
    }
    if (this.options.candidates && roots[0] !== undefined) this.addPointed(known, nameOf(roots[0]));
  }

  /** Whoever calls the function, and what it finds in memory, may have pointers to it. */
  private addPointed(known: KnownFile, by: string): void {
    const origin: Origin = { known, by, depth: 0, how: "candidate", site: undefined };
    for (const object of known.extents.addressTaken()) this.addObject(origin, object);
  }

  private pointed(): readonly ReachedData[] {
    const { asked } = this;
    if (asked === undefined) return [];
    const { image } = asked.file;
    return asked.extents
      .addressTaken()
      .filter(({ address, size }) => (asked.seen.get(address) ?? 0) < address + size)
      .map(({ name, address, size }) => ({
        name,
        image: image.path,
        section: image.sectionAt(address)?.name ?? "",
        address,
        size,
      }));
  }

  /** Any pointer could lead to any function whose address is taken: what is likely is a guess. */
  private followCandidates(): void {
    for (; this.followed < this.unknown.length; this.followed++) {
      const { known, range, depth, call } = this.unknown[this.followed]!;
      if (depth + 1 > this.options.depth) continue;
      const via: Via = { by: nameOf(range), how: "candidate", site: call.site };
      for (const candidate of this.candidatesOf(known).all()) this.addFunction(known, candidate, depth + 1, via);
    }
  }

  private candidatesOf(known: KnownFile): Candidates {
    return (known.candidates ??= new Candidates(known.file));
  }

  result(): Reach {
    return {
      objects: this.objects,
      unknown: this.unknown.map(({ known, range, depth, call }) => ({
        function: nameOf(range),
        image: known.file.image.path,
        site: call.site,
        kind: call.kind,
        depth,
        through: call.slot === undefined ? undefined : known.file.image.objectAt(call.slot)?.name,
        candidates: this.candidatesOf(known).of(call),
      })),
      addressTaken: [...new Set(this.unknown.map(({ known }) => known))].flatMap((known) =>
        this.candidatesOf(known)
          .all()
          .map((range) => ({ name: nameOf(range), image: known.file.image.path, address: range.address })),
      ),
      pointed: () => this.pointed(),
      library: [...this.library.values()],
      unread: this.unread,
    };
  }

  private knownFile(file: ReachFile): KnownFile {
    let known = this.files.get(file);
    if (known === undefined) {
      known = { file, extents: new DataExtents(file), seen: new Map(), tables: new Set(), candidates: undefined };
      this.files.set(file, known);
    }
    return known;
  }

  private addFunction(known: KnownFile, range: CodeRange, depth: number, via: Via | undefined): void {
    if (known.seen.has(range.address)) return;
    known.seen.set(range.address, range.address + range.size);
    const { image } = known.file;
    this.objects.push({
      kind: range.kind,
      name: nameOf(range),
      symbol: range.symbol?.name,
      image: image.path,
      section: image.sectionAt(range.address)?.name ?? "",
      address: range.address,
      size: range.size,
      depth,
      via,
    });
    this.steps.push({ known, range, depth });
    if (range.kind === "plt-stub" && known.file.boundLazily) this.addLazyBinding(known, range, depth);
    for (const part of range.symbol === undefined ? [] : known.file.partsOf(range.symbol.name))
      this.addFunction(known, part, depth, { by: nameOf(range), how: "part", site: undefined });
  }

  private readFunction({ known, range, depth }: Step): void {
    const { file } = known;
    const by = nameOf(range);
    const found = file.code.referencesOf(range);
    if (found === undefined) this.unread.push(by);
    const kept = keptReferences(file.kept, range, found !== undefined);
    for (const reference of [...(found?.references ?? []), ...kept])
      this.follow({ known, by, depth, how: reference.kind, site: reference.site }, reference, range);
    for (const { kind, symbol } of range.symbol === undefined ? [] : file.referencesByName(range.symbol.name)) {
      const origin: Origin = { known, by, depth, how: kind, site: undefined };
      const places = file.named(symbol);
      for (const target of places) this.follow(origin, { kind, target, width: 0 }, range);
      if (places.length === 0) this.addLibrary(origin, symbol);
    }
    for (const call of found?.indirect ?? []) this.followIndirect(known, range, depth, call);
  }

  private follow(
    origin: Origin,
    { kind, target, width }: Pick<Reference, "kind" | "target" | "width">,
    from?: CodeRange,
  ) {
    const { known, depth } = origin;
    const section = known.file.image.sectionAt(target);
    if (section === undefined) return;
    if (!section.flags.execute) return this.addData(origin, target, kind === "read" || kind === "write" ? width : 0);
    const range = known.file.functions.at(target) ?? this.unnamedCode(known, target, section.address + section.size);
    if (range.address === from?.address) return;
    // Functions of the file count as calls, the stubs that lead to them do not.
    const next = isCounted(range, from) ? depth + 1 : depth;
    if (next > this.options.depth) return;
    this.addFunction(known, range, next, viaOf(origin));
  }

  private unnamedCode({ file }: KnownFile, address: number, sectionEnd: number): CodeRange {
    const next = file.functions.between(address + 1, sectionEnd)[0]?.address ?? sectionEnd;
    return { kind: "function", symbol: undefined, address, size: Math.min(next - address, LONGEST_UNNAMED_BYTES) };
  }

  private followIndirect(known: KnownFile, range: CodeRange, depth: number, call: IndirectCall): void {
    const { file } = known;
    const pointer = call.slot === undefined ? undefined : file.pointers.at(call.slot);
    const through = call.slot === undefined ? undefined : file.image.objectAt(call.slot);
    // What the loader has written there nobody else writes.
    const isFixed = through?.kind === "got-slot" || /^\.data\.rel\.ro|^\.got/.test(sectionOf(file, call.slot));
    if (isFixed && pointer !== undefined && through !== undefined) {
      const origin: Origin = { known, by: nameOf(range), depth, how: call.kind, site: call.site };
      return this.followPointer(origin, { ...through, kind: "got-slot" }, pointer);
    }
    if (isFixed && range.kind === "plt-stub") return;
    this.unknown.push({ known, range, depth, call });
  }

  private addData(origin: Origin, target: number, width: number): void {
    const { known } = origin;
    const object = known.extents.objectAt(target, width);
    if (object === undefined || !this.addObject(origin, object)) return;
    if (object.kind === "unwind-table" || object.kind === "dynamic-table") return;
    for (const pointer of known.file.pointers.between(object.address, object.address + object.size))
      this.followPointer(origin, object, pointer);
  }

  /** Whether it was not known yet as a whole: what was read as a single value may turn out to be the start of more. */
  private addObject(origin: Origin, { kind, name, symbol, address, size }: ImageObject): boolean {
    const { file, seen } = origin.known;
    if ((seen.get(address) ?? 0) >= address + size) return false;
    seen.set(address, address + size);
    const { path: image } = file.image;
    const section = file.image.sectionAt(address)?.name ?? "";
    const via = viaOf(origin);
    this.objects.push({ kind, name, symbol, image, section, address, size, depth: origin.depth, via });
    return true;
  }

  /** Data leads to data; to functions only from the tables that the linker makes for calls. */
  private followPointer(origin: Origin, object: ImageObject, pointer: Pointer): void {
    const { known } = origin;
    const { file } = known;
    const name = pointer.symbol === 0 ? "" : file.dynamicName(pointer.symbol);
    const target = pointer.target ?? (name === "" ? undefined : file.exported(name));
    if (target === undefined) return this.addLibrary(origin, name);
    const isLinkage = object.kind === "got-slot";
    const isCode = file.image.sectionAt(target)?.flags.execute === true;
    const by = { ...origin, by: object.name, how: "pointer" as const, site: pointer.slot };
    if (!isCode) return this.follow(by, { kind: "address", target, width: 0 });
    if (isLinkage) return this.follow({ ...by, how: "call" }, { kind: "call", target, width: 0 });
  }

  private addLibrary(origin: Origin, name: string): void {
    if (name === "") return;
    const { known, depth } = origin;
    if (THROWS.test(name)) this.addTables(origin, UNWIND_SECTIONS, "unwind-table", "unwinding");
    if (LOADS.test(name)) this.addTables(origin, LOOKUP_SECTIONS, "dynamic-table", "lookup");
    else if (this.options.lazyLibraries === true) this.addTables(origin, HASH_SECTIONS, "dynamic-table", "lookup");
    if (this.library.has(name)) return;
    const definer = depth < this.options.depth ? this.definerOf(known.file, name) : undefined;
    this.library.set(name, { name, depth: depth + 1, via: viaOf(origin), followed: definer?.file.image.path });
    if (definer === undefined) return;
    const target = definer.file.exported(name)!;
    this.follow({ ...origin, known: definer }, { kind: "call", target, width: 0 });
  }

  private definerOf({ needed }: ReachFile, name: string): KnownFile | undefined {
    const queue = [...needed];
    const asked = new Set(queue);
    // The loader looks into what the libraries need, too, after all of the first.
    for (let at = 0; at < queue.length && at < MOST_LIBRARIES; at++) {
      const file = this.options.library?.(queue[at]!);
      if (file?.exported(name) !== undefined) return this.knownFile(file);
      for (const more of file?.needed ?? []) {
        if (!asked.has(more)) queue.push(more);
        asked.add(more);
      }
    }
    return undefined;
  }

  private addLazyBinding(known: KnownFile, range: CodeRange, depth: number): void {
    const origin: Origin = { known, by: nameOf(range), depth, how: "lazy-binding", site: undefined };
    this.addTables(origin, BINDING_SECTIONS, "dynamic-table", "lazy-binding");
    const plt = known.file.image.sections.find(({ name }) => name === ".plt");
    const resolver = plt === undefined ? undefined : known.file.functions.at(plt.address);
    if (resolver !== undefined && resolver !== range) this.addFunction(known, resolver, depth, viaOf(origin));
  }

  private addTables(origin: Origin, names: RegExp, kind: "unwind-table" | "dynamic-table", how: How): void {
    const { known, depth } = origin;
    for (const { name, address, size, flags } of known.file.image.sections) {
      if (!flags.allocated || !names.test(name) || known.tables.has(name)) continue;
      known.tables.add(name);
      const { path: image } = known.file.image;
      const via = { ...viaOf(origin), how };
      this.objects.push({ kind, name, symbol: undefined, image, section: name, address, size, depth, via });
    }
  }
}

function viaOf({ by, how, site }: Origin): Via {
  return { by, how, site };
}

function isCounted(range: CodeRange, from: CodeRange | undefined): boolean {
  return range.kind === "function" && from?.kind !== "plt-stub";
}

function sectionOf({ image }: ReachFile, address: number | undefined): string {
  return address === undefined ? "" : (image.sectionAt(address)?.name ?? "");
}

const LONGEST_UNNAMED_BYTES = 1 << 16;
const MOST_LIBRARIES = 256;
