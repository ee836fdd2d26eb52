/** What is above the map: which process, which heat, search, zoom, export. */
import { printable } from "../../src/core/report/printable.js";
import { grouped } from "../../src/core/report/quantities.js";
import type { ControlKit, SearchControl } from "../ui/control-kit.js";
import { element } from "./elements.js";
import type { HeatBy } from "./heat.js";
import type { Intention } from "./input.js";
import { vocabulary, type Counted } from "./vocabulary.js";

export type ExportFormat = "png" | "csv" | "json";

export interface ToolbarState {
  readonly counted: Counted;
  readonly processes: readonly { readonly pid: number; readonly name: string; readonly faults: number }[];
  /** Index into processes. */
  readonly process: number;
  readonly heat: HeatBy;
  readonly words: string;
}

export interface ToolbarActions {
  process(index: number): void;
  heat(heat: HeatBy): void;
  search(words: string): void;
  act(intention: Intention): void;
  /** Absent where there is nowhere to save to. */
  readonly save: ((format: ExportFormat) => void) | undefined;
}

export interface Toolbar {
  readonly element: HTMLElement;
  readonly search: SearchControl;
  /** How many pages were found. */
  readonly found: HTMLElement;
}

export function toolbar(kit: ControlKit, state: ToolbarState, actions: ToolbarActions): Toolbar {
  const found = element("span", { class: "found", role: "status" });
  const search = kit.search({
    label: "Find on the map",
    placeholder: "Symbol, section, file, address",
    words: state.words,
    onInput: actions.search,
    onEnter: (backwards) => {
      actions.act({ kind: "next-match", backwards });
    },
  });
  const bar = element(
    "div",
    { class: "map-tools" },
    processChoice(kit, state, actions),
    heatChoice(kit, state, actions),
    search.element,
    found,
    zoomButtons(kit, actions),
    exportButtons(kit, actions),
  );
  return { element: bar, search, found };
}

function processChoice(kit: ControlKit, state: ToolbarState, actions: ToolbarActions): HTMLElement | undefined {
  if (state.processes.length < 2) return undefined;
  return kit.choice({
    label: "Process",
    options: processLabels(state).map((label, index) => ({ value: String(index), label })),
    selected: String(state.process),
    onChange: (value) => {
      actions.process(Number(value));
    },
  });
}

/** What the choice of a process offers. */
export function processLabels({ processes, counted }: Pick<ToolbarState, "processes" | "counted">): readonly string[] {
  return processes.map(({ pid, name, faults }) => `${printable(name, 40)} (${pid}), ${grouped(faults)} ${counted}`);
}

const HEATS: readonly { readonly value: HeatBy; readonly label: string; readonly title: string }[] = [
  { value: "faults", label: "Faults", title: "Colour pages by faults" },
  { value: "time", label: "Time", title: "Colour pages by time" },
];

function heatChoice(kit: ControlKit, state: ToolbarState, actions: ToolbarActions): HTMLElement | undefined {
  const possible = vocabulary(state.counted).heats;
  if (possible.length < 2) return undefined;
  return kit.toggles({
    label: "Heat by",
    options: HEATS,
    selected: state.heat,
    onChange: (value) => {
      actions.heat(value === "time" ? "time" : "faults");
    },
  });
}

function zoomButtons(kit: ControlKit, { act }: ToolbarActions): HTMLElement {
  const zoom = (factor: number) => () => {
    act({ kind: "zoom", factor, at: undefined });
  };
  return element(
    "span",
    { class: "choice push", role: "group", "aria-label": "Zoom" },
    kit.button({ label: "−", title: "Zoom out (−)", onClick: zoom(1 / ZOOM) }),
    kit.button({ label: "+", title: "Zoom in (+)", onClick: zoom(ZOOM) }),
    kit.button({
      label: "Fit",
      title: "Show all of it (0)",
      onClick: () => {
        act({ kind: "fit" });
      },
    }),
  );
}

function exportButtons(kit: ControlKit, { save }: ToolbarActions): HTMLElement | undefined {
  if (save === undefined) return undefined;
  const formats: readonly { readonly format: ExportFormat; readonly title: string }[] = [
    { format: "png", title: "Save the picture" },
    { format: "csv", title: "Save the pages as a table" },
    { format: "json", title: "Save regions, pages and objects" },
  ];
  return element(
    "span",
    { class: "choice", role: "group", "aria-label": "Export" },
    ...formats.map(({ format, title }) =>
      kit.button({
        label: format.toUpperCase(),
        title,
        onClick: () => {
          save(format);
        },
      }),
    ),
  );
}

const ZOOM = 1.5;
