/** Sections and segments of an ELF file in the words of the Image interface, and where an address falls among them. */
import { lastAtOrBelow } from "../base/bisect.js";
import { PF, PT, SHF, SHT } from "../elf/elf-constants.js";
import type { ElfFile, ElfSection, ElfSegment } from "../elf/elf-file.js";
import type { ImageSection, ImageSegment } from "./image.js";

export class SectionIndex {
  private readonly allocated: readonly ElfSection[];
  private readonly starts: Float64Array;
  /** The one found last, which is mostly the next one, too. */
  private last: ElfSection | undefined;

  constructor(private readonly elf: ElfFile) {
    this.allocated = elf.sections.filter(coversAddresses).sort((a, b) => a.address - b.address);
    this.starts = Float64Array.from(this.allocated, ({ address }) => address);
  }

  at(address: number): ElfSection | undefined {
    const { last } = this;
    if (last !== undefined && address >= last.address && address < last.address + last.size) return last;
    const section = this.before(address);
    if (section === undefined || address >= section.address + section.size) return undefined;
    return (this.last = section);
  }

  /** The last allocated section that starts at or before the address. */
  before(address: number): ElfSection | undefined {
    return this.allocated[lastAtOrBelow(this.starts, address)];
  }

  isCode(address: number): boolean {
    if (this.allocated.length > 0) return ((this.at(address)?.flags ?? 0) & SHF.EXECINSTR) !== 0;
    return this.elf.segments.some(
      (segment) =>
        segment.type === PT.LOAD &&
        (segment.flags & PF.X) !== 0 &&
        address >= segment.address &&
        address < segment.address + segment.memorySize,
    );
  }
}

/** .tbss has addresses but takes no room: the sections after it have the same ones. */
function coversAddresses({ flags, type, size }: ElfSection): boolean {
  return (flags & SHF.ALLOC) !== 0 && size > 0 && !((flags & SHF.TLS) !== 0 && type === SHT.NOBITS);
}

export function imageSection({ index, name, type, flags, address, offset, size }: ElfSection): ImageSection {
  return {
    index,
    name,
    type,
    flags: {
      write: (flags & SHF.WRITE) !== 0,
      allocated: (flags & SHF.ALLOC) !== 0,
      execute: (flags & SHF.EXECINSTR) !== 0,
      tls: (flags & SHF.TLS) !== 0,
    },
    address,
    fileOffset: offset,
    size,
    nobits: type === SHT.NOBITS,
  };
}

export function imageSegment({ type, flags, offset, fileSize, address, memorySize }: ElfSegment): ImageSegment {
  return {
    type,
    flags: { read: (flags & PF.R) !== 0, write: (flags & PF.W) !== 0, execute: (flags & PF.X) !== 0 },
    fileOffset: offset,
    fileSize,
    address,
    memorySize,
  };
}
