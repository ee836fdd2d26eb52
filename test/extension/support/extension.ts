/** The extension under test. */
import * as vscode from "vscode";

export function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.all.find(
    ({ packageJSON }) => (packageJSON as { name?: string }).name === "faultline",
  );
  if (found === undefined) throw new Error("the extension is not there");
  return found;
}
