/** What of a running process is locked, as a tree: sums, the swap there is, then each file with its mappings. */
import type { LockedMapping, LockedMemory, MappedFile, MemorySums, SwapDevice } from "../memlock/locked-memory.js";
import { baseName } from "./lock-set-words.js";
import { printable } from "./printable.js";
import { bytes } from "./quantities.js";
import type { Translate } from "./translate.js";

export interface LockedMemoryNode {
  /** The same for the same mapping, so that what is open stays open from one look to the next. */
  readonly id: string;
  readonly kind: "sums" | "swap" | "locked" | "partly" | "unlocked";
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly children: readonly LockedMemoryNode[];
}

export function lockedMemoryTree(
  memory: LockedMemory,
  swaps: readonly SwapDevice[],
  translate: Translate,
): readonly LockedMemoryNode[] {
  return [
    {
      id: "sums",
      kind: "sums",
      label: translate("{0} locked", bytes(memory.lockedBytes)),
      description: sumsText(memory, translate),
      tooltip:
        memory.onFaultBytes > 0
          ? translate("{0} of it on fault: pages are held once they were touched.", bytes(memory.onFaultBytes))
          : translate("What counts against RLIMIT_MEMLOCK, in memory or not."),
      children: [],
    },
    swapNode(swaps, translate),
    ...memory.files.map((file) => fileNode(file, translate)),
  ];
}

function swapNode(swaps: readonly SwapDevice[], translate: Translate): LockedMemoryNode {
  const names = swaps.map(({ name, zram, usedBytes, bytes: size }) => {
    const shown = `${printable(name)}: ${translate("{0} of {1} used", bytes(usedBytes), bytes(size))}`;
    return zram ? translate("{0}, compressed in memory", shown) : shown;
  });
  const none = translate("Private memory that is not locked stays in memory all the same; files can go.");
  return {
    id: "swap",
    kind: "swap",
    label: swaps.length === 0 ? translate("No swap") : translate("Swap"),
    description: swaps.length === 0 ? none : names.join("; "),
    tooltip: swaps.length === 0 ? none : names.join("\n"),
    children: [],
  };
}

function fileNode(file: MappedFile, translate: Translate): LockedMemoryNode {
  const name = file.name === "" ? translate("anonymous memory") : printable(baseName(file.name), LONGEST_NAME);
  const kind = file.lockedBytes === 0 ? "unlocked" : file.lockedBytes === file.bytes ? "locked" : "partly";
  return {
    id: `file ${file.name}`,
    kind,
    label: name,
    description: [
      kind === "partly" ? translate("{0} locked", bytes(file.lockedBytes)) : "",
      kind === "locked" ? translate("locked") : "",
      sumsText(file, translate),
    ]
      .filter((text) => text !== "")
      .join(" · "),
    tooltip: printable(file.name === "" ? name : file.name),
    children: file.mappings.map((mapping) => mappingNode(mapping, translate)),
  };
}

function mappingNode(mapping: LockedMapping, translate: Translate): LockedMemoryNode {
  const { address, rights, lock, residentBytes, bytes: size, swappedBytes } = mapping;
  const locked = lock === "none" ? "" : lock === "locked" ? translate("locked") : translate("locked on fault");
  return {
    id: `mapping ${address}`,
    kind: lock === "none" ? "unlocked" : "locked",
    label: `${address} ${rights}`,
    description: [locked, sumsText({ bytes: size, residentBytes, swappedBytes }, translate)]
      .filter((text) => text !== "")
      .join(" · "),
    tooltip:
      lock === "locked" && residentBytes < size
        ? translate("Locked, but not all of it is in memory: pages of zeroes, or a file shorter than its mapping.")
        : locked,
    children: [],
  };
}

function sumsText(sums: Pick<MemorySums, "bytes" | "residentBytes" | "swappedBytes">, translate: Translate): string {
  const text = translate("{0} of {1} in memory", bytes(sums.residentBytes), bytes(sums.bytes));
  return sums.swappedBytes > 0 ? `${text} · ${translate("{0} swapped", bytes(sums.swappedBytes))}` : text;
}

const LONGEST_NAME = 80;
