/** Placements by attributes in the source, planned: which text changes in which files, and what cannot be done and why. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { editedText, type TextEdit } from "../core/base/text-edit.js";
import type { Definition, Image } from "../core/image/image.js";
import { SECTION_KINDS, type LockedSectionNames, type SectionKind } from "../core/placement/locked-sections.js";
import type {
  SourceAnswer,
  SourceDefinition,
  SourceHint,
  SourceLanguage,
  SourceRefusal,
} from "../core/placement/source-answer.js";
import {
  distinctEdits,
  languageOf,
  placementEdits,
  removalEdits,
  type PlacementRequest,
} from "../core/placement/source-edit.js";
import { sourcePlaces, type NoPlace, type SourcePlace, type UnclearPlace } from "../core/placement/source-position.js";
import { chosenPlace, parsedName, type AskedName } from "./asked-place.js";
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
  /** Whether the attribute is to be spelled out in a file instead of including faultline.h. */
  readonly spelledOut: (file: EditableFile, units: PlannedFile["units"]) => boolean;
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
  /** Another file has one of that name. */
  readonly shared?: true;
  readonly hint?: SourceHint;
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

/** Reads sources, each once, and changes nothing. @param found of the request's symbols. */
export function planPlacements(request: PlanRequest, found: FoundPlaces = placesOf(request)): Plan {
  const reader = new Reader(request);
  const asked = request.symbols.map((symbol, index) => {
    const name = parsedName(symbol);
    return { name, order: orderOf(name, found[index]!, request, reader) };
  });
  const byFile = new Map<EditableFile, Order[]>();
  for (const { order } of asked)
    if (!("code" in order)) byFile.set(order.file, [...(byFile.get(order.file) ?? []), order]);
  const answers = new Map([...byFile].flatMap(([file, orders]) => answersIn(file, orders, request)));
  const placements: PlannedPlacement[] = [];
  const refusals: { wanted: string; refusal: PlanRefusal }[] = [];
  for (const [index, { name, order }] of asked.entries()) {
    const wanted = name.asked;
    if ("code" in order) {
      refusals.push({ wanted, refusal: order });
      continue;
    }
    const answer = answers.get(order)!;
    const isKept = request.kept?.has(name.name) === true;
    const already =
      !answer.ok && (answer.refusal.code === "already" || (isKept && answer.refusal.code === "not-placed"));
    if (!answer.ok && !already) {
      refusals.push({ wanted, refusal: answer.refusal });
      continue;
    }
    const { kind, file, definition } = order;
    const line = answer.ok ? answer.line : definition.line;
    const section = request.sections[kind];
    const hint = answer.ok && answer.hint !== undefined ? { hint: answer.hint } : {};
    const shared = isShared(found[index]!) ? ({ shared: true } as const) : {};
    placements.push({ wanted, symbol: name.name, kind, section, file: file.path, line, already, ...shared, ...hint });
  }
  return { placements, files: [...byFile].flatMap(([file, orders]) => planned(file, orders, answers)), refusals };
}

export type FoundPlaces = readonly (readonly SourcePlace[] | NoPlace)[];

/** Overloads are told apart by their names in the symbol table. */
function isShared(found: FoundPlaces[number]): boolean {
  if ("code" in found) return false;
  return found.some((one) => found.some(({ symbol, file }) => symbol === one.symbol && file !== one.file));
}

/** What is asked of a file's text. */
interface Order {
  readonly file: EditableFile;
  readonly definition: SourceDefinition;
  readonly kind: SectionKind;
  readonly language: SourceLanguage;
  readonly compiler: SourcePlace["compiler"];
  readonly unit: SourcePlace["unit"];
}

function orderOf(
  name: AskedName,
  found: readonly SourcePlace[] | NoPlace,
  request: PlanRequest,
  reader: Reader,
): Order | PlanRefusal {
  const place = chosenPlace(name, found, request);
  if ("code" in place) return place;
  const kind = request.kind ?? kindNow(place, request.sections);
  if ((kind === "text") !== (place.definition.kind === "text")) return { code: "kind", kind: place.definition.kind };
  const file = reader.read(place.file);
  if (typeof file === "string") return { code: "file", reason: file };
  const language = languageOf(file.path, place.language);
  if (language === undefined) return { code: "changed", line: place.definition.line };
  // The section was that of the build before: a newer text says more.
  const isOld = isChanged(file, request) && !place.definition.threadLocal;
  const currentSection = isOld ? undefined : place.definition.currentSection;
  const { compiler, unit } = place;
  return { file, definition: { ...place.definition, kind, currentSection }, kind, language, compiler, unit };
}

function isChanged(file: EditableFile, { builtMs }: PlanRequest): boolean {
  return file.modifiedMs > builtMs;
}

function answersIn(
  file: EditableFile,
  orders: readonly Order[],
  request: PlanRequest,
): readonly (readonly [Order, SourceAnswer])[] {
  const answers =
    request.action === "place"
      ? placementEdits(file.text, placementRequests(file, orders, request))
      : removalEdits(
          file.text,
          orders.map(({ definition, language }) => ({ definition, options: { language, changed: true } })),
        );
  return orders.map((order, index) => [order, answers[index]!]);
}

function placementRequests(
  file: EditableFile,
  orders: readonly Order[],
  request: PlanRequest,
): readonly PlacementRequest[] {
  const style = request.spelledOut(file, unitsOf(orders)) ? "attribute" : "macro";
  const changed = isChanged(file, request);
  const unsafeAttributes = orders.some(({ language }) => language === "rust") && editionOf(file.path) >= 2024;
  return orders.map(({ definition, kind, language, compiler }) => {
    const section = request.sections[kind];
    return { definition, options: { language, compiler, section, style, changed, unsafeAttributes } };
  });
}

/** Nothing where nothing of it changes. */
function planned(
  file: EditableFile,
  orders: readonly Order[],
  answers: ReadonlyMap<Order, SourceAnswer>,
): PlannedFile | readonly [] {
  const changing = orders.filter((order) => answers.get(order)!.ok);
  if (changing.length === 0) return [];
  const edits = distinctEdits(changing.map((order) => answers.get(order)!));
  return { file, edits, text: editedText(file.text, edits), units: unitsOf(changing) };
}

function unitsOf(orders: readonly Order[]): PlannedFile["units"] {
  return [...new Map(orders.map(({ unit }) => [`${unit.directory}:${unit.name}`, unit])).values()];
}

/** A locked section has contents also for what starts as zero: its name says more than its flags. */
function kindNow({ definition }: SourcePlace, sections: LockedSectionNames): SectionKind {
  const name = definition.currentSection;
  return SECTION_KINDS.find((kind) => name === sections[kind] || name === `.${sections[kind]}`) ?? definition.kind;
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
