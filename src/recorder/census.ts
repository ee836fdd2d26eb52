/** Counts records without decoding them, for kernels that do not count lost samples themselves. */
import { closeSync, openSync, readSync } from "node:fs";

export interface Census {
  readonly records: number;
  readonly samples: number;
  /** Sum of the LOST and LOST_SAMPLES records. */
  readonly lost: number;
  /** Bytes of whole records. */
  readonly bytes: number;
}

const PIPE_HEADER_BYTES = 16;
const CHUNK_BYTES = 1 << 20;
const HEADER_BYTES = 8;
/** PERF_RECORD_*; the payload of a tracing data record follows it and is not counted in its size. */
const Type = { Lost: 2, Sample: 9, LostSamples: 13, TracingData: 66 } as const;

/** Hops from header to header through a perf.data in pipe layout; ends at the first record that is cut off. */
export function countRecords(path: string): Census {
  const file = openSync(path, "r");
  try {
    return count(file);
  } finally {
    closeSync(file);
  }
}

function count(file: number): Census {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const census = { records: 0, samples: 0, lost: 0, bytes: PIPE_HEADER_BYTES };
  for (;;) {
    const length = readSync(file, chunk, 0, CHUNK_BYTES, census.bytes);
    let at = 0;
    while (at + HEADER_BYTES <= length) {
      const size = chunk.readUInt16LE(at + 6);
      const type = chunk.readUInt32LE(at);
      if (size < HEADER_BYTES) return census;
      const whole = type === Type.TracingData && at + 12 <= length ? size + chunk.readUInt32LE(at + 8) : size;
      if (at + whole > length) break;
      census.records += 1;
      if (type === Type.Sample) census.samples += 1;
      // LOST: id, then the count. LOST_SAMPLES: the count alone.
      if (type === Type.Lost) census.lost += Number(chunk.readBigUInt64LE(at + 16));
      if (type === Type.LostSamples) census.lost += Number(chunk.readBigUInt64LE(at + 8));
      at += whole;
    }
    if (at === 0) return census;
    census.bytes += at;
  }
}
