/** The memory map as a part of a page: a canvas, what surrounds it, and the state between them. */
import type { MapObject, MapProcess } from "../../src/core/report/map-model.js";
import { printable } from "../../src/core/report/printable.js";
import { cellsMenuButton, offerCells, openMenu } from "./cells-menu.js";
import { showDetails } from "./details.js";
import { objectAtPoint } from "./draw-page-details.js";
import { draw } from "./draw.js";
import { Raster } from "./draw-raster.js";
import { mapCsv, mapJson } from "./export.js";
import { listen, type Intention } from "./input.js";
import { layout, type Scene } from "./layout.js";
import { showLegend } from "./legend.js";
import { findPages, objectsOnPage, pagesOfTarget } from "./page-facts.js";
import { pageTable } from "./page-table.js";
import { carriedOver, isStart, placeOf, viewAt } from "./place.js";
import { reduce } from "./reduce.js";
import { cursorPoint, showTip } from "./tip.js";
import { processLabels, toolbar, type ExportFormat, type Toolbar } from "./toolbar.js";
import { approach, cellsHeight, cellsWidth, fit, isSameView, reveal, type Point, type View } from "./view.js";
import { vocabulary } from "./vocabulary.js";
import { whenFree } from "./when-free.js";
import type { MapOptions, MapWidget } from "./widget-options.js";
import { widgetParts } from "./widget-parts.js";
import { spokenPage } from "./words.js";

/** Fills `parent`. */
export function mapWidget(parent: HTMLElement, options: MapOptions): MapWidget {
  const { openSource, onPlace } = options;
  let { model } = options;
  const counted = model.counted ?? "faults";
  const openFromList =
    openSource === undefined
      ? undefined
      : (object: MapObject) => {
          openSource(shown, object, true);
        };
  const parts = widgetParts();
  parent.replaceChildren(...parts.all);
  const [tools, details, table] = [whenFree(parts.tools), whenFree(parts.details), whenFree(parts.table)];
  let theme = options.theme;
  let shown = model.processes.find(({ pid }) => pid === options.place?.pid) ?? model.processes[0]!;
  let words = options.place?.words ?? "";
  /** Nobody has gone anywhere yet: the process with the most faults is shown, whichever that comes to be. */
  let untouched = options.place === undefined || isStart(options.place, model.processes[0]!.pid);
  let scene = sceneOf(shown);
  let view = startView();
  let bar = newToolbar();
  let scheduled = false;

  const context = parts.canvas.getContext("2d");
  const raster = new Raster();
  listen(parts.canvas, act);
  parts.canvas.addEventListener("blur", () => {
    parts.tip.hidden = true;
  });
  const sizes = new ResizeObserver(resize);
  sizes.observe(parts.canvas);
  search(words, false);
  refresh();

  return {
    setTheme(next) {
      theme = next;
      showLegend(parts.legend, scene, view.heat, theme);
      update(view);
    },
    select(target) {
      const processes = model.processes.filter(({ pid }) => target.pid === undefined || pid === target.pid);
      // The one that is shown first, so that a name many processes share does not lead elsewhere.
      for (const process of [shown, ...processes.filter((other) => other !== shown)]) {
        if (!processes.includes(process)) continue;
        const there = process === shown ? scene : sceneOf(process);
        const pages = pagesOfTarget(there, target);
        if (pages[0] === undefined) continue;
        untouched = false;
        if (process !== shown) show(process);
        mark(pages);
        return true;
      }
      return false;
    },
    focusSearch() {
      bar.search.focus();
    },
    grow(next) {
      const labels = processLabels({ ...model, counted }).join("\n");
      model = next;
      const same = model.processes.find(({ pid }) => pid === shown.pid);
      if (same === undefined || (untouched && same !== model.processes[0])) {
        show(model.processes[0]!);
        return;
      }
      follow(same);
      const isOther = processLabels({ ...model, counted }).join("\n") !== labels;
      if (model.processes.length > 1 && isOther) tools.change(() => (bar = newToolbar()));
    },
    dispose() {
      sizes.disconnect();
      parent.replaceChildren();
    },
  };

  function sceneOf(process: MapProcess, columns?: number): Scene {
    const blank = freshView();
    return layout(process, {
      columns,
      pageSize: model.pageSize,
      lost: model.lost,
      counted,
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
      heat: vocabulary(counted).heats[0]!,
      selection: undefined,
      cursor: undefined,
      hover: undefined,
      matches: [],
    };
  }

  function startView(): View {
    const { place } = options;
    const heats = vocabulary(counted).heats;
    const heat = heats.find((each) => each === place?.heat) ?? heats[0]!;
    const fresh = { ...freshView(), heat };
    return place?.pid === shown.pid ? viewAt(scene, fresh, { ...place, heat }) : fit(scene, fresh);
  }

  function newToolbar(): Toolbar {
    const process = model.processes.indexOf(shown);
    const made = toolbar(
      options.kit,
      { counted, processes: model.processes, process, heat: view.heat, words },
      {
        process: (index) => {
          untouched = false;
          show(model.processes[index] ?? shown);
        },
        heat: (heat) => {
          update({ ...view, heat });
          showLegend(parts.legend, scene, heat, theme);
        },
        search: (next) => {
          search(next, true);
        },
        act,
        save: options.save === undefined ? undefined : save,
      },
    );
    parts.tools.replaceChildren(made.element);
    return made;
  }

  function show(process: MapProcess): void {
    shown = process;
    scene = sceneOf(process);
    view = fit(scene, { ...freshView(), heat: view.heat });
    bar = newToolbar();
    search(words, true);
    refresh();
  }

  /** The same process, with more pages and faults. */
  function follow(process: MapProcess): void {
    const before = scene;
    const isFit = isSameView(view, fit(before, view));
    shown = process;
    // Somewhere near, what is looked at stays under the eye.
    scene = sceneOf(process, isFit ? undefined : before.columns);
    view = carriedOver(before, scene, view);
    search(words, false);
    refresh();
  }

  /** Everything around the canvas that follows the process. */
  function refresh(): void {
    showLegend(parts.legend, scene, view.heat, theme);
    details.change(showSelection);
    table.change(() => {
      const open = parts.table.firstElementChild;
      parts.table.replaceChildren(pageTable(scene, open instanceof HTMLElement ? open : undefined));
    });
    const total = vocabulary(counted).total(shown.faults, shown.pages.address.length);
    parts.canvas.setAttribute(
      "aria-label",
      `Memory map of ${printable(shown.name, 60)}: ${total}. Arrow keys go from page to page; the table below says the same.`,
    );
    update(view);
  }

  function resize(): void {
    const wasFit = isSameView(view, fit(scene, view));
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
    if (intention.kind !== "hover" && intention.kind !== "find") untouched = false;
    update(reduce(scene, view, intention));
    if (view.selection !== before.selection) tellSelection();
    switch (intention.kind) {
      case "hover":
        showTip(parts.tip, scene, view, intention.at);
        break;
      case "step":
      case "next-match":
        showTip(parts.tip, scene, view, cursorPoint(scene, view));
        break;
      case "find":
        bar.search.focus();
        break;
      case "open-menu":
        openMenu(parts.canvas, cursorPoint(scene, view));
        break;
      case "open":
        openAt(intention.at, true);
        break;
      default:
        parts.tip.hidden = true;
        if (intention.kind === "pick" && !intention.extend) openAt(intention.at, false);
    }
  }

  function showSelection(): void {
    const { selection } = view;
    const offered = offerCells([parts.canvas, parts.details], scene, selection, options.cellsContext);
    const menu = offered ? cellsMenuButton(options.kit) : undefined;
    showDetails(parts.details, scene, selection, { openSource: openFromList, menu });
  }

  function tellSelection(): void {
    showSelection();
    parts.live.textContent = view.cursor === undefined ? "" : spokenPage(scene, view.cursor);
  }

  /** The object under the point, or the first one on the cursor's page that has a source. */
  function openAt(at: Point | undefined, focus: boolean): void {
    if (openSource === undefined || view.cursor === undefined) return;
    const objects = objectsOnPage(scene, view.cursor);
    const pointed = at === undefined ? undefined : objectAtPoint(scene, view, view.cursor, objects, at);
    const object = [pointed, ...objects].find((each) => each?.file !== undefined);
    if (object !== undefined) openSource(shown, object, focus);
  }

  function search(next: string, move: boolean): void {
    words = next;
    if (words !== "") untouched = false;
    const matches = findPages(scene, words);
    const counts = matches.length === 1 ? "1 page" : `${matches.length.toLocaleString("en")} pages`;
    bar.found.textContent = words.trim() === "" ? "" : counts;
    const found = { ...view, matches };
    update(matches[0] === undefined || !move ? found : reveal(scene, found, matches[0]));
  }

  /** Selects pages somebody asked for elsewhere, and goes there. */
  function mark(pages: readonly number[]): void {
    const first = pages[0]!;
    const last = pages[pages.length - 1]!;
    const joined = last - first === pages.length - 1;
    const selection = { first, last: joined ? last : first };
    update(approach(scene, { ...view, cursor: first, selection, matches: joined ? [] : pages }, first));
    tellSelection();
  }

  function save(format: ExportFormat): void {
    const give = (content: Blob | null) => {
      if (content !== null) options.save?.(format, content);
    };
    if (format === "png") parts.canvas.toBlob(give, "image/png");
    else give(new Blob([format === "csv" ? mapCsv(scene) : mapJson(scene)]));
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
      if (context !== null && cellsHeight(scene, view) > 1) draw(context, scene, view, theme, raster);
      onPlace?.(placeOf(scene, view, words));
    });
  }
}
