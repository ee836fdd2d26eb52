import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import {
  ControlLines,
  decodeRecorderMessage,
  encodeControl,
  type EditorMessage,
  type RecorderMessage,
} from "../../src/core/trace/control.js";
import { openTrace } from "../../src/host/read-trace.js";
import { compileSupport, installFaultline, type Installed } from "../support/faultline.js";

let installed: Installed;
let folder: string;
let noPerf: string;
let opened: Editor | undefined;

beforeAll(async () => {
  installed = await installFaultline();
  noPerf = compileSupport("no-perf", installed.folder);
  folder = mkdtempSync(join(tmpdir(), "faultline-control-"));
});

afterEach(() => opened?.close());

afterAll(() => {
  installed.remove();
  rmSync(folder, { recursive: true, force: true });
});

type Of<K extends RecorderMessage["kind"]> = Extract<RecorderMessage, { kind: K }>;

/** What the extension is to the recorder. */
class Editor {
  readonly messages: RecorderMessage[] = [];
  private socket: Socket | undefined;
  private recorder: ChildProcess | undefined;
  output = "";

  private constructor(
    private readonly server: Server,
    readonly path: string,
  ) {
    server.on("connection", (socket) => {
      this.socket = socket;
      const lines = new ControlLines();
      socket.setEncoding("utf8").on("data", (text: string) => {
        for (const line of lines.push(text)) this.messages.push(decodeRecorderMessage(line)!);
      });
    });
  }

  static async listen(): Promise<Editor> {
    const path = join(mkdtempSync(join(folder, "socket-")), "control");
    const server = createServer();
    server.listen(path);
    await once(server, "listening");
    return (opened = new Editor(server, path));
  }

  /** Resolves with the recorder's exit code. */
  record(args: readonly string[], prefix: readonly string[] = []): Promise<number | null> {
    const [program = "", ...rest] = [...prefix, process.execPath, installed.cli, "record", "--control", this.path];
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
    const child = spawn(program, [...rest, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    this.recorder = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    return new Promise((resolve) => child.on("close", resolve));
  }

  say(kind: EditorMessage["kind"]): void {
    this.socket?.write(encodeControl({ kind }));
  }

  hangUp(): void {
    this.socket?.destroy();
  }

  async hear<K extends RecorderMessage["kind"]>(kind: K, which: (message: Of<K>) => boolean = () => true) {
    for (let tries = 0; tries < 1000; tries++) {
      const found = this.messages.find((one): one is Of<K> => one.kind === kind && which(one as Of<K>));
      if (found !== undefined) return found;
      await sleep(10);
    }
    throw new Error(`no ${kind} in ${JSON.stringify(this.messages)}; ${this.output}`);
  }

  /** Counts that come from now on. */
  async nextCounts(): Promise<Of<"counts">> {
    const known = this.messages.length;
    return this.hear("counts", (one) => this.messages.indexOf(one) >= known);
  }

  /** Two in a row that are the same. */
  async settledCounts(): Promise<Of<"counts">> {
    for (let last = await this.nextCounts(); ;) {
      const next = await this.nextCounts();
      if (next.faults === last.faults) return next;
      last = next;
    }
  }

  /** Waits until the program has printed it. */
  async see(text: string): Promise<void> {
    while (!this.output.includes(text)) await sleep(10);
  }

  close(): void {
    this.recorder?.kill("SIGKILL");
    this.server.close();
    this.socket?.destroy();
  }
}

/** Touches new memory for ever, a little at a time; ends with 7 on SIGTERM. */
const RESTLESS = [
  "python3",
  "-c",
  "import mmap,signal,sys,time\nsignal.signal(signal.SIGTERM,lambda *_: sys.exit(7))\nprint('ready',flush=True)\nwhile True:\n m=mmap.mmap(-1,40960)\n for i in range(10): m[i*4096]=1\n m.close()\n time.sleep(0.005)",
];

it("tells the start, the counts so far and the end, and the program sees nothing of it", async () => {
  const editor = await Editor.listen();
  const code = await editor.record(["-o", "told", "sh", "-c", "env; sleep 0.5; exit 3"]);
  expect(code).toBe(3);
  expect(editor.messages[0]).toMatchObject({ kind: "started", folder: join(folder, "told"), counted: "faults" });
  expect(editor.messages.at(-1)).toEqual({ kind: "ended", folder: join(folder, "told"), removed: false });
  const counts = editor.messages.filter((one) => one.kind === "counts");
  expect(counts.length).toBeGreaterThanOrEqual(2);
  const run = JSON.parse(readFileSync(join(folder, "told", "run.json"), "utf8")) as {
    faults: { minor: number; major: number };
  };
  expect(counts.at(-1)?.faults).toBe(run.faults.minor + run.faults.major);
  expect(editor.output).not.toContain("ELECTRON_RUN_AS_NODE");
});

it("while paused nothing is counted, what is mapped is still known, and stop ends the program", async () => {
  const library = join(folder, "libpaused.so");
  writeFileSync(join(folder, "paused.c"), "int answer(void) { return 42; }\n");
  const built = spawn("gcc", ["-shared", "-o", library, join(folder, "paused.c")]);
  expect((await once(built, "close"))[0]).toBe(0);
  const program = `import ctypes,os,mmap,signal,sys,time
signal.signal(signal.SIGTERM,lambda *_: sys.exit(7))
print("ready",flush=True)
go=${JSON.stringify(join(folder, "go"))}
loaded=None
while True:
 if loaded is None and os.path.exists(go):
  loaded=ctypes.CDLL(${JSON.stringify(library)}); open(go+".done","w").close()
 m=mmap.mmap(-1,40960)
 for i in range(10): m[i*4096]=1
 m.close()
 time.sleep(0.005)`;
  const editor = await Editor.listen();
  const ended = editor.record(["-o", "paused", "python3", "-c", program]);
  await editor.see("ready");
  const before = await editor.nextCounts();
  expect((await editor.nextCounts()).faults).toBeGreaterThan(before.faults);
  editor.say("pause");
  const still = await editor.settledCounts();
  writeFileSync(join(folder, "go"), "");
  while (!existsSync(join(folder, "go.done"))) await sleep(20);
  expect((await editor.nextCounts()).faults).toBe(still.faults);
  editor.say("resume");
  await editor.hear("counts", ({ faults }) => faults > still.faults);
  editor.say("stop");
  expect(await ended).toBe(7);
  const { trace } = openTrace(join(folder, "paused"));
  expect(trace.lost).toBe(0);
  const paused = trace.run?.blind.find((spot) => spot.kind === "paused");
  expect(paused?.milliseconds).toBeGreaterThan(200);
  expect(editor.output).toMatch(/paused for .*: faults taken then are missing/);
  const { pid } = await editor.hear("started");
  const names = trace.mappings.of(pid).map(({ name }) => name);
  expect(names).toContain(library);
});

it("stop leaves a process that was attached to as it was", async () => {
  const target = spawn(RESTLESS[0]!, RESTLESS.slice(1), { stdio: "ignore" });
  try {
    await sleep(300);
    const editor = await Editor.listen();
    const ended = editor.record(["-o", "attached", "--pid", String(target.pid)]);
    expect((await editor.hear("started")).pid).toBe(target.pid);
    await editor.hear("counts", ({ faults }) => faults > 0);
    editor.say("stop");
    expect(await ended).toBe(0);
    expect(target.exitCode).toBeNull();
    expect((await editor.hear("ended")).removed).toBe(false);
  } finally {
    target.kill("SIGKILL");
  }
});

it("cancel ends the program and removes the trace", async () => {
  const editor = await Editor.listen();
  const ended = editor.record(RESTLESS);
  const { folder: trace } = await editor.hear("started");
  await editor.see("ready");
  editor.say("cancel");
  expect(await ended).toBe(7);
  expect((await editor.hear("ended")).removed).toBe(true);
  expect(existsSync(trace)).toBe(false);
  expect(editor.output).toContain("Cancelled: the trace was removed.");
});

it("when the editor goes, recording goes on to its end", async () => {
  const editor = await Editor.listen();
  const ended = editor.record(["-o", "orphan", "sh", "-c", "sleep 0.7; ls /; exit 4"]);
  await editor.hear("started");
  editor.hangUp();
  expect(await ended).toBe(4);
  expect(editor.output).toMatch(/page faults .* 0 lost/);
  expect(openTrace(join(folder, "orphan")).trace.run?.exit?.code).toBe(4);
});

it("a refusal comes as data, and says whether the program runs all the same", async () => {
  const missing = await Editor.listen();
  expect(await missing.record(["./no-such-program"])).toBe(127);
  expect(missing.messages).toMatchObject([
    { kind: "refused", goesOn: false, refusal: { code: "program-not-found", path: "./no-such-program" } },
  ]);
  missing.close();
  const filtered = await Editor.listen();
  const code = await filtered.record(["-o", "pages", "sh", "-c", "exit 5"], [noPerf, "--errno", "1"]);
  expect(code).toBe(5);
  expect(filtered.messages.map(({ kind }) => kind)).toEqual(["refused", "started", "ended"]);
  expect(filtered.messages[0]).toMatchObject({ goesOn: true, refusal: { code: "seccomp" } });
  expect(filtered.messages[1]).toMatchObject({ counted: "pages" });
});

it("what is no refusal comes as a sentence", async () => {
  const editor = await Editor.listen();
  expect(await editor.record([])).toBe(2);
  expect(editor.messages).toEqual([
    { kind: "failed", sentence: expect.stringContaining("There is nothing to record") as string },
  ]);
});

it("nothing is started where nobody listens", async () => {
  const editor = await Editor.listen();
  const code = await editor.record(["--control", join(folder, "nobody"), "sh", "-c", "echo ran"]);
  expect(code).toBe(2);
  expect(editor.output).toMatch(/^faultline: Nobody listens at .*nobody/);
  expect(editor.output).not.toContain("ran\n");
});

it("the socket of an editor that died before its recorder came goes with its folder", async () => {
  const editor = await Editor.listen();
  const abandoned = join(mkdtempSync(join(folder, "faultline-control-")), "control");
  const dies = `require("net").createServer().listen(${JSON.stringify(abandoned)}, () => process.kill(process.pid, "SIGKILL"))`;
  expect(spawnSync(process.execPath, ["-e", dies]).signal).toBe("SIGKILL");
  expect(existsSync(abandoned)).toBe(true);
  expect(await editor.record(["--control", abandoned, "true"])).toBe(2);
  expect(editor.output).toMatch(/^faultline: Nobody listens at /);
  expect(existsSync(dirname(abandoned))).toBe(false);
});
