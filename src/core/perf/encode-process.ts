/** COMM, FORK and MMAP2 records made from /proc, for what was there before the recording began. */
import { RecordMisc, RecordType, RecordWriter } from "./encode-record.js";

/**
 * Bytes of the sample_id at the end of each such record: TID, TIME, CPU and IDENTIFIER, all zero.
 * Time 0 puts the record before all others; identifier 0 is what perf's own synthesised records have.
 */
const EMPTY_SAMPLE_ID = 32;
const MAX_COMM = 15;
const MAX_PATH = 4096;

export function encodeComm(pid: number, tid: number, name: string): Uint8Array {
  return new RecordWriter().u32(pid).u32(tid).paddedString(name, MAX_COMM).finish(RecordType.Comm, 0, EMPTY_SAMPLE_ID);
}

export function encodeFork(pid: number, parentPid: number, tid: number, parentTid: number): Uint8Array {
  return new RecordWriter()
    .u32(pid)
    .u32(parentPid)
    .u32(tid)
    .u32(parentTid)
    .u64(0)
    .finish(RecordType.Fork, 0, EMPTY_SAMPLE_ID);
}

export interface ExistingMapping {
  readonly start: number;
  readonly length: number;
  readonly fileOffset: number;
  readonly path: string;
  readonly protection: number;
  readonly shared: boolean;
  readonly device: { readonly major: number; readonly minor: number };
  readonly inode: number;
  /** NT_GNU_BUILD_ID of the file; takes the place of device and inode in the record. */
  readonly buildId: Uint8Array | undefined;
}

const PROT_EXEC = 4;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const BUILD_ID_BYTES = 20;

export function encodeMmap2(pid: number, tid: number, mapping: ExistingMapping): Uint8Array {
  const writer = new RecordWriter().u32(pid).u32(tid).u64(mapping.start).u64(mapping.length).u64(mapping.fileOffset);
  const { buildId } = mapping;
  if (buildId !== undefined && buildId.length <= BUILD_ID_BYTES) {
    writer
      .u8(buildId.length)
      .zeros(3)
      .raw(buildId)
      .zeros(BUILD_ID_BYTES - buildId.length);
  } else {
    writer.u32(mapping.device.major).u32(mapping.device.minor).u64(mapping.inode).u64(0);
  }
  writer.u32(mapping.protection).u32(mapping.shared ? MAP_SHARED : MAP_PRIVATE);
  const misc =
    RecordMisc.User |
    (mapping.protection & PROT_EXEC ? 0 : RecordMisc.MmapData) |
    (buildId === undefined ? 0 : RecordMisc.MmapBuildId);
  return writer.paddedString(mapping.path, MAX_PATH).finish(RecordType.Mmap2, misc, EMPTY_SAMPLE_ID);
}

/** Kernel text as perf names it; addresses need 64 bits. `referenceAddress` is where its first symbol was put. */
export function encodeKernelMmap(start: bigint, length: bigint, referenceAddress: bigint, name: string): Uint8Array {
  const everyProcess = 0xffff_ffff;
  return new RecordWriter()
    .u32(everyProcess)
    .u32(0)
    .u64Exact(start)
    .u64Exact(length)
    .u64Exact(referenceAddress)
    .paddedString(name, MAX_PATH)
    .finish(RecordType.Mmap, RecordMisc.Kernel, EMPTY_SAMPLE_ID);
}

/** All records before this one and those of the round before may be put in order. */
export function encodeFinishedRound(): Uint8Array {
  return new RecordWriter().finish(RecordType.FinishedRound);
}
