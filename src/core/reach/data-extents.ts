/**
 * What data is at an address, and how far it reaches where nothing names it: to the next place whose address is taken and
 * where an array could begin. Compilers align arrays and large structures; a place between is the inside of one more often
 * than the start of another.
 */
import { lastAtOrBelow } from "../base/bisect.js";
import type { ImageObject } from "../image/image.js";
import type { ReachFile } from "./reach-file.js";

interface Places {
  /** Where an array could begin. */
  readonly boundaries: Float64Array;
  /** Every address that code takes or data holds. */
  readonly taken: Float64Array;
}

export class DataExtents {
  private places: Places | undefined;
  private pointed: readonly ImageObject[] | undefined;

  constructor(private readonly file: ReachFile) {}

  /** @param width bytes that are read or written there; 0: its address is taken. */
  objectAt(target: number, width: number): ImageObject | undefined {
    const { image } = this.file;
    const object = image.objectAt(target);
    if (object === undefined || object.kind === "tls-template" || object.kind === "padding") return undefined;
    if (object.kind !== "section" && object.size > 0) return object;
    const section = image.sectionAt(target);
    if (section === undefined) return undefined;
    const sectionEnd = section.address + section.size;
    const end = width > 0 ? Math.min(target + width, sectionEnd) : this.endOf(target, sectionEnd);
    const name =
      object.kind === "section" ? `${section.name}+0x${(target - section.address).toString(16)}` : object.name;
    return { ...object, name, address: target, size: end - target };
  }

  /** By address: all that a pointer could lead to. The first call reads all code of the file. */
  addressTaken(): readonly ImageObject[] {
    if (this.pointed !== undefined) return this.pointed;
    const { image } = this.file;
    const found: ImageObject[] = [];
    for (const target of this.allPlaces().taken) {
      const last = found.at(-1);
      if (last !== undefined && target < last.address + last.size) continue;
      const object = image.sectionAt(target)?.flags.execute === false ? this.objectAt(target, 0) : undefined;
      if (object !== undefined && object.kind !== "got-slot") found.push(object);
    }
    return (this.pointed = found);
  }

  private endOf(address: number, sectionEnd: number): number {
    const { boundaries } = this.allPlaces();
    return Math.min(boundaries[lastAtOrBelow(boundaries, address) + 1] ?? Infinity, sectionEnd);
  }

  private allPlaces(): Places {
    return (this.places ??= placesIn(this.file));
  }
}

function placesIn({ code, pointers, image }: ReachFile): Places {
  const taken = new Set<number>();
  for (const [, { references }] of code.everything()) {
    // A single value that code reads may be in the middle of an array.
    for (const { target, kind } of references) if (kind === "address") taken.add(target);
  }
  for (const { target } of pointers.everywhere()) if (target !== undefined) taken.add(target);
  const boundaries = new Set([...taken].filter((target) => target % ALIGNMENT === 0));
  for (const { address, kind } of image.symbols()) if (kind !== "tls") boundaries.add(address);
  return { boundaries: Float64Array.from(boundaries).sort(), taken: Float64Array.from(taken).sort() };
}

const ALIGNMENT = 16;
