/** Parts of a lock set in words: what a page belongs to, what lies on it, who reached for it. */
import type { LockSet, LockSetPart } from "../memlock/lock-set.js";
import { printable } from "./printable.js";
import { bytes } from "./quantities.js";
import type { Translate } from "./translate.js";

/** ".text of input-thread", "the heap", "stack of input (tid 12)". */
export function partName(part: LockSetPart, translate: Translate): string {
  const name = printable(baseName(part.name), LONGEST_NAME);
  switch (part.region) {
    case "image":
      return part.section === undefined ? name : translate("{0} of {1}", printable(part.section, LONGEST_NAME), name);
    case "heap":
      return translate("the heap");
    case "main-stack":
      return translate("the main thread's stack");
    case "vdso":
    case "vvar":
      return translate("the kernel's clock page ({0})", name);
    case "file":
    case "shared-memory":
    case "anonymous":
    case "thread-stack":
    case "tls":
    case "kernel":
    case "unmapped":
      return name;
  }
}

/** Names of what was reached for; without any, of what lies there. */
export function objectNames(part: LockSetPart, most: number): string {
  if (part.region !== "image") return "";
  const reached = part.objects.filter((object) => object.reached);
  const shown = reached.length > 0 ? reached : part.objects;
  const names = shown.slice(0, most).map(({ name }) => printable(name, LONGEST_NAME));
  const rest = shown.length - names.length + (reached.length > 0 ? 0 : part.moreObjects);
  return [...names, ...(rest > 0 ? ["…"] : [])].join(", ");
}

/** "executed by pointer_handle", "written inside read". */
export function reasonText(part: LockSetPart, translate: Translate): string {
  const { execute, write, read, kernel, unnamed } = part.reasons;
  const names = part.sites
    .filter((site) => site.function !== "")
    .slice(0, 2)
    .map((site) => printable(site.function, LONGEST_NAME))
    .join(", ");
  if (unnamed === part.pages) return translate("came into memory; no event tells why");
  if (kernel > 0 && names !== "") return translate("inside a system call of {0}", names);
  if (kernel > 0) return translate("inside a system call");
  if (execute > 0) return translate("executed");
  if (names === "") {
    if (write > 0 || read > 0) return write > 0 ? translate("written") : translate("read");
    return unnamed === 0 ? translate("could be reached") : "";
  }
  return write > 0 ? translate("written by {0}", names) : translate("read by {0}", names);
}

/** "224 kB in 56 pages" */
export function sizeText(set: Pick<LockSet, "pages" | "bytes">, translate: Translate): string {
  return set.pages === 1
    ? translate("{0} in 1 page", bytes(set.bytes))
    : translate("{0} in {1} pages", bytes(set.bytes), set.pages);
}

export function baseName(path: string): string {
  return path.startsWith("/") ? path.slice(path.lastIndexOf("/") + 1) : path;
}

const LONGEST_NAME = 60;
