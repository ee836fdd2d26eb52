/** All that crosses the border of the binary layout's webview. Both sides import this; it knows neither. */
import { objectOf } from "../core/base/json-fields.js";
import type { ImageSection, ImageSegment } from "../core/image/image.js";
import type { BinaryLayout } from "../core/report/binary-layout.js";
import { column, fields, list, optional, ProtocolError, text, truth, whole } from "./fields.js";
import { cut, type ExportFormat } from "./memory-map.js";

/** Asked by the webview, answered by the extension. */
export interface BinaryLayoutApi {
  /** The webview listens now: what it is to show follows as an event. */
  ready(): void;
  /** Asks where to save, and saves. False: the person thought better of it. */
  save(format: ExportFormat, content: Uint8Array<ArrayBuffer>): boolean;
}

export type ShownLayout<Layout = LayoutMessage> =
  { readonly kind: "problem"; readonly sentence: string } | { readonly kind: "layout"; readonly layout: Layout };

/** Told by the extension, never answered. */
export interface BinaryLayoutEvent<Layout = LayoutMessage> {
  readonly type: "layoutChanged";
  readonly shown: ShownLayout<Layout>;
}

/** A layout whose many symbols are columns. */
export interface LayoutMessage extends Omit<BinaryLayout, "symbols"> {
  readonly symbols: SymbolColumns;
  /** Symbols that were left out, the smallest first. */
  readonly leftOut: number;
}

/** One row a symbol, by address. */
export interface SymbolColumns {
  readonly name: readonly string[];
  readonly address: Float64Array<ArrayBuffer>;
  readonly size: Float64Array<ArrayBuffer>;
  /** Index into SYMBOL_KINDS. */
  readonly kind: Float64Array<ArrayBuffer>;
}

/** The same, as the views read it. */
export interface ShownSymbols {
  readonly name: readonly string[];
  readonly address: readonly number[];
  readonly size: readonly number[];
  readonly kind: readonly number[];
}

export interface LayoutModel extends Omit<LayoutMessage, "symbols"> {
  readonly symbols: ShownSymbols;
}

export const SYMBOL_KINDS = ["function", "object", "tls", "other"] as const;
/** A page of text is enough to tell two names of C++ apart; a million symbols must still travel. */
const MOST_SYMBOL_NAME = 512;
const MOST_SYMBOLS = 400_000;

/** Symbols without a size go first where there are too many; names are cut: a hostile one may be a megabyte. */
export function layoutMessage(layout: BinaryLayout): LayoutMessage {
  const symbols = largest(layout.symbols);
  return {
    ...layout,
    sections: layout.sections.map((section) => ({ ...section, name: cut(section.name) })),
    problems: layout.problems.map(cut),
    symbols: {
      name: symbols.map(({ displayName }) =>
        displayName.length > MOST_SYMBOL_NAME ? `${displayName.slice(0, MOST_SYMBOL_NAME - 1)}…` : displayName,
      ),
      address: Float64Array.from(symbols, ({ address }) => address),
      size: Float64Array.from(symbols, ({ size }) => size),
      kind: Float64Array.from(symbols, ({ kind }) => SYMBOL_KINDS.indexOf(kind)),
    },
    leftOut: layout.symbols.length - symbols.length,
  };
}

function largest(symbols: BinaryLayout["symbols"]): BinaryLayout["symbols"] {
  if (symbols.length <= MOST_SYMBOLS) return symbols;
  return symbols
    .toSorted((a, b) => b.size - a.size)
    .slice(0, MOST_SYMBOLS)
    .sort((a, b) => a.address - b.address);
}

/** What is shown. Throws ProtocolError. */
export function shownLayoutOf(value: unknown): ShownLayout<LayoutModel> {
  const shown = fields(value, "what is shown");
  switch (shown["kind"]) {
    case "problem":
      return { kind: "problem", sentence: text(shown["sentence"], "problem") };
    case "layout":
      return { kind: "layout", layout: layoutOf(shown["layout"]) };
    default:
      throw new ProtocolError("what is shown is of no known kind");
  }
}

/** An event with its layout decoded; undefined for a message that is none. */
export function layoutEventOf(message: unknown): BinaryLayoutEvent<LayoutModel> | undefined {
  const event = objectOf(message);
  if (event?.["type"] !== "layoutChanged") return undefined;
  return { type: "layoutChanged", shown: shownLayoutOf(event["shown"]) };
}

function layoutOf(value: unknown): LayoutModel {
  const layout = fields(value, "layout");
  const symbols = fields(layout["symbols"], "symbols");
  const name = list(symbols["name"], "symbol names").map((given) => text(given, "symbol name"));
  const numbers = (field: string) => column(symbols[field], field, name.length);
  return {
    path: text(layout["path"], "path"),
    buildId: optional(layout["buildId"], (given) => text(given, "build id")),
    machine: text(layout["machine"], "machine"),
    kind: text(layout["kind"], "kind"),
    pageSize: whole(layout["pageSize"], "page size"),
    segments: list(layout["segments"], "segments").map(segmentOf),
    sections: list(layout["sections"], "sections").map(sectionOf),
    symbols: { name, address: numbers("address"), size: numbers("size"), kind: numbers("kind") },
    problems: list(layout["problems"], "problems").map((given) => text(given, "problem")),
    leftOut: whole(layout["leftOut"], "left out"),
  };
}

function segmentOf(value: unknown): ImageSegment {
  const segment = fields(value, "segment");
  const flags = fields(segment["flags"], "segment flags");
  const number = (field: string) => whole(segment[field], field);
  return {
    type: number("type"),
    flags: {
      read: truth(flags["read"], "read"),
      write: truth(flags["write"], "write"),
      execute: truth(flags["execute"], "execute"),
    },
    fileOffset: number("fileOffset"),
    fileSize: number("fileSize"),
    address: number("address"),
    memorySize: number("memorySize"),
  };
}

function sectionOf(value: unknown): ImageSection {
  const section = fields(value, "section");
  const flags = fields(section["flags"], "section flags");
  const number = (field: string) => whole(section[field], field);
  const flag = (field: string) => truth(flags[field], field);
  return {
    index: number("index"),
    name: text(section["name"], "section name"),
    type: number("type"),
    flags: { write: flag("write"), allocated: flag("allocated"), execute: flag("execute"), tls: flag("tls") },
    address: number("address"),
    fileOffset: number("fileOffset"),
    size: number("size"),
    nobits: truth(section["nobits"], "nobits"),
  };
}
