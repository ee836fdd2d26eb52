/** The memory of a running process as a table: what is locked, in memory and swapped, mapping by mapping. */
import type { LockedMapping, ProcessMemory, SwapDevice } from "../memlock/locked-memory.js";
import { printable } from "./printable.js";
import { bytes } from "./quantities.js";
import { titled, type TableOptions } from "./text.js";
import type { Column } from "./text-table.js";
import type { Translate } from "./translate.js";

export function lockedMemoryText(memory: ProcessMemory, options: TableOptions): string {
  const { style, translate } = options;
  const { pid, processName, lockedBytes, limitBytes, privileged, files, swap, added } = memory;
  const limit =
    limitBytes === undefined || privileged
      ? translate("without limit")
      : translate("of {0} it may lock", bytes(limitBytes));
  const rows = files
    .flatMap(({ mappings }) => mappings)
    .toSorted((a, b) => Number(b.lock !== "none") - Number(a.lock !== "none") || b.residentBytes - a.residentBytes);
  const lines = [
    style.bold(translate("Locked memory of {0} ({1})", printable(processName), pid)),
    translate("{0} locked, {1}.", bytes(lockedBytes), limit),
    ...(added === undefined ? [] : [addedText(pid, added, translate)]),
    style.dim(swapText(swap, translate)),
    "",
    ...titled(translate("Mappings"), rows, columns(options), options),
  ];
  return `${lines.join("\n")}\n`;
}

/** What stayed locked, and how to take it back. */
function addedText(
  pid: number,
  { bytes: count, future }: NonNullable<ProcessMemory["added"]>,
  translate: Translate,
): string {
  return future
    ? translate(
        "{0} of it by faultline lock, and whatever it maps later: faultline lock --pid {1} --undo takes it back.",
        bytes(count),
        pid,
      )
    : translate("{0} of it by faultline lock: faultline lock --pid {1} --undo takes it back.", bytes(count), pid);
}

function swapText(swap: readonly SwapDevice[], translate: Translate): string {
  if (swap.length === 0) return translate("There is no swap: private memory stays, locked or not.");
  return swap
    .map(({ name, zram, usedBytes, bytes: size }) =>
      zram
        ? translate("{0} (zram, compressed memory): {1} of {2} used", printable(name), bytes(usedBytes), bytes(size))
        : translate("{0}: {1} of {2} used", printable(name), bytes(usedBytes), bytes(size)),
    )
    .join("; ");
}

function columns({ translate }: TableOptions): readonly Column<LockedMapping>[] {
  const some = (count: number): string => (count > 0 ? bytes(count) : "");
  return [
    { title: translate("address"), align: "right", text: ({ address }) => address },
    { title: translate("size"), align: "right", text: (mapping) => bytes(mapping.bytes) },
    { title: translate("in memory"), align: "right", text: ({ residentBytes }) => some(residentBytes) },
    { title: translate("swapped"), align: "right", text: ({ swappedBytes }) => some(swappedBytes) },
    {
      title: translate("locked"),
      align: "left",
      text: ({ lock }) => (lock === "on-fault" ? translate("on fault") : lock === "locked" ? translate("yes") : ""),
    },
    { title: translate("mapping"), align: "left", text: ({ name }) => (name === "" ? "anonymous" : printable(name)) },
  ];
}
