/** runtime/faultline.h when other things happen to the process: programs check themselves, by the kernel's account. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMPILERS, compile, source, WARNINGS, WITHOUT_RIGHTS } from "../../support/runtime/compilers.js";

const KB = 1024;
/** Enough for all that is locked here, and no more than anybody may set. */
const AMPLE = 8 << 20;
const SMALL = 256 * KB;
const STACK = "--stack=8388608:";
const PATIENCE_MS = 60_000;

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "faultline-guarantees-"));
  chmodSync(scratch, 0o755);
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

/** clang leaves out what changes nothing from -O1 on, gcc never. */
const BUILDS = COMPILERS.filter(({ c }) => c !== "clang-14").flatMap(({ c }) =>
  (c === "gcc" ? ["-O0", "-O2"] : ["-O1", "-O3"]).map((level) => ({ c, level, name: `${c} ${level}` })),
);

function run(command: readonly string[]): { readonly status: number | null; readonly said: string } {
  const [program = "", ...args] = command;
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: PATIENCE_MS });
  return { status, said: stdout + stderr };
}

const RIGHT = { status: 0, said: "" };

describe.each(BUILDS)("memory brought in before, by $name", ({ c, level }) => {
  let program: string;
  beforeAll(() => {
    program = join(scratch, `prefault-${c}${level}`);
    compile(c, [level, ...WARNINGS, ...source("prefault.c"), "-o", program]);
  });

  it.each([
    ["stack", "the stack takes no fault down to that depth"],
    ["heap", "the heap takes no fault in that size"],
    ["thread", "a thread's stack takes none, brought in by itself or by another"],
    ["first thread", "nor does the first thread's"],
    ["first thread from another", "nor does the first thread's, brought in by another"],
    ["too deep", "more than the stack has is refused, however much"],
    ["raised", "a limit that was raised does not reach into other memory"],
    ["coroutine", "below a coroutine's stack nothing is changed"],
  ])("%s: %s", (name) => {
    expect(run(["prlimit", STACK, program, name])).toEqual(RIGHT);
  });

  it("without a limit, a depth must be said", () => {
    expect(run(["prlimit", "--stack=unlimited:", program, "unlimited"])).toEqual(RIGHT);
  });
});

describe.each(BUILDS.filter(({ level }) => level !== "-O0" && level !== "-O1"))("locks, by $name", ({ c, level }) => {
  let program: string;
  beforeAll(() => {
    program = join(scratch, `locking-${c}${level}`);
    compile(c, [level, ...WARNINGS, ...source("locking.c"), "-o", program]);
  });

  it.each([
    ["unmapped", "what lies around a page that was unmapped is unlocked", AMPLE],
    ["on fault and at once", "locked in both ways, both are taken back", AMPLE],
    ["locked by others", "what others locked since stays theirs", AMPLE],
    ["stack refused", "a stack that cannot be locked leaves the caller's locks as they were", SMALL],
    ["stack undone", "a locked stack is unlocked with the rest", AMPLE],
    ["stack outgrown", "a locked stack may grow beyond the limit", SMALL],
    ["not dumpable", "a process that may not look at its page tables can lock", AMPLE],
    ["no descriptor", "without a file descriptor nothing is locked", AMPLE],
    ["fork", "a child that was forked while a thread locks can lock", AMPLE],
    ["all while others map", "mlockall does not fail for what other threads map and unmap", AMPLE],
    ["all refused", "mlockall that was refused has changed nothing", SMALL],
    ["future beyond the limit", "what is mapped later fails at the limit, not now", SMALL],
    ["current clears future", "the present ends a lock of the future", AMPLE],
    ["all of a short file", "mlockall of a file that is shorter is seen and undone", AMPLE],
  ])("%s: %s", { timeout: PATIENCE_MS }, (name, _, limit) => {
    expect(run(["prlimit", `--memlock=${limit}:${limit}`, ...WITHOUT_RIGHTS, program, name])).toEqual(RIGHT);
  });

  it("priorities: a thread of a high priority lets one of a low priority go on", { timeout: PATIENCE_MS }, () => {
    expect(run([program, "priorities"])).toEqual(RIGHT);
  });
});

describe.each(BUILDS.slice(0, 1))("where a library stands in mlock's place, by $name", ({ c, level }) => {
  it("nothing is said to be locked", () => {
    const program = join(scratch, `replaced-${c}${level}`);
    compile(c, [level, ...WARNINGS, ...source("replaced.c"), "-o", program]);
    expect(run([program])).toEqual(RIGHT);
  });
});
