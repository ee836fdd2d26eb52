/** The memory map's page: asks for the trace, shows it, and follows what the editor tells. */
import type { MapModel } from "../../src/core/report/map-model.js";
import { printable } from "../../src/core/report/printable.js";
import {
  cellsContext,
  mapEventOf,
  type LiveCounts,
  type MapSelection,
  type MemoryMapApi,
  type ShownMap,
} from "../../src/protocol/memory-map.js";
import { element } from "../map/elements.js";
import { placeFrom, type MapPlace } from "../map/place.js";
import { DARK, type MapTheme } from "../map/theme.js";
import type { MapWidget } from "../map/widget-options.js";
import { mapWidget } from "../map/widget.js";
import type { ControlKit } from "../ui/control-kit.js";
import { connectToHost } from "./host.js";
import { showLive, type MapExtent } from "./live.js";
import { showMessage } from "./message-page.js";
import { onSearchKey } from "./search-key.js";
import { watchTheme } from "./theme.js";

export function showMapView(root: HTMLElement, kit: ControlKit): void {
  const host = connectToHost<MemoryMapApi>();
  const live = element("div", { class: "live" });
  live.hidden = true;
  const heading = element("h1");
  const note = element("p", { class: "note", role: "status" });
  const main = element("div", { class: "fill" });
  const title = element("h2", { class: "hidden-live" }, "Memory map");
  root.replaceChildren(element("header", {}, heading, live, note), element("main", {}, title, main));

  let theme: MapTheme = DARK;
  let widget: MapWidget | undefined;
  let current: { readonly path: string; readonly extent: MapExtent } | undefined;
  let recording: LiveCounts | undefined;
  let remembered = rememberedFrom(host.remembered);
  watchTheme((next) => {
    theme = next;
    widget?.setTheme(theme);
  });
  onSearchKey(() => widget?.focusSearch());

  host.onMessage((message) => {
    const event = mapEventOf(message);
    switch (event?.type) {
      case "reading":
        // What grows is read again and again, and stays in sight.
        if ((current?.extent.progress ?? "ended") === "ended") note.textContent = "Reading the trace…";
        break;
      case "traceChanged":
        show(event.shown);
        break;
      case "select":
        select(event.target);
        break;
      case "live":
        recording = event.live;
        showLive(live, recording, current?.extent);
        break;
      case undefined:
        break;
    }
  });
  note.textContent = "Reading the trace…";
  host.rpc.call("ready").catch(tell);

  function show(shown: ShownMap<MapModel>): void {
    note.textContent = "";
    const before = current;
    current = shown.kind === "trace" ? { path: shown.path, extent: extentOf(shown) } : undefined;
    showLive(live, recording, current?.extent);
    heading.textContent = shown.kind === "trace" ? printable(shown.title, MOST_TITLE) : "Memory map";
    heading.classList.toggle("hidden-live", shown.kind !== "trace");
    if (shown.kind === "trace" && shown.path === before?.path && widget !== undefined && canShow(shown)) {
      widget.grow(shown.map);
      if (shown.select !== undefined) select(shown.select);
      return;
    }
    widget?.dispose();
    widget = undefined;
    switch (shown.kind) {
      case "nothing":
        showMessage(
          main,
          "There is no trace to show yet.",
          kit.button({
            label: "Trace Page Faults",
            title: "Run a program and trace it",
            onClick: () => ask("traceProgram"),
          }),
          kit.button({
            label: "Open Trace…",
            title: "Open a trace folder or a perf.data",
            onClick: () => ask("openTrace"),
          }),
        );
        break;
      case "problem":
        showMessage(main, shown.sentence);
        break;
      case "trace":
        if (!canShow(shown)) showMessage(main, nothingIn(shown));
        else widget = showTrace(shown);
        if (shown.select !== undefined) select(shown.select);
    }
  }

  function showTrace({ path, own, map, heat }: ShownTrace): MapWidget {
    const known = remembered?.path === path ? remembered.place : undefined;
    const first = map.processes[0]!;
    return mapWidget(main, {
      model: map,
      theme,
      kit,
      place: known ?? { pid: first.pid, heat, words: "", near: undefined, cursor: undefined },
      onPlace: (place) => {
        remembered = { path, place };
        host.remember({ path, place });
      },
      openSource: (process, object, focus) => {
        host.rpc
          .call("revealSource", process.pid, object.start, object.name, focus)
          .then((found) => {
            note.textContent = found ? "" : `No source is known for ${printable(object.name, 60)}.`;
          })
          .catch(tell);
      },
      cellsContext: ({ pid, regions }, { start, end }) => {
        const isOwn = regions.some((one) => one.start < end && one.end > start && own.includes(one.name));
        return isOwn ? cellsContext({ trace: path, pid, start, end }) : undefined;
      },
      save: (format, content) => {
        content
          .arrayBuffer()
          .then((bytes) => host.rpc.call("save", format, new Uint8Array(bytes)))
          .catch(tell);
      },
    });
  }

  function select(target: MapSelection): void {
    if (widget === undefined) return;
    const found = widget.select(target);
    const what = target.object ?? target.section ?? target.region ?? target.address ?? "That";
    note.textContent = found ? "" : `${printable(what, 80)} is not on this map.`;
  }

  function ask(what: "traceProgram" | "openTrace"): void {
    host.rpc.call(what).catch(tell);
  }

  function tell(reason: unknown): void {
    note.textContent = printable(reason instanceof Error ? reason.message : String(reason));
  }
}

type ShownTrace = ShownMap<MapModel> & { readonly kind: "trace" };

function canShow({ map }: ShownTrace): boolean {
  return map.processes.length > 0;
}

function nothingIn({ progress }: ShownTrace): string {
  return progress === "ended" ? "Nothing was recorded in this trace." : "Nothing was recorded in this trace yet.";
}

function extentOf({ progress, map }: ShownTrace): MapExtent {
  return { progress, faults: map.processes.reduce((sum, { faults }) => sum + faults, 0) };
}

interface Remembered {
  readonly path: string;
  readonly place: MapPlace | undefined;
}

function rememberedFrom(state: unknown): Remembered | undefined {
  if (typeof state !== "object" || state === null) return undefined;
  const { path, place } = state as Partial<Record<keyof Remembered, unknown>>;
  return typeof path === "string" ? { path, place: placeFrom(place) } : undefined;
}

const MOST_TITLE = 200;
