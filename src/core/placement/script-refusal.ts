/** Why no linker script can place something: there is nothing that a section could hold. */
import type { Image, ImageSymbol } from "../image/image.js";
import { definedName } from "./source-names.js";
import type { UnclearPlace } from "./source-position.js";
import { lastIdentifier } from "./symbol-names.js";
import type { Mismatch } from "./verify.js";

export type ScriptRefusal =
  | Extract<Mismatch, { readonly code: "inlined" | "thread-local" | "optimised-away" | "unknown" }>
  | Extract<UnclearPlace, { readonly code: "ambiguous" }>;

/** undefined: one can. @param own the symbols of that name; debug information is read where there are none. */
export function scriptRefusal(
  image: Image,
  name: string,
  own: readonly ImageSymbol[],
  kind: "function" | "variable" | undefined,
): ScriptRefusal | undefined {
  if (own.length > 0) return own[0]!.kind === "tls" ? { code: "thread-local" } : undefined;
  const definitions = image
    .definitionsOf(new Set([lastIdentifier(definedName(name).name)]))
    .filter((one) => one.kind === (kind ?? one.kind));
  const calls = definitions.reduce((sum, { inlinedCalls }) => sum + inlinedCalls, 0);
  if (calls > 0) return { code: "inlined", calls };
  return { code: definitions.some((one) => one.kind === "variable") ? "optimised-away" : "unknown" };
}
