/** Placements by attributes in the source, planned: which text changes in which files, and what cannot be done and why. */
import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { editedText, type TextEdit } from "../core/base/text-edit.js";
import type { Definition, Image } from "../core/image/image.js";
import { includeRemoval } from "../core/placement/c-include.js";
import { SECTION_KINDS, type LockedSectionNames, type SectionKind } from "../core/placement/locked-sections.js";
import type { SourceAnswer, SourceRefusal } from "../core/placement/source-answer.js";
import { languageOf, placementEdit, removalEdit } from "../core/placement/source-edit.js";
import { sourcePlaces, type NoPlace, type SourcePlace, type UnclearPlace } from "../core/placement/source-position.js";
import { sourceMapper } from "../core/report/source-map.js";
import { readEditable, type EditableFile } from "./placement-files.js";
import { UserError } from "./user-error.js";

export interface PlanRequest {
  readonly image: Image;
  /** When the image was written: a source that is newer may have its lines elsewhere. Milliseconds since the epoch. */
  readonly builtMs: number;
  /** Names, or "file.c:name" and "file.c:12:name" where several are called so. */
  readonly symbols: readonly string[];
  readonly action: "place" | "remove";
  /** undefined: by the section that each is in now. */
  readonly kind: SectionKind | undefined;
  readonly sections: LockedSectionNames;
  /** Folders whose files may be changed. */
  readonly folders: readonly string[];
  /** As faultline.json has it, its folders absolute. */
  readonly sourceMap: Readonly<Record<string, string>>;
  /** Files in which the attribute is to be spelled out instead of including faultline.h. */
  readonly spelledOut: (path: string) => boolean;
  /** Symbols that are kept as placed: one that nothing in the source places is only forgotten. */
  readonly kept?: ReadonlySet<string>;
  /** Text of a file that is being edited; undefined: what is on disk counts. */
  readonly openText?: (path: string) => string | undefined;
}

export interface PlannedPlacement {
  /** As it was asked for. */
  readonly wanted: string;
  /** Without the file. */
  readonly symbol: string;
  readonly kind: SectionKind;
  readonly section: string;
  readonly file: string;
  /** 1-based, in the text before. */
  readonly line: number;
  /** Nothing is to be done in the source. */
  readonly already: boolean;
}

export interface PlannedFile {
  readonly file: EditableFile;
  readonly edits: readonly TextEdit[];
  /** After the edits. */
  readonly text: string;
  /** What its definitions were compiled in. */
  readonly units: readonly Definition["unit"][];
}

export type PlanRefusal = SourceRefusal | NoPlace | UnclearPlace;

export interface Plan {
  readonly placements: readonly PlannedPlacement[];
  readonly files: readonly PlannedFile[];
  readonly refusals: readonly { readonly wanted: string; readonly refusal: PlanRefusal }[];
}

/** Where the symbols of a request are defined: reads the debug information whole, once. */
export function placesOf({ image, symbols }: Pick<PlanRequest, "image" | "symbols">): FoundPlaces {
  return sourcePlaces(
    image,
    symbols.map((symbol) => parsedName(symbol).name),
  );
}

/** Reads sources and changes nothing. @param found of the request's symbols. */
export function planPlacements(request: PlanRequest, found: FoundPlaces = placesOf(request)): Plan {
  const wanted = request.symbols.map(parsedName);
  const reader = new Reader(request);
  const placements: PlannedPlacement[] = [];
  const refusals: { wanted: string; refusal: PlanRefusal }[] = [];
  const changes = new Map<EditableFile, { edits: Map<string, TextEdit>; units: Map<string, Definition["unit"]> }>();
  for (const [index, name] of wanted.entries()) {
    const refuse = (refusal: PlanRefusal): void => void refusals.push({ wanted: name.asked, refusal });
    const place = chosen(name, found[index]!, request);
    if ("code" in place) {
      refuse(place);
      continue;
    }
    const kind = request.kind ?? kindNow(place, request.sections);
    if ((kind === "text") !== (place.definition.kind === "text")) {
      refuse({ code: "kind", kind: place.definition.kind });
      continue;
    }
    const file = reader.read(place.file);
    if (typeof file === "string") {
      refuse({ code: "file", reason: file });
      continue;
    }
    const section = request.sections[kind];
    const answer = answerFor(place, file, kind, request);
    const isKept = request.kept?.has(name.name) === true;
    const already =
      !answer.ok && (answer.refusal.code === "already" || (isKept && answer.refusal.code === "not-placed"));
    if (!answer.ok && !already) {
      refuse(answer.refusal);
      continue;
    }
    const line = answer.ok ? answer.line : place.definition.line;
    placements.push({ wanted: name.asked, symbol: name.name, kind, section, file: file.path, line, already });
    if (!answer.ok) continue;
    const change = changes.get(file) ?? { edits: new Map(), units: new Map() };
    changes.set(file, change);
    // Each of several adds the same include line.
    for (const edit of answer.edits) change.edits.set(`${edit.offset}:${edit.length}:${edit.text}`, edit);
    change.units.set(`${place.unit.directory}:${place.unit.name}`, place.unit);
  }
  const files = [...changes].map(([file, { edits, units }]) => {
    const list = [...edits.values()];
    return { file, edits: list, text: editedText(file.text, list), units: [...units.values()] };
  });
  return { placements, files: request.action === "place" ? files : files.map(withoutHeader), refusals };
}

export type FoundPlaces = readonly (readonly SourcePlace[] | NoPlace)[];

interface AskedName {
  readonly asked: string;
  readonly name: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
}

function parsedName(asked: string): AskedName {
  const found = /^(.+?\.[A-Za-z+]+):(?:(\d+):)?(?!:)(.+)$/.exec(asked);
  return {
    asked,
    name: found?.[3] ?? asked,
    file: found?.[1],
    line: found?.[2] === undefined ? undefined : Number(found[2]),
  };
}

function chosen(
  { name, file, line }: AskedName,
  found: readonly SourcePlace[] | NoPlace,
  { sourceMap, kind }: PlanRequest,
): SourcePlace | PlanRefusal {
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

function answerFor(place: SourcePlace, file: EditableFile, kind: SectionKind, request: PlanRequest): SourceAnswer {
  const language = languageOf(file.path, place.language);
  const changed = file.modifiedMs > request.builtMs;
  // The section was that of the build before: a newer text says more.
  const currentSection = changed && !place.definition.threadLocal ? undefined : place.definition.currentSection;
  const definition = { ...place.definition, kind, currentSection };
  if (language === undefined) return { ok: false, refusal: { code: "changed", line: definition.line } };
  if (request.action === "remove") return removalEdit(file.text, definition, { language, changed: true });
  return placementEdit(file.text, definition, {
    language,
    changed,
    section: request.sections[kind],
    compiler: place.compiler,
    style: request.spelledOut(file.path) ? "attribute" : "macro",
    unsafeAttributes: language === "rust" && editionOf(file.path) >= 2024,
  });
}

/** A locked section has contents also for what starts as zero: its name says more than its flags. */
function kindNow({ definition }: SourcePlace, sections: LockedSectionNames): SectionKind {
  const name = definition.currentSection;
  return SECTION_KINDS.find((kind) => name === sections[kind] || name === `.${sections[kind]}`) ?? definition.kind;
}

/** Each removal alone leaves the header to the other macros: it goes when none of them is left. */
function withoutHeader(planned: PlannedFile): PlannedFile {
  const { file, edits } = planned;
  if (file.path.endsWith(".rs")) return planned;
  const marks = edits.filter(({ offset, length }) => !file.text.slice(offset, offset + length).includes("#include"));
  const unmarked = editedText(file.text, marks);
  // It stands before all of them, so that its place is the same in both texts.
  const header = includeRemoval(unmarked, Math.min(...marks.map(({ offset }) => offset)));
  const all = header === undefined ? marks : [header, ...marks];
  return { ...planned, edits: all, text: editedText(file.text, all) };
}

/** By the nearest Cargo.toml; 2015 where there is none. */
function editionOf(path: string): number {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const edition = /^\s*edition\s*=\s*"(\d{4})"/m.exec(readText(join(folder, "Cargo.toml")) ?? "")?.[1];
    if (edition !== undefined) return Number(edition);
    if (folder === dirname(folder)) return 2015;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // There is none here.
  }
}

/** Each file once, so that all edits of it count in the same text. */
class Reader {
  private readonly files = new Map<string, EditableFile | string>();

  constructor(private readonly request: PlanRequest) {}

  /** A sentence where it cannot be changed. */
  read(path: string): EditableFile | string {
    let file = this.files.get(path);
    if (file === undefined) {
      file = this.open(path);
      // Another name of the same file.
      const known = typeof file === "string" ? undefined : this.files.get(file.path);
      if (known !== undefined) file = known;
      if (typeof file !== "string") this.files.set(file.path, file);
      this.files.set(path, file);
    }
    return file;
  }

  private open(path: string): EditableFile | string {
    try {
      const file = readEditable(path, this.request.folders);
      const text = this.request.openText?.(file.path);
      return text === undefined || text === file.text ? file : { ...file, text, modifiedMs: Infinity };
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
  }
}

function shortPath(path: string): string {
  return `${basename(dirname(path))}${sep}${basename(path)}`;
}
