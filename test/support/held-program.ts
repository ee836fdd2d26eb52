/** Programs held at the functions of their file (held-functions.c), evicted there, and recorded until the functions return. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Trace } from "../../src/core/trace/trace.js";
import { openTrace } from "../../src/host/read-trace.js";
import { flush } from "../../src/recorder/campaign/private-copies.js";
import { evict } from "../../src/recorder/evict/evict.js";
import { remoteMeans } from "../../src/recorder/evict/means.js";
import { ExactPages } from "../../src/recorder/exact/exact-pages.js";
import { openCalls, type Calls } from "../../src/recorder/inject/open-calls.js";

export interface HeldProgram {
  /** Path of a file that is not changed: a copy of it runs. */
  readonly path: string;
  readonly arguments: readonly string[];
  /** Link-time addresses. The program calls each again and again. */
  readonly functions: readonly number[];
  /** A command of the shell that gives it work. */
  readonly work: string | undefined;
}

/** Addresses are link-time addresses of the program. */
export interface HeldCall {
  /** Those of its faults that were in the program's own file. */
  readonly faults: readonly HeldFault[];
  /** Instructions it executed, of all files. */
  readonly instructions: number;
  /** From each instruction to the next, where one of them is the program's: each once. */
  readonly steps: readonly Step[];
  /** Of the program's own pages, those that were in memory all the same when it was let go. */
  readonly stayed: number;
}

export interface HeldFault {
  /** Address / page size. */
  readonly page: number;
  /** The instruction that was executed: outside of the program's file in libraries and in the kernel. */
  readonly instruction: number;
}

export interface Step {
  readonly from: number;
  readonly to: number;
}

export interface Holding {
  /** held-functions.c, built as a shared library. */
  readonly preload: string;
  readonly cli: string;
  /** Where nothing else is, on a disk. */
  readonly folder: string;
  readonly pageSize: number;
}

/** One call of each function, in their order. */
export async function heldCalls(program: HeldProgram, holding: Holding): Promise<readonly HeldCall[]> {
  const { cli, folder, pageSize } = holding;
  mkdirSync(folder, { recursive: true });
  // Pages that another process maps cannot be evicted, nor can those that are not on the disk yet.
  const copy = join(folder, "program");
  copyFileSync(program.path, copy);
  flush(copy);
  const child = startHeld(copy, program, holding);
  const ended = once(child, "exit");
  const work = program.work === undefined ? undefined : startWork(program.work, folder);
  const pid = child.pid!;
  const trace = join(folder, "trace");
  const channel = child.stdio[3] as Socket;
  const said = createInterface({ input: channel })[Symbol.asyncIterator]();
  const stayed: number[] = [];
  const counts: number[] = [];
  let recorder: ChildProcess | undefined;
  let calls: Calls | undefined;
  let exact: ExactPages | undefined;
  let image: Image = { start: 0, end: 0 };
  try {
    for (const [index] of program.functions.entries()) {
      const [start, end] = await answer(said, "entered", index);
      image = { start, end };
      recorder ??= await record(cli, pid, trace);
      calls ??= await openCalls({ pid, uid: process.getuid?.(), cli });
      exact ??= new ExactPages(pid, (wanted) => calls!.run(wanted));
      const armed = await exact.arm();
      if (armed.kind !== "armed") throw new Error(`pages are not exact: ${armed.call}`);
      stayed.push(await evictImage(pid, image, pageSize));
      channel.write("\n");
      counts.push((await answer(said, "returned", index))[0]);
      await exact.disarm();
      if (index + 1 < program.functions.length) channel.write("\n");
    }
    recorder?.kill("SIGINT");
    if (recorder !== undefined) await once(recorder, "exit");
  } finally {
    stopWork(work);
    await calls?.close();
    child.kill("SIGKILL");
    await ended;
  }
  const recorded = openTrace(trace).trace;
  if (recorded.lost > 0) throw new Error(`${recorded.lost} records were lost`);
  return program.functions.map((_, index) => ({
    faults: faultsBetween(recorded, pid, image, index),
    instructions: counts[index]!,
    steps: stepsIn(join(folder, `steps.${index}`), image.start),
    stayed: stayed[index]!,
  }));
}

/** Run-time addresses. */
interface Image {
  readonly start: number;
  readonly end: number;
}

function startHeld(
  copy: string,
  { arguments: words, functions }: HeldProgram,
  { preload, folder }: Holding,
): ChildProcess {
  return spawn(copy, words, {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit", "pipe"],
    env: {
      PATH: process.env["PATH"],
      LC_ALL: "C",
      LD_PRELOAD: preload,
      HELD_FUNCTIONS: functions.map((address) => address.toString(16)).join(","),
      HELD_FOLDER: folder,
    },
  });
}

function startWork(command: string, folder: string): ChildProcess {
  // A group of its own, so that it ends with what it has started.
  return spawn("sh", ["-c", command], { cwd: folder, stdio: "ignore", detached: true });
}

function stopWork(work: ChildProcess | undefined): void {
  if (work?.pid !== undefined && work.exitCode === null) process.kill(-work.pid, "SIGKILL");
}

/** The numbers after "WORD INDEX". */
async function answer(said: AsyncIterator<string>, word: string, index: number): Promise<[number, number]> {
  const late = new AbortController();
  const line = await Promise.race([
    said.next().then(({ value }) => value as string | undefined),
    sleep(LONGEST_WAIT_MS, undefined, { signal: late.signal, ref: false }),
  ]);
  late.abort();
  const [first, number, ...values] = line?.split(" ") ?? [];
  if (first !== word || Number(number) !== index) throw new Error(`wanted ${word} ${index}, got ${line ?? "nothing"}`);
  const [one = NaN, two = NaN] = values.map((value) => parseInt(value, 16));
  return [one, two];
}

async function record(cli: string, pid: number, trace: string): Promise<ChildProcess> {
  const recorder = spawn(process.execPath, [cli, "record", "--pid", String(pid), "-o", trace], { stdio: "ignore" });
  for (let tries = 0; !existsSync(join(trace, "run.json")); tries++) {
    if (recorder.exitCode !== null || tries === MOST_TRIES) throw new Error("it is not recorded");
    await sleep(PAUSE_MS);
  }
  return recorder;
}

/** How many pages of the program's own did not go. */
async function evictImage(pid: number, image: Image, pageSize: number): Promise<number> {
  const means = remoteMeans(pid);
  if (means === undefined) throw new Error("another process's memory may not be evicted here");
  const { stayed } = await evict(pid, means, pageSize);
  means.close();
  return stayed
    .filter(({ mapping }) => mapping.start >= image.start && mapping.start < image.end)
    .reduce((sum, { runs }) => sum + runs.reduce((pages, run) => pages + run.pages, 0), 0);
}

function faultsBetween(trace: Trace, pid: number, { start, end }: Image, index: number): readonly HeldFault[] {
  const { faults, processes, pageSize } = trace;
  const names = processes.threads.get(pid)?.names ?? [];
  const from = names.find(({ name }) => name === `enter ${index}`)?.time ?? NaN;
  const to = names.find(({ name }) => name === `leave ${index}`)?.time ?? NaN;
  if (!(from < to)) throw new Error(`function ${index} left no marks in the trace`);
  const found: HeldFault[] = [];
  for (let row = 0; row < faults.length; row++) {
    const time = faults.time[row]!;
    const address = faults.addressGranule[row]! * GRANULE + faults.addressOffset[row]!;
    if (faults.tid[row] !== pid || time < from || time > to || address < start || address >= end) continue;
    const instruction = faults.ipGranule[row]! * GRANULE + faults.ipOffset[row]! - start;
    found.push({ page: Math.floor((address - start) / pageSize), instruction });
  }
  return found;
}

function stepsIn(path: string, base: number): readonly Step[] {
  const bytes = readFileSync(path);
  const numbers = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / BigUint64Array.BYTES_PER_ELEMENT);
  return Array.from({ length: numbers.length / 2 }, (_, at) => ({
    from: Number(numbers[2 * at]!) - base,
    to: Number(numbers[2 * at + 1]!) - base,
  }));
}

/** Of the trace. */
const GRANULE = 4096;
const LONGEST_WAIT_MS = 30_000;
const MOST_TRIES = 500;
const PAUSE_MS = 20;
