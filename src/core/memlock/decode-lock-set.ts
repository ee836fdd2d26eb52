/** Reads a lock set back from JSON that nobody vouches for: a file beside a trace, the output of a command. */
import { listOf, numberOf, objectOf, textOf, type JsonObject } from "../base/json-fields.js";
import type { RegionKind } from "../attribution/findings.js";
import type { CauseCode, Diagnosis, RemedyCode } from "../diagnosis/diagnosis.js";
import type { SourcePosition } from "../image/image.js";
import { REMEDY_ORDER } from "./build-lock-set.js";
import type {
  Gap,
  GapCode,
  LockSet,
  LockSetPart,
  LockSetRemedy,
  LockSetRound,
  LockSetVerdict,
  ObservedInterval,
  PartObject,
  PartRange,
  PartReasons,
  PartSite,
  ProgramMemory,
} from "./lock-set.js";

/** undefined: it is no lock set of this version. What is wrong inside of it is left out. */
export function decodeLockSet(value: unknown): LockSet | undefined {
  const root = objectOf(value);
  const verdict = VERDICTS.find((known) => known === root?.["verdict"]);
  const pageSize = numberOf(root?.["pageSize"]);
  if (root === undefined || root["version"] !== 1 || verdict === undefined || !pageSize) return undefined;
  const limits = objectOf(root["limits"]) ?? {};
  const whole = objectOf(root["whole"]);
  const parts = each(root["parts"], partOf);
  return {
    version: 1,
    verdict,
    command: each(root["command"], textOf),
    pid: count(root, "pid"),
    pageSize,
    pages: count(root, "pages"),
    bytes: count(root, "bytes"),
    faultsAfter: numberOf(root["faultsAfter"]),
    rounds: each(root["rounds"], roundOf),
    intervals: each(root["intervals"], intervalOf),
    parts,
    remedies: each(root["remedies"], (item) => remedyOf(item, parts.length)),
    alreadyLockedPages: count(root, "alreadyLockedPages"),
    droppedPages: count(root, "droppedPages"),
    limits: {
      softBytes: numberOf(limits["softBytes"]),
      hardBytes: numberOf(limits["hardBytes"]),
      privileged: limits["privileged"] === true,
    },
    whole: whole && {
      virtualBytes: numberOf(whole["virtualBytes"]) ?? 0,
      residentBytes: numberOf(whole["residentBytes"]) ?? 0,
    },
    gaps: each(root["gaps"], gapOf),
    tracePath: textOf(root["tracePath"]),
    program: programOf(root["program"]),
    ...reachOf(objectOf(root["reach"])),
  };
}

function reachOf(reach: JsonObject | undefined): Pick<LockSet, "reach"> {
  if (reach === undefined) return {};
  const notExecuted = each(reach["notExecuted"], (item) => {
    const one = objectOf(item);
    const name = textOf(one?.["function"]);
    return name === undefined ? undefined : { function: name, calledFrom: textOf(one?.["calledFrom"]) };
  });
  return { reach: { addedPages: count(reach, "addedPages"), notExecuted, unknownCalls: count(reach, "unknownCalls") } };
}

function programOf(value: unknown): ProgramMemory | undefined {
  const program = objectOf(value);
  const path = textOf(program?.["path"]);
  if (program === undefined || path === undefined) return undefined;
  const buildId = textOf(program["buildId"]);
  return { path, buildId, bytes: count(program, "bytes"), writableBytes: count(program, "writableBytes") };
}

function partOf(value: unknown): LockSetPart | undefined {
  const part = objectOf(value);
  const region = REGIONS.find((known) => known === part?.["region"]);
  const name = textOf(part?.["name"]);
  const address = hex(part?.["address"]);
  if (part === undefined || region === undefined || name === undefined || address === undefined) return undefined;
  return {
    region,
    name,
    own: part["own"] === true,
    image: textOf(part["image"]),
    buildId: textOf(part["buildId"]),
    section: textOf(part["section"]),
    address,
    pages: count(part, "pages"),
    bytes: count(part, "bytes"),
    ranges: each(part["ranges"], rangeOf),
    objects: each(part["objects"], objectOn),
    moreObjects: count(part, "moreObjects"),
    sites: each(part["sites"], siteOf),
    reasons: reasonsOf(objectOf(part["reasons"]) ?? {}),
    diagnoses: each(part["diagnoses"], diagnosisOf),
  };
}

function rangeOf(value: unknown): PartRange | undefined {
  const range = objectOf(value);
  const address = hex(range?.["address"]);
  if (range === undefined || address === undefined) return undefined;
  const [fileOffset, linkAddress] = [numberOf(range["fileOffset"]), numberOf(range["linkAddress"])];
  return { address, pages: count(range, "pages"), fileOffset, linkAddress };
}

function objectOn(value: unknown): PartObject | undefined {
  const object = objectOf(value);
  const name = textOf(object?.["name"]);
  if (object === undefined || name === undefined) return undefined;
  return {
    kind: (OBJECT_KINDS.find((known) => known === object["kind"]) ??
      REGIONS.find((known) => known === object["kind"]) ??
      "section") as PartObject["kind"],
    name,
    symbol: textOf(object["symbol"]),
    size: count(object, "size"),
    section: textOf(object["section"]),
    reached: object["reached"] === true,
    declaration: positionOf(object["declaration"]),
  };
}

function positionOf(value: unknown): SourcePosition | undefined {
  const position = objectOf(value);
  const file = textOf(position?.["file"]);
  const line = numberOf(position?.["line"]);
  if (position === undefined || file === undefined || line === undefined) return undefined;
  return { file, line, column: count(position, "column") };
}

function siteOf(value: unknown): PartSite | undefined {
  const site = objectOf(value);
  const name = textOf(site?.["function"]);
  if (site === undefined || name === undefined) return undefined;
  return {
    function: name,
    image: textOf(site["image"]),
    file: textOf(site["file"]),
    line: numberOf(site["line"]),
    calledFrom: textOf(site["calledFrom"]),
    pages: count(site, "pages"),
  };
}

function reasonsOf(reasons: JsonObject): PartReasons {
  return {
    read: count(reasons, "read"),
    write: count(reasons, "write"),
    execute: count(reasons, "execute"),
    kernel: count(reasons, "kernel"),
    unnamed: count(reasons, "unnamed"),
    major: count(reasons, "major"),
    stimuli: each(reasons["stimuli"], textOf),
  };
}

function diagnosisOf(value: unknown): Diagnosis | undefined {
  const diagnosis = objectOf(value);
  const cause = CAUSES.find((known) => known === diagnosis?.["cause"]);
  const remedy = REMEDY_ORDER.find((known) => known === diagnosis?.["remedy"]);
  if (diagnosis === undefined || cause === undefined || remedy === undefined) return undefined;
  return { cause, remedy, subject: textOf(diagnosis["subject"]), pages: count(diagnosis, "pages") };
}

function remedyOf(value: unknown, parts: number): LockSetRemedy | undefined {
  const remedy = objectOf(value);
  const code: RemedyCode | undefined = REMEDY_ORDER.find((known) => known === remedy?.["code"]);
  if (remedy === undefined || code === undefined) return undefined;
  const numbers = each(remedy["parts"], numberOf).filter((number) => number < parts);
  return { code, parts: numbers, pages: count(remedy, "pages") };
}

function roundOf(value: unknown): LockSetRound | undefined {
  const round = objectOf(value);
  if (round === undefined) return undefined;
  return {
    round: count(round, "round"),
    resident: count(round, "resident"),
    faults: count(round, "faults"),
    newPages: count(round, "newPages"),
    ...(round["exact"] === true ? { exact: true } : {}),
  };
}

function intervalOf(value: unknown): ObservedInterval | undefined {
  const interval = objectOf(value);
  const name = textOf(interval?.["name"]);
  if (interval === undefined || name === undefined) return undefined;
  return { name, stimulus: textOf(interval["stimulus"]), runs: count(interval, "runs") };
}

/** Of a lock set and of a proof. */
function gapOf(value: unknown): Gap | undefined {
  const gap = objectOf(value);
  const code = GAPS.find((known) => known === gap?.["code"]);
  return code === undefined ? undefined : { code, detail: textOf(gap?.["detail"]) };
}

function each<Item>(value: unknown, decode: (item: unknown) => Item | undefined): readonly Item[] {
  return listOf(value).flatMap((item) => decode(item) ?? []);
}

function count(object: JsonObject, name: string): number {
  return numberOf(object[name]) ?? 0;
}

function hex(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && /^0x[0-9a-f]{1,16}$/.test(text) ? text : undefined;
}

const VERDICTS: readonly LockSetVerdict[] = ["irreducible", "sufficient", "faults", "unproved"];

/** All members of a union: one that is missing does not compile. */
const members = <Member extends string>(all: Readonly<Record<Member, true>>): readonly Member[] =>
  Object.keys(all) as Member[];

const REGIONS = members<RegionKind>({
  image: true,
  heap: true,
  "main-stack": true,
  "thread-stack": true,
  tls: true,
  anonymous: true,
  file: true,
  "shared-memory": true,
  vdso: true,
  vvar: true,
  kernel: true,
  unmapped: true,
});

const OBJECT_KINDS = members<Exclude<PartObject["kind"], RegionKind>>({
  function: true,
  variable: true,
  string: true,
  "jump-table": true,
  "got-slot": true,
  "plt-stub": true,
  vtable: true,
  "unwind-table": true,
  "dynamic-table": true,
  relocations: true,
  "tls-template": true,
  padding: true,
  section: true,
});

const CAUSES = members<CauseCode>({
  "code-not-resident": true,
  "constant-not-resident": true,
  "variable-not-resident": true,
  "linkage-not-resident": true,
  "lazy-binding": true,
  "first-use-of-library": true,
  "vdso-data": true,
  "main-stack-grows": true,
  "thread-stack": true,
  heap: true,
  "zero-page": true,
  "copy-on-write": true,
  "shared-file-written": true,
  "swapped-in": true,
  "kernel-access": true,
  "file-not-resident": true,
  "shared-memory": true,
  "anonymous-memory": true,
});

const GAPS = members<GapCode>({
  "no-kernel-events": true,
  "no-events": true,
  "no-swap": true,
  "touched-unswappable": true,
  "before-lock": true,
  "shared-with-others": true,
  "stayed-resident": true,
  "not-left-one-out": true,
  "lost-records": true,
  "unexplained-faults": true,
  "no-end": true,
  "nothing-ran": true,
  "child-processes": true,
});
