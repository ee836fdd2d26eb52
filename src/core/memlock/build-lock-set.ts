/** From a campaign's observation to the lock set: verdict, parts and remedies. */
import { segmentTypes } from "../attribution/segment-types.js";
import type { RemedyCode } from "../diagnosis/diagnosis.js";
import type { ImageSegment } from "../image/image.js";
import { pagesTouched } from "./kernel-rules.js";
import { LiveProcess } from "./live-process.js";
import type {
  GapCode,
  LockSet,
  LockSetObservation,
  LockSetPart,
  LockSetRemedy,
  LockSetVerdict,
  ProgramMemory,
} from "./lock-set.js";
import { partsOf, type PartOptions } from "./parts.js";

export function lockSetOf(observation: LockSetObservation, options: PartOptions): LockSet {
  const process = new LiveProcess(observation, options.resolve);
  const parts = partsOf(observation, process, options.mapSource);
  const pages = parts.reduce((sum, part) => sum + part.pages, 0);
  const { pageSize, command, pid, faultsAfter, rounds, intervals, limits, whole, gaps, tracePath } = observation;
  return {
    version: 1,
    verdict: verdictOf(observation),
    command,
    pid,
    pageSize,
    pages,
    bytes: pages * pageSize,
    faultsAfter,
    rounds,
    intervals,
    parts,
    remedies: remediesOf(parts),
    alreadyLockedPages: observation.alreadyLockedPages,
    droppedPages: observation.pages.filter(({ dropped }) => dropped).length,
    limits,
    whole,
    gaps,
    tracePath,
    program: programMemory(process, pageSize),
    ...(observation.reach === undefined ? {} : { reach: observation.reach }),
  };
}

function programMemory(process: LiveProcess, pageSize: number): ProgramMemory | undefined {
  const program = process.programImage();
  if (program === undefined) return undefined;
  const loaded = program.image.segments.filter(({ type }) => type === segmentTypes.load);
  const bytesOf = (segments: readonly ImageSegment[]) =>
    segments.reduce((sum, { address, memorySize }) => sum + pagesTouched(address, memorySize, pageSize) * pageSize, 0);
  return {
    path: program.path,
    buildId: program.image.buildId,
    bytes: bytesOf(loaded),
    writableBytes: bytesOf(loaded.filter(({ flags }) => flags.write)),
  };
}

function verdictOf({ faultsAfter, leftOneOut, gaps, intervals }: LockSetObservation): LockSetVerdict {
  if (faultsAfter !== undefined && faultsAfter > 0) return "faults";
  const doubtful = gaps.some(({ code }) => DOUBTS.includes(code));
  if (faultsAfter === undefined || doubtful || intervals.length === 0) return "unproved";
  return leftOneOut ? "irreducible" : "sufficient";
}

/** With one of these nothing is shown, whatever the counters say. */
const DOUBTS: readonly GapCode[] = ["lost-records", "no-end", "nothing-ran", "no-events"];

function remediesOf(parts: readonly LockSetPart[]): readonly LockSetRemedy[] {
  return REMEDY_ORDER.flatMap((code) => {
    const pagesOf = (part: LockSetPart) =>
      part.diagnoses.reduce((sum, { remedy, pages }) => sum + (remedy === code ? pages : 0), 0);
    const concerned = parts.flatMap((part, number) => (pagesOf(part) > 0 ? [number] : []));
    if (concerned.length === 0) return [];
    return [{ code, parts: concerned, pages: concerned.reduce((sum, number) => sum + pagesOf(parts[number]!), 0) }];
  });
}

/** What makes faults go away without locking comes first: it makes the rest smaller. */
export const REMEDY_ORDER: readonly RemedyCode[] = [
  "bind-now",
  "warm-up",
  "place-in-locked-section",
  "lock-own-section",
  "lock-library-ranges",
  "prefault-thread-stack",
  "prefault-main-stack",
  "prefault-heap",
  "populate-for-writing",
  "no-fork-copies",
  "lock-buffer",
  "memory-backed-file",
  "lock-mapping",
];
