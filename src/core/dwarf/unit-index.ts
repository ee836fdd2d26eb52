/** All units, and which one an address belongs to: by .debug_aranges first, by the units' own ranges where that is silent. */
import { lastAtOrBelow } from "../base/bisect.js";
import { attempt, InputError } from "../base/errors.js";
import { wordsIn } from "../base/words.js";
import { Abbreviations } from "./abbreviations.js";
import { AT, UT } from "./dwarf-constants.js";
import { DwarfCursor } from "./dwarf-cursor.js";
import type { DwarfSections } from "./dwarf-sections.js";
import { IntervalMap } from "./interval-map.js";
import { visitRanges } from "./ranges.js";
import { DwarfUnit, readUnitHeader } from "./unit.js";

export class UnitIndex {
  private readonly abbreviations: Abbreviations;
  private readonly units = new Map<number, DwarfUnit>();
  private offsets: readonly number[] | undefined;
  private listed: { readonly map: IntervalMap; readonly units: ReadonlySet<number> } | undefined;
  private unlisted: IntervalMap | undefined;

  constructor(
    private readonly sections: DwarfSections,
    private readonly isCode: (address: number) => boolean,
    private readonly problem: (text: string) => void,
  ) {
    this.abbreviations = new Abbreviations(sections.abbrev, sections.littleEndian);
  }

  /** The unit whose code covers the address. */
  unitAt(address: number): DwarfUnit | undefined {
    this.listed ??= this.readAranges();
    let offset = this.listed.map.ownerAt(address);
    if (offset < 0) offset = (this.unlisted ??= this.readUnlisted(this.listed.units)).ownerAt(address);
    if (offset < 0) return undefined;
    const unit = attempt(() => this.unit(offset));
    return unit.ok ? unit.value : undefined;
  }

  /** The unit that holds an entry of .debug_info. Throws InputError. */
  unitOfEntry(offset: number): DwarfUnit {
    const all = this.all();
    const unit = this.unit(all[lastAtOrBelow(all, offset)] ?? 0);
    if (!(offset < unit.header.end)) throw new InputError("malformed", ".debug_info reference", offset);
    return unit;
  }

  /** Offsets of all units; what follows a broken header is lost, and said to be. */
  all(): readonly number[] {
    if (this.offsets !== undefined) return this.offsets;
    const offsets: number[] = [];
    for (let offset = 0; offset < this.sections.info.size;) {
      const at = offset;
      const next = attempt(() => this.skipUnit(at, offsets));
      if (!next.ok) {
        this.problem(next.error.message);
        break;
      }
      offset = next.value;
    }
    return (this.offsets = offsets);
  }

  /** Throws InputError. */
  unit(offset: number): DwarfUnit {
    let unit = this.units.get(offset);
    if (unit === undefined) {
      unit = new DwarfUnit(readUnitHeader(this.sections, offset), this.sections, this.abbreviations);
      this.units.set(offset, unit);
    }
    return unit;
  }

  /** A unit of a version nobody knows is passed over by its length. */
  private skipUnit(at: number, offsets: number[]): number {
    const unit = attempt(() => this.unit(at));
    if (unit.ok) {
      offsets.push(at);
      return unit.value.header.end;
    }
    if (unit.error.code !== "unsupported") throw unit.error;
    this.problem(unit.error.message);
    const { info, littleEndian } = this.sections;
    const length = new DwarfCursor(info.need(at, 4), at, at + 4, littleEndian, ".debug_info").u32();
    if (length === 0xffff_ffff || !(at + 4 + length <= info.size)) throw unit.error;
    return at + 4 + length;
  }

  /** Ranges of the units .debug_aranges does not mention: clang and rustc write none. */
  private readUnlisted(listed: ReadonlySet<number>): IntervalMap {
    const ranges = new OwnedRanges(this.isCode);
    for (const offset of this.all()) {
      if (listed.has(offset)) continue;
      const result = attempt(() => this.readRanges(this.unit(offset), ranges));
      if (!result.ok) this.problem(result.error.message);
    }
    return ranges.map();
  }

  private readRanges(unit: DwarfUnit, ranges: OwnedRanges): void {
    const { type, offset } = unit.header;
    if (type === UT.type || type === UT.split_type || type === UT.partial) return;
    const root = unit.root();
    if (root.has(AT.dwo_name) || root.has(AT.GNU_dwo_name))
      this.problem("split debug information (.dwo files) is not read");
    visitRanges(unit, root.get(AT.low_pc), root.get(AT.high_pc), root.get(AT.ranges), (low, high) =>
      ranges.add(low, high, offset),
    );
  }

  /** DWARF 5, section 6.1.2. A broken table is as good as none. */
  private readAranges(): { map: IntervalMap; units: ReadonlySet<number> } {
    const ranges = new OwnedRanges(this.isCode);
    const units = new Set<number>();
    const result = attempt(() => {
      const { aranges, littleEndian } = this.sections;
      const bytes = aranges.need(0, aranges.size);
      const words = wordsIn(bytes, littleEndian);
      const cursor = new DwarfCursor(bytes, 0, aranges.size, littleEndian, ".debug_aranges");
      while (!cursor.done) readArangeSet(cursor, words, littleEndian, units, ranges);
    });
    if (result.ok) return { map: ranges.map(), units };
    this.problem(result.error.message);
    return { map: new OwnedRanges(this.isCode).map(), units: new Set() };
  }
}

function readArangeSet(
  cursor: DwarfCursor,
  words: Uint32Array,
  littleEndian: boolean,
  units: Set<number>,
  ranges: OwnedRanges,
): void {
  const start = cursor.at;
  let length = cursor.u32();
  const wide = length === 0xffff_ffff;
  if (wide) length = cursor.u64();
  const end = cursor.at + length;
  cursor.u16();
  const unit = cursor.sized(wide ? 8 : 4);
  const size = cursor.u8();
  cursor.u8();
  const tuple = 2 * size;
  if (size !== 4 && size !== 8) throw new InputError("unsupported", ".debug_aranges address size", start);
  cursor.advance((tuple - ((cursor.at - start) % tuple)) % tuple);
  units.add(unit);
  const first = cursor.at;
  const count = Math.max(0, Math.floor((end - first) / tuple));
  cursor.advance(end - first);
  if (size === 8 && first % 4 === 0) {
    // There are tens of thousands, and all must be read for the first answer.
    const [low, high] = littleEndian ? [0, 1] : [1, 0];
    for (let at = first / 4, last = at + count * 4; at < last; at += 4) {
      const from = words[at + high]! * 2 ** 32 + words[at + low]!;
      const bytes = words[at + 2 + high]! * 2 ** 32 + words[at + 2 + low]!;
      if (bytes > 0) ranges.add(from, from + bytes, unit);
    }
    return;
  }
  cursor.at = first;
  for (let row = 0; row < count; row++) {
    const from = cursor.sized(size);
    const bytes = cursor.sized(size);
    if (bytes > 0) ranges.add(from, from + bytes, unit);
  }
  cursor.at = end;
}

class OwnedRanges {
  private readonly lows: number[] = [];
  private readonly highs: number[] = [];
  private readonly owners: number[] = [];

  constructor(private readonly isCode: (address: number) => boolean) {}

  add(low: number, high: number, owner: number): void {
    if (!this.isCode(low)) return;
    this.lows.push(low);
    this.highs.push(high);
    this.owners.push(owner);
  }

  /** Where units overlap the first one wins, so it must come last. */
  map(): IntervalMap {
    return new IntervalMap(this.lows.reverse(), this.highs.reverse(), this.owners.reverse());
  }
}
