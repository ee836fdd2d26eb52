/** What the editor asks of the analysis thread about placements, and what it is answered: data, no sentences. */
import type { TextEdit } from "../../core/base/text-edit.js";
import type { SectionKind, LockedSectionNames } from "../../core/placement/locked-sections.js";
import type { Placement } from "../../core/placement/placement.js";
import type { ScriptRefusal } from "../../core/placement/script-refusal.js";
import type { Verification } from "../../core/placement/verify.js";
import type { Definition } from "../../core/image/image.js";
import type { PlannedPlacement, PlanRefusal } from "../../host/placement-plan.js";
import type { ScriptAnswer } from "../../host/placement-script.js";

/** A function or global as the cursor, a report or a lock set names it. */
export interface WantedName {
  /** With as much of its namespace as is known. */
  readonly name: string;
  readonly kind: "function" | "variable" | undefined;
  /** Where the editor sees its definition; undefined: by the name alone. `file` is a real path, `line` 1-based. */
  readonly at: { readonly file: string; readonly line: number } | undefined;
}

export interface SourceOrder {
  readonly kind: "source";
  readonly action: "place" | "remove";
  readonly wanted: readonly WantedName[];
  /** Symbols that faultline.json places: one that nothing in the source places is only forgotten. */
  readonly kept: readonly string[];
  readonly sections: LockedSectionNames;
  /** Folders whose files may be changed. */
  readonly folders: readonly string[];
  readonly sourceMap: Readonly<Record<string, string>>;
  /** Texts of files that are not as they are on disk, by real path. */
  readonly openTexts: Readonly<Record<string, string>>;
  /** The attribute is spelled out everywhere: faultline.h is not found where it is compiled. */
  readonly spelledOut: boolean;
}

export interface ScriptOrder {
  readonly kind: "script";
  readonly wanted: readonly WantedName[];
  readonly sections: LockedSectionNames;
  readonly sourceMap: Readonly<Record<string, string>>;
  /** Those of faultline.json that are by the script and stay there. */
  readonly placements: readonly Placement[];
  /** Those that are to be taken out of it. */
  readonly removed: readonly Placement[];
  readonly path: string;
  /** What the script holds now; undefined: there is none. One that was not generated is the user's own. */
  readonly script: string | undefined;
  /** Of faultline.json, absolute. */
  readonly folder: string;
  /** Whose language it is in, as faultline.json says. */
  readonly linker: string | undefined;
}

export interface VerifyOrder {
  readonly kind: "verify";
  readonly placements: readonly Placement[];
  readonly sourceMap: Readonly<Record<string, string>>;
}

export interface CompileOrder {
  readonly kind: "compile";
  readonly units: readonly Definition["unit"][];
  readonly folders: readonly string[];
}

export interface ReachOrder {
  readonly kind: "reach";
  readonly wanted: readonly WantedName[];
  readonly sourceMap: Readonly<Record<string, string>>;
}

export type PlacementOrder = SourceOrder | ScriptOrder | VerifyOrder | CompileOrder | ReachOrder;

export interface SourceFileEdits {
  /** Real path. */
  readonly path: string;
  /** What the edits count in. */
  readonly before: string;
  readonly edits: readonly TextEdit[];
  readonly units: readonly Definition["unit"][];
}

export interface RefusedName {
  readonly wanted: WantedName;
  readonly refusal: PlanRefusal | ScriptRefusal;
}

export interface SourceResult {
  readonly placements: readonly PlannedPlacement[];
  readonly files: readonly SourceFileEdits[];
  readonly refusals: readonly RefusedName[];
}

export interface ScriptResult {
  /** Empty where the script stays as it is. */
  readonly placements: readonly Placement[];
  readonly refusals: readonly RefusedName[];
  readonly answer: ScriptAnswer;
}

export interface VerifyResult {
  readonly verifications: readonly Verification[];
  /** Bytes of a page of this machine. */
  readonly pageSize: number;
  /** Milliseconds since the epoch when the image was written. */
  readonly builtMs: number;
}

export interface CompileResult {
  /** The compiler's first error; undefined: it compiles, or nobody knows how it is compiled. */
  readonly error: string | undefined;
}

/** What the functions asked for reach in their own file, they themselves first. */
export interface ReachResult {
  readonly objects: readonly ReachedName[];
  /** Functions that are not in the file. */
  readonly missing: readonly string[];
  /** Calls through pointers, whose targets are not known. */
  readonly unknownCalls: number;
  /** Bytes of a page of this machine. */
  readonly pageSize: number;
}

export interface ReachedName {
  readonly wanted: WantedName;
  readonly kind: SectionKind;
  readonly section: string;
  readonly size: number;
}

export type PlacementResult<Order extends PlacementOrder> = Order extends SourceOrder
  ? SourceResult
  : Order extends ScriptOrder
    ? ScriptResult
    : Order extends VerifyOrder
      ? VerifyResult
      : Order extends ReachOrder
        ? ReachResult
        : CompileResult;

/** What kinds a name may be placed as. */
export function fitsKind(wanted: WantedName, kind: SectionKind): boolean {
  return wanted.kind === undefined || (wanted.kind === "function") === (kind === "text");
}
