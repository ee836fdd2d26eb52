/** What the map says in words: for the tooltip, the details, the table and the screen reader. */
import { addressOf, hexAddress } from "../../src/core/base/address.js";
import { printable } from "../../src/core/report/printable.js";
import { objectsOnPage, regionsOnPage } from "./page-facts.js";
import type { Scene } from "./layout.js";
import { vocabulary } from "./vocabulary.js";

export function hexWords(address: number): string {
  const { granule, offset } = addressOf(address);
  return `0x${hexAddress(granule, offset)}`;
}

export interface PageWords {
  readonly address: string;
  /** "12 faults · 3 major · 1.8 ms" */
  readonly cost: string;
  /** "pointer.so .text, .rodata" */
  readonly place: string;
  readonly objects: readonly string[];
}

/** `page` is the touched page at that address, or undefined where there was no fault. */
export function pageWords(scene: Scene, address: number, page: number | undefined): PageWords {
  const { pages } = scene.process;
  const regions = regionsOnPage(scene, address);
  const sections = regions.flatMap(({ section }) => (section === undefined ? [] : [printable(section, 60)]));
  const name = regions[0]?.name;
  return {
    address: hexWords(address),
    cost:
      page === undefined
        ? vocabulary(scene.counted).quiet
        : vocabulary(scene.counted).cost({
            faults: pages.minor[page]! + pages.major[page]!,
            major: pages.major[page]!,
            timeNs: pages.timeNs[page]!,
          }),
    place: [name === undefined ? "not in a known region" : printable(name, 200), sections.join(", ")]
      .filter((part) => part !== "")
      .join(" "),
    objects: page === undefined ? [] : objectsOnPage(scene, page).map((object) => printable(object.name, 160)),
  };
}

/** One sentence, for aria-live. */
export function spokenPage(scene: Scene, page: number): string {
  const { address, cost, place, objects } = pageWords(scene, scene.process.pages.address[page]!, page);
  const things = objects.length === 0 ? "" : `; on it ${objects.slice(0, 5).join(", ")}`;
  return `Page ${address}: ${cost}, ${place}${things}.`;
}
