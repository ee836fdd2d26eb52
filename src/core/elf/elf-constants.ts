/** Numbers of the System V gABI and its GNU extensions, under the names elf.h gives them. */

export const ET = { REL: 1, EXEC: 2, DYN: 3, CORE: 4 } as const;
export const EM = { I386: 3, ARM: 40, X86_64: 62, AARCH64: 183, RISCV: 243 } as const;
export const PT = { LOAD: 1, DYNAMIC: 2, NOTE: 4, TLS: 7 } as const;
export const PF = { X: 1, W: 2, R: 4 } as const;
export const SHT = {
  PROGBITS: 1,
  SYMTAB: 2,
  STRTAB: 3,
  RELA: 4,
  HASH: 5,
  DYNAMIC: 6,
  NOTE: 7,
  NOBITS: 8,
  REL: 9,
  DYNSYM: 11,
  RELR: 19,
  GNU_HASH: 0x6fff_fff6,
  GNU_VERDEF: 0x6fff_fffd,
  GNU_VERNEED: 0x6fff_fffe,
  GNU_VERSYM: 0x6fff_ffff,
} as const;
export const SHF = {
  WRITE: 1,
  ALLOC: 2,
  EXECINSTR: 4,
  MERGE: 0x10,
  STRINGS: 0x20,
  TLS: 0x400,
  COMPRESSED: 0x800,
} as const;
export const SHN = { UNDEF: 0, LORESERVE: 0xff00, ABS: 0xfff1, COMMON: 0xfff2, XINDEX: 0xffff } as const;
export const STB = { LOCAL: 0, GLOBAL: 1, WEAK: 2, GNU_UNIQUE: 10 } as const;
export const STT = { NOTYPE: 0, OBJECT: 1, FUNC: 2, SECTION: 3, FILE: 4, COMMON: 5, TLS: 6, GNU_IFUNC: 10 } as const;
export const NT_GNU_BUILD_ID = 3;
export const DT = {
  PLTRELSZ: 2,
  HASH: 4,
  STRTAB: 5,
  SYMTAB: 6,
  RELA: 7,
  RELASZ: 8,
  STRSZ: 10,
  REL: 17,
  RELSZ: 18,
  PLTREL: 20,
  JMPREL: 23,
  RELR: 36,
  RELRSZ: 35,
  GNU_HASH: 0x6fff_fef5,
} as const;
/** What a dynamic relocation does to the slot it names; the numbers differ by machine. */
export const RELOCATION_TYPES: Readonly<Record<number, Readonly<Record<number, RelocationEffect>>>> = {
  [EM.X86_64]: {
    1: "address",
    6: "address",
    7: "call",
    8: "relative",
    16: "tls",
    17: "tls",
    18: "tls",
    36: "tls",
    37: "indirect",
  },
  [EM.AARCH64]: {
    257: "address",
    1025: "address",
    1026: "call",
    1027: "relative",
    1028: "tls",
    1029: "tls",
    1030: "tls",
    1031: "tls",
    1032: "indirect",
  },
  [EM.I386]: { 1: "address", 6: "address", 7: "call", 8: "relative", 14: "tls", 35: "tls", 36: "tls", 42: "indirect" },
  [EM.ARM]: {
    2: "address",
    21: "address",
    22: "call",
    23: "relative",
    17: "tls",
    18: "tls",
    19: "tls",
    160: "indirect",
  },
  [EM.RISCV]: { 2: "address", 3: "relative", 5: "call", 7: "tls", 9: "tls", 11: "tls", 58: "indirect" },
};
export type RelocationEffect = "address" | "call" | "relative" | "tls" | "indirect";
