/** Each page a fault of its own, in a program of 256 functions on 256 pages: counted by the kernel and by perf. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { LockSet } from "../../src/core/memlock/lock-set.js";
import { ExactPages } from "../../src/recorder/exact/exact-pages.js";
import { openCalls, type Calls } from "../../src/recorder/inject/open-calls.js";
import { compileSupport, installFaultline, type Installed } from "../support/faultline.js";

const PAGE = 4096;
const FUNCTIONS = 256;
/** 64 kB at once: what the kernel maps around a fault of a file. */
const AROUND = 16;
const LONG = 120_000;
let faultline: Installed;
let folder: string;
let program: string;
let target: Target | undefined;

beforeAll(async () => {
  faultline = await installFaultline();
  folder = mkdtempSync(join(tmpdir(), "faultline-exact-"));
  chmodSync(folder, 0o777);
  program = compileSupport("many-functions", folder);
  // Freshly linked it is dirty, and stays in memory.
  spawnSync("sync", [program]);
}, LONG);

afterEach(async () => {
  await target?.end();
  target = undefined;
});

afterAll(() => {
  faultline.remove();
  rmSync(folder, { recursive: true, force: true });
});

interface Target {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly calls: Calls;
  readonly exact: ExactPages;
  readonly text: { readonly start: number; readonly bytes: number };
  /** Drops the functions' entries, calls them all, and says how many faults that took. */
  faultsOfARound(): Promise<number>;
  end(): Promise<void>;
}

async function start(): Promise<Target> {
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const pid = child.pid!;
  const text = { start: parseInt(await nextLine(lines), 16), bytes: FUNCTIONS * PAGE };
  const calls = await openCalls({ pid, uid: process.getuid?.(), cli: faultline.cli });
  const oneLine = async (): Promise<void> => {
    const answer = nextLine(lines);
    child.stdin.write("\n");
    expect(await answer).toBe("done");
  };
  await oneLine();
  return {
    child,
    pid,
    calls,
    exact: new ExactPages(pid, (wanted) => calls.run(wanted)),
    text,
    faultsOfARound: async () => {
      expect(await calls.run([{ name: "madvise", parameters: [text.start, text.bytes, 4] }])).toEqual([0]);
      const before = minorFaults(pid);
      await oneLine();
      return minorFaults(pid) - before;
    },
    end: async () => {
      await calls.close();
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

async function nextLine(lines: Interface): Promise<string> {
  const [line] = (await once(lines, "line")) as [string];
  return line;
}

function minorFaults(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[7]);
}

/** Mappings that userfaultfd tracks: proc(5), VmFlags "uw". */
const tracked = (pid: number): number =>
  readFileSync(`/proc/${pid}/smaps`, "utf8")
    .split("\n")
    .filter((line) => /^VmFlags:.* uw\b/.test(line)).length;

const descriptorsOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`).map((fd) => `${fd} ${readlinkSync(`/proc/${pid}/fd/${fd}`)}`);

const mapsOf = (pid: number): string => readFileSync(`/proc/${pid}/maps`, "utf8");

/** Linux 6.7 brought what exact rounds are made of. */
const [major = 0, minor = 0] = readFileSync("/proc/sys/kernel/osrelease", "utf8").split(/[.-]/).map(Number);
const hasExactRounds = major > 6 || (major === 6 && minor >= 7);

describe.runIf(hasExactRounds)("with each page a fault of its own", () => {
  it("256 functions on 256 pages take 256 faults, and a sixteenth of that before and afterwards", async () => {
    target = await start();
    const { exact, faultsOfARound } = target;
    const most = FUNCTIONS / AROUND + AROUND;
    expect(await faultsOfARound()).toBeLessThan(most);
    expect(await exact.arm()).toMatchObject({ kind: "armed" });
    expect(await faultsOfARound()).toBeGreaterThanOrEqual(FUNCTIONS);
    await exact.disarm();
    expect(await faultsOfARound()).toBeLessThan(most);
  });

  it("the program's descriptors and mappings stay what they were", async () => {
    target = await start();
    const { pid, exact } = target;
    const [descriptors, maps] = [descriptorsOf(pid), mapsOf(pid)];
    expect(await exact.arm()).toMatchObject({ kind: "armed" });
    expect(tracked(pid)).toBeGreaterThan(0);
    expect(descriptorsOf(pid)).toEqual(descriptors);
    expect(mapsOf(pid)).toBe(maps);
    await exact.disarm();
    expect(tracked(pid)).toBe(0);
    expect(mapsOf(pid)).toBe(maps);
  });

  it("nothing stays armed when whoever armed it is killed", async () => {
    target = await start();
    const { pid, exact, faultsOfARound } = target;
    expect(await faultsOfARound()).toBeLessThan(FUNCTIONS);
    expect(await exact.arm()).toMatchObject({ kind: "armed" });
    expect(tracked(pid)).toBeGreaterThan(0);
    process.kill(callerOf(pid), "SIGKILL");
    for (let look = 0; tracked(pid) > 0 && look < 1000; look++) await sleep(10);
    expect(tracked(pid)).toBe(0);
    const said = once(createInterface({ input: target.child.stdout! }), "line");
    target.child.stdin!.write("\n");
    expect(await said).toEqual(["done"]);
  });

  it(
    "lockset finds all of them in its first round",
    () => {
      const project = {
        program,
        arguments: [],
        stimuli: [{ name: "line", bytes: "0a" }],
        intervals: [{ name: "one line", from: { stimulus: "line" }, to: { output: "done\n" } }],
      };
      writeFileSync(join(folder, "faultline.json"), JSON.stringify(project));
      const argv = [faultline.cli, "lockset", "--json", "--quiet", "--intervals", "2", "--warm-up", "3"];
      const { stdout, stderr, status } = spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8" });
      expect(status, stderr).toBe(0);
      const { rounds, parts, verdict } = JSON.parse(stdout) as LockSet;
      expect(verdict).toBe("irreducible");
      expect(rounds[0]).toMatchObject({ exact: true });
      expect(rounds[0]!.newPages).toBeGreaterThanOrEqual(FUNCTIONS);
      expect(rounds.length).toBeLessThanOrEqual(3);
      // What ends the search is a round as the program will see it.
      expect(rounds.at(-1)!.exact).toBeUndefined();
      expect(parts.find(({ section }) => section === "many_functions")).toMatchObject({ pages: FUNCTIONS });
    },
    LONG,
  );
});

/** The process that makes calls inside the target: ours, and the one that traces what it put there. */
function callerOf(pid: number): number {
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
      if (words[1] === faultline.cli && words.includes("inject-calls") && words.includes(String(pid)))
        return Number(name);
    } catch {
      continue; // Ended meanwhile.
    }
  }
  throw new Error("nobody makes calls inside the target");
}
