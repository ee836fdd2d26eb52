/** What links a file to others: slots of the global offset table and stubs of the procedure linkage table, named. */
import { demangle } from "../demangle/demangle.js";
import { SHF, SHT } from "../elf/elf-constants.js";
import type { ElfFile, ElfSection } from "../elf/elf-file.js";
import { loadedBytes, loadedPointer } from "../elf/loaded-bytes.js";
import type { DynamicRelocation, DynamicRelocations } from "../elf/relocations.js";
import { lastAtOrBelow } from "../base/bisect.js";
import { decodeStubs, type Stub } from "./plt-stubs.js";

export interface NamedRange {
  readonly name: string;
  /** The linkage name of what it leads to, where there is one. */
  readonly symbol: string | undefined;
  readonly address: number;
  readonly size: number;
}

export interface LinkageOptions {
  readonly elf: ElfFile;
  readonly relocations: DynamicRelocations;
  /** Name of a dynamic symbol. */
  readonly symbolName: (index: number) => string;
  /** What lies at an address, for slots that hold one. */
  readonly nameOf: (address: number) => string | undefined;
}

export class Linkage {
  private readonly slots: ReadonlyMap<number, DynamicRelocation>;
  private stubs: { readonly starts: Float64Array; readonly ranges: readonly NamedRange[] } | undefined;

  constructor(private readonly options: LinkageOptions) {
    const { plt, others } = options.relocations;
    this.slots = new Map([...others, ...plt].map((relocation) => [relocation.slot, relocation]));
  }

  /** "printf@plt" for an address in a stub. */
  stubAt(address: number): NamedRange | undefined {
    const { starts, ranges } = (this.stubs ??= this.readStubs());
    const stub = ranges[lastAtOrBelow(starts, address)];
    return stub !== undefined && address < stub.address + stub.size ? stub : undefined;
  }

  /** "printf@got", "&table (GOT)" for an address in a section of the global offset table. */
  slotAt(address: number, section: ElfSection): NamedRange {
    const size = this.options.elf.is64 ? 8 : 4;
    const slot = address - ((address - section.address) % size);
    return { ...this.nameSlot(slot, section), address: slot, size };
  }

  private nameSlot(slot: number, section: ElfSection): { name: string; symbol: string | undefined } {
    const relocation = this.slots.get(slot);
    const symbol = relocation === undefined ? "" : this.symbolOf(relocation);
    if (symbol !== "")
      return { name: `${demangle(symbol)}@got${relocation?.effect === "tls" ? " (TLS)" : ""}`, symbol };
    if (relocation?.effect === "tls") return { name: "TLS offset (GOT)", symbol: undefined };
    const target = relocation?.addend ?? loadedPointer(this.options.elf, slot) ?? 0;
    if (target !== 0) return { name: `&${this.options.nameOf(target) ?? hex(target)} (GOT)`, symbol: undefined };
    // The first three slots belong to the loader; see the processor supplements of the System V ABI.
    const index = (slot - section.address) / (this.options.elf.is64 ? 8 : 4);
    const reserved = index === 1 ? "link map (GOT)" : index === 2 ? "lazy-binding resolver (GOT)" : "GOT slot";
    return { name: reserved, symbol: undefined };
  }

  private symbolOf({ symbol }: DynamicRelocation): string {
    return symbol === 0 ? "" : this.options.symbolName(symbol);
  }

  private readStubs(): { starts: Float64Array; ranges: readonly NamedRange[] } {
    const { elf, relocations } = this.options;
    const ranges = elf.sections
      .filter(isStubSection)
      .flatMap((section) => {
        const bytes = loadedBytes(elf, section.address, Math.min(section.size, MAX_STUB_BYTES));
        const pltSlots = relocations.plt.map(({ slot }) => slot);
        return decodeStubs({ machine: elf.machine, section, bytes, pltSlots, isSlot: (slot) => this.slots.has(slot) });
      })
      .map((stub) => this.nameStub(stub))
      .sort((a, b) => a.address - b.address);
    return { starts: Float64Array.from(ranges, ({ address }) => address), ranges };
  }

  private nameStub({ address, size, slot }: Stub): NamedRange {
    const relocation = slot === undefined ? undefined : this.slots.get(slot);
    if (relocation === undefined) return { name: "lazy-binding stub (PLT)", symbol: undefined, address, size };
    const symbol = this.symbolOf(relocation);
    const target = relocation.addend ?? 0;
    const name = symbol === "" ? (this.options.nameOf(target) ?? hex(target)) : demangle(symbol);
    return { name: `${name}@plt`, symbol: symbol === "" ? undefined : symbol, address, size };
  }
}

export function isStubSection({ name, flags, type }: ElfSection): boolean {
  return (flags & SHF.EXECINSTR) !== 0 && type === SHT.PROGBITS && /^\.i?plt(?:\.|$)/.test(name);
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}

const MAX_STUB_BYTES = 1 << 24;
