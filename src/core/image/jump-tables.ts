/** Jump tables of switch statements: found through the code that refers to them, since the linker names none. */
import { lastAtOrBelow } from "../base/bisect.js";
import { rowOrder } from "../base/row-order.js";
import { SHF, SHT } from "../elf/elf-constants.js";
import type { ElfFile, ElfSection } from "../elf/elf-file.js";
import { loadedBytes } from "../elf/loaded-bytes.js";
import type { SectionIndex } from "./image-sections.js";
import type { ImageSymbol } from "./image.js";
import { visitTableReferences, type TableReference } from "./table-references.js";

export interface JumpTable {
  /** Readable name of the function that jumps through it. */
  readonly function: string;
  readonly address: number;
  readonly size: number;
}

export interface JumpTableOptions {
  readonly elf: ElfFile;
  readonly sections: SectionIndex;
  readonly functionAt: (address: number) => ImageSymbol | undefined;
}

export class JumpTables {
  private starts: Float64Array | undefined;
  private references: readonly TableReference[] = [];

  constructor(private readonly options: JumpTableOptions) {}

  /** The table that covers an address of a constant section. The first call reads all code once. */
  at(address: number): JumpTable | undefined {
    this.starts ??= this.scan();
    const last = lastAtOrBelow(this.starts, address);
    const start = this.starts[last];
    if (start === undefined || address - start > MAX_TABLE_BYTES) return undefined;
    for (let index = last; index >= 0 && this.starts[index] === start; index--) {
      const table = this.tableOf(this.references[index]!, this.starts[last + 1] ?? Infinity);
      if (table !== undefined && address < table.address + table.size) return table;
    }
    return undefined;
  }

  /** The last address of a constant, at or before this one, that code refers to. */
  referenceBefore(address: number): number | undefined {
    this.starts ??= this.scan();
    return this.starts[lastAtOrBelow(this.starts, address)];
  }

  private scan(): Float64Array {
    const { elf } = this.options;
    const found: TableReference[] = [];
    const mayHold = this.constants();
    for (const section of elf.sections) {
      if ((section.flags & SHF.EXECINSTR) === 0 || section.type !== SHT.PROGBITS) continue;
      const code = loadedBytes(elf, section.address, Math.min(section.size, MAX_CODE_BYTES));
      visitTableReferences(elf, code, section.address, mayHold, (reference) => {
        if (found.length < MAX_REFERENCES) found.push(reference);
      });
    }
    const order = rowOrder(Float64Array.from(found, ({ target }) => target));
    this.references = Array.from(order, (row) => found[row]!);
    return Float64Array.from(this.references, ({ target }) => target);
  }

  /** Whether an address is of a constant section. Most code refers to is not, and not even near. */
  private constants(): (address: number) => boolean {
    const { elf, sections } = this.options;
    const constant = elf.sections.filter(isConstant);
    const low = Math.min(...constant.map(({ address }) => address));
    const high = Math.max(...constant.map(({ address, size }) => address + size));
    return (address) => address >= low && address < high && isConstant(sections.at(address));
  }

  /** As many entries as lead into the function that refers to the table, up to the next thing the code refers to. */
  private tableOf(reference: TableReference, next: number): JumpTable | undefined {
    const { elf, sections, functionAt } = this.options;
    const owner = functionAt(reference.site);
    const section = sections.at(reference.target);
    if (owner === undefined || section === undefined) return undefined;
    const size = entrySize(reference);
    if (reference.target % size !== 0) return undefined;
    const end = Math.min(next, section.address + section.size, reference.target + MAX_TABLE_BYTES);
    const bytes = loadedBytes(elf, reference.target, end - reference.target);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const most = Math.min(Math.floor(bytes.length / size), reference.count ?? Infinity);
    let count = 0;
    while (count < most && this.leadsInto(owner, entryTarget(reference, view, count * size))) count++;
    if (count < MIN_ENTRIES) return undefined;
    return {
      function: owner.displayName.replace(/(?:\.cold| \(\.cold\))$/, ""),
      address: reference.target,
      size: count * size,
    };
  }

  private leadsInto(owner: ImageSymbol, target: number): boolean {
    if (target >= owner.address && target < owner.address + owner.size) return true;
    if (!this.options.sections.isCode(target)) return false;
    // The cold part of a function is a symbol of its own.
    const other = this.options.functionAt(target);
    return other !== undefined && hotName(other.name) === hotName(owner.name);
  }
}

function entrySize({ entries }: TableReference): number {
  return entries.kind === "relative" ? 4 : entries.kind === "absolute" ? 8 : entries.size;
}

function entryTarget({ entries, target }: TableReference, view: DataView, at: number): number {
  if (entries.kind === "relative") return target + view.getInt32(at, true);
  if (entries.kind === "absolute") return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  const { size, signed, anchor, scale } = entries;
  const value =
    size === 1
      ? signed
        ? view.getInt8(at)
        : view.getUint8(at)
      : size === 2
        ? signed
          ? view.getInt16(at, true)
          : view.getUint16(at, true)
        : view.getInt32(at, true);
  return anchor + value * scale;
}

function hotName(name: string): string {
  return name.replace(/\.cold$/, "");
}

function isConstant(section: ElfSection | undefined): boolean {
  return (
    section !== undefined &&
    section.type === SHT.PROGBITS &&
    (section.flags & (SHF.WRITE | SHF.EXECINSTR | SHF.TLS)) === 0
  );
}

const MIN_ENTRIES = 2;
const MAX_TABLE_BYTES = 1 << 16;
const MAX_CODE_BYTES = 1 << 30;
const MAX_REFERENCES = 1 << 22;
