/** Gives a stimulus to the target, and says whether the target took it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants as fsConstants, writeSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Stimulus } from "../../core/trace/intervals.js";
import { readProc } from "../../host/proc-snapshot.js";
import { UserError } from "../../host/user-error.js";
import { asCaller, withRightsOf, type Caller } from "../elevation.js";
import { unreadBytes } from "../ffi/pipe.js";
import type { Target } from "./target.js";

/** One stimulus, ready to be given as often as one likes. */
export interface StimulusDriver {
  readonly name: string;
  /** Resolves when all of it has been handed to the kernel. Throws UserError where it cannot be given. */
  give(stop: AbortSignal): Promise<void>;
  /** False where bytes or the signal still wait to be taken. */
  wasTaken(): boolean;
  /** What a socket sent back, where the stimulus goes to one. */
  readonly answers: AnswerStream | undefined;
  close(): void;
}

/** The part of an output stream that waiting for a text needs. */
export interface AnswerStream {
  readonly position: number;
  until(text: string, position: number, stop: AbortSignal): Promise<boolean>;
}

/** Where stimuli come from. */
export interface StimulusPlace {
  /** Commands are run in it. */
  readonly folder: string;
  /** Commands run as them, and get at nothing they could not get at. */
  readonly caller: Caller | undefined;
}

/** Throws UserError where the stimulus cannot be given. */
export async function stimulusDriver(
  stimulus: Stimulus,
  target: Target,
  place: StimulusPlace,
): Promise<StimulusDriver> {
  const { name, action, to } = stimulus;
  if (action.kind === "signal") return signalDriver(name, action.signal, target);
  if (to.kind === "tcp" || to.kind === "unix") {
    if (to.kind === "unix") requireAccess(stimulus, to.path, place.caller);
    const socket = await connected(stimulus, to.kind === "tcp" ? { host: to.host, port: to.port } : { path: to.path });
    return socketDriver(stimulus, socket, place);
  }
  const fd = to.kind === "stdin" ? target.input : to.kind === "fifo" ? target.fifo(to.path) : undefined;
  if (fd === undefined && to.kind !== "nowhere") {
    throw new UserError(
      `The stimulus ${name} goes to the program's standard input, which Faultline holds only of programs it starts: send it to a FIFO or a socket.`,
    );
  }
  return {
    name,
    give: async () => {
      if (action.kind === "command") await runCommand(name, action.argv, place, fd);
      else if (fd !== undefined) writeAll(fd, action.bytes);
    },
    wasTaken: () => fd === undefined || unreadBytes(fd) === 0,
    answers: undefined,
    close: () => undefined,
  };
}

function signalDriver(name: string, signal: string, target: Target): StimulusDriver {
  const number = Object.entries(constants.signals).find(([known]) => known === signal)?.[1];
  if (number === undefined)
    throw new UserError(`The stimulus ${name} names the signal ${signal}, which does not exist.`);
  return {
    name,
    give: () => {
      process.kill(target.pid, number);
      return Promise.resolve();
    },
    wasTaken: () => !/^(Sig|Shd)Pnd:\t0*[1-9a-f]/m.test(readProc(`${target.pid}/status`) ?? ""),
    answers: undefined,
    close: () => undefined,
  };
}

function socketDriver({ name, action }: Stimulus, socket: Socket, place: StimulusPlace): StimulusDriver {
  const answers = new SocketAnswers(socket);
  return {
    name,
    give: async () => {
      if (action.kind === "command") await runCommand(name, action.argv, place, socket);
      else if (action.kind === "bytes") socket.write(action.bytes);
    },
    wasTaken: () => socket.writableLength === 0 && !socket.destroyed,
    answers,
    close: () => {
      socket.destroy();
    },
  };
}

class SocketAnswers implements AnswerStream {
  private text = "";
  private total = 0;

  constructor(private readonly socket: Socket) {
    socket.on("data", (bytes: Buffer) => {
      this.total += bytes.length;
      this.text = (this.text + bytes.toString("latin1")).slice(-KEPT_BYTES);
    });
    socket.on("error", () => undefined);
  }

  get position(): number {
    return this.total;
  }

  async until(text: string, position: number, stop: AbortSignal): Promise<boolean> {
    const wanted = Buffer.from(text, "utf8").toString("latin1");
    for (;;) {
      const from = Math.max(0, this.text.length - (this.total - position));
      if (this.text.includes(wanted, from)) return true;
      if (this.socket.destroyed || stop.aborted) return false;
      await sleep(1);
    }
  }
}

const KEPT_BYTES = 1 << 16;
/** A server may need a moment from its start to listen. */
const CONNECT_TRIES = 100;
const CONNECT_PAUSE_MS = 50;

async function connected(
  stimulus: Stimulus,
  where: { host?: string; port: number } | { path: string },
): Promise<Socket> {
  let code = "";
  for (let tried = 0; tried < CONNECT_TRIES; tried++) {
    const socket = connect(where);
    try {
      await once(socket, "connect");
      return socket;
    } catch (error) {
      code = error instanceof Error && "code" in error ? String(error.code) : String(error);
      socket.destroy();
      await sleep(CONNECT_PAUSE_MS);
    }
  }
  throw new UserError(
    `The stimulus ${stimulus.name} could not connect to the program (${code}): does it listen there? See "to" in faultline.json.`,
  );
}

/** A path of the project file must not lead an elevated run to where the caller may not go. */
function requireAccess(stimulus: Stimulus, path: string, caller: Caller | undefined): void {
  try {
    withRightsOf(caller, () => {
      accessSync(path, fsConstants.W_OK);
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new UserError(
      `The stimulus ${stimulus.name} cannot be sent to ${path} (${code}): see "to" in faultline.json.`,
    );
  }
}

/** The command writes straight into the program's pipe: nothing of ours lies between. */
async function runCommand(
  name: string,
  argv: readonly string[],
  { folder, caller }: StimulusPlace,
  to: number | Socket | undefined,
): Promise<void> {
  const [program, ...rest] = caller === undefined ? argv : asCaller(argv, caller);
  const child = spawn(program!, rest, {
    cwd: folder,
    ...(caller === undefined ? {} : { env: caller.environment }),
    stdio: ["ignore", typeof to === "number" ? to : to === undefined ? "ignore" : "pipe", "pipe"],
  });
  let words = "";
  child.stderr?.on("data", (bytes: Buffer) => (words = (words + bytes.toString("utf8")).slice(-KEPT_BYTES)));
  if (typeof to === "object") child.stdout?.pipe(to, { end: false });
  const [code, signal] = (await once(child, "close").catch((error: unknown) => {
    throw new UserError(
      `The stimulus ${name} could not be run: ${error instanceof Error ? error.message : String(error)}; see "command" in faultline.json.`,
    );
  })) as [number | null, string | null];
  if (code !== 0) {
    const said = words.trim().split("\n").at(-1) ?? "";
    throw new UserError(
      `The stimulus ${name} failed (${signal ?? `exit code ${code}`})${said === "" ? "" : `: ${said}`}.`,
    );
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}
