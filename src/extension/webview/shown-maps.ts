/** The memory maps that are open. What lies on a page is looked up in what they show, never taken from the page that asks. */
import type { BinaryLayout } from "../../core/report/binary-layout.js";
import type { MapModel } from "../../core/report/map-model.js";
import { imagesOn, symbolsOn, type MapSymbol } from "../../core/report/map-symbols.js";
import type { MapCells } from "../../protocol/memory-map.js";

interface ShownMap {
  /** Of the trace. */
  readonly path: string;
  readonly model: MapModel;
  /** Paths of the images that belong to the workspace. */
  readonly own: readonly string[];
}

export class ShownMaps {
  private readonly contents = new Map<object, ShownMap>();

  constructor(private readonly layout: (image: string) => Promise<BinaryLayout>) {}

  /** @param owner the map that shows it from now on; without content it shows nothing. */
  show(owner: object, content: ShownMap | undefined): void {
    if (content === undefined) this.contents.delete(owner);
    else this.contents.set(owner, content);
  }

  /** Functions and globals of the workspace's images that reach into the cells; none of a map nobody sees. */
  async symbolsOn({ trace, pid, start, end }: MapCells): Promise<readonly MapSymbol[]> {
    const shown = [...this.contents.values()].findLast(({ path }) => path === trace);
    const process = shown?.model.processes.find((one) => one.pid === pid);
    if (shown === undefined || process === undefined) return [];
    const images = imagesOn(process, start, end).filter((image) => shown.own.includes(image));
    const layouts = await Promise.all(images.map((image) => this.layout(image)));
    return layouts.flatMap((layout) => symbolsOn(process, shown.model.pageSize, layout, { start, end }));
  }
}
