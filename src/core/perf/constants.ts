/** Numbers of the perf ABI: include/uapi/linux/perf_event.h, and tools/perf/util for the records perf adds itself. */

/** PERF_RECORD_*: those below 64 come from the kernel, the others from whoever wrote the file. */
export const RecordType = {
  Mmap: 1,
  Lost: 2,
  Comm: 3,
  Exit: 4,
  Throttle: 5,
  Unthrottle: 6,
  Fork: 7,
  Read: 8,
  Sample: 9,
  Mmap2: 10,
  Aux: 11,
  ItraceStart: 12,
  LostSamples: 13,
  Switch: 14,
  SwitchCpuWide: 15,
  Namespaces: 16,
  Ksymbol: 17,
  BpfEvent: 18,
  Cgroup: 19,
  TextPoke: 20,
  AuxOutputHardwareId: 21,
  HeaderAttribute: 64,
  HeaderEventType: 65,
  HeaderTracingData: 66,
  HeaderBuildId: 67,
  FinishedRound: 68,
  IdIndex: 69,
  AuxtraceInfo: 70,
  Auxtrace: 71,
  AuxtraceError: 72,
  ThreadMap: 73,
  CpuMap: 74,
  StatConfig: 75,
  Stat: 76,
  StatRound: 77,
  EventUpdate: 78,
  TimeConversion: 79,
  HeaderFeature: 80,
  Compressed: 81,
  FinishedInit: 82,
  Compressed2: 83,
} as const;

/** PERF_SAMPLE_*, in the order of the bits (which is not the order of the fields in a sample). */
export const SampleBit = {
  Ip: 1 << 0,
  Tid: 1 << 1,
  Time: 1 << 2,
  Address: 1 << 3,
  Read: 1 << 4,
  Callchain: 1 << 5,
  Id: 1 << 6,
  Cpu: 1 << 7,
  Period: 1 << 8,
  StreamId: 1 << 9,
  Raw: 1 << 10,
  BranchStack: 1 << 11,
  RegistersUser: 1 << 12,
  StackUser: 1 << 13,
  Weight: 1 << 14,
  DataSource: 1 << 15,
  Identifier: 1 << 16,
  Transaction: 1 << 17,
  RegistersInterrupt: 1 << 18,
  PhysicalAddress: 1 << 19,
} as const;

/** PERF_FORMAT_*: what a sample's READ field holds. */
export const ReadFormatBit = { TimeEnabled: 1, TimeRunning: 2, Id: 4, Group: 8, Lost: 16 } as const;

/** PERF_RECORD_MISC_*. Bits 13 … 15 mean something else in each type of record. */
export const MiscBit = {
  CpuModeMask: 7,
  Kernel: 1,
  User: 2,
  /** MMAP, MMAP2: the mapping is not executable. */
  MmapData: 1 << 13,
  /** COMM: the name changed because of exec. */
  CommExec: 1 << 13,
  /** MMAP2: a build id stands in place of device and inode. */
  MmapBuildId: 1 << 14,
  /** HEADER_BUILD_ID: byte 20 of the id holds its size. */
  BuildIdSize: 1 << 15,
  /** LOST_SAMPLES: a filter dropped them on request; nothing was lost. */
  LostByFilter: 1 << 15,
} as const;

/** perf_event_attr.type */
export const EventType = { Hardware: 0, Software: 1, Tracepoint: 2 } as const;

/** PERF_COUNT_SW_* of the events a fault is made of. */
export const SoftwareEvent = { PageFaults: 2, MinorFaults: 5, MajorFaults: 6 } as const;

/** Bits of the flag word in perf_event_attr. */
export const AttributeFlag = { Frequency: 10, SampleIdAll: 18 } as const;

/** HEADER_* features of a perf.data file: tools/perf/util/header.h. */
export const Feature = {
  TracingData: 1,
  BuildId: 2,
  Hostname: 3,
  OsRelease: 4,
  Version: 5,
  Arch: 6,
  CommandLine: 11,
  EventDescription: 12,
} as const;

/** PERF_CONTEXT_*: low words of the markers inside a call chain; the high word is all ones. */
export const CHAIN_CONTEXT_USER_LOW = 0xffff_fe00;
/** Values from this low word up, with a high word of all ones, are markers and not addresses (PERF_CONTEXT_MAX is -4095). */
export const CHAIN_CONTEXT_FIRST_LOW = 0xffff_f001;

/** Error code of an x86 page fault, as the exceptions:page_fault_* tracepoints carry it. */
export const FaultErrorBit = { Present: 1, Write: 2, User: 4, InstructionFetch: 16 } as const;

/** perf_event_header: u32 type, u16 misc, u16 size. */
export const RECORD_HEADER_BYTES = 8;
