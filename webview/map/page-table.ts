/** The same pages as a table: for those who do not see the picture, and for copying. */
import { printable } from "../../src/core/report/printable.js";
import { duration, grouped } from "../../src/core/report/quantities.js";
import { element } from "./elements.js";
import type { Scene } from "./layout.js";
import { vocabulary } from "./vocabulary.js";
import { pageWords } from "./words.js";

const ROWS_AT_ONCE = 200;
/** Columns with amounts: the first of minor, major and time. */
const AMOUNTS: Readonly<Record<Scene["counted"], readonly string[]>> = {
  faults: ["Minor", "Major", "Time"],
  pages: [],
  symbols: ["Symbols"],
};

/** A closed disclosure; its rows are made when it is opened, some at a time. Open, and as long, where `before` was. */
export function pageTable(scene: Scene, before?: HTMLElement): HTMLElement {
  const count = scene.process.pages.address.length;
  const body = element("tbody");
  const more = element("button", { type: "button" }, "More rows");
  const head = [
    heading("Page", "text"),
    ...AMOUNTS[scene.counted].map((title) => heading(title, "amount")),
    heading("Where", "text"),
    heading("On it", "text"),
  ];
  const name = `${vocabulary(scene.counted).pages} of ${printable(scene.process.name, 60)}, by address`;
  const table = element(
    "table",
    { class: "rows" },
    element("caption", { class: "hidden-live" }, name),
    element("thead", {}, element("tr", {}, ...head)),
    body,
  );
  const add = () => {
    const from = body.rows.length;
    for (let page = from; page < Math.min(count, from + ROWS_AT_ONCE); page++) body.append(pageRow(scene, page));
    more.hidden = body.rows.length >= count;
  };
  more.addEventListener("click", add);
  const details = element(
    "details",
    { class: "map-table" },
    element("summary", {}, `The map as a table: ${grouped(count)} pages`),
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": name }, table),
    more,
  );
  details.addEventListener("toggle", () => {
    if (details.open && body.rows.length === 0) add();
  });
  if (before instanceof HTMLDetailsElement && before.open) {
    const rows = before.querySelectorAll("tbody tr").length;
    do add();
    while (body.rows.length < Math.min(rows, count));
    details.open = true;
  }
  return details;
}

function heading(title: string, className: string): HTMLElement {
  return element("th", { scope: "col", class: className }, title);
}

function pageRow(scene: Scene, page: number): HTMLTableRowElement {
  const { pages } = scene.process;
  const { address, place, objects } = pageWords(scene, pages.address[page]!, page);
  const time = pages.timeNs[page]! > 0 ? duration(pages.timeNs[page]!) : "";
  const amounts = [grouped(pages.minor[page]!), grouped(pages.major[page]!), time];
  return element(
    "tr",
    {},
    element("td", { class: "name" }, address),
    ...AMOUNTS[scene.counted].map((_, column) => element("td", { class: "amount" }, amounts[column])),
    element("td", {}, place),
    element("td", {}, objects.slice(0, 6).join(", ")),
  );
}
