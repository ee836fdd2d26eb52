/** The page of a binary's layout: what it is, its pages as a map, its sections and segments as tables. */
import { printable } from "../../src/core/report/printable.js";
import { bytes, grouped } from "../../src/core/report/quantities.js";
import {
  layoutEventOf,
  type BinaryLayoutApi,
  type LayoutModel,
  type ShownLayout,
} from "../../src/protocol/binary-layout.js";
import { connectToHost } from "../editor/host.js";
import { showMessage } from "../editor/message-page.js";
import { onSearchKey } from "../editor/search-key.js";
import { watchTheme } from "../editor/theme.js";
import { element } from "../map/elements.js";
import { placeFrom } from "../map/place.js";
import { DARK, type MapTheme } from "../map/theme.js";
import type { MapWidget } from "../map/widget-options.js";
import { mapWidget } from "../map/widget.js";
import type { ControlKit } from "../ui/control-kit.js";
import { layoutMap, type LayoutMap } from "./layout-map.js";
import { sectionTable, segmentTable } from "./layout-tables.js";

export function showLayoutView(root: HTMLElement, kit: ControlKit): void {
  const host = connectToHost<BinaryLayoutApi>();
  let theme: MapTheme = DARK;
  let widget: MapWidget | undefined;
  watchTheme((next) => {
    theme = next;
    widget?.setTheme(theme);
  });
  onSearchKey(() => widget?.focusSearch());
  host.onMessage((message) => {
    const event = layoutEventOf(message);
    if (event !== undefined) show(event.shown);
  });
  root.replaceChildren(element("p", { class: "note", role: "status" }, "Reading the file…"));
  host.rpc.call("ready").catch((reason: unknown) => {
    showMessage(root, reason instanceof Error ? reason.message : String(reason));
  });

  function show(shown: ShownLayout<LayoutModel>): void {
    widget?.dispose();
    widget = undefined;
    if (shown.kind === "problem") {
      showMessage(root, shown.sentence);
      return;
    }
    const { layout } = shown;
    const map = layoutMap(layout);
    const place = element("div");
    const main = element(
      "main",
      {},
      element("h2", { class: "hidden-live" }, "Pages"),
      map === undefined ? element("p", { class: "note" }, noMap(layout)) : place,
      sectionTable(layout, map === undefined ? undefined : showSection),
      segmentTable(layout),
    );
    root.replaceChildren(element("header", {}, heading(layout), ...problems(layout)), main);
    if (map !== undefined) widget = showMap(place, map);
  }

  function showSection(section: string): void {
    widget?.select({ section });
    document.querySelector(".map-frame")?.scrollIntoView({ block: "nearest" });
  }

  function showMap(place: HTMLElement, map: LayoutMap): MapWidget {
    return mapWidget(place, {
      model: map,
      theme,
      kit,
      place: placeFrom(host.remembered),
      onPlace: (seen) => {
        host.remember({ ...seen });
      },
      save: (format, content) => {
        content
          .arrayBuffer()
          .then((data) => host.rpc.call("save", format, new Uint8Array(data)))
          .catch(() => undefined); // The editor has told the person already.
      },
    });
  }
}

function heading(layout: LayoutModel): HTMLElement {
  const loaded = layout.segments.filter(({ type }) => type === 1).reduce((sum, { memorySize }) => sum + memorySize, 0);
  const facts = [
    KIND_WORDS.get(layout.kind) ?? layout.kind,
    layout.machine,
    `${bytes(loaded)} in memory`,
    `${grouped(layout.symbols.name.length)} symbols`,
    `pages of ${bytes(layout.pageSize)}`,
    ...(layout.buildId === undefined ? [] : [`build id ${layout.buildId.slice(0, 12)}`]),
  ];
  return element(
    "div",
    {},
    element("h1", {}, printable(layout.path, 300)),
    element("p", { class: "facts" }, ...facts.map((fact) => element("span", {}, printable(fact, 80)))),
  );
}

/** The gABI calls position-independent programs shared objects. */
const KIND_WORDS: ReadonlyMap<string, string> = new Map([
  ["executable", "program"],
  ["shared", "library or position-independent program"],
  ["relocatable", "object file"],
  ["core", "core dump"],
]);

function problems(layout: LayoutModel): readonly HTMLElement[] {
  const all = [
    ...layout.problems,
    ...(layout.leftOut > 0 ? [`${grouped(layout.leftOut)} small symbols are not shown.`] : []),
  ];
  return all.slice(0, 5).map((problem) => element("p", { class: "note" }, printable(problem)));
}

function noMap(layout: LayoutModel): string {
  return layout.sections.some(({ flags }) => flags.allocated)
    ? "This file is not linked yet: its sections have no addresses, so there are no pages to show."
    : "Nothing in this file is loaded into memory.";
}
