/** The panel beside the map: what is selected, in sums; with nothing selected, the process and the keys. */
import { printable } from "../../src/core/report/printable.js";
import { bytes, duration, grouped } from "../../src/core/report/quantities.js";
import { element } from "./elements.js";
import type { Scene } from "./layout.js";
import { selectionFacts } from "./page-facts.js";
import { shortName } from "./page-kind.js";
import type { PageSpan } from "./view.js";
import { hexWords } from "./words.js";

export function showDetails(panel: HTMLElement, scene: Scene, selection: PageSpan | undefined): void {
  const count = scene.process.pages.address.length;
  const span = selection ?? { first: 0, last: count - 1 };
  const facts = selectionFacts(scene, span);
  const title =
    selection === undefined
      ? `${printable(scene.process.name, 60)} (${scene.process.pid})`
      : facts.pages === 1
        ? hexWords(facts.start)
        : `${hexWords(facts.start)} to ${hexWords(facts.end)}`;
  panel.replaceChildren(
    element("h3", {}, title),
    pairs([
      [scene.counted === "pages" ? "Pages that came in" : "Pages with faults", grouped(facts.pages)],
      ["Memory", bytes(facts.pages * scene.pageSize)],
      ...(scene.counted === "pages"
        ? []
        : ([
            ["Faults", grouped(facts.faults)],
            ["Minor", grouped(facts.minor)],
            ["Major", grouped(facts.major)],
          ] as const)),
      ...(facts.timeNs > 0 ? ([["Time", duration(facts.timeNs)]] as const) : []),
    ]),
    ...list(
      "Where",
      facts.regions.map(({ region, pages, faults }) => ({
        name: region === undefined ? "not in a known region" : placeName(region.name, region.section),
        amount:
          selection !== undefined && facts.pages === 1
            ? ""
            : scene.counted === "pages"
              ? grouped(pages)
              : `${grouped(faults)} on ${grouped(pages)}`,
      })),
      scene.counted === "pages" ? "pages" : "faults on pages",
    ),
    ...(selection === undefined
      ? keys()
      : list(
          "What is there",
          facts.objects.map(({ name, kind }) => ({ name: printable(name, 120), amount: kind.replaceAll("-", " ") })),
        )),
  );
}

function placeName(name: string, section: string | undefined): string {
  const file = printable(shortName(name), 80);
  return section === undefined ? file : `${file} ${printable(section, 60)}`;
}

function pairs(rows: readonly (readonly [string, string])[]): HTMLElement {
  return element("dl", {}, ...rows.flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, value)]));
}

function list(
  title: string,
  rows: readonly { readonly name: string; readonly amount: string }[],
  unit = "",
): readonly HTMLElement[] {
  if (rows.length === 0) return [];
  const rest = rows.length - MOST_ROWS;
  return [
    element("h4", unit === "" ? {} : { title: unit }, unit === "" ? title : `${title} (${unit})`),
    element(
      "ul",
      {},
      ...rows
        .slice(0, MOST_ROWS)
        .map(({ name, amount }) => element("li", {}, element("span", {}, name), element("span", {}, amount))),
      rest > 0 ? element("li", { class: "dim" }, `and ${grouped(rest)} more`) : undefined,
    ),
  ];
}

function keys(): readonly HTMLElement[] {
  const rows: readonly (readonly [readonly string[], string])[] = [
    [["arrows"], "page by page"],
    [["Shift", "arrows"], "select"],
    [["W", "A", "S", "D"], "move"],
    [["+", "−"], "zoom, or Ctrl and wheel"],
    [["0"], "all of it"],
    [["drag"], "move, with Shift select"],
    [["N"], "next that was found"],
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

const MOST_ROWS = 12;
