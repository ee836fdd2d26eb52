/** The pointers that data holds: where each leads, by what the loader or the linker was told to write there. */
import { lastAtOrBelow } from "../base/bisect.js";
import { attempt } from "../base/errors.js";
import { MAX_STRING_TABLE_BYTES } from "../base/limits.js";
import { readDynamic } from "../elf/dynamic.js";
import { SHT } from "../elf/elf-constants.js";
import type { ElfFile } from "../elf/elf-file.js";
import { loadedBytes, loadedPointer } from "../elf/loaded-bytes.js";
import { recordsIn } from "../elf/records.js";
import { readDynamicRelocations } from "../elf/relocations.js";
import type { Image } from "../image/image.js";
import type { StaticRelocation } from "./static-relocations.js";

export interface Pointer {
  readonly slot: number;
  /** Link-time address in this file; undefined where the loader looks it up by name. */
  readonly target: number | undefined;
  /** Index into the dynamic symbol table; 0 for none. */
  readonly symbol: number;
  /** The target is a function that is called once to say which function it is. */
  readonly resolver: boolean;
}

export class Pointers {
  private readonly pointers: readonly Pointer[];
  private readonly slots: Float64Array;
  /** A file at a fixed address tells the loader nothing of the addresses that it holds. */
  private readonly byContent: boolean;

  /** @param kept relocations that the linker kept. */
  constructor(
    private readonly elf: ElfFile,
    private readonly image: Image,
    kept: readonly StaticRelocation[],
  ) {
    this.pointers = collected(elf, image, kept);
    this.slots = Float64Array.from(this.pointers, ({ slot }) => slot);
    this.byContent = image.kind === "executable" && kept.length === 0;
  }

  at(slot: number): Pointer | undefined {
    const found = this.pointers[lastAtOrBelow(this.slots, slot)];
    return found?.slot === slot ? found : undefined;
  }

  /** Those in [from, to), by address. */
  between(from: number, to: number): readonly Pointer[] {
    const known = this.pointers.slice(lastAtOrBelow(this.slots, from - 1) + 1, lastAtOrBelow(this.slots, to - 1) + 1);
    return this.byContent ? [...known, ...this.contents(from, to)] : known;
  }

  /** By address, of the whole file. */
  everywhere(): readonly Pointer[] {
    if (!this.byContent) return this.pointers;
    return this.image.sections
      .filter(({ flags, nobits }) => flags.allocated && !flags.execute && !nobits)
      .flatMap(({ address, size }) => this.between(address, address + size))
      .sort((a, b) => a.slot - b.slot);
  }

  /** Aligned words that are addresses of a section: what they look like is all there is to tell them by. */
  private contents(from: number, to: number): readonly Pointer[] {
    const start = Math.ceil(from / WORD) * WORD;
    const length = Math.min(to - start, MAX_SCANNED_BYTES);
    if (!(length >= WORD) || !this.elf.is64) return [];
    const words = recordsIn(loadedBytes(this.elf, start, length), WORD, this.elf.littleEndian);
    const found: Pointer[] = [];
    for (let row = 0; row < words.count; row++) {
      const target = words.u64(row, 0);
      const slot = start + row * WORD;
      if (target >= LEAST_ADDRESS && this.image.sectionAt(target) !== undefined && this.at(slot) === undefined)
        found.push({ slot, target, symbol: 0, resolver: false });
    }
    return found;
  }
}

function collected(elf: ElfFile, image: Image, kept: readonly StaticRelocation[]): readonly Pointer[] {
  const bySlot = new Map<number, Pointer>();
  for (const { place, section, target } of kept) {
    const holder = elf.sections[section];
    if (holder === undefined || target === undefined || image.sectionAt(place)?.flags.execute !== false) continue;
    bySlot.set(place, { slot: place, target: target.value, symbol: 0, resolver: false });
  }
  for (const slot of relativeSlots(elf)) {
    const target = loadedPointer(elf, slot);
    if (target !== undefined) bySlot.set(slot, { slot, target, symbol: 0, resolver: false });
  }
  const { plt, others } = readDynamicRelocations(elf, readDynamic(elf));
  for (const { slot, effect, symbol, addend } of [...others, ...plt]) {
    if (effect === "tls") continue;
    const target = symbol === 0 ? (addend ?? loadedPointer(elf, slot)) : undefined;
    bySlot.set(slot, { slot, target, symbol, resolver: effect === "indirect" });
  }
  return [...bySlot.values()].sort((a, b) => a.slot - b.slot);
}

/** SHT_RELR: an even word is the address of a slot, an odd one tells of the 63 slots that follow, a bit each. */
function relativeSlots(elf: ElfFile): readonly number[] {
  if (!elf.is64) return [];
  return elf.sections
    .filter(({ type }) => type === SHT.RELR)
    .flatMap(({ offset, size }) => {
      const content = attempt(() => elf.source.read(offset, Math.min(size, MAX_STRING_TABLE_BYTES)));
      if (!content.ok) return [];
      const words = recordsIn(content.value, WORD, elf.littleEndian);
      const slots: number[] = [];
      let next = 0;
      for (let row = 0; row < words.count; row++) {
        const low = words.u32(row, elf.littleEndian ? 0 : 4);
        const high = words.u32(row, elf.littleEndian ? 4 : 0);
        if ((low & 1) === 0) {
          const address = high * 2 ** 32 + low;
          slots.push(address);
          next = address + WORD;
          continue;
        }
        for (let bit = 1; bit < 64; bit++) {
          if ((((bit < 32 ? low : high) >>> (bit % 32)) & 1) === 1) slots.push(next + (bit - 1) * WORD);
        }
        next += 63 * WORD;
      }
      return slots;
    });
}

const WORD = 8;
const LEAST_ADDRESS = 0x1000;
const MAX_SCANNED_BYTES = 1 << 24;
