/** MMAP, MMAP2, COMM, FORK and EXIT records: the life of processes, as the kernel and perf write it. */
import { cStringAt } from "../base/c-string.js";
import { InputError } from "../base/errors.js";
import type { LifeEvent } from "../trace/life-event.js";
import { MiscBit, RECORD_HEADER_BYTES, RecordType } from "./constants.js";

/** PROT_* and MAP_SHARED of asm-generic/mman-common.h; the same on all architectures. */
const PROT = { Read: 1, Write: 2, Execute: 4 } as const;
const MAP_SHARED = 1;
/** An address space ends below this on every architecture; kernel mappings begin above. */
const ADDRESS_LIMIT = 2 ** 53;

/** One whole record, header included, and the time it bears. */
export interface RecordBytes {
  readonly type: number;
  readonly misc: number;
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
}

/**
 * @returns undefined for a record that tells nothing about user space (kernel mappings).
 * @throws InputError where the record is too short.
 */
export function decodeLifeRecord(record: RecordBytes, time: number): LifeEvent | undefined {
  const { type, misc, bytes, littleEndian } = record;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fixed = FIXED_BYTES[type];
  if (fixed === undefined || bytes.length < fixed) throw new InputError("malformed", `record of type ${type}`);
  const u32 = (offset: number) => view.getUint32(offset, littleEndian);
  const i32 = (offset: number) => view.getInt32(offset, littleEndian);
  const u64 = (offset: number) =>
    u32(offset + (littleEndian ? 4 : 0)) * 0x1_0000_0000 + u32(offset + (littleEndian ? 0 : 4));
  const text = () => cStringAt(bytes, fixed);
  const pid = i32(RECORD_HEADER_BYTES);
  switch (type) {
    case RecordType.Comm:
      return { kind: "name", time, pid, tid: i32(12), name: text(), exec: (misc & MiscBit.CommExec) !== 0 };
    case RecordType.Fork:
      return { kind: "fork", time, pid, parentPid: i32(12), tid: i32(16), parentTid: i32(20) };
    case RecordType.Exit:
      return { kind: "exit", time, pid, tid: i32(16) };
    default: {
      const start = u64(16);
      const end = start + u64(24);
      if (pid < 0 || !(end <= ADDRESS_LIMIT && end > start)) return undefined;
      const place = { start, end, fileOffset: u64(32), name: text(), time };
      return { kind: "map", time, pid, mapping: { ...place, ...properties(record, u32, u64) } };
    }
  }
}

function properties(
  { type, misc, bytes }: RecordBytes,
  u32: (offset: number) => number,
  u64: (offset: number) => number,
) {
  if (type === RecordType.Mmap) {
    const executable = (misc & MiscBit.MmapData) === 0;
    const unknown = { readable: undefined, writable: undefined, shared: undefined };
    return { ...unknown, executable, buildId: undefined, inode: undefined, device: undefined };
  }
  const protection = u32(64);
  const withBuildId = (misc & MiscBit.MmapBuildId) !== 0;
  return {
    readable: (protection & PROT.Read) !== 0,
    writable: (protection & PROT.Write) !== 0,
    executable: (protection & PROT.Execute) !== 0,
    shared: (u32(68) & MAP_SHARED) !== 0,
    buildId: withBuildId ? buildIdText(bytes.subarray(44, 44 + Math.min(bytes[40]!, 20))) : undefined,
    inode: withBuildId ? undefined : u64(48),
    device: withBuildId ? undefined : { major: u32(40), minor: u32(44) },
  };
}

/** Bytes before the name, or all of a record without one. */
const FIXED_BYTES: Readonly<Record<number, number>> = {
  [RecordType.Mmap]: 40,
  [RecordType.Mmap2]: 72,
  [RecordType.Comm]: 16,
  [RecordType.Fork]: 32,
  [RecordType.Exit]: 32,
};

/** Lower-case hexadecimal; undefined for an empty id. */
export function buildIdText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return undefined;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
