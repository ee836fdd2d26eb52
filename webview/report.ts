/** The script of the HTML report: sorts tables, follows the reader in the navigation, shows the map. */
import type { MapModel } from "../src/core/report/map-model.js";
import { DARK, HIGH_CONTRAST, HIGH_CONTRAST_LIGHT, LIGHT, type MapTheme } from "./map/theme.js";
import { mapWidget } from "./map/widget.js";
import { makeSortable } from "./sortable-table.js";
import { plainControls } from "./ui/plain-controls.js";

for (const table of document.querySelectorAll<HTMLTableElement>("main > section > .scroll > table.rows")) {
  makeSortable(table);
}
followReader();
showMap();

function showMap(): void {
  const place = document.getElementById("map-here");
  const data = document.getElementById("map-data")?.textContent;
  if (place === null || data === undefined || data === null) return;
  // The page and its data were written together by htmlReport.
  const model = JSON.parse(data) as MapModel;
  const queries = ["(prefers-color-scheme: dark)", "(forced-colors: active)", "(prefers-contrast: more)"].map((query) =>
    window.matchMedia(query),
  );
  const theme = (): MapTheme => {
    const [dark, forced, contrast] = queries.map(({ matches }) => matches);
    if (forced || contrast) return dark ? HIGH_CONTRAST : HIGH_CONTRAST_LIGHT;
    return dark ? DARK : LIGHT;
  };
  const widget = mapWidget(place, { model, theme: theme(), kit: plainControls });
  for (const query of queries) {
    query.addEventListener("change", () => {
      widget.setTheme(theme());
    });
  }
}

/** Marks the link of the part that is being read. */
function followReader(): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>("nav a")];
  const parts = links.map((link) => document.getElementById(link.hash.slice(1)));
  const mark = () => {
    let current = 0;
    parts.forEach((part, index) => {
      if (part !== null && part.getBoundingClientRect().top < 140) current = index;
    });
    links.forEach((link, index) => {
      link.ariaCurrent = index === current ? "true" : null;
    });
  };
  window.addEventListener("scroll", mark, { passive: true });
  mark();
}
