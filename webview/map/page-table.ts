/** The same pages as a table: for those who do not see the picture, and for copying. */
import { printable } from "../../src/core/report/printable.js";
import { duration, grouped } from "../../src/core/report/quantities.js";
import { element } from "./elements.js";
import type { Scene } from "./layout.js";
import { pageWords } from "./words.js";

const ROWS_AT_ONCE = 200;

/** A closed disclosure; its rows are made when it is opened, some at a time. */
export function pageTable(scene: Scene): HTMLElement {
  const count = scene.process.pages.address.length;
  const body = element("tbody");
  const more = element("button", { type: "button" }, "More rows");
  const head = ["Page", "Minor", "Major", "Time", "Where", "On it"].map((title, column) =>
    element("th", { scope: "col", class: column >= 1 && column <= 3 ? "amount" : "text" }, title),
  );
  const name = `Pages of ${printable(scene.process.name, 60)} that ${scene.counted === "pages" ? "came in" : "took faults"}, by address`;
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
    element("div", { class: "scroll" }, table),
    more,
  );
  details.addEventListener("toggle", () => {
    if (details.open && body.rows.length === 0) add();
  });
  return details;
}

function pageRow(scene: Scene, page: number): HTMLTableRowElement {
  const { pages } = scene.process;
  const { address, place, objects } = pageWords(scene, pages.address[page]!, page);
  const amount = (text: string) => element("td", { class: "amount" }, text);
  return element(
    "tr",
    {},
    element("td", { class: "name" }, address),
    amount(grouped(pages.minor[page]!)),
    amount(grouped(pages.major[page]!)),
    amount(pages.timeNs[page]! > 0 ? duration(pages.timeNs[page]!) : ""),
    element("td", {}, place),
    element("td", {}, objects.slice(0, 6).join(", ")),
  );
}
