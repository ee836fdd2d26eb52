/** All that crosses the border of the memory map's webview. Both sides import this; it knows neither. */
import { numberOf, objectOf, textOf, type JsonObject } from "../core/base/json-fields.js";
import type { MapModel, MapObject, MapProcess, MapRegion } from "../core/report/map-model.js";
import { column, fields, list, MOST_TEXT, oneOf, optional, ProtocolError, text, truth, whole } from "./fields.js";

/** Asked by the webview, answered by the extension. */
export interface MemoryMapApi {
  /** The webview listens now: what it is to show follows as an event. */
  ready(): void;
  /**
   * Shows where the object is declared, or where it was touched; `focus` moves the cursor there. False: nowhere known.
   * By its start and name: a map that grows while it is looked at has others at its indices.
   */
  revealSource(pid: number, start: number, name: string, focus: boolean): boolean;
  /** Asks where to save, and saves. False: the person thought better of it. */
  save(format: ExportFormat, content: Uint8Array<ArrayBuffer>): boolean;
  /** The two ways to a first trace, from the empty map. */
  traceProgram(): void;
  openTrace(): void;
}

export type ExportFormat = "png" | "csv" | "json";
const EXPORT_FORMATS: readonly ExportFormat[] = ["png", "csv", "json"];
/** A picture of a large screen and a table of a million pages stay below. */
const MOST_EXPORTED_BYTES = 256 * 2 ** 20;

export type ShownMap<Map = MapMessage> =
  | { readonly kind: "nothing" }
  /** One sentence for a person. */
  | { readonly kind: "problem"; readonly sentence: string }
  | {
      readonly kind: "trace";
      /** What the webview remembers, so that it can be shown again after a restart. */
      readonly path: string;
      readonly title: string;
      readonly heat: "faults" | "time";
      readonly progress: TraceProgress;
      /** Paths of the images whose functions and globals can be placed. */
      readonly own: readonly string[];
      readonly map: Map;
      readonly select: MapSelection | undefined;
    };

/** How much of a recording a map shows: what came so far, what came before it was cut off or left alone, or all of it. */
export type TraceProgress = (typeof TRACE_PROGRESS)[number];
const TRACE_PROGRESS = ["recording", "unfinished", "ended"] as const;

/** Told by the extension, never answered. */
export type MemoryMapEvent<Map = MapMessage> =
  | { readonly type: "traceChanged"; readonly shown: ShownMap<Map> }
  | { readonly type: "reading" }
  | { readonly type: "select"; readonly target: MapSelection }
  | { readonly type: "live"; readonly live: LiveCounts | undefined };

/** What to select, by what of it is known. */
export interface MapSelection {
  readonly pid?: number | undefined;
  /** "0x…" run-time address. */
  readonly address?: string | undefined;
  readonly object?: string | undefined;
  readonly region?: string | undefined;
  readonly section?: string | undefined;
}

/** The selected cells as the context of a menu, which VS Code hands to the command that is chosen. */
export interface MapCells {
  /** The trace whose map it is. */
  readonly trace: string;
  readonly pid: number;
  /** Run-time addresses, [start, end). */
  readonly start: number;
  readonly end: number;
}

/** What menus of the map are shown for: package.json's `when` clauses ask it. */
const CELLS_SECTION = "faultline-cells";

/** For `data-vscode-context`. */
export function cellsContext(cells: MapCells): string {
  return JSON.stringify({ webviewSection: CELLS_SECTION, preventDefaultContextMenuItems: true, cells });
}

/** Of a command's argument, which anybody may have made; undefined: it names no cells. */
export function mapCellsOf(argument: unknown): MapCells | undefined {
  const given = objectOf(argument);
  const cells = given?.["webviewSection"] === CELLS_SECTION ? objectOf(given["cells"]) : undefined;
  const trace = textOf(cells?.["trace"]);
  const [pid, start, end] = [cells?.["pid"], cells?.["start"], cells?.["end"]].map(numberOf);
  if (trace === undefined || pid === undefined || start === undefined || end === undefined) return undefined;
  return { trace, pid, start, end };
}

/** What a recording under way has counted so far. */
export interface LiveCounts {
  readonly state: "starting" | "recording" | "paused" | "ending";
  readonly faults: number;
  readonly major: number;
  readonly lost: number;
}

/** A map model whose columns travel as typed arrays: structured cloning copies those as they are. */
export interface MapMessage extends Omit<MapModel, "processes"> {
  readonly processes: readonly (Omit<MapProcess, "pages"> & {
    readonly pages: Readonly<Record<keyof MapProcess["pages"], Float64Array<ArrayBuffer>>>;
  })[];
}

/** Names are cut: a hostile one may be a megabyte. */
export function mapMessage(model: MapModel): MapMessage {
  return {
    ...model,
    processes: model.processes.map((process) => ({
      ...process,
      name: cut(process.name),
      regions: process.regions.map((region) => ({ ...region, name: cut(region.name), section: cutOr(region.section) })),
      objects: process.objects.map((object) => ({ ...object, name: cut(object.name), file: cutOr(object.file) })),
      pages: {
        address: Float64Array.from(process.pages.address),
        region: Float64Array.from(process.pages.region),
        minor: Float64Array.from(process.pages.minor),
        major: Float64Array.from(process.pages.major),
        timeNs: Float64Array.from(process.pages.timeNs),
      },
    })),
  };
}

export function cut(name: string): string {
  return name.length > MOST_TEXT ? `${name.slice(0, MOST_TEXT - 1)}…` : name;
}

function cutOr(name: string | undefined): string | undefined {
  return name === undefined ? undefined : cut(name);
}

/** What is shown, with its columns as numbers again. Throws ProtocolError, as all decoders here do. */
export function shownMapOf(value: unknown): ShownMap<MapModel> {
  const shown = fields(value, "what is shown");
  switch (shown["kind"]) {
    case "nothing":
      return { kind: "nothing" };
    case "problem":
      return { kind: "problem", sentence: text(shown["sentence"], "problem") };
    case "trace":
      return {
        kind: "trace",
        path: text(shown["path"], "path"),
        title: text(shown["title"], "title"),
        heat: oneOf(shown["heat"], ["faults", "time"], "heat"),
        progress: oneOf(shown["progress"], TRACE_PROGRESS, "progress"),
        own: list(shown["own"], "own images").map((image) => text(image, "own image")),
        map: modelOf(shown["map"]),
        select: optional(shown["select"], selectionOf),
      };
    default:
      throw new ProtocolError("what is shown is of no known kind");
  }
}

/** An event with its model decoded; undefined for a message that is none. */
export function mapEventOf(message: unknown): MemoryMapEvent<MapModel> | undefined {
  const event = objectOf(message);
  switch (event?.["type"]) {
    case "traceChanged":
      return { type: "traceChanged", shown: shownMapOf(event["shown"]) };
    case "reading":
      return { type: "reading" };
    case "select":
      return { type: "select", target: selectionOf(event["target"]) };
    case "live":
      return { type: "live", live: optional(event["live"], liveOf) };
    default:
      return undefined;
  }
}

/** Decoders of the webview's requests, for the extension. */
export const memoryMapArguments = {
  revealSource: ([pid, start, name, focus]: readonly unknown[]): [number, number, string, boolean] => [
    whole(pid, "pid"),
    whole(start, "start"),
    text(name, "name"),
    truth(focus, "focus"),
  ],
  save: ([format, content]: readonly unknown[]): [ExportFormat, Uint8Array<ArrayBuffer>] => {
    if (!(content instanceof Uint8Array) || content.length > MOST_EXPORTED_BYTES) {
      throw new ProtocolError("what is to be saved is not bytes");
    }
    // A copy: what arrived may be a window into something larger.
    return [oneOf(format, EXPORT_FORMATS, "format"), Uint8Array.from(content)];
  },
  none: (): [] => [],
};

/** An address a person or another view gave. */
export function selectionOf(value: unknown): MapSelection {
  const target = fields(value, "target");
  const words = (field: string) => optional(target[field], (given) => text(given, field));
  return {
    pid: optional(target["pid"], (given) => whole(given, "pid")),
    address: words("address"),
    object: words("object"),
    region: words("region"),
    section: words("section"),
  };
}

function liveOf(value: unknown): LiveCounts {
  const live = fields(value, "live");
  return {
    state: oneOf(live["state"], ["starting", "recording", "paused", "ending"], "state"),
    faults: whole(live["faults"], "faults"),
    major: whole(live["major"], "major"),
    lost: whole(live["lost"], "lost"),
  };
}

function modelOf(value: unknown): MapModel {
  const map = fields(value, "map");
  return {
    pageSize: whole(map["pageSize"], "page size"),
    lost: whole(map["lost"], "lost"),
    counted: oneOf(map["counted"] ?? "faults", ["faults", "pages"], "counted"),
    processes: list(map["processes"], "processes").map(processOf),
  };
}

function processOf(value: unknown): MapProcess {
  const process = fields(value, "process");
  const pages = fields(process["pages"], "pages");
  const address = column(pages["address"], "address");
  const other = (name: string) => column(pages[name], name, address.length);
  return {
    pid: whole(process["pid"], "pid"),
    name: text(process["name"], "process name"),
    faults: whole(process["faults"], "faults"),
    regions: list(process["regions"], "regions").map(regionOf),
    pages: {
      address,
      region: other("region"),
      minor: other("minor"),
      major: other("major"),
      timeNs: other("timeNs"),
    },
    objects: list(process["objects"], "objects").map(objectOfMap),
  };
}

function regionOf(value: unknown): MapRegion {
  const region = fields(value, "region");
  return {
    ...spanOf(region),
    // A kind the webview does not know is drawn as other memory.
    kind: text(region["kind"], "kind") as MapRegion["kind"],
    section: optional(region["section"], (given) => text(given, "section")),
    permissions: text(region["permissions"], "permissions"),
  };
}

function objectOfMap(value: unknown): MapObject {
  const object = fields(value, "object");
  return {
    ...spanOf(object),
    kind: text(object["kind"], "kind") as MapObject["kind"],
    file: optional(object["file"], (given) => text(given, "file")),
    line: optional(object["line"], (given) => whole(given, "line")),
  };
}

function spanOf(span: JsonObject) {
  return { start: whole(span["start"], "start"), end: whole(span["end"], "end"), name: text(span["name"], "name") };
}
