/** Which events are recorded, and with which attributes. */
import { EventType, READ_FORMAT_LOST, SampleBit, SoftwareEvent } from "../core/perf/attr.js";
import type { AttributeFlag, EventAttribute } from "../core/perf/attr.js";
import type { RecordRequest } from "./request.js";
import type { Tracepoint } from "./tracefs.js";

export interface RecordedEvent {
  /** perf's name for it. */
  readonly name: string;
  readonly attribute: EventAttribute;
  readonly counts: "begin" | "minor" | "major" | "access" | "side-band";
}

/** What this kernel grants us, found out by trying. */
export interface Grant {
  /** Faults in kernel mode are left out: wished, or all an unprivileged caller may have. */
  readonly userOnly: "no" | "asked" | "unprivileged";
  /** Build ids in MMAP2 records: kernel 5.12. */
  readonly buildIds: boolean;
  /** Lost samples counted per event: kernel 6.0. */
  readonly lostCounts: boolean;
}

const CLOCK_MONOTONIC = 1;
const SAMPLE = SampleBit.Identifier | SampleBit.Ip | SampleBit.Tid | SampleBit.Time | SampleBit.Address | SampleBit.Cpu;

/**
 * In the order they are opened. One event carries the side-band records (mappings, names, forks): the first of a launch,
 * which exec enables together with all others; a dummy of its own when attaching, which runs before the faults do, and
 * where recording can pause, which it does not.
 * Call chains are taken once a fault: at its begin, or at its end where begins are not recorded.
 */
export function chooseEvents(
  request: Pick<RecordRequest, "light" | "callchains" | "pausable"> & { readonly attaching: boolean },
  tracepoints: readonly Tracepoint[],
  grant: Grant,
): RecordedEvent[] {
  const build = { grant, attaching: request.attaching };
  const software = (
    name: string,
    config: number,
    counts: RecordedEvent["counts"],
    chained: boolean,
  ): RecordedEvent => ({
    name,
    counts,
    attribute: attributeOf(build, EventType.Software, config, chained ? SampleBit.Callchain : 0),
  });
  const chainAtEnd = request.callchains && request.light;
  const events = [
    ...(request.light ? [] : [software("page-faults", SoftwareEvent.PageFaults, "begin", request.callchains)]),
    software("minor-faults", SoftwareEvent.MinorFaults, "minor", chainAtEnd),
    software("major-faults", SoftwareEvent.MajorFaults, "major", chainAtEnd),
    ...tracepoints.map(({ system, name, id }) => ({
      name: `${system}:${name}`,
      counts: "access" as const,
      attribute: attributeOf(build, EventType.Tracepoint, id, SampleBit.Raw),
    })),
  ];
  if (request.attaching || request.pausable === true) return [sideBandOnly(build), ...events];
  const [first, ...rest] = events;
  const { attribute } = first!;
  return [{ ...first!, attribute: { ...attribute, flags: [...attribute.flags, ...sideBandFlags(grant)] } }, ...rest];
}

/** The event that owns a ring. It counts our own thread's nothing, so that it outlives every thread of the target. */
export function ringOwner(wakeupWatermark: number): EventAttribute {
  return {
    type: EventType.Software,
    config: SoftwareEvent.Dummy,
    sampleType: SAMPLE,
    readFormat: 0,
    flags: ["excludeKernel", "excludeHypervisor", "sampleIdAll", "useClockId", "watermark"],
    wakeupWatermark,
    clockId: CLOCK_MONOTONIC,
  };
}

function sideBandOnly(build: { readonly grant: Grant; readonly attaching: boolean }): RecordedEvent {
  const attribute = attributeOf(build, EventType.Software, SoftwareEvent.Dummy, 0);
  return {
    name: "dummy",
    counts: "side-band",
    attribute: {
      ...attribute,
      // Attached to, it runs at once; launched, exec turns it on.
      flags: [
        ...attribute.flags.filter((flag) => flag !== "disabled" || !build.attaching),
        ...sideBandFlags(build.grant),
      ],
    },
  };
}

function sideBandFlags(grant: Grant): AttributeFlag[] {
  return [
    "mmap",
    "mmap2",
    "mmapData",
    "comm",
    "commExec",
    "task",
    ...(grant.buildIds ? (["buildId"] satisfies AttributeFlag[]) : []),
  ];
}

function attributeOf(
  build: { readonly grant: Grant; readonly attaching: boolean },
  type: number,
  config: number,
  extraSample: number,
): EventAttribute {
  const flags: AttributeFlag[] = ["disabled", "inherit", "sampleIdAll", "useClockId"];
  if (!build.attaching) flags.push("enableOnExec");
  if (build.grant.userOnly !== "no" && type === EventType.Software) flags.push("excludeKernel", "excludeHypervisor");
  // The user frames tell the call site, of kernel-mode faults too; the kernel's own frames nobody asked for.
  if (extraSample & SampleBit.Callchain) flags.push("excludeCallchainKernel");
  return {
    type,
    config,
    sampleType: SAMPLE | extraSample,
    readFormat: build.grant.lostCounts ? READ_FORMAT_LOST : 0,
    flags,
    wakeupWatermark: 0,
    clockId: CLOCK_MONOTONIC,
  };
}
