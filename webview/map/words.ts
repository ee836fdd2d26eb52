/** What the map says in words: for the tooltip, the details, the table and the screen reader. */
import { addressOf, hexAddress } from "../../src/core/base/address.js";
import { printable } from "../../src/core/report/printable.js";
import { duration, grouped } from "../../src/core/report/quantities.js";
import { objectsOnPage, regionsOnPage } from "./page-facts.js";
import type { Scene } from "./layout.js";

export function hexWords(address: number): string {
  const { granule, offset } = addressOf(address);
  return `0x${hexAddress(granule, offset)}`;
}

/** "12 faults · 3 major · 1.8 ms", or what else is known of a touched page. */
export function costWords(
  cost: { readonly faults: number; readonly major: number; readonly timeNs: number },
  counted: Scene["counted"],
): string {
  if (counted === "pages") return "came in";
  return [
    `${grouped(cost.faults)} ${cost.faults === 1 ? "fault" : "faults"}`,
    ...(cost.major > 0 ? [`${grouped(cost.major)} major`] : []),
    ...(cost.timeNs > 0 ? [duration(cost.timeNs)] : []),
  ].join(" · ");
}

export interface PageWords {
  readonly address: string;
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
        ? scene.counted === "pages"
          ? "did not come in"
          : "no fault"
        : costWords(
            {
              faults: pages.minor[page]! + pages.major[page]!,
              major: pages.major[page]!,
              timeNs: pages.timeNs[page]!,
            },
            scene.counted,
          ),
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
