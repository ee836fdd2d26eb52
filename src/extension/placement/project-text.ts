/** faultline.json with placements and critical functions added or taken out: as little of its text changes as can be. */
import { editedText, type TextEdit } from "../../core/base/text-edit.js";
import { listOf, objectOf, parsedJson } from "../../core/base/json-fields.js";
import { elementsAdded } from "../../core/base/json-list.js";
import type { LockedSectionNames } from "../../core/placement/locked-sections.js";
import type { PlacedName, Placement } from "../../core/placement/placement.js";
import { placementsAdded, placementsRemoved } from "../../core/placement/placements-edit.js";

/** @param text "" where there is no file yet. @returns undefined: it is no JSON that could be changed. */
export function withPlacements(
  text: string,
  placements: readonly Placement[],
  sections: LockedSectionNames,
): string | undefined {
  const known = new Set(listOf(objectOf(parsedJson(text))?.["placements"]).map((one) => JSON.stringify(one)));
  if (placements.length === 0) return text;
  const rest = withoutPlacements(text, placements);
  const after = edited(rest, placementsAdded(rest, placements, sections));
  if (after === undefined) return undefined;
  // Where they were there already, in whatever order and spacing, nothing is written anew.
  const now = listOf(objectOf(parsedJson(after))?.["placements"]).map((one) => JSON.stringify(one));
  return now.length === known.size && now.every((one) => known.has(one)) ? text : after;
}

export function withoutPlacements(text: string, gone: readonly PlacedName[]): string {
  return edited(text, placementsRemoved(text, gone)) ?? text;
}

/** @returns undefined as `withPlacements`. */
export function withCritical(text: string, name: string): string | undefined {
  if (listOf(objectOf(parsedJson(text))?.["critical"]).includes(name)) return text;
  return edited(text, elementsAdded(text, "critical", [JSON.stringify(name)]));
}

function edited(text: string, edit: TextEdit | undefined): string | undefined {
  return edit && editedText(text, [edit]);
}
