/** The perf events of one recording: rings, descriptors, ids; opened, switched, read and closed together. */
import { closeSync } from "node:fs";
import { encodeAttribute } from "../core/perf/attr.js";
import { ringOwner, type Grant, type RecordedEvent } from "./events.js";
import { SystemCallError } from "./ffi/libc.js";
import {
  disableEvent,
  enableEvent,
  eventId,
  openEvent,
  readCount,
  redirectEvent,
  THIS_THREAD,
} from "./ffi/perf-event.js";
import { mapRing, pageBytes, unmapRing, type RingMapping } from "./ffi/ring.js";
import { RecorderRefusal, refusalOf, type RefusedCall } from "./refusal.js";

export interface Ring {
  readonly cpu: number;
  /** The event that owns it. */
  readonly fd: number;
  readonly mapping: RingMapping;
}

/** 4 MiB a cpu: 0 of 10 million faults were lost with it. Half as much again and again until the kernel agrees. */
const DEFAULT_RING_BYTES = 4 * 2 ** 20;
const SMALLEST_RING_BYTES = 64 * 2 ** 10;
/** The drain thread is woken when this part of a ring is full. */
const WAKEUP_FRACTION = 4;

/** One ring for each cpu, all of one size: `pages` if given, else the largest the kernel grants. */
export function openRings(cpus: readonly number[], pages: number | undefined): Ring[] {
  const page = pageBytes();
  const smallest = pages ?? Math.max(1, SMALLEST_RING_BYTES / page);
  for (let tried = pages ?? Math.max(1, DEFAULT_RING_BYTES / page); ; tried /= 2) {
    const rings: Ring[] = [];
    try {
      for (const cpu of cpus) rings.push(openRing(cpu, tried, page));
      return rings;
    } catch (error) {
      closeRings(rings);
      if (!(error instanceof SystemCallError)) throw error;
      const smallerMayDo = error.call === "mmap" && (error.code === "EPERM" || error.code === "ENOMEM");
      if (smallerMayDo && tried / 2 >= smallest) continue;
      throw refusal(error.call === "mmap" ? "mmap-ring" : "perf_event_open", error, { ringPages: tried });
    }
  }
}

function openRing(cpu: number, pages: number, page: number): Ring {
  const attribute = encodeAttribute(ringOwner((pages * page) / WAKEUP_FRACTION));
  const fd = openEvent(attribute, THIS_THREAD, cpu);
  try {
    return { cpu, fd, mapping: mapRing(fd, pages) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

export function closeRings(rings: readonly Ring[]): void {
  for (const { mapping, fd } of rings) {
    unmapRing(mapping);
    closeSync(fd);
  }
}

export interface EventTotals {
  /** Occurrences, lost ones included. */
  readonly count: number;
  /** Samples that found no room in the ring; undefined before kernel 6.0. */
  readonly lost: number | undefined;
}

interface OpenEvent {
  readonly event: RecordedEvent;
  readonly fd: number;
  readonly id: number;
}

export class EventSet {
  private readonly open: OpenEvent[] = [];

  constructor(
    readonly events: readonly RecordedEvent[],
    private readonly rings: readonly Ring[],
    private readonly grant: Grant,
  ) {}

  /** Opens each event on each cpu for the thread. Throws SystemCallError, and keeps none of this thread's open then. */
  add(tid: number): void {
    const added: OpenEvent[] = [];
    try {
      for (const event of this.events) {
        const attribute = encodeAttribute(event.attribute);
        for (const ring of this.rings) {
          const fd = openEvent(attribute, tid, ring.cpu);
          added.push({ event, fd, id: 0 });
          redirectEvent(fd, ring.fd);
          added[added.length - 1] = { event, fd, id: eventId(fd) };
        }
      }
    } catch (error) {
      for (const { fd } of added) closeSync(fd);
      throw error;
    }
    this.open.push(...added);
  }

  /** The ids by which the samples of an event are known. */
  idsOf(event: RecordedEvent): number[] {
    return this.open.filter((one) => one.event === event).map(({ id }) => id);
  }

  /** Begins last, so that a fault under way is not taken for one that never ended. */
  enable(): void {
    for (const { fd } of this.open.filter(({ event }) => event.counts !== "begin")) enableEvent(fd);
    for (const { fd } of this.open.filter(({ event }) => event.counts === "begin")) enableEvent(fd);
  }

  /** Begins first, for the same reason. */
  disable(): void {
    for (const { fd } of this.open.filter(({ event }) => event.counts === "begin")) disableEvent(fd);
    for (const { fd } of this.open.filter(({ event }) => event.counts !== "begin")) disableEvent(fd);
  }

  /** Leaves the event on that tells of mappings, names and forks. Begins first, as in `disable`. */
  pause(): void {
    for (const fd of this.faultDescriptors("begin")) disableEvent(fd);
    for (const fd of this.faultDescriptors("end")) disableEvent(fd);
  }

  resume(): void {
    for (const fd of this.faultDescriptors("end")) enableEvent(fd);
    for (const fd of this.faultDescriptors("begin")) enableEvent(fd);
  }

  private faultDescriptors(of: "begin" | "end"): number[] {
    return this.open
      .filter(({ event }) => event.counts !== "side-band" && (event.counts === "begin") === (of === "begin"))
      .map(({ fd }) => fd);
  }

  /** Completed faults so far; undefined when everything is closed. */
  completed(): { readonly faults: number; readonly major: number; readonly lost: number } | undefined {
    if (this.open.length === 0) return undefined;
    const minor = this.totals("minor");
    const major = this.totals("major");
    const lost = (minor.lost ?? 0) + (major.lost ?? 0) + (this.totals("begin").lost ?? 0);
    return { faults: minor.count + major.count, major: major.count, lost };
  }

  totals(counts: RecordedEvent["counts"]): EventTotals {
    let count = 0;
    let lost = 0;
    for (const { event, fd } of this.open) {
      if (event.counts !== counts) continue;
      const read = readCount(fd);
      count += read.count;
      lost += read.lost;
    }
    return { count, lost: this.grant.lostCounts ? lost : undefined };
  }

  close(): void {
    for (const { fd } of this.open.splice(0)) closeSync(fd);
  }
}

export function refusal(
  call: RefusedCall,
  error: SystemCallError,
  context: { userOnly?: boolean; pid?: number; ringPages?: number; path?: string } = {},
): RecorderRefusal {
  return new RecorderRefusal(refusalOf(call, error.errno, { userOnly: false, ...context }));
}
