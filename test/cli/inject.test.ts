/** Calls inside a busy target: it must not notice, whatever happens to us. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseMaps } from "../../src/core/proc/maps.js";
import { InjectionRefused } from "../../src/recorder/inject/injection-refused.js";
import { openCalls } from "../../src/recorder/inject/open-calls.js";
import { compileSupport, installFaultline, type Installed } from "../support/faultline.js";
import { childrenOf, IS_ROOT, PAGE, statusOf } from "../support/lock-session.js";

let faultline: Installed;
let scratch: string;
let busy: string;

beforeAll(async () => {
  faultline = await installFaultline();
  scratch = mkdtempSync(join(tmpdir(), "faultline-inject-"));
  busy = compileSupport("busy-target", scratch);
});

afterAll(() => {
  faultline.remove();
  rmSync(scratch, { recursive: true, force: true });
});

interface Target {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Its exit code, and what it printed on both outputs. */
  readonly end: Promise<{ readonly code: number | null; readonly text: string }>;
}

async function target(seconds: number, before: readonly string[] = []): Promise<Target> {
  const [program = "", ...args] = [...before, busy, String(seconds)];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  child.stdout.on("data", (data) => (text += String(data)));
  child.stderr.on("data", (data) => (text += String(data)));
  const end = once(child, "close").then(([code]) => ({ code: code as number | null, text }));
  while (!text.includes("ready")) await sleep(5);
  return { process: child, pid: child.pid!, end };
}

const open = (pid: number, uid = process.getuid?.()) => openCalls({ pid, uid, cli: faultline.cli });

const smapsOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/smaps`, "utf8")
    .split("\n")
    .filter((line) => /^[0-9a-f]+-|^VmFlags/.test(line))
    .join("\n");

/** Pages of the program's own code: what is locked and unlocked. */
function code(pid: number): readonly number[] {
  const text = parseMaps(readFileSync(`/proc/${pid}/maps`, "utf8")).find(
    ({ executable, name }) => executable && name === busy,
  )!;
  return [text.start, PAGE];
}

describe("a busy target", () => {
  it("loses no signal, timer or byte over two hundred locks and unlocks, and is as before", async () => {
    const { pid, process: child, end } = await target(60);
    const before = smapsOf(pid);
    const calls = await open(pid);
    for (let cycle = 0; cycle < 200; cycle++) {
      expect(await calls.run([{ name: "mlock", parameters: code(pid) }])).toEqual([0]);
      if (cycle === 0) expect(statusOf(pid, "VmLck").trim()).toBe("4 kB");
      expect(await calls.run([{ name: "munlock", parameters: code(pid) }])).toEqual([0]);
    }
    await calls.close();
    expect(smapsOf(pid)).toBe(before);
    expect(childrenOf(pid)).toEqual([]);
    child.kill("SIGTERM");
    expect(await end).toEqual({ code: 0, text: "ready\nnothing was lost\n" });
  });

  it("loses nothing when it is entered and left again and again", async () => {
    const { pid, process: child, end } = await target(60);
    for (let cycle = 0; cycle < 20; cycle++) {
      const calls = await open(pid);
      expect(await calls.run([{ name: "mlock", parameters: code(pid) }])).toEqual([0]);
      expect(await calls.run([{ name: "munlock", parameters: code(pid) }])).toEqual([0]);
      await calls.close();
    }
    expect(childrenOf(pid)).toEqual([]);
    child.kill("SIGTERM");
    expect(await end).toEqual({ code: 0, text: "ready\nnothing was lost\n" });
  });

  it("lives on when the process that makes the calls is killed at any moment", async () => {
    const { pid, process: child, end } = await target(60);
    for (let round = 0; round < 25; round++) {
      const serving = spawn(process.execPath, [faultline.cli, "inject-calls", String(pid)], {
        stdio: ["pipe", "pipe", "ignore"],
      });
      serving.stdin.on("error", () => undefined);
      serving.stdout.once("data", () => {
        for (let more = 0; more < 50; more++) {
          serving.stdin.write(`${JSON.stringify([{ name: "mlock", parameters: code(pid) }])}\n`);
        }
      });
      await sleep(Math.random() * 160);
      serving.kill("SIGKILL");
      await once(serving, "close");
    }
    expect(statusOf(pid, "State")).not.toMatch(/^[tTZ]/);
    // What was locked stays locked: it is seen from outside.
    expect(["0 kB", "4 kB"]).toContain(statusOf(pid, "VmLck").trim());
    child.kill("SIGTERM");
    expect(await end).toEqual({ code: 0, text: "ready\nnothing was lost\n" });
  });

  it("lives on wherever between two steps the tracer is killed", async () => {
    const dying = join(faultline.folder, "dying-tracer.js");
    await build({
      entryPoints: ["test/support/dying-tracer.ts"],
      outfile: dying,
      bundle: true,
      platform: "node",
      format: "cjs",
      external: ["@koromix/*"],
      alias: { koffi: resolve("node_modules/koffi/index.cjs") },
      logLevel: "warning",
    });
    const { pid, process: child, end } = await target(60);
    const run = (last: number) => spawnSync(process.execPath, [dying, String(pid), String(last)], { encoding: "utf8" });
    let killed = 0;
    for (; run(killed + 1).signal === "SIGKILL"; killed++) {
      await sleep(5);
      expect(statusOf(pid, "State")).toMatch(/^[RS]/);
      // One that was killed in time is remembered until the target ends, but does nothing.
      for (const inside of childrenOf(pid))
        await expect.poll(() => statusOf(inside, "State"), { timeout: 5000 }).toMatch(/^Z/);
    }
    expect(killed).toBeGreaterThan(15);
    child.kill("SIGTERM");
    expect(await end).toEqual({ code: 0, text: "ready\nnothing was lost\n" });
  });

  it("stays stopped when it was stopped", async () => {
    const { pid, end } = await target(1.5);
    process.kill(pid, "SIGSTOP");
    while (!statusOf(pid, "State").startsWith("T")) await sleep(5);
    const calls = await open(pid);
    expect(await calls.run([{ name: "mlock", parameters: code(pid) }])).toEqual([0]);
    await calls.close();
    await sleep(50);
    expect(statusOf(pid, "State")).toMatch(/^T/);
    process.kill(pid, "SIGCONT");
    expect((await end).text).toMatch(/nothing was lost/);
  });
});

it("tells the kernel's refusals as they are, and goes on", async () => {
  const { pid, end } = await target(1);
  const calls = await open(pid);
  const results = await calls.run([
    { name: "mlock", parameters: [PAGE, PAGE] },
    { name: "mlockall", parameters: [0] },
    { name: "munlockall", parameters: [] },
  ]);
  // ENOMEM: nothing is mapped there; EINVAL: no flags (mlock(2)).
  expect(results).toEqual([-12, -22, 0]);
  await calls.close();
  expect((await end).code).toBe(0);
});

it("ends with its target, and with whoever asked", async () => {
  const { pid, process: child, end } = await target(30);
  const calls = await open(pid);
  child.kill("SIGKILL");
  await end;
  await expect(
    (async () => {
      for (;;) await calls.run([{ name: "munlockall", parameters: [] }]);
    })(),
  ).rejects.toThrow(InjectionRefused);
  await calls.close();
});

describe("what is not touched", () => {
  async function refusal(work: Promise<unknown>): Promise<string> {
    return work.then(
      () => "opened",
      (error: unknown) => (error instanceof InjectionRefused ? error.refusal : String(error)),
    );
  }

  it("a process that is not there", async () => {
    const { pid } = spawnSync("true");
    expect(await refusal(open(pid))).toBe("gone");
  });

  it("a process of another user", async () => {
    const { pid, process: child, end } = await target(30);
    expect(await refusal(open(pid, (process.getuid?.() ?? 0) + 1))).toBe("other-user");
    child.kill();
    await end;
  });

  it("a process with a seccomp filter", async () => {
    const { pid, process: child, end } = await target(30, [compileSupport("no-perf", scratch)]);
    expect(await refusal(open(pid))).toBe("seccomp");
    child.kill();
    await end;
  });

  it("a process that is traced already", async () => {
    const { pid, process: child, end } = await target(30);
    const first = await open(pid);
    // Our process inside is traced, by us.
    const [inside] = childrenOf(pid);
    expect(await refusal(open(inside!))).toBe("traced");
    await first.close();
    child.kill();
    await end;
  });

  it.runIf(IS_ROOT)("a process with more rights than its user", async () => {
    const child = spawn("setpriv", ["--ruid=65534", "--clear-groups", busy, "30"], { stdio: "ignore" });
    while (!readFileSync(`/proc/${child.pid!}/comm`, "utf8").startsWith("busy")) await sleep(5);
    expect(await refusal(open(child.pid!, 65534))).toBe("privileged");
    child.kill();
    await once(child, "close");
  });
});
