/** The memory map as a part of a page: a canvas, what surrounds it, and the state between them. */
import type { MapModel, MapProcess } from "../../src/core/report/map-model.js";
import { printable } from "../../src/core/report/printable.js";
import { grouped } from "../../src/core/report/quantities.js";
import { showDetails } from "./details.js";
import { draw } from "./draw.js";
import { button, element } from "./elements.js";
import type { HeatBy } from "./heat.js";
import { listen, type Intention } from "./input.js";
import { layout, type Scene } from "./layout.js";
import { showLegend } from "./legend.js";
import { findPages } from "./page-facts.js";
import { pageTable } from "./page-table.js";
import { reduce } from "./reduce.js";
import type { MapTheme } from "./theme.js";
import {
  cellOf,
  cellsHeight,
  cellsWidth,
  fit,
  pageAddressAt,
  reveal,
  toScreen,
  type Point,
  type View,
} from "./view.js";
import { pageWords, spokenPage } from "./words.js";

export interface MapWidget {
  /** Draws with other colours from now on. */
  setTheme(theme: MapTheme): void;
}

/** Fills `parent`. The model's first process is shown. */
export function mapWidget(parent: HTMLElement, model: MapModel, firstTheme: MapTheme): MapWidget {
  const parts = build(model, {
    process: (index) => {
      show(model.processes[index]!);
    },
    heat: (heat) => {
      update({ ...view, heat });
      showLegend(parts.legend, scene, heat, theme);
    },
    search: (words) => {
      search(words);
    },
    act: (intention) => {
      act(intention);
    },
  });
  parent.replaceChildren(...parts.all);
  let theme = firstTheme;
  let shown = model.processes[0]!;
  let scene = sceneOf(shown);
  let view = fit(scene, freshView());
  let scheduled = false;

  const context = parts.canvas.getContext("2d");
  listen(parts.canvas, act);
  new ResizeObserver(() => {
    resize();
  }).observe(parts.canvas);
  refresh();

  return {
    setTheme(next) {
      theme = next;
      showLegend(parts.legend, scene, view.heat, theme);
      update(view);
    },
  };

  function sceneOf(process: MapProcess): Scene {
    const blank = freshView();
    return layout(process, {
      pageSize: model.pageSize,
      lost: model.lost,
      counted: model.counted,
      width: cellsWidth(blank),
      height: Math.max(120, blank.height - 46),
    });
  }

  function freshView(): View {
    return {
      width: Math.max(200, parts.canvas.clientWidth),
      height: Math.max(160, parts.canvas.clientHeight),
      pixelRatio: window.devicePixelRatio,
      x: 0,
      y: 0,
      scaleX: 1,
      scaleY: 1,
      heat: "faults",
      selection: undefined,
      cursor: undefined,
      hover: undefined,
      matches: [],
    };
  }

  function show(process: MapProcess): void {
    shown = process;
    scene = sceneOf(process);
    view = fit(scene, { ...freshView(), heat: view.heat });
    search(parts.search.value);
    refresh();
  }

  /** Everything around the canvas that follows the process. */
  function refresh(): void {
    showLegend(parts.legend, scene, view.heat, theme);
    showDetails(parts.details, scene, view.selection);
    parts.table.replaceChildren(pageTable(scene));
    const pages = grouped(shown.pages.address.length);
    parts.canvas.setAttribute(
      "aria-label",
      `Memory map of ${printable(shown.name, 60)}: ${scene.counted === "pages" ? `${pages} pages came in` : `${grouped(shown.faults)} faults on ${pages} pages`}. Arrow keys go from page to page; the table below says the same.`,
    );
    update(view);
  }

  function resize(): void {
    const wasFit = same(view, fit(scene, view));
    const { width, height, pixelRatio } = freshView();
    view = { ...view, width, height, pixelRatio };
    if (wasFit) {
      scene = sceneOf(shown);
      view = fit(scene, view);
    }
    update(view);
  }

  function act(intention: Intention): void {
    const before = view;
    update(reduce(scene, view, intention));
    if (view.selection !== before.selection) {
      showDetails(parts.details, scene, view.selection);
      parts.live.textContent = view.cursor === undefined ? "" : spokenPage(scene, view.cursor);
    }
    if (intention.kind === "hover") showTip(intention.at);
    else if (intention.kind === "step" || intention.kind === "next-match") showTip(cursorPoint());
    else parts.tip.hidden = true;
  }

  function cursorPoint(): Point | undefined {
    if (view.cursor === undefined) return undefined;
    const cell = cellOf(scene, view.cursor);
    return toScreen(view, cell.x + 0.5, cell.y + 0.5);
  }

  function showTip(at: Point | undefined): void {
    const found = at === undefined ? undefined : pageAddressAt(scene, view, at);
    parts.tip.hidden = found === undefined;
    if (at === undefined || found === undefined) return;
    const page = view.hover ?? (shown.pages.address[view.cursor ?? -1] === found.address ? view.cursor : undefined);
    const words = pageWords(scene, found.address, page);
    const rest = words.objects.length - MOST_TIP_OBJECTS;
    parts.tip.replaceChildren(
      element("div", { class: "lead" }, words.cost),
      element("div", {}, words.place),
      ...words.objects.slice(0, MOST_TIP_OBJECTS).map((name) => element("div", { class: "name" }, name)),
      rest > 0 ? element("div", { class: "dim" }, `and ${grouped(rest)} more`) : "",
      element("div", { class: "dim name" }, words.address),
    );
    const { width, height } = parts.tip.getBoundingClientRect();
    parts.tip.style.left = `${Math.max(4, Math.min(at.x + 14, view.width - width - 4))}px`;
    parts.tip.style.top = `${at.y + 18 + height > view.height ? Math.max(4, at.y - height - 10) : at.y + 18}px`;
  }

  function search(words: string): void {
    const matches = findPages(scene, words);
    parts.found.textContent =
      words.trim() === "" ? "" : matches.length === 1 ? "1 page" : `${grouped(matches.length)} pages`;
    const next = { ...view, matches };
    update(matches[0] === undefined ? next : reveal(scene, next, matches[0]));
  }

  /** At most one drawing a frame, however many events come. */
  function update(next: View): void {
    view = next;
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      const width = Math.round(view.width * view.pixelRatio);
      const height = Math.round(view.height * view.pixelRatio);
      if (parts.canvas.width !== width) parts.canvas.width = width;
      if (parts.canvas.height !== height) parts.canvas.height = height;
      if (context !== null && cellsHeight(scene, view) > 1) draw(context, scene, view, theme);
    });
  }
}

const MOST_TIP_OBJECTS = 8;

function same(a: View, b: View): boolean {
  return a.x === b.x && a.y === b.y && a.scaleX === b.scaleX && a.scaleY === b.scaleY;
}

interface Actions {
  process(index: number): void;
  heat(heat: HeatBy): void;
  search(words: string): void;
  act(intention: Intention): void;
}

function build(model: MapModel, actions: Actions) {
  const canvas = element("canvas", { tabindex: "0", role: "application", "aria-roledescription": "memory map" });
  const tip = element("div", { class: "map-tip" });
  tip.hidden = true;
  const live = element("div", { class: "hidden-live", "aria-live": "polite" });
  const details = element("aside", { class: "map-details", "aria-label": "Selection" });
  const legend = element("div", { class: "map-legend" });
  const table = element("div");
  const search = element("input", {
    type: "search",
    placeholder: "Symbol, section, file, address",
    "aria-label": "Find on the map",
  });
  const found = element("span", { class: "found", role: "status" });
  search.addEventListener("input", () => {
    actions.search(search.value);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    actions.act({ kind: "next-match", backwards: event.shiftKey });
  });
  const tools = element(
    "div",
    { class: "map-tools" },
    processChoice(model, actions),
    model.counted === "pages" ? undefined : heatChoice(actions),
    search,
    found,
    element(
      "span",
      { class: "choice push" },
      button("−", "Zoom out (−)", () => {
        actions.act({ kind: "zoom", factor: 1 / 1.5, at: undefined });
      }),
      button("+", "Zoom in (+)", () => {
        actions.act({ kind: "zoom", factor: 1.5, at: undefined });
      }),
      button("Fit", "Show all of it (0)", () => {
        actions.act({ kind: "fit" });
      }),
    ),
  );
  const frame = element("div", { class: "map-frame" }, element("div", { class: "map-canvas" }, canvas, tip), details);
  return { all: [tools, frame, legend, live, table], canvas, tip, live, details, legend, table, search, found };
}

function processChoice(model: MapModel, actions: Actions): HTMLElement | undefined {
  if (model.processes.length < 2) return undefined;
  const choice = element(
    "select",
    {},
    ...model.processes.map(({ pid, name, faults }, index) =>
      element(
        "option",
        { value: String(index) },
        `${printable(name, 40)} (${pid}), ${grouped(faults)} ${model.counted ?? "faults"}`,
      ),
    ),
  );
  choice.addEventListener("change", () => {
    actions.process(Number(choice.value));
  });
  return element("label", {}, "Process", choice);
}

function heatChoice(actions: Actions): HTMLElement {
  const choices: readonly { readonly heat: HeatBy; readonly label: string }[] = [
    { heat: "faults", label: "Faults" },
    { heat: "time", label: "Time" },
  ];
  const group = element("span", { class: "choice", role: "group", "aria-label": "Heat by" });
  const buttons = choices.map(({ heat, label }, index) => {
    const one = button(label, `Colour pages by ${label.toLowerCase()}`, () => {
      buttons.forEach((other) => {
        other.ariaPressed = String(other === one);
      });
      actions.heat(heat);
    });
    one.ariaPressed = String(index === 0);
    return one;
  });
  group.append(...buttons);
  return element("span", { class: "heat-by" }, "Heat by", group);
}
