/** Records of what a process was before we attached: its name, threads and mappings, from /proc. */
import { InputError } from "../core/base/errors.js";
import { readElf } from "../core/elf/elf-file.js";
import { readBuildId } from "../core/elf/notes.js";
import { encodeComm, encodeFork, encodeMmap2 } from "../core/perf/encode-process.js";
import { parseMaps, type ProcMapping } from "../core/proc/maps.js";
import { FileByteSource } from "../host/file-source.js";
import { readProc } from "../host/proc-snapshot.js";

/** As perf orders them: the process and its mappings, then each other thread, forked and named. */
export function existingProcess(pid: number, tids: readonly number[]): Uint8Array[] {
  return [
    encodeComm(pid, pid, commOf(pid, pid)),
    ...mappingRecords(pid),
    ...tids
      .filter((tid) => tid !== pid)
      .flatMap((tid) => [encodeFork(pid, pid, tid, pid), encodeComm(pid, tid, commOf(pid, tid))]),
  ];
}

function commOf(pid: number, tid: number): string {
  return (readProc(`${pid}/task/${tid}/comm`) ?? "").replace(/\n$/, "");
}

/** mman.h */
const PROT = { read: 1, write: 2, execute: 4 } as const;
/** What the kernel calls anonymous memory in its own records. */
const ANONYMOUS = "//anon";

function mappingRecords(pid: number): Uint8Array[] {
  const mappings = parseMaps(readProc(`${pid}/maps`) ?? "");
  const code = new Map(mappings.filter(({ executable }) => executable).map((one) => [one.name, one]));
  const buildIds = new Map([...code].map(([name, mapping]) => [name, buildIdOf(pid, mapping)]));
  return mappings.map((mapping) =>
    encodeMmap2(pid, pid, {
      start: mapping.start,
      length: mapping.end - mapping.start,
      fileOffset: mapping.fileOffset,
      path: mapping.name === "" ? ANONYMOUS : mapping.name,
      protection:
        (mapping.readable ? PROT.read : 0) |
        (mapping.writable ? PROT.write : 0) |
        (mapping.executable ? PROT.execute : 0),
      shared: mapping.shared,
      device: mapping.device,
      inode: mapping.inode,
      buildId: buildIds.get(mapping.name),
    }),
  );
}

/** From the file the process sees under that path, if it still is the one that was mapped. */
function buildIdOf(pid: number, mapping: ProcMapping): Uint8Array | undefined {
  if (!mapping.name.startsWith("/") || mapping.inode === 0) return undefined;
  let file: FileByteSource | undefined;
  try {
    file = FileByteSource.open(`/proc/${pid}/root${mapping.name}`);
    if (file.identity.inode !== mapping.inode) return undefined;
    const text = readBuildId(readElf(file));
    return text === undefined ? undefined : Buffer.from(text, "hex");
  } catch (error) {
    // Deleted, not ours to read, or no ELF file: then the record carries device and inode instead.
    if (
      error instanceof InputError ||
      (error instanceof Error && ("code" in error || error.name === "NotAFileError"))
    ) {
      return undefined;
    }
    throw error;
  } finally {
    file?.close();
  }
}
