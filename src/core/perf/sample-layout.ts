/** Where the fields of a sample and of the sample_id after other records are, for one sample type. */
import { SampleBit } from "./constants.js";
import type { EventAttribute } from "./event-attribute.js";

/** Offsets in 4-byte words from the start of the record, its header included; -1 for a field that is not there. */
export interface SampleLayout {
  readonly id: number;
  readonly ip: number;
  readonly tid: number;
  readonly time: number;
  readonly address: number;
  /** Where the fields of varying length begin: READ, CALLCHAIN, RAW and what nobody here needs. */
  readonly tail: number;
}

/** Where begins and ends keep their fields, in words, when all of them agree and hold nothing of varying length. */
export interface PairLayout {
  readonly id: number;
  readonly ip: number;
  readonly tid: number;
  readonly time: number;
  readonly address: number;
  /** Fewest words of such a sample. */
  readonly words: number;
}

const WORDS_PER_FIELD = 2;
const HEADER_WORDS = 2;

/** The fixed part of a sample, in the order perf_event_open(2) gives. */
export function sampleLayout({ sampleType }: EventAttribute): SampleLayout {
  let at = HEADER_WORDS;
  const place = (bit: number) => {
    if ((sampleType & bit) === 0) return -1;
    at += WORDS_PER_FIELD;
    return at - WORDS_PER_FIELD;
  };
  const identifier = place(SampleBit.Identifier);
  const ip = place(SampleBit.Ip);
  const tid = place(SampleBit.Tid);
  const time = place(SampleBit.Time);
  const address = place(SampleBit.Address);
  const id = place(SampleBit.Id);
  place(SampleBit.StreamId);
  place(SampleBit.Cpu);
  place(SampleBit.Period);
  return { id: identifier >= 0 ? identifier : id, ip, tid, time, address, tail: at };
}

/** Bytes from the end of a record that is no sample to its time and its id; 0 for a field that is not there. */
export interface TrailerLayout {
  readonly tid: number;
  readonly time: number;
  readonly id: number;
}

/** The sample_id that follows other records where sample_id_all is set: TID, TIME, ID, STREAM_ID, CPU, IDENTIFIER. */
export function trailerLayout({ sampleType, sampleIdAll }: EventAttribute): TrailerLayout {
  let distance = 0;
  const place = (bit: number) => {
    if (!sampleIdAll || (sampleType & bit) === 0) return 0;
    distance += 8;
    return distance;
  };
  const identifier = place(SampleBit.Identifier);
  place(SampleBit.Cpu);
  place(SampleBit.StreamId);
  const id = place(SampleBit.Id);
  const time = place(SampleBit.Time);
  const tid = place(SampleBit.Tid);
  return { tid, time, id: identifier > 0 ? identifier : id };
}
