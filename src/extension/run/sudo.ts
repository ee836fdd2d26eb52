/** Whether who sits here can become root by sudo. */
import { accessSync, constants } from "node:fs";
import { join } from "node:path";

export function hasSudo(): boolean {
  return (process.env["PATH"] ?? "").split(":").some((folder) => {
    try {
      accessSync(join(folder, "sudo"), constants.X_OK);
      return true;
    } catch {
      return false; // Not in this folder.
    }
  });
}
