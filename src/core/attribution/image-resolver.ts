/** How attribution gets at the files behind mappings: the host opens, checks and refuses them. */
import type { Image } from "../image/image.js";
import type { Mapping } from "../trace/trace.js";
import type { UnavailableImage } from "./findings.js";

export type ImageLookup =
  | { readonly kind: "image"; readonly image: Image }
  | { readonly kind: "unavailable"; readonly reason: UnavailableImage["reason"]; readonly detail: string | undefined };

/** Answers the same for the same file every time: the host remembers what it opened. */
export type ImageResolver = (mapping: Mapping) => ImageLookup;
