/** Programs of the system, run as root: never from PATH, never with the caller's environment. */
import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";

/** From the system's own folders: PATH may be the caller's. */
const SYSTEM_FOLDERS = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"] as const;

export function systemProgram(name: string): string | undefined {
  return SYSTEM_FOLDERS.map((folder) => `${folder}/${name}`).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false; // The next folder may have it.
    }
  });
}

/** What a program of the system prints, trimmed; undefined where it is not there or fails. */
export function answerOf(program: string, args: readonly string[]): string | undefined {
  const path = systemProgram(program);
  if (path === undefined) return undefined;
  try {
    return execFileSync(path, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], env: {} }).trim();
  } catch {
    return undefined; // No such account.
  }
}
