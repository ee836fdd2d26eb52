/** What a memory map is given, and what it can be told. */
import type { MapModel, MapObject, MapProcess } from "../../src/core/report/map-model.js";
import type { ControlKit } from "../ui/control-kit.js";
import type { MapTarget, SelectionFacts } from "./page-facts.js";
import type { MapPlace } from "./place.js";
import type { MapTheme } from "./theme.js";
import type { ExportFormat } from "./toolbar.js";
import type { Counted } from "./vocabulary.js";

/** With at least one process. */
export type ShownModel = Omit<MapModel, "counted"> & { readonly counted?: Counted };

export interface MapOptions {
  readonly model: ShownModel;
  readonly theme: MapTheme;
  readonly kit: ControlKit;
  /** Where somebody was when this was last shown; otherwise all of the first process is. */
  readonly place?: MapPlace | undefined;
  /** After a change of what is seen, at most once a frame. */
  readonly onPlace?: (place: MapPlace) => void;
  /** `focus`: go there; otherwise only show it. Absent where there are no sources. */
  readonly openSource?: (process: MapProcess, object: MapObject, focus: boolean) => void;
  /** The context of the editor's menu for cells. Absent where nothing can be placed; undefined where these cells cannot. */
  readonly cellsContext?: (process: MapProcess, facts: SelectionFacts) => string | undefined;
  /** Absent where there is nowhere to save to. */
  readonly save?: (format: ExportFormat, content: Blob) => void;
}

export interface MapWidget {
  /** Draws with other colours from now on. */
  setTheme(theme: MapTheme): void;
  /** Shows and selects it, in whichever process it is; false when it is in none. */
  select(target: MapTarget & { readonly pid?: number | undefined }): boolean;
  focusSearch(): void;
  /** What is shown has grown: the view, the selection and the focus stay where they are. */
  grow(model: ShownModel): void;
  dispose(): void;
}
