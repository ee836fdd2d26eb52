/** The part of a lock set that a table in the program can name: ranges of images, by build id and link-time address. */
import type { LockSet, LockSetPart } from "./lock-set.js";

export interface LockTable {
  /** Everything the program itself has loaded is locked: its own pages move with every build. */
  readonly wholeProgram: boolean;
  readonly libraries: readonly LibraryRanges[];
  /** Parts no table can name: stacks, the heap, mappings, a large program's own pages. */
  readonly elsewhere: readonly LockSetPart[];
}

export interface LibraryRanges {
  /** File name without folders. */
  readonly image: string;
  readonly buildId: string | undefined;
  readonly section: string | undefined;
  readonly part: LockSetPart;
  readonly ranges: readonly { readonly address: number; readonly bytes: number }[];
}

export function lockTable(set: LockSet): LockTable {
  const wholeProgram = locksWholeProgram(set);
  const libraries: LibraryRanges[] = [];
  const elsewhere: LockSetPart[] = [];
  for (const part of set.parts) {
    const ranges = part.ranges.flatMap(({ linkAddress, pages }) =>
      linkAddress === undefined ? [] : [{ address: linkAddress, bytes: pages * set.pageSize }],
    );
    const nameable = part.region === "image" && ranges.length === part.ranges.length;
    if (nameable && !part.own) {
      const image = part.name.slice(part.name.lastIndexOf("/") + 1).replace(/ \(deleted\)$/, "");
      libraries.push({ image, buildId: part.buildId, section: part.section, part, ranges });
    } else if (!(nameable && wholeProgram)) {
      elsewhere.push(part);
    }
  }
  return { wholeProgram, libraries, elsewhere };
}

/** Where the whole program is about as small as the libraries' share, the simplest way is to lock all of it. */
function locksWholeProgram({ program, parts }: Pick<LockSet, "program" | "parts">): boolean {
  return program !== undefined && program.bytes <= MOST_WHOLE_PROGRAM_BYTES && parts.some(({ own }) => own);
}

const MOST_WHOLE_PROGRAM_BYTES = 256 * 1024;
