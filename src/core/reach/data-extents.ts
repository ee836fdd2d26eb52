/**
 * How far unnamed data reaches: to the next place whose address is taken and where an array could begin. Compilers align
 * arrays and large structures; a place between is the inside of one more often than the start of another.
 */
import { lastAtOrBelow } from "../base/bisect.js";
import type { ReachFile } from "./reach-file.js";

export class DataExtents {
  private boundaries: Float64Array | undefined;

  constructor(private readonly file: ReachFile) {}

  /** End of what begins at an address whose section ends at `sectionEnd`. The first call reads all code of the file. */
  endOf(address: number, sectionEnd: number): number {
    this.boundaries ??= collect(this.file);
    const next = this.boundaries[lastAtOrBelow(this.boundaries, address) + 1];
    return Math.min(next ?? Infinity, sectionEnd);
  }
}

function collect({ code, pointers, image }: ReachFile): Float64Array {
  const places = new Set<number>();
  for (const [, { references }] of code.everything()) {
    for (const { target, kind } of references) {
      // A single value that code reads may be in the middle of an array.
      if (kind === "address" && target % ALIGNMENT === 0) places.add(target);
    }
  }
  for (const { target } of pointers.everywhere())
    if (target !== undefined && target % ALIGNMENT === 0) places.add(target);
  for (const { address, kind } of image.symbols()) if (kind !== "tls") places.add(address);
  return Float64Array.from(places).sort();
}

const ALIGNMENT = 16;
