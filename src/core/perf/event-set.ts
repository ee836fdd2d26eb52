/** The events of a trace: which samples are theirs, where their fields are, and what part of a fault each one tells. */
import { EventType, SampleBit, SoftwareEvent } from "./constants.js";
import type { EventAttribute } from "./event-attribute.js";
import {
  sampleLayout,
  trailerLayout,
  type PairLayout,
  type SampleLayout,
  type TrailerLayout,
} from "./sample-layout.js";

/** What a sample of the event says about a fault. */
export const Role = { Begin: 0, MinorEnd: 1, MajorEnd: 2, UserEntry: 3, KernelEntry: 4, None: 5 } as const;

export interface PerfEvent {
  readonly attribute: EventAttribute;
  readonly layout: SampleLayout;
  readonly trailer: TrailerLayout;
  name: string;
  role: number;
}

/** Numbers kept for each event in EventSet.fields. */
export const EVENT_STRIDE = 8;
export const EventField = { Role: 0, Ip: 1, Tid: 2, Time: 3, Address: 4, Tail: 5, HasTail: 6 } as const;

const SOFTWARE_NAMES: Readonly<Record<number, string>> = {
  0: "cpu-clock",
  1: "task-clock",
  2: "page-faults",
  3: "context-switches",
  4: "cpu-migrations",
  5: "minor-faults",
  6: "major-faults",
  7: "alignment-faults",
  8: "emulation-faults",
  9: "dummy",
  10: "bpf-output",
};

const FAULT_EVENTS: ReadonlySet<number> = new Set(Object.values(SoftwareEvent));
const FAULT_TRACEPOINT = /^exceptions:page_fault_(user|kernel)$/;

/** An open-addressing table of ids keeps this much room. */
const SLOTS_PER_ID = 4;
/** The kernel counts ids upwards, so they hardly ever collide; made-up ones must not cost more than this. */
const MOST_PROBES = 256;

export class EventSet {
  readonly events: PerfEvent[] = [];
  /** EventField numbers of each event, EVENT_STRIDE apart: all the hot loop needs to know. */
  fields = new Int32Array(0);
  /** Word of the id in every sample, or -1 where one event is all there is. */
  idWord = -1;
  /** False when samples of different events can not be told apart. */
  distinguishable = true;
  idLow = new Uint32Array(SLOTS_PER_ID);
  idHigh = new Uint32Array(SLOTS_PER_ID);
  /** Event of the id in this slot, -1 where the slot is free. */
  idEvent = new Int32Array(SLOTS_PER_ID).fill(-1);
  /** Role of the event in the same slot; None where the slot is free. */
  idRole = new Uint8Array(SLOTS_PER_ID).fill(Role.None);
  /** Set when begins and ends are all alike: what appendPairs needs. */
  pairLayout: PairLayout | undefined;
  private idCount = 0;

  /** Adds an event whose samples carry one of `ids` (pairs of low and high words). */
  add(attribute: EventAttribute, ids: readonly number[]): void {
    const layout = sampleLayout(attribute);
    const event = { attribute, layout, trailer: trailerLayout(attribute), name: nameOf(attribute), role: 0 };
    const index = this.events.push(event) - 1;
    this.setRole(index, roleOf(event));
    for (let at = 0; at + 1 < ids.length; at += 2) this.addId(ids[at]!, ids[at + 1]!, index);
    this.idWord = this.events.length === 1 && ids.length === 0 ? -1 : this.events[0]!.layout.id;
    if (this.events.length > 1)
      this.distinguishable = this.events.every(({ layout: { id } }) => id >= 0 && id === this.idWord);
    this.settle();
  }

  /** Index of the event, or -1 when no event has this id. */
  eventOfId(low: number, high: number): number {
    const mask = this.idEvent.length - 1;
    let slot = low & mask;
    for (let probe = 0; probe < MOST_PROBES; probe++, slot = (slot + 1) & mask) {
      const event = this.idEvent[slot]!;
      if (event < 0 || (this.idLow[slot] === low && this.idHigh[slot] === high)) return event;
    }
    return -1;
  }

  /** Names a tracepoint once the file has told its name. */
  nameTracepoint(config: number, name: string): void {
    this.events.forEach((event, index) => {
      if (event.attribute.type !== EventType.Tracepoint || event.attribute.config !== config) return;
      event.name = name;
      this.setRole(index, roleOf(event));
    });
    this.settle();
  }

  has(role: number): boolean {
    return this.events.some((event) => event.role === role);
  }

  /** Events that would tell about faults, had they been recorded with what that takes. */
  unusable(): readonly { readonly name: string; readonly lacks: string }[] {
    return this.events.flatMap(({ attribute: { type, config, sampleType }, layout, name, role }) => {
      const software = type === EventType.Software && FAULT_EVENTS.has(config);
      const entry = type === EventType.Tracepoint && FAULT_TRACEPOINT.test(name);
      if (role !== Role.None || (!software && !entry)) return [];
      if (layout.tid < 0) return [{ name, lacks: "thread ids" }];
      if (layout.time < 0) return [{ name, lacks: "times" }];
      if (software && layout.address < 0) return [{ name, lacks: "data addresses (perf record -d)" }];
      return [{ name, lacks: (sampleType & SampleBit.Raw) === 0 ? "raw data" : "instruction addresses" }];
    });
  }

  /** Names of the fault events of which only some were recorded. */
  sampled(): readonly string[] {
    return this.events.flatMap(({ attribute, name, role }) =>
      role === Role.None || attribute.everyEvent ? [] : [name],
    );
  }

  /** The fewest bytes of samples a fault takes; 0 where no samples of faults are known. */
  bytesPerFault(): number {
    const bytesOf = (...roles: readonly number[]) =>
      Math.min(...this.events.filter(({ role }) => roles.includes(role)).map(({ layout }) => layout.tail * 4));
    const begin = bytesOf(Role.Begin, Role.UserEntry, Role.KernelEntry);
    const end = bytesOf(Role.MinorEnd, Role.MajorEnd);
    const known = [begin, end].filter(Number.isFinite);
    return known.reduce((sum, bytes) => sum + bytes, 0);
  }

  private setRole(index: number, role: number): void {
    const { attribute, layout } = this.events[index]!;
    this.events[index]!.role = role;
    if (this.fields.length < this.events.length * EVENT_STRIDE) {
      const wider = new Int32Array(this.events.length * EVENT_STRIDE * 2);
      wider.set(this.fields);
      this.fields = wider;
    }
    const hasTail = (attribute.sampleType & TAIL_BITS) !== 0 ? 1 : 0;
    this.fields.set(
      [role, layout.ip, layout.tid, layout.time, layout.address, layout.tail, hasTail],
      index * EVENT_STRIDE,
    );
  }

  /** Brings what depends on all events up to date. */
  private settle(): void {
    this.idRole = new Uint8Array(this.idEvent.length);
    for (let slot = 0; slot < this.idEvent.length; slot++) {
      this.idRole[slot] = this.events[this.idEvent[slot]!]?.role ?? Role.None;
    }
    this.pairLayout = this.distinguishable && this.idWord >= 0 ? commonLayout(this.events) : undefined;
  }

  private addId(low: number, high: number, event: number): void {
    if ((this.idCount + 1) * SLOTS_PER_ID > this.idEvent.length) this.growIds();
    const mask = this.idEvent.length - 1;
    let slot = low & mask;
    for (let probe = 0; probe < MOST_PROBES; probe++, slot = (slot + 1) & mask) {
      if (this.idEvent[slot]! >= 0 && (this.idLow[slot] !== low || this.idHigh[slot] !== high)) continue;
      if (this.idEvent[slot]! < 0) this.idCount++;
      this.idLow[slot] = low;
      this.idHigh[slot] = high;
      this.idEvent[slot] = event;
      return;
    }
  }

  private growIds(): void {
    const { idLow, idHigh, idEvent } = this;
    const slots = idEvent.length * 2;
    this.idLow = new Uint32Array(slots);
    this.idHigh = new Uint32Array(slots);
    this.idEvent = new Int32Array(slots).fill(-1);
    this.idCount = 0;
    idEvent.forEach((event, slot) => {
      if (event >= 0) this.addId(idLow[slot]!, idHigh[slot]!, event);
    });
  }
}

/** The layout of begins and ends where both were recorded, all alike and nothing with them. */
function commonLayout(events: readonly PerfEvent[]): PairLayout | undefined {
  const taking = events.filter(({ role }) => role !== Role.None);
  const first = taking[0]?.layout;
  const begins = taking.some(({ role }) => role === Role.Begin);
  const alike = taking.every(
    ({ role, layout, attribute: { sampleType } }) =>
      role <= Role.MajorEnd &&
      (sampleType & TAIL_BITS) === 0 &&
      FIXED.every((field) => layout[field] === first?.[field]),
  );
  if (first === undefined || !begins || !alike) return undefined;
  const { id, ip, tid, time, address, tail } = first;
  return { id, ip, tid, time, address, words: tail };
}

const TAIL_BITS = SampleBit.Callchain | SampleBit.Raw;
const FIXED = ["id", "ip", "tid", "time", "address", "tail"] as const;

function nameOf({ type, config }: EventAttribute): string {
  if (type === EventType.Software) return SOFTWARE_NAMES[config] ?? `software event ${config}`;
  if (type === EventType.Tracepoint) return `tracepoint ${config}`;
  return `event ${type}:${config}`;
}

/** An event whose samples lack what a fault needs plays no part. */
function roleOf({ attribute: { type, config, sampleType }, layout, name }: PerfEvent): number {
  if (layout.tid < 0 || layout.time < 0) return Role.None;
  if (type === EventType.Software && layout.ip >= 0 && layout.address >= 0) {
    if (config === SoftwareEvent.PageFaults) return Role.Begin;
    if (config === SoftwareEvent.MinorFaults) return Role.MinorEnd;
    if (config === SoftwareEvent.MajorFaults) return Role.MajorEnd;
  }
  if (type === EventType.Tracepoint && (sampleType & SampleBit.Raw) !== 0) {
    if (name === "exceptions:page_fault_user") return Role.UserEntry;
    if (name === "exceptions:page_fault_kernel") return Role.KernelEntry;
  }
  return Role.None;
}
