/** Sets a campaign up: the program is started, warmed up, given libraries of its own, and watched by perf. */
import { dirname } from "node:path";
import type { Refusal } from "../../core/trace/refusal.js";
import type { Interval, Stimulus } from "../../core/trace/intervals.js";
import { UserError } from "../../host/user-error.js";
import type { Caller } from "../elevation.js";
import { withRightsOf } from "../elevation.js";
import { NO_MEANS, remoteMeans, withReclaim, type EvictionMeans } from "../evict/means.js";
import { enterMemoryCgroup, type MemoryCgroup } from "../evict/memory-cgroup.js";
import { findGrant } from "../grant.js";
import { RecorderRefusal } from "../refusal.js";
import type { RecordRequest } from "../request.js";
import { Campaign, type Occasion } from "./campaign.js";
import { CampaignTrace } from "./campaign-trace.js";
import { injectedMeans, type Injection } from "./injection.js";
import { copyLibraries, namespaceWrapping, type PrivateCopies } from "./private-copies.js";
import { Target, type TargetProgram } from "./target.js";
import { recordRequest } from "./record-request.js";
import { passDelays, warmUp, type WarmUp } from "./warm-up.js";

export type CampaignTarget =
  | { readonly kind: "launch"; readonly program: TargetProgram }
  /** A process that runs already, and the folder stimuli are run in. */
  | { readonly kind: "attach"; readonly pid: number; readonly folder: string };

export interface CampaignRequest {
  readonly target: CampaignTarget;
  readonly occasions: readonly Occasion[];
  /** The trace folder to write; undefined: a new one below `tracesFolder`. */
  readonly output: string | undefined;
  readonly tracesFolder: string;
  readonly caller: Caller | undefined;
  readonly timeoutMs: number | undefined;
  /** Data pages of each ring; undefined: as many as the kernel grants. */
  readonly ringPages: number | undefined;
  /** False: nothing is evicted, which makes every proof worthless. For the test that shows it. */
  readonly evicting: boolean;
  /** How often intervals are run before anything is evicted; undefined: until they take no fault by themselves. */
  readonly warmUps: number | undefined;
  /** The target gets a memory cgroup of its own, which is reclaimed before and during each interval. */
  readonly pressure: boolean;
  /** Pages are to be locked. Otherwise the target is entered only where it cannot be evicted from outside. */
  readonly locking: boolean;
  readonly onNotice: (sentence: string) => void;
}

export interface OpenCampaign {
  readonly campaign: Campaign;
  readonly means: EvictionMeans;
  /** undefined where the perf events were refused: `refusal` says why. */
  readonly trace: CampaignTrace | undefined;
  readonly refusal: Refusal | undefined;
  /** undefined where nothing has to be done inside the target. */
  readonly injection: Injection | undefined;
  readonly warmed: WarmUp;
  /** The target's own memory cgroup, where pressure was asked for. */
  readonly group: MemoryCgroup | undefined;
  /** Libraries the target had to itself; undefined where it had none. */
  readonly copies: PrivateCopies | undefined;
  /** Ends the session and the program. */
  close(): Promise<void>;
}

/** Throws UserError or RecorderRefusal; nothing is left behind then. */
export async function openCampaign(
  request: CampaignRequest,
  openInjection: (pid: number) => Promise<Injection>,
  stop: AbortSignal,
): Promise<OpenCampaign> {
  const undo: (() => void | Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return { ...(await opened(request, openInjection, stop, undo)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function opened(
  request: CampaignRequest,
  openInjection: (pid: number) => Promise<Injection>,
  stop: AbortSignal,
  undo: (() => void | Promise<void>)[],
): Promise<Omit<OpenCampaign, "close">> {
  const copies = await librariesOfItsOwn(request, stop);
  if (copies !== undefined) undo.push(() => copies.remove());
  const target = startTarget(request, copies);
  undo.push(() => target.close());
  await target.becomeProgram();
  const group = request.pressure ? ownCgroup(target.pid, undo) : undefined;
  const campaign = campaignOf(request, target, stop);
  undo.push(() => campaign.close());
  await passDelays(request.occasions, target);
  const { trace, refusal } = await traceOrRefusal(request, target.pid);
  if (trace !== undefined) undo.push(async () => void (await trace.finish()));
  campaign.seeMarksIn(trace);
  const warmed = await warmUp(campaign, request);
  const remote = request.evicting ? remoteMeans(target.pid) : NO_MEANS;
  const injection = await injectionFor(request, target.pid, remote !== undefined, openInjection);
  if (injection !== undefined) undo.push(() => injection.close());
  const means = meansOf(remote, injection, campaign.pageSize, copies === undefined && request.evicting);
  undo.push(() => means.close());
  return {
    campaign,
    means: group === undefined ? means : withReclaim(means, group),
    group,
    trace,
    refusal,
    injection,
    warmed,
    copies,
  };
}

/** A first start tells which libraries there are; it ends before the second one begins. */
async function librariesOfItsOwn(request: CampaignRequest, stop: AbortSignal): Promise<PrivateCopies | undefined> {
  if (request.target.kind === "attach" || !request.evicting) return undefined;
  const namespace = namespaceWrapping();
  if (namespace === undefined) {
    request.onNotice(
      "Private copies of shared libraries are not permitted here: their pages stay in memory as long as other processes use them.",
    );
    return undefined;
  }
  const target = startTarget(request, undefined);
  const campaign = campaignOf(request, target, stop);
  try {
    await passDelays(request.occasions, target);
    for (const occasion of request.occasions) {
      const { ending } = await campaign.warm(withoutMarks(occasion));
      if (ending.kind !== "seen") return undefined; // What does not work will not work better with copies.
    }
    const { caller, output, tracesFolder } = request;
    const folder = dirname(output ?? tracesFolder);
    const copies = withRightsOf(caller, () => copyLibraries(target.pid, folder, namespace, caller));
    if (copies === undefined) {
      request.onNotice(
        `Private copies of shared libraries could not be made in ${folder}: their pages stay in memory as long as other processes use them.`,
      );
    }
    return copies;
  } finally {
    campaign.close();
    await target.close();
  }
}

/** Inside the target only what cannot be done from outside is done. Throws what opening throws where it must be. */
async function injectionFor(
  request: CampaignRequest,
  pid: number,
  evictable: boolean,
  openInjection: (pid: number) => Promise<Injection>,
): Promise<Injection | undefined> {
  if (request.locking || !evictable) return openInjection(pid);
  // Libraries that others map cannot be evicted from outside; where one may not go inside either, they stay.
  if (request.target.kind !== "attach" || !request.evicting) return undefined;
  try {
    return await openInjection(pid);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    request.onNotice(error.message);
    return undefined;
  }
}

/** @param shared whether libraries are shared with other processes, so that their entries have to be dropped. */
function meansOf(
  remote: EvictionMeans | undefined,
  injection: Injection | undefined,
  pageSize: number,
  shared: boolean,
): EvictionMeans {
  if (injection === undefined) return remote ?? NO_MEANS;
  const injected = injectedMeans(injection, pageSize);
  if (remote === undefined) return injected;
  return shared ? { ...remote, drop: injected.drop } : remote;
}

/** Throws UserError where pressure is asked for and cannot be had: a proof without it would claim too much. */
function ownCgroup(pid: number, undo: (() => void | Promise<void>)[]): MemoryCgroup {
  const group = enterMemoryCgroup(pid);
  if (group === undefined) {
    throw new UserError(
      "Memory pressure needs a memory cgroup of the program's own, which may not be made here: run elevated, or leave --pressure out.",
    );
  }
  undo.push(() => group.leave());
  return group;
}

/** Before there is a session no mark can be seen; a moment of the program's work shows its libraries as well. */
function withoutMarks({ interval, stimulus }: Occasion): Occasion {
  const { name, from, to } = interval;
  if (from?.kind !== "mark" && to?.kind !== "mark") return { interval, stimulus };
  return { interval: { name, from: undefined, to: { kind: "after", milliseconds: SHORT_LOOK_MS } }, stimulus };
}

const SHORT_LOOK_MS = 200;

function startTarget(request: CampaignRequest, copies: PrivateCopies | undefined): Target {
  const fifos = request.occasions.flatMap(({ interval, stimulus }) => fifosOf(interval, stimulus));
  const { target } = request;
  if (target.kind === "attach")
    return Target.running(target.pid, { folder: target.folder, caller: request.caller }, fifos);
  return Target.start(target.program, copies?.wrapping, fifos);
}

function fifosOf({ to }: Interval, stimulus: Stimulus | undefined): string[] {
  const output = to?.kind === "output" && !["stdout", "stderr", "answer"].includes(to.on) ? [to.on] : [];
  return stimulus?.to.kind === "fifo" && stimulus.action.kind !== "signal" ? [...output, stimulus.to.path] : output;
}

function campaignOf(request: CampaignRequest, target: Target, stop: AbortSignal): Campaign {
  const folder = request.target.kind === "launch" ? request.target.program.workingDirectory : request.target.folder;
  return new Campaign(target, { folder, caller: request.caller }, stop, request.timeoutMs);
}

async function traceOrRefusal(
  request: CampaignRequest,
  pid: number,
): Promise<{ trace: CampaignTrace | undefined; refusal: Refusal | undefined }> {
  const record = recordRequest(request, { kind: "attach", pid });
  try {
    const grant = findGrant(false);
    return { trace: await withAccess(pid, record, grant), refusal: undefined };
  } catch (error) {
    if (error instanceof RecorderRefusal) return { trace: undefined, refusal: error.refusal };
    throw error;
  }
}

/** With the tracepoints that tell reads from writes, where they may be had. */
async function withAccess(
  pid: number,
  record: RecordRequest,
  grant: ReturnType<typeof findGrant>,
): Promise<CampaignTrace> {
  if (grant.userOnly === "no" && process.arch === "x64") {
    try {
      return await CampaignTrace.attach(pid, { ...record, access: true }, grant);
    } catch (error) {
      if (!(error instanceof RecorderRefusal)) throw error; // No tracefs here: then without.
    }
  }
  return CampaignTrace.attach(pid, record, grant);
}
