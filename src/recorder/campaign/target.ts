/** The program of a campaign: started with pipes for its streams, or running already; ended when the campaign is. */
import { closeSync, constants as fsConstants, fstatSync, openSync } from "node:fs";
import { constants } from "node:os";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readProc, statOf } from "../../host/proc-snapshot.js";
import { UserError } from "../../host/user-error.js";
import { asCaller, withRightsOf, type Caller } from "../elevation.js";
import { nextChange, type ChildChange } from "../ffi/child.js";
import { SystemCallError } from "../ffi/libc.js";
import { createPipe } from "../ffi/pipe.js";
import { withFixedAddresses } from "../ffi/personality.js";
import { spawnProgram } from "../ffi/program.js";
import { asIdentity, canBorrowIdentity } from "../ffi/thread-rights.js";
import { findProgram, sendTo, targetEnvironment } from "../launch.js";
import { OutputStream } from "./output-stream.js";

export interface TargetProgram {
  readonly argv: readonly string[];
  /** Absolute. */
  readonly workingDirectory: string;
  /** On top of our own; undefined takes a variable away. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly caller: Caller | undefined;
  /** Every start has its memory at the same addresses, so that pages of several starts can be put together. */
  readonly fixedAddresses: boolean;
}

type ChildEnd = Exclude<ChildChange, { readonly kind: "stopped" }>;

/** argv that starts the program somewhere else (a mount namespace of its own), in the same process. */
export type Wrapping = (argv: readonly string[]) => readonly string[];

export class Target {
  /** "stdout", "stderr" and paths of FIFOs. */
  private readonly outputs = new Map<string, OutputStream>();
  private readonly fifos = new Map<string, number>();
  private over = false;
  private inputEnded = false;
  private change: ChildEnd | undefined;

  private constructor(
    readonly pid: number,
    /** Started by us: its end is ours to wait for. */
    private readonly own: boolean,
    private readonly startTicks: number | undefined,
    /** The writing end of its standard input; undefined where it is not ours. */
    readonly input: number | undefined,
    private readonly start = NO_WRAPPING,
  ) {}

  /** Starts the program. Throws RecorderRefusal or UserError. `fifos` are opened before it, so that nobody waits. */
  static start(program: TargetProgram, wrapping: Wrapping | undefined, fifos: readonly string[]): Target {
    const { argv, workingDirectory: folder, environment: added, caller } = program;
    const launch = { kind: "launch", argv, workingDirectory: folder, environment: added } as const;
    const environment = targetEnvironment(launch, caller);
    const file = withRightsOf(caller, () => findProgram(launch, environment));
    const path = wrapping === undefined ? file : (wrapping([])[0] ?? file);
    const input = createPipe();
    const output = createPipe();
    const errors = createPipe();
    const opened = new Map(fifos.map((fifo) => [fifo, openFifo(folder, fifo, caller)]));
    const order = {
      path,
      argv: wrapping === undefined ? argv : wrapping([file, ...argv.slice(1)]),
      environment,
      descriptors: [],
      streams: [
        { from: input.read, to: 0 },
        { from: output.write, to: 1 },
        { from: errors.write, to: 2 },
      ],
    };
    const before = process.cwd();
    try {
      process.chdir(folder);
      const start = (): number => spawnAs(order, wrapping === undefined ? caller : undefined);
      const pid = program.fixedAddresses ? withFixedAddresses(start) : start();
      const stages = { words: order.argv, program: argv.length };
      const target = new Target(pid, true, statOf(pid)?.startTicks, input.write, stages);
      target.outputs.set("stdout", new OutputStream(output.read));
      target.outputs.set("stderr", new OutputStream(errors.read));
      for (const [fifo, fd] of opened) target.fifos.set(fifo, fd);
      void nextEnd(pid).then((end) => {
        target.over = true;
        target.change = end;
      });
      return target;
    } catch (error) {
      for (const fd of [input.write, output.read, errors.read, ...opened.values()]) closeSync(fd);
      throw error;
    } finally {
      process.chdir(before);
      for (const fd of [input.read, output.write, errors.write]) closeSync(fd);
    }
  }

  /** A process that runs already; it is left running. */
  static running(
    pid: number,
    { folder, caller }: { readonly folder: string; readonly caller: Caller | undefined },
    fifos: readonly string[],
  ): Target {
    const stat = statOf(pid);
    if (stat === undefined) throw new UserError(`There is no process ${pid}; ps -e lists those there are.`);
    const target = new Target(pid, false, stat.startTicks, undefined);
    for (const fifo of fifos) target.fifos.set(fifo, openFifo(folder, fifo, caller));
    return target;
  }

  /** Resolves when the process is the program itself, and not any more what starts it somewhere else. */
  async becomeProgram(): Promise<void> {
    const deadline = performance.now() + WRAPPING_MS;
    while (isWrapper(commandLine(this.pid), this.start) && performance.now() < deadline) await sleep(LOOK_MS);
  }

  get hasEnded(): boolean {
    if (this.over) return true;
    const stat = statOf(this.pid);
    return stat === undefined || stat.state === "Z" || stat.startTicks !== this.startTicks;
  }

  /** How a program of ours ended, and the faults it took in all; undefined before. */
  get ended(): ChildEnd | undefined {
    return this.change;
  }

  /** Nothing more comes from its standard input. */
  endInput(): void {
    if (this.input === undefined || this.inputEnded) return;
    this.inputEnded = true;
    closeSync(this.input);
  }

  /** The stream of that name; a FIFO is read from its first use. Throws UserError where there is no such stream. */
  output(name: string): OutputStream {
    const known = this.outputs.get(name);
    if (known !== undefined) return known;
    const fd = this.fifos.get(name);
    if (fd === undefined) {
      throw new UserError(
        `The ${name} of process ${this.pid} cannot be read, because Faultline did not start it: let the interval end by a FIFO, a mark or "quietMs".`,
      );
    }
    const stream = new OutputStream(fd);
    this.fifos.delete(name);
    this.outputs.set(name, stream);
    return stream;
  }

  /** The descriptor bytes for that FIFO go to. */
  fifo(path: string): number | undefined {
    return this.fifos.get(path);
  }

  /**
   * Holds a program of ours that goes on by itself, so that what is evicted stays out until its interval begins; gives
   * what lets it go. A process that is not ours is never stopped: somebody may be waiting for it.
   */
  async hold(): Promise<() => void> {
    if (!this.own || this.hasEnded) return () => undefined;
    sendTo(this.pid, "SIGSTOP");
    const deadline = performance.now() + HOLD_MS;
    while (statOf(this.pid)?.state !== "T" && !this.hasEnded && performance.now() < deadline) await sleep(1);
    return () => {
      sendTo(this.pid, "SIGCONT");
    };
  }

  /** "input-thread ended: cannot open x" as one sentence's end. */
  lastWords(): string {
    const lines = ["stderr", "stdout"].map((name) => this.outputs.get(name)?.lastLine() ?? "");
    const words = lines.find((line) => line !== "") ?? "";
    return words === "" ? "" : `: ${words}`;
  }

  /** Ends the program if it is ours, and closes everything. */
  async close(): Promise<void> {
    this.endInput();
    for (const fd of this.fifos.values()) closeSync(fd);
    if (this.own && !this.hasEnded) {
      sendTo(this.pid, "SIGTERM");
      await this.untilEnded(GRACE_MS);
      if (!this.hasEnded) sendTo(this.pid, "SIGKILL");
      await this.untilEnded(GRACE_MS);
    }
    for (const stream of this.outputs.values()) stream.close();
  }

  private async untilEnded(milliseconds: number): Promise<void> {
    const deadline = performance.now() + milliseconds;
    while (!this.hasEnded && performance.now() < deadline) await sleep(LOOK_MS);
  }
}

/** The words a process is started with, of which the last ones are the program's own. */
interface Stages {
  readonly words: readonly string[];
  readonly program: number;
}

const NO_WRAPPING: Stages = { words: [], program: 0 };

/** Each stage executes the rest of its words; the program's own may have an interpreter's before them. */
function isWrapper(command: readonly string[], { words, program }: Stages): boolean {
  if (command.length <= program || command.length > words.length) return false;
  return words.slice(-command.length).every((word, at) => word === command[at]);
}

function commandLine(pid: number): readonly string[] {
  return (readProc(`${pid}/cmdline`) ?? "").split("\0").slice(0, -1);
}

/** Mounting some dozens of files takes milliseconds; on a busy machine more. */
const WRAPPING_MS = 10_000;

/** A program that does not end within this after SIGTERM is killed. */
const GRACE_MS = 1000;
const LOOK_MS = 2;
/** A thread in an uninterruptible wait stops later. */
const HOLD_MS = 500;

async function nextEnd(pid: number): Promise<ChildEnd> {
  for (;;) {
    const change = await nextChange(pid);
    if (change.kind !== "stopped") return change;
  }
}

function spawnAs(order: Parameters<typeof spawnProgram>[0], caller: Caller | undefined): number {
  try {
    if (caller === undefined) return spawnProgram(order);
    if (canBorrowIdentity()) return asIdentity(caller, () => spawnProgram(order));
    const argv = asCaller([order.path, ...order.argv.slice(1).map(String)], caller);
    return spawnProgram({ ...order, path: argv[0]!, argv });
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    throw new UserError(
      `${String(order.argv[0])} could not be started (${error.code}): build it, or name another one.`,
    );
  }
}

/** Opened for both directions: that neither waits for the other end nor ends when it goes. */
function openFifo(folder: string, path: string, caller: Caller | undefined): number {
  let fd: number;
  try {
    fd = withRightsOf(caller, () => openSync(resolve(folder, path), fsConstants.O_RDWR | fsConstants.O_NONBLOCK));
  } catch (error) {
    const missing = error instanceof Error && "errno" in error && error.errno === -constants.errno.ENOENT;
    const why = missing ? "there is none" : String(error instanceof Error && "code" in error ? error.code : error);
    throw new UserError(`The FIFO ${path} cannot be opened (${why}): make it with mkfifo, or name another one.`);
  }
  if (fstatSync(fd).isFIFO()) return fd;
  closeSync(fd);
  throw new UserError(`${path} is no FIFO, and nothing is written into it: make one with mkfifo, or name another one.`);
}
