/** What the extension and its analysis thread tell each other. Both are ours and of one build: nothing is decoded. */
import type { SourceMapping } from "../../core/report/located-source.js";
import type { PlacementOrder } from "../placement/placement-order.js";
import type { LinkOrder } from "../ldscript/script-order.js";
import type { ListPath } from "./pieces.js";

export type AnalysisMethod = "report" | "map" | "layout" | "placement" | "link" | "programs";

export interface AnalysisPlace {
  /** Folder the project file is looked for in, from there upwards. */
  readonly here: string;
  /** What debuggers are told of where sources are, besides faultline.json. */
  readonly otherSources: readonly SourceMapping[];
}

export type ToThread =
  | {
      readonly kind: "request";
      readonly method: AnalysisMethod;
      /** Trace folder, perf.data or ELF file; of "programs" a linker script. */
      readonly path: string;
      readonly place: AnalysisPlace;
      /** Of "placement". */
      readonly order: PlacementOrder | undefined;
      /** Of "link". */
      readonly link: LinkOrder | undefined;
    }
  /** A trace will be asked about soon: the path of the program that is traced, where it is known. */
  | { readonly kind: "prepare"; readonly program: string | undefined }
  /** The last piece was read: the next one may come. */
  | { readonly kind: "next" };

export type FromThread =
  /** The answer; all of it where there are no lists. */
  | { readonly kind: "frame"; readonly frame: unknown; readonly lists: readonly ListPath[] }
  | { readonly kind: "rows"; readonly list: number; readonly rows: readonly unknown[] }
  /** After the last rows. */
  | { readonly kind: "done" }
  /** `reason` is for a person; `details`, where there are any, show that it is our mistake. */
  | { readonly kind: "failed"; readonly reason: string; readonly details: string | undefined };

export interface ThreadData {
  /** Sentences in the editor's language, by the English ones. */
  readonly sentences: Readonly<Record<string, string>>;
}
