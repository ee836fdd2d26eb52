/** Placements as faultline.json keeps them: with their file where the name alone is not enough. */
import { realpathSync } from "node:fs";
import { relative } from "node:path";
import type { Placement } from "../core/placement/placement.js";
import type { PlannedPlacement } from "./placement-plan.js";

/** @param folder of faultline.json. */
export function keptPlacement({ symbol, kind, section, file, shared }: PlannedPlacement, folder: string): Placement {
  const place = { kind, section, by: "source" } as const;
  return shared === undefined ? { symbol, ...place } : { symbol, file: projectPath(folder, file), ...place };
}

/** Relative to the folder where it is below that. */
export function projectPath(folder: string, file: string): string {
  const path = relative(realpathSync(folder), file);
  return path.startsWith("..") ? file : path;
}
