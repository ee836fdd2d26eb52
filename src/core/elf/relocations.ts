/** Dynamic relocations: what the loader writes into which slot. */
import { MAX_STRING_TABLE_BYTES } from "../base/limits.js";
import { attempt } from "../base/errors.js";
import { DT, RELOCATION_TYPES, SHF, SHT, type RelocationEffect } from "./elf-constants.js";
import type { ElfFile, ElfSection } from "./elf-file.js";
import { loadedBytes } from "./loaded-bytes.js";
import { recordsIn } from "./records.js";

export interface DynamicRelocation {
  /** Link-time address of the slot. */
  readonly slot: number;
  readonly effect: RelocationEffect;
  /** Index into the dynamic symbol table; 0 for none. */
  readonly symbol: number;
  /** undefined where the slot itself holds it (REL). */
  readonly addend: number | undefined;
}

/** The relocations of the procedure linkage table, in its order, and all others. */
export interface DynamicRelocations {
  readonly plt: readonly DynamicRelocation[];
  readonly others: readonly DynamicRelocation[];
}

/** Relocations of unknown effect are left out. RELR has no names to give: its slots' content is read instead. */
export function readDynamicRelocations(elf: ElfFile, tags: ReadonlyMap<number, number>): DynamicRelocations {
  const plt = tags.get(DT.JMPREL);
  const fromSections = (wanted: boolean): DynamicRelocation[] =>
    elf.sections
      .filter(
        ({ type, flags, name }) =>
          (type === SHT.RELA || type === SHT.REL) && (flags & SHF.ALLOC) !== 0 && isPltTable(name) === wanted,
      )
      .flatMap((section) => decode(elf, sectionBytes(elf, section), section.type === SHT.RELA));
  if (elf.sections.length > 0) return { plt: fromSections(true), others: fromSections(false) };

  const table = (start: number | undefined, size: number | undefined, withAddend: boolean): DynamicRelocation[] =>
    start === undefined || size === undefined
      ? []
      : decode(elf, loadedBytes(elf, start, Math.min(size, MAX_STRING_TABLE_BYTES)), withAddend);
  return {
    plt: table(plt, tags.get(DT.PLTRELSZ), tags.get(DT.PLTREL) === DT.RELA),
    others: [
      ...table(tags.get(DT.RELA), tags.get(DT.RELASZ), true),
      ...table(tags.get(DT.REL), tags.get(DT.RELSZ), false),
    ],
  };
}

/** Static executables keep their IRELATIVE relocations in .rela.plt too, so the name is what counts. */
function isPltTable(name: string): boolean {
  return name === ".rela.plt" || name === ".rel.plt";
}

function sectionBytes(elf: ElfFile, { offset, size }: ElfSection): Uint8Array {
  const bytes = attempt(() => elf.source.read(offset, Math.min(size, MAX_STRING_TABLE_BYTES)));
  return bytes.ok && offset < elf.source.size ? bytes.value : new Uint8Array();
}

function decode(elf: ElfFile, bytes: Uint8Array, withAddend: boolean): DynamicRelocation[] {
  const effects = RELOCATION_TYPES[elf.machine] ?? {};
  const word = elf.is64 ? 8 : 4;
  const fields = recordsIn(bytes, word * (withAddend ? 3 : 2), elf.littleEndian);
  const relocations: DynamicRelocation[] = [];
  for (let row = 0; row < fields.count; row++) {
    const type = elf.is64 ? fields.u32(row, elf.littleEndian ? 8 : 12) : fields.u32(row, 4) & 0xff;
    const effect = effects[type];
    if (effect === undefined) continue;
    relocations.push({
      slot: elf.is64 ? fields.u64(row, 0) : fields.u32(row, 0),
      effect,
      symbol: elf.is64 ? fields.u32(row, elf.littleEndian ? 12 : 8) : fields.u32(row, 4) >>> 8,
      addend: withAddend ? (elf.is64 ? fields.u64(row, 16) : fields.u32(row, 8)) : undefined,
    });
  }
  return relocations;
}
