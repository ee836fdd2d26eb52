/** `faultline place --verify`: whether each placement came true in the linked file, and the difference to the forecast. */
import { relative } from "node:path";
import { forecastDifferences } from "../core/placement/forecast.js";
import type { Placement } from "../core/placement/placement.js";
import { verifyPlacements } from "../core/placement/verify.js";
import { differencesText } from "../core/report/forecast-text.js";
import { placementsText } from "../core/report/placement-text.js";
import { coloured, plain } from "../core/report/style.js";
import { english } from "../core/report/translate.js";
import { openImageFile } from "../host/images.js";
import { keptForecast } from "../host/kept-forecast.js";
import { pageSizeHere } from "../host/page-size.js";
import { UserError } from "../host/user-error.js";
import { print, wantsColour } from "./terminal.js";

/** Exits 0 when all came true, whatever was forecast; 1 when one did not. @param folder of faultline.json. */
export async function verifyPlaced(
  file: string,
  placements: readonly Placement[],
  folder: string,
  json: boolean,
): Promise<number> {
  const opened = openImageFile(file);
  if (!opened.ok) throw new UserError(opened.message);
  try {
    const verifications = verifyPlacements(opened.image, placements, pageSizeHere());
    const kept = keptForecast(folder, file, placements);
    const differences = kept === undefined ? [] : forecastDifferences(kept, opened.image);
    const options = { style: wantsColour() ? coloured : plain, translate: english, displayPath };
    const answer = { version: 1, path: file, placements: verifications, ...(kept && { forecast: differences }) };
    await print(
      json
        ? [`${JSON.stringify(answer, undefined, 1)}\n`]
        : [placementsText(file, verifications, options), differencesText(differences, options)],
    );
    return verifications.every(({ mismatches }) => mismatches.length === 0) ? 0 : 1;
  } finally {
    opened.close();
  }
}

function displayPath(path: string): string {
  const shorter = relative(process.cwd(), path);
  return shorter.startsWith("..") ? path : shorter;
}
