/** Where functions begin and end: by their symbols, and where those were stripped by the unwind tables. */
import { lastAtOrBelow } from "../base/bisect.js";
import type { Image, ImageSection, ImageSymbol } from "../image/image.js";
import type { UnwindRange } from "../elf/unwind-ranges.js";

export interface CodeRange {
  readonly kind: "function" | "plt-stub";
  /** undefined: only an unwind table knows it. */
  readonly symbol: Pick<ImageSymbol, "name" | "displayName"> | undefined;
  readonly address: number;
  readonly size: number;
}

/** Readable; an address in hexadecimal where nothing names it. Demangled on demand: most are never shown. */
export function nameOf({ symbol, address }: CodeRange): string {
  return symbol?.displayName ?? `0x${address.toString(16)}`;
}

/** Functions, parts of functions and stubs of the procedure linkage table, by address. */
export class FunctionIndex {
  private readonly ranges: readonly CodeRange[];
  private readonly starts: Float64Array;

  constructor(image: Image, unwind: readonly UnwindRange[]) {
    this.ranges = merged(image, unwind);
    this.starts = Float64Array.from(this.ranges, ({ address }) => address);
  }

  at(address: number): CodeRange | undefined {
    const range = this.ranges[lastAtOrBelow(this.starts, address)];
    return range !== undefined && address < range.address + range.size ? range : undefined;
  }

  /** The ranges that begin in [from, to). */
  between(from: number, to: number): readonly CodeRange[] {
    return this.ranges.slice(lastAtOrBelow(this.starts, from - 1) + 1, lastAtOrBelow(this.starts, to - 1) + 1);
  }

  startsAt(address: number): boolean {
    return this.ranges[lastAtOrBelow(this.starts, address)]?.address === address;
  }
}

function merged(image: Image, unwind: readonly UnwindRange[]): readonly CodeRange[] {
  const isCode = (address: number): boolean => {
    const section = image.sectionAt(address);
    return section?.flags.execute === true && !isStubs(section);
  };
  const starts = new Map<number, CodeRange & { readonly label?: boolean }>();
  for (const section of image.sections.filter(isStubs)) {
    for (const stub of stubsIn(image, section)) starts.set(stub.address, stub);
  }
  for (const { address, size } of unwind) {
    if (isCode(address)) starts.set(address, { kind: "function", symbol: undefined, address, size });
  }
  for (const symbol of image.symbols()) {
    const { address, kind, size } = symbol;
    if ((kind !== "function" && (kind !== "other" || size > 0)) || !isCode(address)) continue;
    const known = starts.get(address);
    if (known?.symbol !== undefined && known.size >= size) continue;
    const label = kind === "other";
    starts.set(address, { kind: "function", symbol, address, size: Math.max(size, known?.size ?? 0), label });
  }
  const ranges: CodeRange[] = [];
  for (const range of [...starts.values()].sort((a, b) => a.address - b.address)) {
    const last = ranges.at(-1);
    // Labels inside of assembler code are no functions.
    const isInside = last !== undefined && last.size > 0 && range.address < last.address + last.size;
    if (!isInside || range.label !== true) ranges.push(range);
  }
  return ranges.map((range, at) => {
    const section = image.sectionAt(range.address)!;
    const end = Math.min(ranges[at + 1]?.address ?? Infinity, section.address + section.size);
    // Without a size it reaches to the next one; nothing reaches over that.
    return { ...range, size: range.size === 0 ? end - range.address : Math.min(range.size, end - range.address) };
  });
}

function isStubs({ name, flags }: ImageSection): boolean {
  return flags.execute && /^\.i?plt(?:\.|$)/.test(name);
}

function stubsIn(image: Image, { address: start, size }: ImageSection): readonly CodeRange[] {
  const stubs: CodeRange[] = [];
  for (let address = start; address < start + size;) {
    const stub = image.objectAt(address);
    if (stub?.kind !== "plt-stub" || !(stub.size > 0)) break;
    stubs.push({
      kind: "plt-stub",
      symbol: { name: stub.symbol ?? stub.name, displayName: stub.name },
      address: stub.address,
      size: stub.size,
    });
    address = stub.address + stub.size;
  }
  return stubs;
}
