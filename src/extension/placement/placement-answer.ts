/** Answers about placements, in the analysis thread: debug information is read whole for some, compilers are run for others. */
import { statSync } from "node:fs";
import type { Image } from "../../core/image/image.js";
import { verifyPlacements } from "../../core/placement/verify.js";
import { pageSizeHere } from "../../host/page-size.js";
import { compileAlone, compileCommand } from "../../host/placement-compile.js";
import { planPlacements } from "../../host/placement-plan.js";
import { placeInSource } from "../../host/placement-source.js";
import type {
  CompileOrder,
  CompileResult,
  PlacementOrder,
  PlacementResult,
  SourceOrder,
  SourceResult,
} from "./placement-order.js";
import { reachAnswer } from "./reach-answer.js";
import { scriptAnswer } from "./script-answer.js";
import { spelledNames } from "./wanted-names.js";

/** @param path of the image. */
export function placementAnswer(image: Image, path: string, order: PlacementOrder): PlacementResult<PlacementOrder> {
  switch (order.kind) {
    case "source":
      return sourceAnswer(image, path, order);
    case "script":
      return scriptAnswer(image, order);
    case "verify":
      return {
        verifications: verifyPlacements(image, order.placements, pageSizeHere()),
        pageSize: pageSizeHere(),
        builtMs: statSync(path).mtimeMs,
      };
    case "reach":
      return reachAnswer(image, path, order);
    case "compile":
      return compileAnswer(order);
  }
}

/** What cannot be placed is told, and the rest planned without it. */
function sourceAnswer(image: Image, path: string, order: SourceOrder): SourceResult {
  const symbols = spelledNames(image, order.wanted, order.sourceMap);
  const wantedOf = new Map(symbols.map((name, index) => [name, order.wanted[index]!]));
  const request = {
    ...{ image, symbols: [...wantedOf.keys()], action: order.action, kind: undefined, sections: order.sections },
    ...{ folders: order.folders, sourceMap: order.sourceMap, builtMs: statSync(path).mtimeMs },
    kept: new Set(order.kept),
    openText: (file: string) => (Object.hasOwn(order.openTexts, file) ? order.openTexts[file] : undefined),
  };
  const { placements, files, refusals } = order.spelledOut
    ? planPlacements({ ...request, spelledOut: () => true })
    : placeInSource(request, true).plan;
  return {
    placements,
    files: files.map(({ file, edits, units }) => ({ path: file.path, before: file.text, edits, units })),
    refusals: refusals.map(({ wanted, refusal }) => ({ wanted: wantedOf.get(wanted)!, refusal })),
  };
}

function compileAnswer({ units, folders }: CompileOrder): CompileResult {
  const sources = new Set<string>();
  for (const unit of units) {
    const command = compileCommand(unit, folders);
    if (command === undefined || sources.has(command.source)) continue;
    sources.add(command.source);
    const compiled = compileAlone(command);
    if (compiled.ok === false) return { error: compiled.error };
  }
  return { error: undefined };
}
