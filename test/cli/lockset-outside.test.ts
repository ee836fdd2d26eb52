/**
 * A lock set checked from outside: another process locks it (`faultline lock`), and everything else here is not ours.
 * test/support/page-keeper.c evicts and unlocks, pipes carry the events, perf itself and the kernel's counters count.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { LockSet } from "../../src/core/memlock/lock-set.js";
import { compileSupport, installFaultline, type Installed } from "../support/faultline.js";

const isRoot = process.geteuid?.() === 0;
const NOBODY = 65534;
const AS_NOBODY = isRoot
  ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
  : [];
const PAGE = 4096;
/** It draws the cursor with every 64th event. */
const CYCLE = 64;
/** A whole cycle, and more than the twenty that are asked for. */
const INTERVALS = CYCLE + 20;
/** Events without a fault in a row that make the program warm. */
const WARM_EVENTS = 50;
const MOST_EVENTS = 5_000;
/** What a cpu still holds back of the pages it unlocked can only be taken on that cpu: all work on one. */
const ON_ONE_CPU = [
  "taskset",
  "-c",
  /^Cpus_allowed_list:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))![1]!,
];
/** It makes its calls at the system call instruction of x86's vdso. */
const isHere = process.arch === "x64" && spawnSync("perf", ["--version"]).status === 0;
const LONG = 300_000;

let faultline: Installed;
let pageKeeper: string;
let folder: string;
let event: Buffer;
const running: ChildProcess[] = [];

beforeAll(async () => {
  faultline = await installFaultline();
  pageKeeper = compileSupport("page-keeper", faultline.folder);
  folder = mkdtempSync(join(tmpdir(), "faultline-outside-"));
  cpSync("examples/input-thread", folder, {
    recursive: true,
    filter: (path) => !/\/(build|\.faultline)$/.test(path),
  });
  execFileSync("make", ["-s", "-C", folder]);
  chmodSync(folder, 0o777);
  event = execFileSync(join(folder, "build/send-events"), ["1"]);
}, LONG);

/** Another run of the program would hold its pages in memory. */
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  faultline.remove();
});

describe.runIf(isHere).each([
  ["root", [] as readonly string[]],
  ["nobody", AS_NOBODY],
] as const)("as %s", (who, wrapper) => {
  it.runIf(who === "nobody" || isRoot)(
    "the set that lockset finds for the example takes no fault that perf sees, and misses each page that is left out",
    { timeout: LONG },
    async () => {
      const set = await findSet(wrapper);
      expect(set.verdict).toBe("irreducible");
      expect(set.bytes).toBeLessThanOrEqual(300_000);
      expect(set.whole!.virtualBytes).toBeGreaterThan(10_000_000);
      const coverage = set.gaps.map(({ code }) => code);
      if (who === "nobody") expect(coverage).toContain("no-kernel-events");

      const target = await Target.start(wrapper);
      const keeper = new Keeper(target.pid, wrapper);
      const perf = new Perf(target.pid, wrapper, who === "root");
      await perf.started();
      const bare = await intervals(target, keeper, 3);
      await keeper.end();

      const lockedPages = await lockSet(target.pid, set, wrapper);
      expect(lockedPages.length * PAGE).toBe(set.bytes);
      const again = new Keeper(target.pid, wrapper);
      const locked = await intervals(target, again, INTERVALS);
      const leftOut: Span[] = [];
      for (const page of lockedPages) leftOut.push(await leaveOut(page, target, again));
      const lockedAgain = await intervals(target, again, 1);
      await again.end();
      const faults = await perf.faults();

      expect(locked.map(({ counted }) => counted)).toEqual(locked.map(() => 0));
      expect(locked.flatMap((span) => within(faults, span))).toEqual([]);
      expect([lockedAgain[0]!.counted, within(faults, lockedAgain[0]!)]).toEqual([0, []]);
      // The control: the same eviction, event and counters without the locks.
      for (const span of bare) {
        expect(span.counted).toBeGreaterThan(10);
        expect(within(faults, span).length).toBeGreaterThan(10);
      }
      const notMissed = leftOut.filter((span) => span.counted === 0 || within(faults, span).length === 0);
      expect(notMissed.map(({ page }) => page?.toString(16))).toEqual([]);
    },
  );
});

interface Span {
  /** Seconds of CLOCK_MONOTONIC. */
  readonly from: number;
  readonly to: number;
  /** Faults by the kernel's own counters. */
  readonly counted: number;
  readonly stayed: number;
  /** The page that was left out. */
  readonly page?: number;
}

interface Fault {
  readonly seconds: number;
  readonly page: number;
}

/** As a newcomer does it: in the program's folder, without arguments. */
async function findSet(wrapper: readonly string[]): Promise<LockSet> {
  rmSync(join(folder, ".faultline"), { recursive: true, force: true });
  const { stdout, stderr } = await faultlineAs(wrapper, "lockset", "--json", "--quiet");
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as LockSet;
}

/** In the folder of the example, which is home, too: what is noted about locks is kept there. */
async function faultlineAs(
  wrapper: readonly string[],
  ...options: string[]
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const [program, ...args] = [...wrapper, process.execPath, faultline.cli, ...options];
  const environment = { ...process.env, HOME: join(folder, `home-${wrapper.length}`) };
  const child = spawn(program!, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], env: environment });
  running.push(child);
  const [stdout, stderr] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
  return { stdout: stdout.join(""), stderr: stderr.join("") };
}

/** Start addresses of the pages that are locked afterwards, by smaps. */
async function lockSet(pid: number, set: LockSet, wrapper: readonly string[]): Promise<number[]> {
  const file = join(mkdtempSync(join(folder, "set-")), "set.json");
  writeFileSync(file, JSON.stringify(set));
  chmodSync(join(file, ".."), 0o755);
  const { stderr } = await faultlineAs(wrapper, "lock", "--pid", String(pid), "--yes", "--json", "--set", file);
  expect(stderr).toBe("");
  return lockedPagesOf(pid);
}

function lockedPagesOf(pid: number): number[] {
  const pages: number[] = [];
  let range: [number, number] = [0, 0];
  for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
    const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line) ?? [];
    if (from !== undefined && to !== undefined) range = [Number.parseInt(from, 16), Number.parseInt(to, 16)];
    if (/^VmFlags:.* lo( |$)/.test(line)) for (let at = range[0]; at < range[1]; at += PAGE) pages.push(at);
  }
  return pages;
}

/** The example with libraries that it alone maps: others' pages cannot be evicted. */
class Target {
  private answered = "";

  private constructor(
    private readonly child: ChildProcess,
    readonly pid: number,
  ) {
    child.stdout!.on("data", (chunk: Buffer) => (this.answered += chunk.toString()));
  }

  static async start(wrapper: readonly string[]): Promise<Target> {
    const program = join(folder, "build/input-thread");
    const libraries = execFileSync("ldd", [program], { encoding: "utf8" }).match(/\/\S+/g) ?? [];
    const own = mkdtempSync(join(folder, "libraries-"));
    chmodSync(own, 0o755);
    const mounts = libraries.flatMap((library, index) => {
      const copy = join(own, String(index));
      copyFileSync(library, copy);
      chmodSync(copy, 0o755);
      if (isRoot) chownSync(copy, wrapper.length > 0 ? NOBODY : 0, wrapper.length > 0 ? NOBODY : 0);
      return [`mount --bind ${copy} $(readlink -f ${library})`];
    });
    if (isRoot) chownSync(program, wrapper.length > 0 ? NOBODY : 0, -1 >>> 0);
    execFileSync("sync", ["-f", own]);
    const unprivileged = wrapper.length > 0 || !isRoot;
    const namespace = unprivileged ? ["--user", "--map-current-user", "--keep-caps"] : [];
    const drop = unprivileged ? "setpriv --inh-caps=-all --ambient-caps=-all --" : "";
    const script = `${mounts.join(" && ")} && exec ${drop} ${program} --ack - -`;
    const argv = [
      ...wrapper,
      ...ON_ONE_CPU,
      "unshare",
      ...namespace,
      "--mount",
      "--propagation",
      "private",
      "sh",
      "-c",
      script,
    ];
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
    running.push(child);
    await once(child, "spawn");
    const target = new Target(child, child.pid!);
    for (let quiet = 0, all = 0; quiet < WARM_EVENTS; quiet++) {
      if (all++ > MOST_EVENTS) throw new Error("the program never takes an event without a fault");
      const before = target.countedFaults();
      await target.handleEvent();
      if (target.countedFaults() > before) quiet = 0;
    }
    return target;
  }

  async handleEvent(): Promise<void> {
    this.answered = "";
    this.child.stdin!.write(event);
    while (!this.answered.includes("done\n")) await once(this.child.stdout!, "data");
    await this.waits();
  }

  /** minflt and majflt of every thread. */
  countedFaults(): number {
    const tasks = `/proc/${this.pid}/task`;
    return readdirSync(tasks)
      .map((tid) =>
        readFileSync(join(tasks, tid, "stat"), "latin1")
          .split(") ")[1]!
          .split(" "),
      )
      .reduce((sum, fields) => sum + Number(fields[7]) + Number(fields[9]), 0);
  }

  /** Every thread sleeps, or is stopped: the last instructions after the answer are over, too. */
  private async waits(): Promise<void> {
    const tasks = `/proc/${this.pid}/task`;
    const state = (tid: string): string => readFileSync(join(tasks, tid, "stat"), "latin1").split(") ")[1]![0]!;
    while (!readdirSync(tasks).every((tid) => "St".includes(state(tid)))) await sleep(1);
  }
}

/** test/support/page-keeper.c at work. */
class Keeper {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;
  private readonly lines: Interface;

  constructor(pid: number, wrapper: readonly string[]) {
    const [program, ...args] = [...wrapper, ...ON_ONE_CPU, pageKeeper, String(pid)];
    this.child = spawn(program!, args, { stdio: ["pipe", "pipe", "inherit"] });
    running.push(this.child);
    this.lines = createInterface(this.child.stdout!);
    this.answers = this.lines[Symbol.asyncIterator]();
  }

  async ask(line: string): Promise<number> {
    this.child.stdin!.write(`${line}\n`);
    const { value, done } = await this.answers.next();
    if (done === true) throw new Error(`no answer to ${line}`);
    return Number(value);
  }

  async end(): Promise<void> {
    this.child.stdin!.end();
    await once(this.child, "close");
  }
}

async function intervals(target: Target, keeper: Keeper, count: number): Promise<Span[]> {
  const spans: Span[] = [];
  for (let run = 0; run < count; run++) spans.push(await interval(target, keeper));
  return spans;
}

/** Everything that is not locked is gone; then one event. */
async function interval(target: Target, keeper: Keeper): Promise<Span> {
  const stayed = await keeper.ask("evict");
  const before = target.countedFaults();
  const from = now();
  await target.handleEvent();
  return { from, to: now(), counted: target.countedFaults() - before, stayed };
}

/** The interval that misses the page, or the last one tried: some are only needed for one event in so many. */
async function leaveOut(page: number, target: Target, keeper: Keeper): Promise<Span> {
  const address = page.toString(16);
  expect(await keeper.ask(`unlock ${address} ${PAGE}`)).toBe(0);
  let span: Span | undefined;
  for (let event = 0; event < CYCLE && (span === undefined || span.counted === 0); event++) {
    for (let tries = 0; tries < 10; tries++) {
      await keeper.ask("evict");
      if ((await keeper.ask(`present ${address}`)) === 0) break;
      expect(tries, `page ${address} does not leave memory`).toBeLessThan(9);
    }
    span = await interval(target, keeper);
  }
  expect(await keeper.ask(`lock ${address} ${PAGE}`)).toBe(0);
  return { ...span!, page };
}

/** perf record beside all of it. */
class Perf {
  private readonly child: ChildProcess;
  private readonly data: string;

  constructor(pid: number, wrapper: readonly string[], kernel: boolean) {
    const own = mkdtempSync(join(folder, "perf-"));
    chmodSync(own, 0o777);
    this.data = join(own, "perf.data");
    const events = ["minor-faults", "major-faults"].map((name) => (kernel ? name : `${name}:u`)).join(",");
    const argv = [...wrapper, "perf", "record", "-q", "-k", "CLOCK_MONOTONIC", "-e", events, "-c", "1", "-d"];
    const [program, ...args] = [...argv, "-D", "-1", "--control", "fd:3,4", "-p", String(pid), "-o", this.data];
    this.child = spawn(program!, args, { stdio: ["ignore", "ignore", "inherit", "pipe", "pipe"] });
    running.push(this.child);
  }

  /** It says when its events are counting. */
  async started(): Promise<void> {
    const [control, answers] = [this.child.stdio[3] as Writable, this.child.stdio[4] as Readable];
    control.write("enable\n");
    const [answer] = (await once(answers, "data")) as [Buffer];
    expect(answer.toString()).toContain("ack");
  }

  async faults(): Promise<Fault[]> {
    this.child.kill("SIGINT");
    await once(this.child, "close");
    const argv = ["script", "-f", "-i", this.data, "--ns", "-F", "time,event,addr"];
    return execFileSync("perf", argv, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [, seconds, address] = /^\s*([\d.]+):\s+\S+\s+([0-9a-f]+)/.exec(line)!;
        return { seconds: Number(seconds), page: Math.floor(Number.parseInt(address!, 16) / PAGE) * PAGE };
      });
  }
}

function within(faults: readonly Fault[], { from, to }: Span): Fault[] {
  return faults.filter(({ seconds }) => seconds >= from && seconds <= to);
}

function now(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}
