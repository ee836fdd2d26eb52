/** The memory maps that are open. What lies on a page is looked up in what they show, never taken from the page that asks. */
import type { MapModel } from "../../core/report/map-model.js";
import type { MapCells } from "../../protocol/memory-map.js";

/** A function or global as rows of trees name it: what commands about placements are given. */
export interface MapSymbol {
  readonly object: string;
  readonly kind: "function" | "variable";
  /** Path of the image it is in. */
  readonly region: string;
  readonly source: { readonly file: string; readonly line: number };
}

interface ShownMap {
  /** Of the trace. */
  readonly path: string;
  readonly model: MapModel;
}

export class ShownMaps {
  private readonly contents = new Map<object, ShownMap>();

  /** @param owner the map that shows it from now on; without content it shows nothing. */
  show(owner: object, content: ShownMap | undefined): void {
    if (content === undefined) this.contents.delete(owner);
    else this.contents.set(owner, content);
  }

  /** Functions and globals with a known declaration that reach into the cells, by address; none of a map nobody sees. */
  symbolsOn({ trace, pid, start, end }: MapCells): readonly MapSymbol[] {
    const content = [...this.contents.values()].findLast(({ path }) => path === trace);
    const process = content?.model.processes.find((one) => one.pid === pid);
    const symbols = new Map<string, MapSymbol>();
    for (const { name, kind, file, line, ...object } of process?.objects ?? []) {
      const isSymbol = kind === "function" || kind === "variable";
      if (!isSymbol || file === undefined || line === undefined || object.start >= end || object.end <= start) continue;
      const region = process?.regions.find((one) => one.start <= object.start && object.start < one.end);
      if (region?.kind !== "image") continue;
      symbols.set(`${name}\n${file}:${line}`, { object: name, kind, region: region.name, source: { file, line } });
    }
    return [...symbols.values()];
  }
}
