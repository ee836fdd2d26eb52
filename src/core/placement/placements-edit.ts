/** The placements of faultline.json as changes of its text: everything else stays as people wrote it. */
import type { TextEdit } from "../base/text-edit.js";
import { objectOf, parsedJson } from "../base/json-fields.js";
import { elementsAdded, elementsRemoved } from "../base/json-list.js";
import type { LockedSectionNames } from "./locked-sections.js";
import { isSameName, type PlacedName, type Placement } from "./placement.js";

/** undefined: the text is no JSON object, or its placements are no list; a person must put that right first. */
export function placementsAdded(
  text: string,
  placements: readonly Placement[],
  sections: LockedSectionNames,
): TextEdit | undefined {
  return elementsAdded(
    text,
    MEMBER,
    placements.map((placement) => entryOf(placement, sections)),
  );
}

/** Takes out the placements of these names; undefined: there are none. The list goes with its last one. */
export function placementsRemoved(text: string, gone: readonly PlacedName[]): TextEdit | undefined {
  return elementsRemoved(text, MEMBER, (element) => {
    const entry = objectOf(parsedJson(element));
    const symbol = entry?.["symbol"];
    const file = entry?.["file"];
    if (typeof symbol !== "string") return false;
    return gone.some((one) => isSameName(one, typeof file === "string" ? { symbol, file } : { symbol }));
  });
}

function entryOf({ symbol, file, kind, section, by }: Placement, sections: LockedSectionNames): string {
  const members = [
    `"symbol": ${JSON.stringify(symbol)}`,
    ...(file === undefined ? [] : [`"file": ${JSON.stringify(file)}`]),
    `"kind": "${kind}"`,
    ...(section === sections[kind] ? [] : [`"section": ${JSON.stringify(section)}`]),
    ...(by === "source" ? [] : [`"by": "${by}"`]),
  ];
  return `{ ${members.join(", ")} }`;
}

const MEMBER = "placements";
