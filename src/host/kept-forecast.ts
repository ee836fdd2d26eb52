/** The last forecast of placements, kept until the program is built with them: .faultline/forecast.json. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { listOf, numberOf, objectOf, parsedJson, textOf } from "../core/base/json-fields.js";
import type { ForecastSize, PlacementForecast } from "../core/placement/forecast.js";
import type { Placement } from "../core/placement/placement.js";

export interface KeptForecast {
  readonly pageSize: number;
  readonly sections: readonly ForecastSize[];
}

/** Of a program as it is now. @param folder of faultline.json. Throws where nothing can be written there. */
export function keepForecast(
  folder: string,
  program: string,
  placements: readonly Placement[],
  { pageSize, sections }: PlacementForecast,
): void {
  const path = resolve(program);
  const sizes = sections.map(({ name, pages, bytes }): ForecastSize => ({ name, pages, bytes }));
  const kept = { version: 1, program: path, builtMs: statSync(path).mtimeMs, placements, pageSize, sections: sizes };
  mkdirSync(join(folder, ".faultline"), { recursive: true, mode: 0o700 });
  writeFileSync(keptPath(folder), `${JSON.stringify(kept, undefined, 1)}\n`, { mode: 0o600 });
}

/** undefined: there is none of these placements, or the program has not been built since. */
export function keptForecast(
  folder: string,
  program: string,
  placements: readonly Placement[],
): KeptForecast | undefined {
  let text: string;
  try {
    text = readFileSync(keptPath(folder), "utf8");
  } catch {
    return undefined; // Nobody asked for one.
  }
  const kept = objectOf(parsedJson(text));
  const path = resolve(program);
  const pageSize = numberOf(kept?.["pageSize"]);
  if (kept?.["version"] !== 1 || kept["program"] !== path || pageSize === undefined) return undefined;
  if (kept["builtMs"] === statSync(path).mtimeMs) return undefined;
  if (JSON.stringify(kept["placements"]) !== JSON.stringify(placements)) return undefined;
  const sections = listOf(kept["sections"]).flatMap((section): readonly ForecastSize[] => {
    const entry = objectOf(section);
    const [name, pages, bytes] = [textOf(entry?.["name"]), numberOf(entry?.["pages"]), numberOf(entry?.["bytes"])];
    return name === undefined || pages === undefined || bytes === undefined ? [] : [{ name, pages, bytes }];
  });
  return { pageSize, sections };
}

function keptPath(folder: string): string {
  return join(folder, ".faultline", "forecast.json");
}
