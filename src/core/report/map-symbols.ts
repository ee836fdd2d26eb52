/** Which functions and globals of an image lie on cells of a memory map, touched or not. */
import type { BinaryLayout } from "./binary-layout.js";
import type { MapProcess } from "./map-model.js";

/** A function or global as rows of trees name it: what commands about placements are given. */
export interface MapSymbol {
  readonly object: string;
  readonly kind: "function" | "variable";
  /** Path of the image it is in; the project is looked for from there as well. */
  readonly image: string;
  readonly near: string;
  readonly section: string | undefined;
  /** Its declaration, where it was touched and that is known. */
  readonly source: { readonly file: string; readonly line: number } | undefined;
}

type ImageLayout = Pick<BinaryLayout, "path" | "symbols" | "sections">;

/** Paths of the images that cells [start, end) hold parts of. */
export function imagesOn({ regions }: MapProcess, start: number, end: number): readonly string[] {
  const there = regions.filter((region) => region.kind === "image" && region.start < end && region.end > start);
  return [...new Set(there.map(({ name }) => name))];
}

/** By address; none where the image's place in the process is not known. */
export function symbolsOn(
  process: MapProcess,
  pageSize: number,
  layout: ImageLayout,
  { start, end }: { readonly start: number; readonly end: number },
): readonly MapSymbol[] {
  const bias = biasOf(process, pageSize, layout);
  if (bias === undefined) return [];
  const { path } = layout;
  const touched = new Map(process.objects.map((object) => [object.start, object]));
  const found = new Map<string, MapSymbol>();
  for (const symbol of layout.symbols) {
    const at = symbol.address + bias;
    const kind = KINDS[symbol.kind];
    if (kind === undefined || symbol.size === 0 || at >= end || at + symbol.size <= start) continue;
    const object = sourceName(symbol);
    const declared = touched.get(at);
    const { file, line } = declared ?? {};
    const source = file === undefined || line === undefined ? undefined : { file, line };
    const { section } = symbol;
    if (object !== undefined) found.set(object, { object, kind, image: path, near: path, section, source });
  }
  return [...found.values()];
}

/** Run-time less link-time address: a section's end is where the region of the same name ends. */
function biasOf({ regions }: MapProcess, pageSize: number, { path, sections }: ImageLayout): number | undefined {
  for (const { name, section, end } of regions) {
    const linked = name === path ? sections.find((one) => one.name === section && one.flags.allocated) : undefined;
    const bias = linked === undefined ? NaN : end - (linked.address + linked.size);
    if (bias >= 0 && bias % pageSize === 0) return bias;
  }
  return undefined;
}

/** Without what compilers append to parts of functions; undefined: a name that no source of the program defines. */
function sourceName({ name, displayName, kind }: BinaryLayout["symbols"][number]): string | undefined {
  // With a version it is a library's, copied here; "completed.0" is hidden in a function, often not the program's.
  if (/@|^[._](?!Z|R)/.test(name) || (kind === "object" && name.includes("."))) return undefined;
  return name === displayName ? name.replace(/\..*$/s, "") : displayName.replace(/ \[clone .*$/s, "");
}

const KINDS = { function: "function", object: "variable", tls: undefined, other: undefined } as const;
