/** Placements: the decisions, kept in faultline.json, to put functions and globals into locked sections. */
import { listOf, objectOf } from "../base/json-fields.js";
import { SECTION_KINDS, type LockedSectionNames, type SectionKind } from "./locked-sections.js";

/** What is placed. */
export interface PlacedName {
  /** By the name the report shows, or as in the symbol table. */
  readonly symbol: string;
  /**
   * Of several static ones of that name: the source file that declares it, relative to the folder of faultline.json, or
   * absolute where it is not below that.
   */
  readonly file?: string;
}

export interface Placement extends PlacedName {
  readonly kind: SectionKind;
  readonly section: string;
  readonly by: "source" | "script";
}

/** One without a file is the same as any of its name. */
export function isSameName(one: PlacedName, other: PlacedName): boolean {
  return one.symbol === other.symbol && (one.file ?? other.file) === (other.file ?? one.file);
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
    const place = {
      kind,
      section: typeof section === "string" && section !== "" ? section : sections[kind],
      by,
    } as const;
    const file = entry?.["file"];
    return [typeof file === "string" && file !== "" ? { symbol, file, ...place } : { symbol, ...place }];
  });
}
