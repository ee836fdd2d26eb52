/** What a function reaches: the values of reach. */
import type { ObjectKind } from "../image/image.js";
import type { ReachFile } from "./reach-file.js";
import type { ReferenceKind } from "./references.js";

export interface Reach {
  /** In the order they were reached: those asked for first. */
  readonly objects: readonly ReachedObject[];
  /** Calls that could lead anywhere: what they reach is in `objects` only where `candidates` was asked for. */
  readonly unknown: readonly UnknownCall[];
  /** Functions whose address code or data of the file holds; empty where every call is known. */
  readonly addressTaken: readonly FunctionPlace[];
  /**
   * Data of the file that was not reached, but whose address is taken: whoever calls the function may hand it a pointer
   * there. In `objects` where `candidates` was asked for. To know it all code of the file has to be read.
   */
  pointed(): readonly ReachedData[];
  /** What other files define, not followed into unless asked for. */
  readonly library: readonly LibraryReference[];
  /** Functions whose code could not be disassembled: only what relocations tell of them is known. */
  readonly unread: readonly string[];
}

export type ReachedData = Pick<ReachedObject, "name" | "image" | "section" | "address" | "size">;

/** Addresses are link-time addresses. */
export interface ReachedObject {
  readonly kind: ObjectKind;
  readonly name: string;
  /** As in the symbol table. */
  readonly symbol: string | undefined;
  /** Path of the file it is in. */
  readonly image: string;
  readonly section: string;
  readonly address: number;
  readonly size: number;
  /** Calls between the function asked for and the code that leads here. */
  readonly depth: number;
  /** undefined for what was asked for. */
  readonly via: Via | undefined;
}

export interface Via {
  readonly by: string;
  readonly how: How;
  /** The instruction, or the slot that holds the pointer; undefined where it is no single place. */
  readonly site: number | undefined;
}

export type How =
  | ReferenceKind
  /** Data that was reached holds its address. */
  | "pointer"
  /** The unlikely half of a function, or another part that the compiler split off. */
  | "part"
  /** A candidate of an indirect call, or of a pointer to data. */
  | "candidate"
  /** The loader looks the name up at the first call. */
  | "lazy-binding"
  /** A library function looks names up in it. */
  | "lookup"
  /** A thrown exception is caught with it. */
  | "unwinding";

export interface UnknownCall {
  readonly function: string;
  readonly image: string;
  readonly site: number;
  readonly kind: "call" | "jump";
  readonly depth: number;
  /** The variable that holds the address, where the code names it. */
  readonly through: string | undefined;
  /** The likely ones. It could be any of `addressTaken`, too. */
  readonly candidates: readonly Candidate[];
}

export interface FunctionPlace {
  readonly name: string;
  readonly image: string;
  readonly address: number;
}

export interface Candidate {
  readonly name: string;
  readonly address: number;
  /** What the variable holds at first; a method at that place of its vtable; a function at that place of a table. */
  readonly from: "variable" | "vtable" | "table";
}

export interface LibraryReference {
  readonly name: string;
  readonly depth: number;
  readonly via: Via | undefined;
  /** Path of the file it was followed into. */
  readonly followed: string | undefined;
}

export interface ReachOptions {
  /** Calls that are followed from the function asked for: 0 for what it touches itself. */
  readonly depth: number;
  /** Takes candidates of indirect calls for calls, and data whose address is taken for touched. */
  readonly candidates: boolean;
  /** The library of a name (DT_NEEDED), to follow calls into; undefined: they are not followed. */
  /** Libraries that are in use look their names up at the first call, and in this file first. */
  readonly lazyLibraries?: boolean;
  readonly library?: ((name: string) => ReachFile | undefined) | undefined;
}
