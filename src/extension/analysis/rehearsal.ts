/** A trace that nobody recorded, of a file that the next one will be of: reporting on it does beforehand what is done but once. */
import { GRANULE_BYTES } from "../../core/base/units.js";
import { segmentTypes } from "../../core/attribution/segment-types.js";
import type { Image } from "../../core/image/image.js";
import { FaultColumns } from "../../core/trace/fault-columns.js";
import { FaultFlag, NO_CHAIN } from "../../core/trace/fault-table.js";
import type { LifeEvent } from "../../core/trace/life-event.js";
import { madeTrace } from "../../core/trace/made-trace.js";
import type { Trace } from "../../core/trace/trace.js";

/** One process that mapped the image and faulted in it: on some functions, and on some of what each section holds. */
export function rehearsedTrace(image: Image, pageSize: number): Trace {
  const rows = new FaultColumns();
  const events = [
    { kind: "name", time: 0, pid: PID, tid: PID, name: "", exec: false } as const,
    ...mappingsOf(image, pageSize),
  ];
  const functions = functionsToAsk(image);
  for (const address of functions) addFault(rows, address, address, FaultFlag.Execute);
  for (const address of dataToAsk(image)) addFault(rows, functions[0] ?? 0, address, FaultFlag.Read);
  return madeTrace({ rows, events, pageSize });
}

function mappingsOf({ path, segments }: Image, pageSize: number): readonly LifeEvent[] {
  return segments
    .filter(({ type, fileSize }) => type === segmentTypes.load && fileSize > 0)
    .map(({ address, fileOffset, fileSize, flags }): LifeEvent => {
      const before = fileOffset % pageSize;
      const mapping = {
        start: BASE + address - before,
        end: BASE + Math.ceil((address + fileSize) / pageSize) * pageSize,
        fileOffset: fileOffset - before,
        name: path,
        readable: flags.read,
        writable: flags.write,
        executable: flags.execute,
        shared: false,
        buildId: undefined,
        inode: undefined,
        device: undefined,
        time: 0,
      };
      return { kind: "map", time: 0, pid: PID, mapping };
    });
}

/** Those that nearly every process runs through; where there are none, it is a program, and some from all over it. */
function functionsToAsk(image: Image): readonly number[] {
  const all = image.symbols().filter(({ kind, size }) => kind === "function" && size > 0);
  const usual = all.filter(({ name }) => USUAL.has(name));
  const asked = usual.length > FEW ? usual : spread(all, MOST_FUNCTIONS);
  return asked.map(({ address }) => address);
}

/** Where nothing is known of what a section holds, its beginning and its middle. */
function dataToAsk(image: Image): readonly number[] {
  const objects = image.symbols().filter(({ kind, size }) => kind === "object" && size > 0);
  const sections = image.sections.filter(({ flags, nobits, size }) => flags.allocated && !nobits && size > 0);
  return [
    ...spread(objects, MOST_OBJECTS).map(({ address }) => address),
    ...sections.flatMap(({ address, size }) => [address, address + (size >>> 1)]),
  ];
}

function spread<Item>(items: readonly Item[], most: number): readonly Item[] {
  const step = Math.max(1, items.length / most);
  return items.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}

/** Of link-time addresses. */
function addFault(rows: FaultColumns, linkedIp: number, linkedAddress: number, flags: number): void {
  if (rows.length === rows.capacity) rows.grow();
  const ip = BASE + linkedIp;
  const address = BASE + linkedAddress;
  const row = rows.length++;
  rows.time[row] = row;
  rows.pid[row] = PID;
  rows.tid[row] = PID;
  rows.ipGranule[row] = Math.floor(ip / GRANULE_BYTES);
  rows.ipOffset[row] = ip % GRANULE_BYTES;
  rows.addressGranule[row] = Math.floor(address / GRANULE_BYTES);
  rows.addressOffset[row] = address % GRANULE_BYTES;
  rows.flags[row] = flags;
  rows.duration[row] = NaN;
  rows.chain[row] = NO_CHAIN;
}

const PID = 1;
/** Where it is loaded: addresses are in no other program's way there, nor near 2^53. */
const BASE = 2 ** 44;
const MOST_FUNCTIONS = 40;
const MOST_OBJECTS = 8;
/** A program may define a malloc of its own. */
const FEW = 3;

/** The dynamic linker and the C library from exec to exit (glibc's names: where they are others, all over the file). */
const USUAL: ReadonlySet<string> = new Set([
  "_dl_start",
  "_dl_sysdep_start",
  "dl_main",
  "_dl_init_paths",
  "_dl_map_object",
  "_dl_map_object_from_fd",
  "_dl_map_object_deps",
  "_dl_check_map_versions",
  "_dl_relocate_object",
  "_dl_allocate_tls_storage",
  "_dl_load_cache_lookup",
  "_dl_lookup_symbol_x",
  "_dl_runtime_resolve_xsavec",
  "_dl_fixup",
  "_dl_setup_hash",
  "_dl_debug_initialize",
  "_dl_fini",
  "__tunables_init",
  "__libc_early_init",
  "__libc_start_main_impl",
  "__libc_fork",
  "__cxa_atexit",
  "__pthread_create_2_1",
  "__vfprintf_internal",
  "_IO_file_fopen",
  "_IO_new_file_write",
  "_int_malloc",
  "sysmalloc",
  "ptmalloc_init",
  "memset",
  "memcpy",
  "strcmp",
  "strlen",
  "exit",
]);
