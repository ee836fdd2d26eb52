/** Hands files that root made to the caller, without ever following a link or a folder that was swapped. */
import { closeSync, constants, fchownSync, fstatSync, lchownSync, lstatSync, openSync, readdirSync } from "node:fs";
import type { Caller } from "./elevation.js";

/**
 * Makes `path` and all below it the caller's. Folders are held open and entered through their descriptor: a link put
 * in their place meanwhile is refused (ELOOP, ENOTDIR), never followed. What is not root's own is left alone.
 */
export function giveTo(path: string, caller: Pick<Caller, "uid" | "gid">): void {
  if (lstatSync(path).isDirectory()) giveFolder(path, caller);
  else lchownSync(path, caller.uid, caller.gid);
}

function giveFolder(path: string, caller: Pick<Caller, "uid" | "gid">): void {
  const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const held = `/proc/self/fd/${folder}`;
    // Ours until the end: while root owns it with 0700, nobody else can put a link among its files.
    const ours = fstatSync(folder).uid === 0;
    for (const entry of readdirSync(held, { withFileTypes: true })) {
      const inside = `${held}/${entry.name}`;
      if (entry.isDirectory()) giveFolder(inside, caller);
      else if (ours && lstatSync(inside).uid === 0) lchownSync(inside, caller.uid, caller.gid);
    }
    if (ours) fchownSync(folder, caller.uid, caller.gid);
  } finally {
    closeSync(folder);
  }
}
