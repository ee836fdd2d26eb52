/** Labels of the editor that draw an icon for `$(name)`: names from files never become one. */
import { printable } from "./printable.js";

/** One line of plain text for a quick pick or the status bar, cut to `most` characters. */
export function labelText(text: string, most = LONGEST_LABEL): string {
  // The editor's own way to write "$(" as it is.
  return printable(text, most).replaceAll("$(", "\\$(");
}

const LONGEST_LABEL = 300;
