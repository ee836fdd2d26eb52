/** A perf.data to a trace, in one go. */
import type { ByteSource } from "../base/byte-source.js";
import type { Trace } from "../trace/trace.js";
import { TraceReader, type TraceOptions } from "./trace-reader.js";

/**
 * Reads a perf.data of perf or of our recorder: file or pipe layout, either byte order, compressed or not. A damaged file
 * gives what lies before the damage, and says so in `problems`.
 * @throws InputError where the header can not be read; what `signal` throws when it is aborted.
 */
export function readTrace(source: ByteSource, options: TraceOptions = {}): Trace {
  const reader = new TraceReader(source, options);
  reader.pull();
  return reader.finish();
}
