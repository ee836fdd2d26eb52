/** `faultline place --forecast`: what the placements of faultline.json will lock, before the program is built with them. */
import { forecastPlacements, type PlacementForecast } from "../core/placement/forecast.js";
import type { Placement } from "../core/placement/placement.js";
import { functionConstants } from "../core/reach/function-constants.js";
import { forecastText } from "../core/report/forecast-text.js";
import { coloured, plain } from "../core/report/style.js";
import { english } from "../core/report/translate.js";
import { pageSizeHere } from "../host/page-size.js";
import { keepForecast } from "../host/kept-forecast.js";
import { openReachFiles } from "../host/reach-files.js";
import { lockLimits } from "../recorder/campaign/target-facts.js";
import { firstLine, say } from "./say.js";
import { print, terminalWidth, wantsColour } from "./terminal.js";

/** Keeps it for --verify to compare with, in .faultline of the folder. Exits 0 when they fit into the limit of whoever asks, 1 when not. */
export async function forecast(
  file: string,
  placements: readonly Placement[],
  folder: string,
  json: boolean,
): Promise<number> {
  const files = openReachFiles(file);
  try {
    const found = forecastPlacements(files.file.image, placements, {
      pageSize: pageSizeHere(),
      limits: lockLimits(process.pid),
      constantsOf: (symbol) => functionConstants(files.file, symbol),
    });
    keep(folder, file, placements, found);
    const style = wantsColour() ? coloured : plain;
    await print([
      json
        ? `${JSON.stringify({ version: 1, path: file, ...found }, undefined, 1)}\n`
        : forecastText(file, found, { style, translate: english, top: placements.length, width: terminalWidth() }),
    ]);
    return found.answer?.kind === "refused" ? 1 : 0;
  } finally {
    files.close();
  }
}

/** A forecast is told also where no file can be written. */
function keep(folder: string, file: string, placements: readonly Placement[], found: PlacementForecast): void {
  try {
    keepForecast(folder, file, placements, found);
  } catch (error) {
    say(`The forecast is not kept for --verify to compare with: ${firstLine(error)}.`);
  }
}
