/** Placements: the decisions, kept in faultline.json, to put functions and globals into locked sections. */
import { listOf, objectOf } from "../base/json-fields.js";
import { SECTION_KINDS, type LockedSectionNames, type SectionKind } from "./locked-sections.js";

export interface Placement {
  /** By the name the report shows, or as in the symbol table. */
  readonly symbol: string;
  readonly kind: SectionKind;
  readonly section: string;
  readonly by: "source" | "script";
}

/** Never fails: what is no placement is told in `problems` and left out. */
export function readPlacements(value: unknown, sections: LockedSectionNames, problems: string[]): readonly Placement[] {
  if (value !== undefined && !Array.isArray(value)) problems.push('"placements" must be a list');
  return listOf(value).flatMap((item, index) => {
    const entry = objectOf(item);
    const symbol = entry?.["symbol"];
    const kind = SECTION_KINDS.find((known) => known === entry?.["kind"]);
    const section = entry?.["section"];
    if (typeof symbol !== "string" || symbol === "" || kind === undefined) {
      problems.push(`placement ${index + 1} needs a symbol and a kind (${SECTION_KINDS.join(", ")})`);
      return [];
    }
    const by = entry?.["by"] === "script" ? "script" : "source";
    return [{ symbol, kind, section: typeof section === "string" && section !== "" ? section : sections[kind], by }];
  });
}
