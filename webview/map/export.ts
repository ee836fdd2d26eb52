/** The map as files for other tools: what a spreadsheet and a program read. */
import { objectsOnPage } from "./page-facts.js";
import type { Scene } from "./layout.js";
import { hexWords } from "./words.js";

/** One row a touched page, RFC 4180; cells that would start a formula are kept from it by an apostrophe. */
export function mapCsv(scene: Scene): string {
  const { pages, regions, pid } = scene.process;
  const rows = Array.from(pages.address, (address, page) => {
    const region = regions[pages.region[page]!];
    const objects = objectsOnPage(scene, page).map(({ name }) => name);
    return [
      String(pid),
      hexWords(address),
      String(pages.minor[page]!),
      String(pages.major[page]!),
      String(pages.timeNs[page]!),
      region?.name ?? "",
      region?.section ?? "",
      objects.join("; "),
    ];
  });
  const head =
    scene.counted === "symbols"
      ? ["pid", "address", "symbols", "", "", "file", "section", "names"]
      : ["pid", "address", "minor", "major", "time_ns", "region", "section", "objects"];
  const kept = head.map((title) => title !== "" && !(scene.counted === "symbols" && title === "pid"));
  return [head, ...rows]
    .map((row) =>
      row
        .filter((_, column) => kept[column])
        .map(cell)
        .join(","),
    )
    .concat("")
    .join("\r\n");
}

/** The process as the map has it, with what is needed to read it. */
export function mapJson(scene: Scene): string {
  const { pageSize, lost, counted, process } = scene;
  return `${JSON.stringify({ pageSize, lost, counted, process }, undefined, 1)}\n`;
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
