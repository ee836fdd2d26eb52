/** The panel beside the map: what is selected, in sums; with nothing selected, the process and the keys. */
import type { MapObject } from "../../src/core/report/map-model.js";
import { printable } from "../../src/core/report/printable.js";
import { bytes, duration, grouped } from "../../src/core/report/quantities.js";
import { button, element } from "./elements.js";
import type { Scene } from "./layout.js";
import { selectionFacts, type SelectionFacts } from "./page-facts.js";
import { shortName } from "./page-kind.js";
import type { PageSpan } from "./view.js";
import { vocabulary } from "./vocabulary.js";
import { hexWords } from "./words.js";

export interface DetailsLinks {
  /** Makes names that have a source into links; without it there are none. */
  readonly openSource?: ((object: MapObject) => void) | undefined;
  /** What can be done with the selection. */
  readonly menu?: HTMLElement | undefined;
}

export function showDetails(
  panel: HTMLElement,
  scene: Scene,
  selection: PageSpan | undefined,
  { openSource, menu }: DetailsLinks = {},
): void {
  const count = scene.process.pages.address.length;
  const facts = selectionFacts(scene, selection ?? { first: 0, last: count - 1 });
  panel.replaceChildren(
    element("h3", {}, titleOf(scene, facts, selection)),
    pairs(sums(scene, facts)),
    ...(menu === undefined ? [] : [menu]),
    ...list(`Where (${vocabulary(scene.counted).amounts})`, places(scene, facts, selection), MOST_PLACES),
    ...(selection === undefined
      ? keys(openSource !== undefined)
      : list("What is there", things(facts, openSource), MOST_THINGS)),
  );
}

function titleOf(scene: Scene, facts: SelectionFacts, selection: PageSpan | undefined): string {
  const { name, pid } = scene.process;
  if (selection === undefined)
    return scene.counted === "symbols" ? printable(name, 60) : `${printable(name, 60)} (${pid})`;
  return facts.pages === 1 ? hexWords(facts.start) : `${hexWords(facts.start)} to ${hexWords(facts.end)}`;
}

function sums(scene: Scene, facts: SelectionFacts): readonly (readonly [string, string])[] {
  const counts: Readonly<Record<Scene["counted"], readonly (readonly [string, string])[]>> = {
    faults: [
      ["Faults", grouped(facts.faults)],
      ["Minor", grouped(facts.minor)],
      ["Major", grouped(facts.major)],
    ],
    pages: [],
    symbols: [["Symbols", grouped(facts.objects.length)]],
  };
  return [
    [vocabulary(scene.counted).pages, grouped(facts.pages)],
    ["Memory", bytes(facts.pages * scene.pageSize)],
    ...counts[scene.counted],
    ...(facts.timeNs > 0 ? ([["Time", duration(facts.timeNs)]] as const) : []),
  ];
}

interface Row {
  readonly name: string;
  readonly amount: string;
  readonly open?: (() => void) | undefined;
}

function places(scene: Scene, facts: SelectionFacts, selection: PageSpan | undefined): readonly Row[] {
  if (scene.counted === "symbols") return selection === undefined ? [] : sections(scene, facts);
  const single = selection !== undefined && facts.pages === 1;
  const sums = new Map<string, { pages: number; faults: number }>();
  for (const { region, pages, faults } of facts.regions) {
    const name = region === undefined ? "not in a known region" : placeName(region.name, region.section);
    const sum = sums.get(name) ?? { pages: 0, faults: 0 };
    sums.set(name, { pages: sum.pages + pages, faults: sum.faults + faults });
  }
  return [...sums].map(([name, { pages, faults }]) => ({
    name,
    amount: single ? "" : vocabulary(scene.counted).amount(faults, pages),
  }));
}

/** A page of a file often holds several sections, each of which matters. */
function sections(scene: Scene, { start, end }: SelectionFacts): readonly Row[] {
  return scene.process.regions
    .filter((region) => region.start < end && region.end > start)
    .map((region) => ({
      name: printable(region.section ?? shortName(region.name), 80),
      amount: bytes(Math.min(region.end, end) - Math.max(region.start, start)),
    }));
}

function placeName(name: string, section: string | undefined): string {
  const file = printable(shortName(name), 80);
  return section === undefined ? file : `${file} ${printable(section, 60)}`;
}

function things(facts: SelectionFacts, openSource: ((object: MapObject) => void) | undefined): readonly Row[] {
  return facts.objects.map((object) => ({
    name: printable(object.name, 120),
    amount: object.kind.replaceAll("-", " "),
    open:
      openSource === undefined || object.file === undefined
        ? undefined
        : () => {
            openSource(object);
          },
  }));
}

function pairs(rows: readonly (readonly [string, string])[]): HTMLElement {
  return element("dl", {}, ...rows.flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, value)]));
}

function list(title: string, rows: readonly Row[], most: number): readonly HTMLElement[] {
  if (rows.length === 0) return [];
  const rest = rows.length - most;
  return [
    element("h4", {}, title),
    element(
      "ul",
      {},
      ...rows
        .slice(0, most)
        .map(({ name, amount, open }) =>
          element(
            "li",
            {},
            element("span", {}, open === undefined ? name : button(name, "Show in the source", open)),
            element("span", {}, amount),
          ),
        ),
      rest > 0 ? element("li", { class: "dim" }, `and ${grouped(rest)} more`) : undefined,
    ),
  ];
}

function keys(source: boolean): readonly HTMLElement[] {
  const rows: readonly (readonly [readonly string[], string])[] = [
    [["arrows"], "page by page"],
    [["Shift", "arrows"], "select"],
    [["W", "A", "S", "D"], "move"],
    [["+", "−"], "zoom, or Ctrl and wheel"],
    [["0"], "all of it"],
    [["drag"], "move, with Shift select"],
    [["/"], "find"],
    [["N"], "next that was found"],
    ...(source
      ? ([
          [["Enter"], "go to the source"],
          [["Shift", "F10"], "place in a locked section"],
        ] as const)
      : []),
    [["Esc"], "select nothing"],
  ];
  return [
    element("h4", {}, "Keys"),
    element(
      "ul",
      {},
      ...rows.map(([names, does]) =>
        element(
          "li",
          {},
          element("span", {}, ...names.flatMap((name) => [element("kbd", {}, name), " "])),
          element("span", {}, does),
        ),
      ),
    ),
  ];
}

const MOST_PLACES = 12;
const MOST_THINGS = 40;
