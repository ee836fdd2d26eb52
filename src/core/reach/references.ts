/** What code refers to: the words that disassembly and relocations have in common. */

export type ReferenceKind =
  | "call"
  /** A jump to another function: a call that does not return here, or the function's own unlikely half. */
  | "jump"
  /** The address is taken: what happens to it is not seen. */
  | "address"
  | "read"
  | "write";

/** A place in code that leads to, or takes, a known address. Addresses are link-time addresses. */
export interface Reference {
  readonly kind: ReferenceKind;
  readonly site: number;
  readonly target: number;
  /** Bytes that are read or written there; 0 where the address is taken. */
  readonly width: number;
}

/** A call or jump to an address that is in memory or in a register. */
export interface IndirectCall {
  readonly site: number;
  readonly kind: "call" | "jump";
  /** Where the address is read from, where the code says it. */
  readonly slot: number | undefined;
  /** Offset from a pointer it is read at (`call *0x18(%rax)`): a method's place in its table. */
  readonly offset: number | undefined;
}

export interface CodeReferences {
  readonly references: readonly Reference[];
  readonly indirect: readonly IndirectCall[];
}
