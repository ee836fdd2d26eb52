/** Named limits on what input may make us allocate, loop over or recurse into. */

/** A source's inflated section or record; more is refused. */
export const MAX_INFLATED_BYTES = 4 * 2 ** 30;
/** Sections of one ELF file; a build with -ffunction-sections stays far below. */
export const MAX_ELF_SECTIONS = 1 << 20;
/** A string table or symbol table that is read whole. */
export const MAX_STRING_TABLE_BYTES = 2 ** 30;
/** Nesting of debug information entries; compilers stay below 100. */
export const MAX_DIE_DEPTH = 4096;
/** References followed from a function to its name; compilers need three. */
export const MAX_DIE_REFERENCES = 32;
/** Address ranges of one unit's functions and inlined calls; a whole program merged into one unit stays below. */
export const MAX_UNIT_RANGES = 1 << 23;
/** Data behind a perf record (tracing data); a kernel's own is below 10 MB. */
export const MAX_RECORD_PAYLOAD_BYTES = 1 << 26;
/** Window of a zstd stream: the default limit of zstd itself. */
export const MAX_ZSTD_WINDOW_BYTES = 1 << 27;
/** Problems told for one trace; the rest are more of the same. */
export const MAX_TRACE_PROBLEMS = 100;
/** Faults that room is made for because a file is large; what holds more grows as it is read. */
export const MAX_EXPECTED_FAULTS = 1 << 24;
/** Ids of one event: one for each thread and cpu it was opened on. */
export const MAX_EVENT_IDS = 1 << 20;
