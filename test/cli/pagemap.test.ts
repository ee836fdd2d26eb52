import { spawn, spawnSync, type ChildProcessByStdio, type SpawnSyncReturns } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodePages, type PagesRecord } from "../../src/core/trace/pages.js";
import type { RunRecord } from "../../src/core/trace/run.js";
import { compileSupport, installFaultline, type Installed } from "../support/faultline.js";

const PAGE = 4096;
const SIGUSR1 = 10;
const SIGKILL = 9;

let faultline: Installed;
let noPerf: string;
let touchPages: string;
let work: string;
let next = 0;

beforeAll(async () => {
  faultline = await installFaultline();
  noPerf = compileSupport("no-perf", faultline.folder);
  touchPages = compileSupport("touch-pages", faultline.folder);
  work = mkdtempSync(join(tmpdir(), "faultline-pagemap-"));
});

afterAll(() => {
  faultline.remove();
  rmSync(work, { recursive: true, force: true });
});

interface Recorded extends SpawnSyncReturns<string> {
  readonly pages: PagesRecord;
  readonly run: RunRecord;
}

function newFolder(): string {
  return join(work, `trace-${(next += 1)}`);
}

function record(filter: readonly string[], ...argv: readonly string[]): Recorded {
  const folder = newFolder();
  const args = [...filter, process.execPath, faultline.cli, "record", "-o", folder, "--", ...argv];
  const result = spawnSync(noPerf, args, { encoding: "utf8", timeout: 30_000 });
  return { ...result, ...traceOf(folder) };
}

function traceOf(folder: string): { pages: PagesRecord; run: RunRecord } {
  const { pages, problems } = decodePages(readFileSync(join(folder, "pages.json"), "utf8"));
  expect(problems).toEqual([]);
  return { pages: pages!, run: JSON.parse(readFileSync(join(folder, "run.json"), "utf8")) as RunRecord };
}

/** Numbers of the pages, of the block named in the output, that the process is told to have been given. */
function pagesIn(
  recorded: { pages: PagesRecord; stdout: string },
  block: string,
  length: number,
  index = -1,
): number[] {
  const start = Number.parseInt(new RegExp(`^${block} ([0-9a-f]+)$`, "m").exec(recorded.stdout)?.[1] ?? "", 16);
  const runs = recorded.pages.processes.at(index)?.mappings.flatMap((mapping) => mapping.runs) ?? [];
  return Array.from({ length }, (_, page) => page).filter((page) => {
    const at = start + page * PAGE;
    return runs.some((run) => run.start <= at && at < run.start + run.pages * PAGE);
  });
}

const EVEN = Array.from({ length: 32 }, (_, index) => 2 * index);
const ODD = EVEN.map((page) => page + 1);

describe("held at its end", () => {
  it("a program's pages are told, each of them and no other", () => {
    const recorded = record([], touchPages, "bss");
    expect(recorded).toMatchObject({ status: 7, pages: { method: "held" }, run: { exit: { code: 7 } } });
    expect(pagesIn(recorded, "bss", 64)).toEqual(EVEN);
    expect(recorded.pages.processes).toHaveLength(1);
    expect(recorded.pages.processes[0]).toMatchObject({ name: "touch-pages", program: touchPages, end: "exit" });
  });

  it("its pages are not called faults", () => {
    const folder = newFolder();
    const cli = [process.execPath, faultline.cli];
    spawnSync(noPerf, [...cli, "record", "-o", folder, "--", touchPages, "bss"], { timeout: 30_000 });
    for (const view of ["line", "object", "region", "section", "page", "thread"]) {
      const { stdout } = spawnSync(noPerf, [...cli, "report", folder, "--by", view], { encoding: "utf8" });
      expect(stdout).toMatch(/^ +came in {2}/m);
      expect(stdout).not.toMatch(/^ +faults {2}/m);
    }
  });

  it("a second trace into the same folder replaces the first", () => {
    const folder = newFolder();
    const args = [process.execPath, faultline.cli, "record", "-o", folder, "--", touchPages];
    spawnSync(noPerf, [...args, "bss", "fork"], { timeout: 30_000 });
    const { status } = spawnSync(noPerf, [...args, "bss"], { timeout: 30_000 });
    expect(status).toBe(7);
    expect(traceOf(folder).pages.processes).toHaveLength(1);
  });

  it("the process's own counters are its own, without those of what started it", () => {
    const { run, pages } = record([], touchPages, "bss");
    const { faults } = pages.processes[0]!;
    expect(faults!.minor).toBeGreaterThanOrEqual(32);
    // A few more are taken between the last look and the very end.
    expect(run.rusage!.minor - faults!.minor).toBeGreaterThanOrEqual(0);
    expect(run.rusage!.minor - faults!.minor).toBeLessThan(8);
  });

  it("a child's pages are the child's, and its exit code reaches its parent", () => {
    const recorded = record([], touchPages, "bss", "fork");
    expect(recorded.stdout).toContain("child 5\n");
    const [child, parent] = recorded.pages.processes;
    expect(child).toMatchObject({ parent: parent!.pid, begin: "fork", end: "exit" });
    expect(pagesIn(recorded, "bss", 64, 0)).toEqual(ODD);
    expect(pagesIn(recorded, "bss", 64, 1)).toEqual(EVEN);
  });

  it("what threads touch is the process's", () => {
    expect(pagesIn(record([], touchPages, "threads"), "by_thread", 20)).toHaveLength(20);
  });

  it.each([
    ["that ends it", SIGUSR1, "SIGUSR1"],
    ["nobody can hold back", SIGKILL, "SIGKILL"],
  ])("a signal %s ends the recorder too, and the pages are there", (_, signal, name) => {
    const recorded = record([], touchPages, "bss", "signal", String(signal));
    expect(recorded.signal).toBe(name);
    expect(recorded.run.exit).toEqual({ signal: name });
    expect(pagesIn(recorded, "bss", 64)).toEqual(EVEN);
  });

  it("a program that becomes another one is told as two, the first without pages", () => {
    const recorded = record([], touchPages, "exec");
    expect(recorded.pages.processes.map(({ end, mappings }) => [end, mappings.length > 0])).toEqual([
      ["exec", false],
      ["exit", true],
    ]);
    expect(pagesIn(recorded, "bss", 64)).toEqual(EVEN);
  });

  it("three hundred short-lived children are all described, and nothing hangs", () => {
    const { status, pages } = record([], "sh", "-c", "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done");
    expect(status).toBe(0);
    expect(pages.processes.filter(({ name, end }) => name === "true" && end === "exit")).toHaveLength(300);
  });

  it("reservations of terabytes cost nothing", () => {
    const { status, pages, run } = record([], process.execPath, "-e", "0");
    expect(status).toBe(0);
    expect(pages.processes[0]?.unscanned).toBe(0);
    expect((run.endTime! - run.startTime) / 1e9).toBeLessThan(5);
  });

  it("a signal handler of the target is called as without us", () => {
    const { status, stdout } = record([], "sh", "-c", "trap 'echo caught' USR1; kill -USR1 $$; exit 4");
    expect({ status, stdout }).toEqual({ status: 4, stdout: "caught\n" });
  });

  it("a setuid program started by an ordinary user's target is told to have lost its rights", () => {
    const program = join(work, "id");
    copyFileSync("/usr/bin/id", program);
    chmodSync(work, 0o777);
    chmodSync(program, 0o4755);
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const folder = newFolder();
    // The filter is root's, as a container's is: no_new_privs would take the rights before we do.
    const args = [
      ...nobody,
      process.execPath,
      faultline.cli,
      "record",
      "-o",
      folder,
      "--",
      "sh",
      "-c",
      `${program} -u`,
    ];
    const { stdout, stderr } = spawnSync(noPerf, args, { encoding: "utf8", timeout: 30_000 });
    expect(stdout).toBe("65534\n");
    expect(stderr).toContain(`faultline: ${program} runs without its extra rights`);
  });

  it("attached to while it is stopped, a process is left stopped", async () => {
    const target = spawn(touchPages, ["wait"], { stdio: ["pipe", "pipe", "inherit"] });
    await until(linesOf(target.stdout), "ready");
    process.kill(target.pid!, "SIGSTOP");
    const args = ["record", "-o", newFolder(), "--pid", String(target.pid), "--for", "0.2"];
    const { status } = spawnSync(noPerf, [process.execPath, faultline.cli, ...args], { timeout: 20_000 });
    expect(status).toBe(0);
    expect(readFileSync(`/proc/${target.pid}/status`, "utf8")).toMatch(/^State:\s+T[^]*TracerPid:\t0/m);
    process.kill(target.pid!, "SIGCONT");
    target.stdin.end();
    expect(await new Promise((resolve) => target.on("exit", resolve))).toBe(7);
  });

  it("stopped and continued from outside, the target goes on", async () => {
    const { child, lines, done } = interact([], touchPages, "bss", "wait");
    const pid = await pidOf(child);
    await until(lines, "ready");
    process.kill(pid, "SIGSTOP");
    child.stdin.write("\n");
    await sleep(200);
    expect(readFileSync(`/proc/${pid}/status`, "utf8")).toMatch(/^State:\s+[tT]/m);
    process.kill(pid, "SIGCONT");
    await until(lines, "touched");
    child.stdin.write("\n");
    expect((await done).code).toBe(7);
  });

  it("SIGTERM to the recorder is the target's, and the trace is whole", async () => {
    const { child, lines, done, folder } = interact([], touchPages, "bss", "wait");
    await until(lines, "ready");
    child.kill("SIGTERM");
    expect((await done).signal).toBe("SIGTERM");
    expect(traceOf(folder)).toMatchObject({ run: { exit: { signal: "SIGTERM" } }, pages: { method: "held" } });
  });

  it("a recorder that is killed leaves a target that goes on, and a trace that says it was cut short", async () => {
    const { child, lines, folder } = interact([], touchPages, "wait");
    const pid = await pidOf(child);
    await until(lines, "ready");
    child.kill("SIGKILL");
    child.stdin.write("\n");
    await until(lines, "touched");
    expect(readFileSync(`/proc/${pid}/status`, "utf8")).toContain("TracerPid:\t0\n");
    child.stdin.end();
    const run = JSON.parse(readFileSync(join(folder, "run.json"), "utf8")) as RunRecord;
    expect(run.blind).toContainEqual({ kind: "interrupted" });
  });
});

describe("where ptrace is refused too", () => {
  it("pages are sampled, and that is said with the way to do better", () => {
    const recorded = record(["--no-ptrace"], "sh", "-c", `${touchPages} bss; sleep 0.3; exit 9`);
    expect(recorded).toMatchObject({ status: 9, pages: { method: "sampled" } });
    expect(recorded.stderr).toContain(
      "faultline: The program cannot be held at its end, as ptrace is refused: pages are sampled",
    );
    expect(recorded.pages.processes.find(({ name }) => name === "sh")?.mappings.length).toBeGreaterThan(5);
  });

  it("a program too short for a look still ends as it does", () => {
    expect(record(["--no-ptrace"], "sh", "-c", "exit 6")).toMatchObject({ status: 6, pages: { method: "sampled" } });
  });
});

describe.each([
  ["held", [] as string[]],
  ["sampled", ["--no-ptrace"]],
])("attached to, %s", (method, filter) => {
  it("what came in meanwhile is told, what was there is not, and the process goes on", async () => {
    const target = spawn(touchPages, ["bss", "wait"], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = linesOf(target.stdout);
    await until(lines, "ready");
    const folder = newFolder();
    const args = ["record", "-o", folder, "--pid", String(target.pid)];
    const recorder = spawn(noPerf, [...filter, process.execPath, faultline.cli, ...args], { stdio: "ignore" });
    const ended = new Promise((resolve) => recorder.on("exit", resolve));
    await expect.poll(() => isBegun(folder), { timeout: 10_000 }).toBe(true);
    target.stdin.write("\n");
    await until(lines, "touched");
    recorder.kill("SIGINT");
    await ended;
    target.stdin.write("\n");
    const code = await new Promise((resolve) => target.on("exit", resolve));
    expect(code).toBe(7);
    const stdout = lines.join("\n");
    const { pages } = traceOf(folder);
    expect(pages.method).toBe(method);
    expect(pagesIn({ pages, stdout }, "late", 16)).toHaveLength(16);
    expect(pagesIn({ pages, stdout }, "bss", 64)).toEqual([]);
  });
});

interface Interaction {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: string[];
  readonly folder: string;
  readonly done: Promise<{ code: number | null; signal: string | null }>;
}

function interact(filter: readonly string[], ...argv: readonly string[]): Interaction {
  const folder = newFolder();
  const args = [...filter, process.execPath, faultline.cli, "record", "-o", folder, "--", ...argv];
  const child = spawn(noPerf, args, { stdio: ["pipe", "pipe", "ignore"] });
  const done = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on("exit", (code, signal) => {
      resolve({ code, signal });
    });
  });
  return { child, lines: linesOf(child.stdout), folder, done };
}

function linesOf(stream: Readable): string[] {
  const lines: string[] = [];
  createInterface(stream).on("line", (line) => lines.push(line));
  return lines;
}

async function until(lines: readonly string[], line: string): Promise<void> {
  await expect.poll(() => lines.includes(line), { timeout: 10_000 }).toBe(true);
}

async function pidOf(recorder: { readonly pid?: number | undefined }): Promise<number> {
  const file = `/proc/${String(recorder.pid)}/task/${String(recorder.pid)}/children`;
  const name = (pid: number): string => readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  let pid = 0;
  await expect
    .poll(() => (pid = Number(readFileSync(file, "utf8").trim())) > 0 && name(pid) === "touch-pages", {
      timeout: 10_000,
    })
    .toBe(true);
  return pid;
}

function isBegun(folder: string): boolean {
  try {
    return readFileSync(join(folder, "run.json"), "utf8") !== "";
  } catch {
    return false; // Not yet.
  }
}
