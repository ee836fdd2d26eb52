/** Which slot each stub of a procedure linkage table jumps through, from its instructions. */
import { EM } from "../elf/elf-constants.js";

export interface Stub {
  readonly address: number;
  readonly size: number;
  /** Address of the slot; undefined for the stub that calls the loader's resolver. */
  readonly slot: number | undefined;
}

export interface StubSection {
  readonly machine: number;
  readonly section: { readonly address: number; readonly size: number; readonly entrySize: number };
  readonly bytes: Uint8Array;
  /** Slots in the order of the relocations: stubs of the lazy kind push that number. */
  readonly pltSlots: readonly number[];
  readonly isSlot: (address: number) => boolean;
}

/** Stubs in ascending order; empty for machines not known here. */
export function decodeStubs(input: StubSection): Stub[] {
  switch (input.machine) {
    case EM.X86_64:
    case EM.I386:
      return decodeX86(input);
    case EM.AARCH64:
      return decodeAarch64(input);
    default:
      return [];
  }
}

function decodeX86({ machine, section, bytes, pltSlots, isSlot }: StubSection): Stub[] {
  const size = section.entrySize === 8 || section.entrySize === 16 ? section.entrySize : 16;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const slotIn = (start: number, end: number): number | undefined => {
    for (let at = start; at + 6 <= end; at++) {
      // jmp *slot(%rip), or jmp *slot on i386
      if (bytes[at] === 0xff && bytes[at + 1] === 0x25) {
        const operand = machine === EM.I386 ? view.getUint32(at + 2, true) : view.getInt32(at + 2, true);
        const slot = machine === EM.I386 ? operand : section.address + at + 6 + operand;
        if (isSlot(slot)) return slot;
      }
    }
    // push $n and a jump to the resolver: how a table with branch protection begins a lazy call
    for (let at = start; at + 5 <= Math.min(end, start + 9); at++)
      if (bytes[at] === 0x68) return pltSlots[view.getUint32(at + 1, true)];
    return undefined;
  };
  const stubs: Stub[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const end = Math.min(bytes.length, at + size);
    stubs.push({ address: section.address + at, size: end - at, slot: slotIn(at, end) });
  }
  return stubs;
}

/** adrp x16, page; ldr x17, [x16, offset]; the stub begins a word earlier where that is a branch target mark. */
function decodeAarch64({ section, bytes, isSlot }: StubSection): Stub[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts: { at: number; slot: number | undefined }[] = [{ at: 0, slot: undefined }];
  for (let at = 0; at + 8 <= bytes.length; at += 4) {
    const adrp = view.getUint32(at, true);
    const ldr = view.getUint32(at + 4, true);
    if ((adrp & 0x9f00001f) >>> 0 !== 0x90000010 || (ldr & 0xffc003ff) >>> 0 !== 0xf9400211) continue;
    const page = (((adrp << 8) >> 13) << 2) | ((adrp >>> 29) & 3);
    const address = section.address + at;
    const slot = address - (address % 4096) + page * 4096 + ((ldr >>> 10) & 0xfff) * 8;
    if (!isSlot(slot)) continue;
    const marked = at >= 4 && view.getUint32(at - 4, true) === 0xd503245f;
    starts.push({ at: marked ? at - 4 : at, slot });
  }
  if (starts[1]?.at === 0) starts.shift();
  return starts.map(({ at, slot }, index) => ({
    address: section.address + at,
    size: (starts[index + 1]?.at ?? bytes.length) - at,
    slot,
  }));
}
