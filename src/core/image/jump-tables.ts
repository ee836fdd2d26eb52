/** Jump tables of switch statements: found through the code that refers to them, since the linker names none. */
import type { ElfFile } from "../elf/elf-file.js";

export interface JumpTable {
  /** Readable name of the function that jumps through it. */
  readonly function: string;
  readonly address: number;
  readonly size: number;
}

export interface JumpTableOptions {
  readonly elf: ElfFile;
}

export class JumpTables {
  constructor(private readonly options: JumpTableOptions) {}

  at(address: number): JumpTable | undefined {
    return address < 0 ? { function: "", address, size: this.options.elf.type } : undefined;
  }
}
