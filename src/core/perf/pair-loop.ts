/** The hot loop of reading: a begin and, right behind it, its end. Nearly all faults are recorded like that. */
import type { FaultColumns } from "../trace/fault-columns.js";
import { FaultFlag } from "../trace/fault-table.js";
import { MiscBit, RecordType } from "./constants.js";
import { Role, type EventSet } from "./event-set.js";
import type { PairLayout } from "./sample-layout.js";
import type { ThreadSlots } from "./thread-slots.js";

const FAR = 0x1_0000_0000;
/** More than any thread id: the kernel's limit is 2^22. */
const NO_TID = 0x7fff_ffff;
const GRANULES = 0x10_0000;

/**
 * Appends the faults whose begin and end lie side by side from word `at` on. Everything here is a local and a number on
 * purpose: this decides how long a person waits for a report. Does only what FaultAssembler does with the same records.
 * @returns the word of the first record that is not the beginning of such a pair.
 */
export function appendPairs(
  words: Uint32Array,
  at: number,
  end: number,
  layout: PairLayout,
  { idLow, idHigh, idRole }: EventSet,
  threads: ThreadSlots,
  faults: FaultColumns,
): number {
  const { id: idWord, ip: ipWord, tid: tidWord, time: timeWord, address: addressWord, words: fewest } = layout;
  const mask = idRole.length - 1;
  faults.reserve(faults.length + Math.floor((end - at) / (2 * fewest)));
  const { time, pid, tid, ipGranule, ipOffset, addressGranule, addressOffset, flags, duration } = faults;
  let row = faults.length;
  let lastTid = NO_TID;
  for (; at + 2 <= end;) {
    const bytes = words[at + 1]! >>> 16;
    const size = bytes >>> 2;
    const other = at + size;
    if (size < fewest || (bytes & 7) !== 0 || other + size > end) break;
    const otherHead = words[other + 1]!;
    if (words[at] !== RecordType.Sample || words[other] !== RecordType.Sample || otherHead >>> 16 !== bytes) break;
    const id = words[at + idWord]!;
    const slot = id & mask;
    if (idLow[slot] !== id || idHigh[slot] !== words[at + idWord + 1] || idRole[slot] !== Role.Begin) break;
    const otherId = words[other + idWord]!;
    const otherSlot = otherId & mask;
    if (idLow[otherSlot] !== otherId || idHigh[otherSlot] !== words[other + idWord + 1]) break;
    const role = idRole[otherSlot]!;
    const thread = words[at + tidWord + 1]! | 0;
    const ipLow = words[at + ipWord]!;
    const ipHigh = words[at + ipWord + 1]!;
    const addressLow = words[at + addressWord]!;
    const addressHigh = words[at + addressWord + 1]!;
    if (
      role > Role.MajorEnd ||
      role === Role.Begin ||
      words[other + addressWord] !== addressLow ||
      words[other + ipWord] !== ipLow ||
      words[other + addressWord + 1] !== addressHigh ||
      words[other + ipWord + 1] !== ipHigh ||
      (words[other + tidWord + 1]! | 0) !== thread
    ) {
      break;
    }
    if (thread !== lastTid) {
      if (threads.beginFlags[threads.of(thread)]! >= 0) break;
      lastTid = thread;
    }
    const began = words[at + timeWord + 1]! * FAR + words[at + timeWord]!;
    time[row] = began;
    duration[row] = words[other + timeWord + 1]! * FAR + words[other + timeWord]! - began;
    pid[row] = words[at + tidWord]!;
    tid[row] = thread;
    ipGranule[row] = ipHigh * GRANULES + (ipLow >>> 12);
    ipOffset[row] = ipLow & 0xfff;
    addressGranule[row] = addressHigh * GRANULES + (addressLow >>> 12);
    addressOffset[row] = addressLow & 0xfff;
    let flag = role === Role.MajorEnd ? FaultFlag.Major : 0;
    if ((otherHead & MiscBit.CpuModeMask) === MiscBit.Kernel) flag |= FaultFlag.Kernel;
    else if (ipLow === addressLow && ipHigh === addressHigh) flag |= FaultFlag.Execute;
    // Rows are zero until written, and memory that is not written is not paid for.
    if (flag !== 0) flags[row] = flag;
    row++;
    at = other + size;
  }
  faults.length = row;
  return at;
}
