/** Jump tables and literals of a function: what a linker script places together with it. */
import type { Extent } from "../placement/forecast.js";
import type { ImageSymbol } from "../image/image.js";
import { reach } from "./reach.js";
import type { ReachFile } from "./reach-file.js";

/** Of what the function's own code refers to in .rodata; a literal that several functions share belongs to each. */
export function functionConstants(file: ReachFile, symbol: ImageSymbol): readonly Extent[] {
  const range = file.functions.at(symbol.address);
  if (range === undefined) return [];
  const { objects } = reach(file, [range], { depth: 0, candidates: false });
  return objects
    .filter(({ kind, section }) => (kind === "jump-table" || kind === "string") && section.startsWith(".rodata"))
    .map(({ kind, address, size }) => ({ address, size, alignment: kind === "string" ? 1 : TABLE_ALIGNMENT }));
}

/** Of tables of pointers; those of offsets do with half of it. */
const TABLE_ALIGNMENT = 8;
