/** Memory of running processes, locked from outside: all or nothing, told as it is, and taken back exactly. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LockSet, LockSetPart } from "../../src/core/memlock/lock-set.js";
import {
  AS_NOBODY,
  childrenOf,
  IS_ROOT,
  lockStates,
  LockSession,
  PAGE,
  pageStates,
  statusOf,
  withLimit,
  type LockAnswer,
  type LockTarget,
} from "../support/lock-session.js";

/** The locks that the target itself has. */
const OWN = "........LLff............ .......";
const PLENTY = 1 << 20;
let session: LockSession;
let example: string;
let realSet: LockSet;
const validate = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false }).compile(
  JSON.parse(readFileSync("schemas/lock.schema.json", "utf8")) as object,
);

beforeAll(async () => {
  session = await LockSession.open();
  example = session.newFolder();
  const filter = (path: string): boolean => !/\/(build|\.faultline)$/.test(path);
  cpSync("examples/input-thread", example, { recursive: true, filter });
  execFileSync("make", ["-s", "-C", example]);
  const trace = join(session.newFolder(), "trace");
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [session.faultline.cli, "lockset", "--json", "--intervals", "3", "-o", trace],
    { cwd: example, encoding: "utf8" },
  );
  if (stdout === "") throw new Error(stderr);
  realSet = JSON.parse(stdout) as LockSet;
}, 240_000);

afterAll(() => session.close());

/** Runs it, and holds what it printed against the schema. */
function lock(pid: number, options: readonly string[], wrapper?: readonly string[], cwd?: string): LockAnswer {
  const answer = session.lock(pid, options, wrapper, cwd);
  if (answer.json.kind !== undefined) {
    validate(answer.json);
    expect(validate.errors ?? []).toEqual([]);
  }
  return answer;
}

/** A part of the real set, as if it were memory of no image. */
function anonymousPart(): LockSetPart {
  const [part] = realSet.parts;
  return { ...part!, region: "anonymous", image: undefined, buildId: undefined, section: undefined };
}

/** A lock set of pages [first, first + pages) of the target's area, in the form of a real one. */
function setOf(target: LockTarget, ranges: readonly (readonly [first: number, pages: number])[]): string {
  const parts = ranges.map(([first, pages]): LockSetPart => {
    const address = `0x${(target.area + first * PAGE).toString(16)}`;
    return {
      ...anonymousPart(),
      name: "area",
      address,
      pages,
      bytes: pages * PAGE,
      ranges: [{ address, pages }] as never,
    };
  });
  const file = join(session.newFolder(), "set.json");
  writeFileSync(file, JSON.stringify({ ...realSet, pid: target.pid, parts }));
  return file;
}

describe("ranges", () => {
  it("are locked around what the target has locked itself, and only those are unlocked", async () => {
    const target = await session.target();
    expect(pageStates(target.pid, target.area)).toBe(OWN);
    const set = setOf(target, [
      [6, 4],
      [10, 4],
    ]);
    const forecast = lock(target.pid, ["--set", set, "--dry-run"]);
    expect(forecast).toMatchObject({ status: 0, json: { kind: "forecast", bytes: 4 * PAGE, warnings: [] } });
    expect(pageStates(target.pid, target.area)).toBe(OWN);
    const { status, json } = lock(target.pid, ["--set", set, "--yes"]);
    expect(json).toMatchObject({ kind: "locked", newBytes: 4 * PAGE, lockedBytes: 8 * PAGE });
    expect(status).toBe(0);
    expect(pageStates(target.pid, target.area)).toBe("......LLLLLLLL.......... .......");
    expect(lock(target.pid, ["--show"]).json).toMatchObject({
      kind: "memory",
      lockedBytes: 8 * PAGE,
      added: { bytes: 6 * PAGE, future: false },
    });
    expect(lock(target.pid, ["--undo"]).json.kind).toBe("undone");
    expect(pageStates(target.pid, target.area)).toBe(OWN);
    const again = lock(target.pid, ["--undo"]);
    expect([again.status, again.json.kind]).toEqual([1, "nothing"]);
  });

  it("are locked on fault without being brought in", async () => {
    const target = await session.target();
    const set = setOf(target, [[0, 8]]);
    expect(lock(target.pid, ["--set", set, "--on-fault", "--yes"]).json).toMatchObject({ newBytes: 8 * PAGE });
    expect(pageStates(target.pid, target.area)).toBe("ffffffffLLff............ .......");
    expect(lock(target.pid, ["--undo"]).status).toBe(0);
    expect(pageStates(target.pid, target.area)).toBe(OWN);
  });

  it.each([
    ["a hole", [22, 4], "hole", 24],
    ["memory that nothing may touch", [18, 4], "inaccessible", 20],
  ] as const)("across %s are not locked at all", async (_, [first, pages], reason, at) => {
    const target = await session.target();
    const { status, json } = lock(target.pid, [
      "--set",
      setOf(target, [
        [0, 2],
        [first, pages],
      ]),
      "--yes",
    ]);
    expect(status).toBe(1);
    expect(json).toMatchObject({ kind: "refused", reason, at: target.area + at * PAGE });
    expect(pageStates(target.pid, target.area)).toBe(OWN);
  });

  it("of which a part was unmapped since are unlocked on both sides of the hole", async () => {
    const target = await session.target();
    lock(target.pid, ["--set", setOf(target, [[0, 8]]), "--yes"]);
    await target.tell("unmap 3 2");
    expect(lock(target.pid, ["--undo"]).json.kind).toBe("undone");
    expect(pageStates(target.pid, target.area)).toBe("...  ...LLff............ .......");
  });

  it("stay locked where the target locked its own next to them, and two of ours are one undo", async () => {
    const target = await session.target();
    lock(target.pid, ["--set", setOf(target, [[4, 4]]), "--yes"]);
    await target.tell("lock 2 2");
    lock(target.pid, [
      "--set",
      setOf(target, [
        [3, 2],
        [12, 2],
      ]),
      "--yes",
    ]);
    expect(pageStates(target.pid, target.area)).toBe("..LLLLLLLLffLL.......... .......");
    lock(target.pid, ["--all", "current,future", "--yes"]);
    expect(lock(target.pid, ["--undo"]).json.kind).toBe("undone");
    expect(pageStates(target.pid, target.area)).toBe("..LL....LLff............ .......");
  });

  it("beyond the limit are not locked at all, and the limit is told with what would do", async () => {
    const target = await session.target(withLimit(8 * PAGE));
    const set = setOf(target, [
      [0, 3],
      [12, 2],
    ]);
    const warnings = [{ kind: "limit", neededBytes: 9 * PAGE, limitBytes: 8 * PAGE }];
    expect(lock(target.pid, ["--set", set, "--dry-run"], AS_NOBODY).json).toMatchObject({ warnings });
    const { status, json } = lock(target.pid, ["--set", set, "--yes"], AS_NOBODY);
    expect(status).toBe(1);
    expect(json).toMatchObject({
      kind: "failed",
      errno: "ENOMEM",
      lockedBytes: 4 * PAGE,
      neededBytes: 9 * PAGE,
      limits: { softBytes: 8 * PAGE, privileged: false },
      restored: true,
      warnings,
    });
    expect(pageStates(target.pid, target.area)).toBe(OWN);
    expect(lock(target.pid, ["--undo"], AS_NOBODY).json.kind).toBe("nothing");
    expect(lock(target.pid, ["--set", setOf(target, [[0, 4]]), "--yes"], AS_NOBODY).status).toBe(0);
  });
});

describe("locked sections and lock sets", () => {
  it("of a program are found by its images' sections", async () => {
    const { pid } = await session.target();
    const { status, json } = lock(pid, ["--sections", "--yes"]);
    // locked_data has two pages, locked_text lies in one.
    expect(json).toMatchObject({ kind: "locked", newBytes: 3 * PAGE });
    expect(status).toBe(0);
    expect(lock(pid, ["--undo"]).json.kind).toBe("undone");
    expect(lock(pid, ["--sections", "--yes"], [], example).status).toBe(2);
  });

  it("found with one process are locked in another, but for what was that process's own", () => {
    const child = session.start([join(example, "build/input-thread"), "--ack", "-", "-"], example);
    const file = join(session.newFolder(), "lockset.json");
    writeFileSync(file, JSON.stringify({ ...realSet, parts: [...realSet.parts, anonymousPart()] }));
    const before = lockStates(child.pid!);
    const { json, said } = lock(child.pid!, ["--set", file, "--yes"], [], example);
    expect(json.kind).toBe("locked");
    expect(said).toMatch(/is memory of the process that was observed: not locked/);
    const images = realSet.parts.filter(({ image }) => image !== undefined);
    const pages = images.flatMap(({ ranges }) => ranges).reduce((sum, range) => sum + range.pages, 0);
    expect(json["newBytes"]).toBe(pages * PAGE);
    lock(child.pid!, ["--undo"]);
    expect(lockStates(child.pid!)).toEqual(before);
    expect(lock(child.pid!, ["--sections", "--yes"], [], example).json).toMatchObject({ newBytes: 3 * PAGE });
    child.kill();
  });

  it("that are none are told", async () => {
    const { pid } = await session.target();
    const { status, said } = lock(pid, ["--set", "schemas/lock.schema.json", "--yes"]);
    expect([status, said]).toEqual([2, expect.stringMatching(/is no lock set: make one with faultline lockset/)]);
  });
});

describe("all memory", () => {
  const AREA_LOCKED = "LLLLLLLLLLLLLLLLLLLLLLLL LLLLLLL";
  const AREA_LATE = "ffffffffffffffffffffffff fffffff";

  it.each([
    ["current", AREA_LOCKED, "."],
    ["current,future", AREA_LOCKED, "L"],
    ["current,future,on-fault", AREA_LATE, "f"],
    ["current-on-fault", AREA_LATE, "."],
    ["future", OWN, "L"],
    ["future,on-fault", OWN, "f"],
    ["current,future-on-fault", AREA_LOCKED, "f"],
    ["current-on-fault,future", "ffffffffLLffffffffffffff fffffff", "L"],
  ])("%s does to what there is and to what is mapped later what it says", async (order, area, later) => {
    const target = await session.target();
    const before = lockStates(target.pid);
    expect(lock(target.pid, ["--all", order, "--yes"])).toMatchObject({ status: 0, json: { kind: "locked" } });
    expect(pageStates(target.pid, target.area)).toBe(area);
    const more = parseInt(await target.tell("map 0 4"), 16);
    expect(pageStates(target.pid, more, 4)).toBe(later.repeat(4));
    expect(lock(target.pid, ["--undo"])).toMatchObject({ status: 0, json: { kind: "undone" } });
    expect(lockStates(target.pid)).toEqual(before);
    const last = parseInt(await target.tell("map 0 4"), 16);
    expect(pageStates(target.pid, last, 4)).toBe("....");
  });

  it("beyond the limit changes nothing, neither the target's own locks nor its future", async () => {
    const target = await session.target(withLimit(64 * PAGE));
    // MCL_FUTURE | MCL_ONFAULT: what it maps later is locked when it is touched.
    expect(await target.tell("all 6")).toBe("0");
    const before = lockStates(target.pid);
    const { status, json } = lock(target.pid, ["--all", "current", "--yes"], AS_NOBODY);
    expect([status, json]).toEqual([1, expect.objectContaining({ kind: "failed", errno: "ENOMEM", restored: true })]);
    expect(json["neededBytes"]).toBe(parseInt(statusOf(target.pid, "VmSize")) * 1024);
    expect(lockStates(target.pid)).toEqual(before);
    const more = parseInt(await target.tell("map 0 4"), 16);
    expect(pageStates(target.pid, more, 4)).toBe("ffff");
    expect(lock(target.pid, ["--undo"], AS_NOBODY).json.kind).toBe("nothing");
  });

  it("with a limit of nothing is not permitted at all", async () => {
    const busy = await session.busy(30, withLimit(0));
    const { status, json } = lock(busy.pid, ["--all", "current,future", "--yes"], AS_NOBODY);
    expect([status, json["errno"]]).toEqual([1, "EPERM"]);
    expect(lockStates(busy.pid)).toEqual([]);
    busy.process.kill();
    await busy.end;
  });

  it("current on fault is undone when the limit ends it halfway", async () => {
    const target = await session.target(withLimit(64 * PAGE));
    const { status, json } = lock(target.pid, ["--all", "current-on-fault,future", "--yes"], AS_NOBODY);
    expect([status, json]).toEqual([1, expect.objectContaining({ kind: "failed", errno: "ENOMEM", restored: true })]);
    expect(pageStates(target.pid, target.area)).toBe(OWN);
    expect(statusOf(target.pid, "VmLck")).toBe("16 kB");
  });

  it("is not said to be locked when pages do not come in, which mlockall itself does not tell", async () => {
    const target = await session.target([], [join(session.newFolder(), "short")]);
    const before = lockStates(target.pid);
    const { status, json } = lock(target.pid, ["--all", "current,future", "--yes"]);
    expect([status, json]).toEqual([1, expect.objectContaining({ kind: "absent", bytes: 3 * PAGE, restored: true })]);
    expect(lockStates(target.pid)).toEqual(before);
    expect(pageStates(target.pid, parseInt(await target.tell("map 0 4"), 16), 4)).toBe("....");
  });

  it("that the target has locked itself is left alone, its future included", async () => {
    const target = await session.target();
    await target.tell("all 3");
    const { json } = lock(target.pid, ["--all", "current", "--yes"]);
    expect(json).toMatchObject({ kind: "locked", newBytes: 0, warnings: [{ kind: "own-mlockall" }] });
    const more = parseInt(await target.tell("map 0 4"), 16);
    expect(pageStates(target.pid, more, 4)).toBe("LLLL");
  });

  it("warns of the limit that later mappings will meet", async () => {
    const target = await session.target(withLimit(PLENTY));
    const { json } = lock(target.pid, ["--all", "future", "--dry-run"], AS_NOBODY);
    expect(json["warnings"]).toEqual([{ kind: "future-limit", leftBytes: PLENTY - 4 * PAGE }]);
  });

  it.each([
    ["by its name or its symbols", process.execPath],
    ["under another name", undefined],
  ])("warns of V8 in a program, %s", async (_, given) => {
    const program = given ?? join(session.newFolder(), "server");
    if (given === undefined) cpSync(process.execPath, program);
    const child = session.start([program, "-e", "console.log(1);setTimeout(() => 0, 60000)"]);
    await once(child.stdout!, "data");
    const { json } = lock(child.pid!, ["--all", "current", "--dry-run"]);
    expect(json["warnings"]).toContainEqual({ kind: "v8", program: program.slice(program.lastIndexOf("/") + 1) });
    child.kill();
  });
});

describe("a locker that is killed", () => {
  it("in the middle leaves a journal by which everything is taken back", async () => {
    const target = await session.busy(60);
    let mid = 0;
    for (let round = 0; round < 12; round++) {
      const [program = "", ...args] = session.argv(target.pid, ["--all", "current,future", "--yes"]);
      const child = spawn(program, args, { stdio: "ignore", env: session.environment([]) });
      const over = once(child, "close");
      // As soon as something is locked: a moment later it would be done.
      while (child.exitCode === null && statusOf(target.pid, "VmLck") === "0 kB") await sleep(1);
      child.kill("SIGKILL");
      await over;
      if (child.signalCode === "SIGKILL" && statusOf(target.pid, "VmLck") !== "0 kB") {
        mid++;
        expect(lock(target.pid, ["--show"]).json).toMatchObject({ added: { future: true } });
      }
      expect(["undone", "nothing"]).toContain(lock(target.pid, ["--undo"]).json.kind);
      expect(lockStates(target.pid)).toEqual([]);
    }
    expect(mid).toBeGreaterThan(0);
    target.process.kill("SIGINT");
    await target.end;
  });
});

describe("gdb", () => {
  it.runIf(existsSync("/usr/bin/gdb"))("makes the calls by the same rules", async () => {
    const target = await session.target();
    const before = lockStates(target.pid);
    const { json } = lock(target.pid, ["--all", "current,future", "--via", "gdb", "--yes"]);
    expect(json).toMatchObject({ kind: "locked" });
    expect(pageStates(target.pid, parseInt(await target.tell("map 0 4"), 16), 4)).toBe("LLLL");
    expect(lock(target.pid, ["--undo", "--via", "gdb"]).json.kind).toBe("undone");
    expect(lockStates(target.pid)).toEqual(before);
    expect(childrenOf(target.pid)).toEqual([]);
  });

  it.runIf(existsSync("/usr/bin/gdb") && IS_ROOT)("does not touch what is another user's", async () => {
    const target = await session.target(AS_NOBODY);
    const { status, said } = lock(target.pid, ["--all", "current", "--via", "gdb", "--yes"]);
    expect(status).toBe(2);
    expect(said).toMatch(/user/);
    expect(pageStates(target.pid, target.area)).toBe(OWN);
    expect(lock(target.pid, ["--all", "current", "--any-user", "--yes"]).json.kind).toBe("locked");
  });
});

describe("what is asked", () => {
  it.each([
    [["--all", "current", "--undo"], /Say one thing to do/],
    [["--all", "on-fault"], /--all takes current and future/],
    [["--all", "current", "--on-fault"], /--on-fault goes with/],
    [["--all", "current", "--via", "lldb"], /--via takes gdb/],
    [["--all", "current"], /Say --yes where nobody can be asked/],
  ])("%j is answered with the next step", async (options, sentence) => {
    const target = await session.target();
    const { status, said, json } = lock(target.pid, options);
    expect([status, said, json]).toEqual([2, expect.stringMatching(sentence), {}]);
    expect(pageStates(target.pid, target.area)).toBe(OWN);
  });

  it.runIf(IS_ROOT)("is refused for another user's process, and over with that", async () => {
    const target = await session.target(AS_NOBODY);
    const { status, said } = lock(target.pid, ["--all", "current", "--yes"]);
    expect([status, said]).toEqual([2, expect.stringMatching(/belongs to another user/)]);
  });

  it("is not done where it cannot be noted, and says what to do about that", async () => {
    const target = await session.target();
    const [program = "", ...args] = session.argv(target.pid, ["--all", "current", "--yes"]);
    const before = lockStates(target.pid);
    const env = { ...process.env, XDG_RUNTIME_DIR: "/dev/null/none" };
    const { status, stderr } = spawnSync(program, args, { encoding: "utf8", env });
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/\/dev\/null\/none.*ENOTDIR.*make that folder writable/),
    ]);
    expect(lockStates(target.pid)).toEqual(before);
  });

  it("is not done to a process that is not there", () => {
    const { pid } = spawnSync("true");
    expect(lock(pid, ["--show"])).toMatchObject({
      status: 2,
      said: expect.stringMatching(/There is no process/) as string,
    });
  });
});
