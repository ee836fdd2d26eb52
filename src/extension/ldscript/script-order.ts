/** What the editor asks of the analysis thread about a program's linker script, and what it is answered: data only. */
import type { WhereReport, InputsFrom } from "../../core/report/script-search-text.js";
import type { TakenSections } from "../../core/ldscript/search/placed-by.js";
import type { WantedName } from "../placement/placement-order.js";

/** Where scripts and build files are looked for, and whether linkers may be asked for their own script. */
export interface SearchedFolders {
  readonly folders: readonly string[];
  readonly mayRun: boolean;
}

/** Which statement places the function or global. */
export interface WhereOrder extends SearchedFolders {
  readonly kind: "where";
  readonly wanted: WantedName;
  readonly sourceMap: Readonly<Record<string, string>>;
}

export interface WhereResult {
  readonly report: WhereReport;
  /** Text of the linker's own script, where a statement of it is named. */
  readonly builtIn: { readonly path: string; readonly text: string } | undefined;
}

/** What the statement at an offset of a script took. */
export interface TakenOrder extends SearchedFolders {
  readonly kind: "taken";
  /** Undefined: the linker's own. */
  readonly script: { readonly path: string; readonly text: string } | undefined;
  readonly offset: number;
}

/** Undefined where the program is not linked with the script, or nothing tells what was linked. */
export interface TakenResult {
  readonly taken: (TakenSections & { readonly from: InputsFrom }) | undefined;
}

/** The script of the user's own that the program is linked with. */
export interface OwnScriptOrder extends SearchedFolders {
  readonly kind: "own-script";
}

export interface OwnScriptResult {
  readonly path: string | undefined;
}

export type LinkOrder = WhereOrder | TakenOrder | OwnScriptOrder;

export type LinkResult<Order extends LinkOrder> = Order extends WhereOrder
  ? WhereResult
  : Order extends TakenOrder
    ? TakenResult
    : OwnScriptResult;
