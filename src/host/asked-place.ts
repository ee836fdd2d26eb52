/** Names of placements as people ask for them, "file.c:12:name", and which of the places of a name is meant. */
import { basename, dirname, resolve, sep } from "node:path";
import type { SectionKind } from "../core/placement/locked-sections.js";
import type { NoPlace, SourcePlace, UnclearPlace } from "../core/placement/source-position.js";
import { sourceMapper } from "../core/report/source-map.js";

export interface AskedName {
  readonly asked: string;
  readonly name: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
}

export function parsedName(asked: string): AskedName {
  const found = /^(.+?\.[A-Za-z+]+):(?:(\d+):)?(?!:)(.+)$/.exec(asked);
  return {
    asked,
    name: found?.[3] ?? asked,
    file: found?.[1],
    line: found?.[2] === undefined ? undefined : Number(found[2]),
  };
}

export interface AskedOptions {
  /** As faultline.json has it, its folders absolute. */
  readonly sourceMap: Readonly<Record<string, string>>;
  readonly kind: SectionKind | undefined;
}

/** The one of a name's places that is meant, its file as the source map has it. */
export function chosenPlace(
  { name, file, line }: AskedName,
  found: readonly SourcePlace[] | NoPlace,
  { sourceMap, kind }: AskedOptions,
): SourcePlace | NoPlace | UnclearPlace {
  const map = sourceMapper(sourceMap);
  if ("code" in found) {
    // What was inlined without a trace is still in the file that a person names.
    return file === undefined || found.code === "optimised-away" ? found : placeByText(name, resolve(file), line, kind);
  }
  const places = found.map((place) => ({ ...place, file: map(place.file) }));
  const fitting = places.filter(
    (place) =>
      (file === undefined || place.file === resolve(file) || place.file.endsWith(`${sep}${file}`)) &&
      (line === undefined || place.definition.line === line),
  );
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length === 0 && file !== undefined) return placeByText(name, resolve(file), line, kind);
  const perFile = new Set(fitting.map((place) => place.file)).size === fitting.length;
  return {
    code: "ambiguous",
    choices: fitting.map((place) => `${shortPath(place.file)}:${perFile ? "" : `${place.definition.line}:`}${name}`),
  };
}

function placeByText(name: string, file: string, line: number | undefined, kind: SectionKind | undefined): SourcePlace {
  return {
    definition: {
      displayName: name,
      line: line ?? 0,
      column: 0,
      kind: kind ?? "text",
      currentSection: undefined,
      threadLocal: false,
    },
    file,
    symbol: name,
    language: undefined,
    compiler: "unknown",
    unit: { name: "", directory: "", producer: "", language: 0 },
  };
}

function shortPath(path: string): string {
  return `${basename(dirname(path))}${sep}${basename(path)}`;
}
