/** Which documents are linker scripts. */
import type * as vscode from "vscode";
import { LanguageId } from "../ids.js";

/** Ours, and that of extensions which only colour scripts: their documents get the rest from us. */
export const SCRIPTS: readonly vscode.DocumentFilter[] = [
  { language: LanguageId.LinkerScript },
  { language: "linkerscript" },
];
