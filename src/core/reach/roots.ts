/** The function that a person names, with its parts and copies, or the one at an address. */
import { SymbolNames } from "../placement/symbol-names.js";
import type { CodeRange } from "./function-index.js";
import type { ReachFile } from "./reach-file.js";

/** @param wanted a name, mangled or readable, or an address ("0x…"). Empty where there is no such function. */
export function rootsNamed({ image, functions }: ReachFile, wanted: string): readonly CodeRange[] {
  const address = addressOf(wanted);
  const { own, parts, copies } =
    address === undefined ? new SymbolNames(image).find(wanted) : { own: [], parts: [], copies: [] };
  const addresses = address === undefined ? [...own, ...copies, ...parts].map((symbol) => symbol.address) : [address];
  return addresses.flatMap((start) => functions.at(start) ?? []).filter(({ kind }) => kind === "function");
}

/** undefined: it is a name. */
export function addressOf(wanted: string): number | undefined {
  return /^0x[0-9a-f]{1,13}$/i.test(wanted) ? Number(wanted) : undefined;
}
