/** 64-bit addresses without bigint: a granule (address / 4,096) and the offset inside it. */
import { GRANULE_BYTES, granule, type Granule } from "./units.js";

export interface Address {
  readonly granule: Granule;
  /** 0 … 4095 */
  readonly offset: number;
}

/** Granule of the address whose two halves these are: exact for all 64 bits. */
export function granuleOfHalves(low: number, high: number): Granule {
  return granule((high >>> 0) * 0x10_0000 + (low >>> 12));
}

/** Exact below 2^53, which holds for every user-space address of every Linux architecture. */
export function addressOf(value: number): Address {
  return { granule: granule(Math.floor(value / GRANULE_BYTES)), offset: value % GRANULE_BYTES };
}

/** The address as a number; only for addresses known to be below 2^53. */
export function addressNumber(at: Granule, offset: number): number {
  return at * GRANULE_BYTES + offset;
}

/** Lower-case hexadecimal digits without a prefix, as perf and /proc print addresses. */
export function hexAddress(at: Granule, offset: number): string {
  return at === 0 ? offset.toString(16) : at.toString(16) + offset.toString(16).padStart(3, "0");
}
