/**
 * Locking and unlocking a busy target again and again, and being killed while doing so. A few rounds by default; a
 * thousand and a hundred with FAULTLINE_LONG_TESTS=1, which prints what it measured.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { lockAllOrder } from "../../src/core/memlock/lock-all.js";
import { parseMaps } from "../../src/core/proc/maps.js";
import { openCalls } from "../../src/recorder/inject/open-calls.js";
import { lockAll, lockRanges, undoLock } from "../../src/recorder/lock-process.js";
import {
  childrenOf,
  lockStates,
  LockSession,
  PAGE,
  statusOf,
  threadStates,
  type BusyTarget,
} from "../support/lock-session.js";

const LONG = process.env["FAULTLINE_LONG_TESTS"] === "1";
const CYCLES = LONG ? 1000 : 20;
const KILLS = LONG ? 100 : 6;
const PATIENCE = LONG ? 3_600_000 : 240_000;
const UNTIL_TOLD = 3600;

let session: LockSession;
let runtime: string | undefined;
beforeAll(async () => (session = await LockSession.open()));
afterAll(() => session.close());
beforeEach(() => {
  runtime = process.env["XDG_RUNTIME_DIR"];
  process.env["XDG_RUNTIME_DIR"] = session.environment([])["XDG_RUNTIME_DIR"];
});
afterEach(() => {
  if (runtime === undefined) delete process.env["XDG_RUNTIME_DIR"];
  else process.env["XDG_RUNTIME_DIR"] = runtime;
});

function tell(figures: string): void {
  if (LONG) process.stderr.write(`${figures}\n`);
}

it(
  "a busy target loses nothing, and its locks are as before after each of many cycles",
  { timeout: PATIENCE },
  async () => {
    // Long enough for the cycles; it is asked to end when they are done.
    const busy = await session.busy(0.5 * CYCLES + 10);
    const { pid } = busy;
    const open = () => openCalls({ pid, uid: process.getuid?.(), cli: session.faultline.cli });
    const orders = ["current,future", "current,future-on-fault", "current-on-fault,future", "current,on-fault"];
    let calls = await open();
    const times: number[] = [];
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      if (cycle % 10 === 9) {
        await calls.close();
        calls = await open();
      }
      const start = performance.now();
      const outcome =
        cycle % 2 === 0
          ? await lockAll(pid, calls, lockAllOrder(orders[(cycle / 2) % orders.length]!)!)
          : await lockRanges(pid, calls, programRanges(pid), cycle % 4 === 3);
      expect(outcome.kind).toBe("locked");
      if (outcome.kind === "locked") expect(outcome.lockedBytes).toBeGreaterThanOrEqual(PAGE);
      expect(await undoLock(pid, calls)).toEqual({ kind: "undone", lockedBytes: 0 });
      times.push(performance.now() - start);
      expect(lockStates(pid)).toEqual([]);
    }
    await calls.close();
    expect(childrenOf(pid)).toEqual([]);
    times.sort((a, b) => a - b);
    const at = (share: number): string => times[Math.floor(share * (times.length - 1))]!.toFixed(1);
    tell(`${CYCLES} cycles: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, most ${at(1)} ms`);
    expect(await busy.end).toEqual({ code: 0, text: "ready\nnothing was lost\n" });
  },
);

/** Its own file's mappings that anything may touch. */
function programRanges(pid: number) {
  const maps = parseMaps(readFileSync(`/proc/${pid}/maps`, "utf8"));
  return maps.filter(({ name, readable }) => readable && name.endsWith("/busy-target"));
}

type Victim = "locker" | "injector" | "target";

it(
  "whoever is killed at whichever moment, the target lives, and what stayed locked is told and taken back",
  { timeout: PATIENCE },
  async () => {
    const victims: readonly Victim[] = ["locker", "injector", "locker", "injector", "target"];
    const counts = { locker: 0, injector: 0, target: 0, stayed: 0 };
    let busy = await session.busy(UNTIL_TOLD);
    for (let round = 0; round < KILLS; round++) {
      const victim = victims[round % victims.length]!;
      const order = round % 2 === 0 ? "current,future" : "current-on-fault,future";
      if (round % 3 === 2) session.lock(busy.pid, ["--all", order, "--yes"]);
      const options = round % 3 === 2 ? ["--undo"] : ["--all", order, "--yes"];
      const { atWork, injector } = await killedWhile(busy, options, victim);
      counts[victim] += Number(atWork);
      if (victim === "target") {
        await busy.end;
        busy = await session.busy(UNTIL_TOLD);
        continue;
      }
      await gone(injector);
      expect(threadStates(busy.pid).join("")).toMatch(/^[RSD]+$/);
      const locked = statusOf(busy.pid, "VmLck") !== "0 kB";
      const { added } = session.lock(busy.pid, ["--show"]).json as { added?: { bytes: number } };
      if (locked) {
        counts.stayed++;
        expect(added?.bytes).toBe(parseInt(statusOf(busy.pid, "VmLck")) * 1024);
      }
      expect(["undone", "nothing"]).toContain(session.lock(busy.pid, ["--undo"]).json.kind);
      expect(lockStates(busy.pid)).toEqual([]);
    }
    const { locker, target, stayed } = counts;
    tell(
      `${KILLS} rounds: killed at work: locker ${locker}, injector ${counts.injector}, target ${target}; locks stayed ${stayed} times`,
    );
    expect(locker + counts.injector + target).toBeGreaterThan(0);
    busy.process.kill("SIGKILL");
    await busy.end;
  },
);

/** Kills within 200 ms of the moment when the injector was started. Not at work: all was done before. */
async function killedWhile(
  busy: BusyTarget,
  options: readonly string[],
  victim: Victim,
): Promise<{ readonly atWork: boolean; readonly injector: number | undefined }> {
  const [program = "", ...args] = session.argv(busy.pid, options);
  const child = spawn(program, args, { stdio: "ignore", env: session.environment([]) });
  const over = once(child, "close");
  let injector: number | undefined;
  while (child.exitCode === null && child.signalCode === null && injector === undefined) {
    await sleep(1);
    injector = injectorOf(child.pid!);
  }
  await sleep(Math.random() * 200);
  const atWork = child.exitCode === null;
  const pid = { locker: child.pid, injector, target: busy.pid }[victim];
  try {
    if (pid !== undefined && (victim === "target" || atWork)) process.kill(pid, "SIGKILL");
  } catch {
    // It ended just now.
  }
  await over;
  return { atWork, injector };
}

/** By its parent and its command line: its number may be another's when it is over. */
function injectorOf(pid: number): number | undefined {
  return childrenOf(pid).find(isInjector);
}

function isInjector(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("\0inject-calls\0");
  } catch {
    return false; // Ended meanwhile.
  }
}

/** An injector whose locker was killed leaves by itself. */
async function gone(injector: number | undefined): Promise<void> {
  while (injector !== undefined && isInjector(injector)) await sleep(10);
}
