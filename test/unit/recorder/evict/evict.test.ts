import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, fsyncSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { evict } from "../../../../src/recorder/evict/evict.js";
import { NO_MEANS, remoteMeans } from "../../../../src/recorder/evict/means.js";
import { enterMemoryCgroup } from "../../../../src/recorder/evict/memory-cgroup.js";
import { mappingFacts } from "../../../../src/recorder/evict/mapping-facts.js";

const PAGE = 4096;
const FILE_PAGES = 64;
const isRoot = process.geteuid?.() === 0;
let folder: string;
let program: string;
let file: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-evict-"));
  program = join(folder, "mapped-file");
  execFileSync("gcc", ["-O", "-Wall", "-Wextra", "-Werror", "-o", program, "test/support/mapped-file.c"]);
  file = join(folder, "data");
  writeFileSync(file, Buffer.alloc(FILE_PAGES * PAGE, 7));
  const fd = openSync(file, "r");
  fsyncSync(fd);
  closeSync(fd);
});

// Two that map the same file keep each other's pages in memory.
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly pid: number;
  readonly mapped: number;
  touch(): Promise<void>;
}

async function start(...options: readonly string[]): Promise<Started> {
  const child = spawn(program, [file, ...options], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const [words] = (await once(child.stdout, "data")) as [Buffer];
  const mapped = Number.parseInt(words.toString("latin1").split(" ")[0]!, 16);
  return {
    pid: child.pid!,
    mapped,
    touch: async () => {
      child.stdin.write("x");
      await once(child.stdout, "data");
    },
  };
}

/** Bit 63 of pagemap, read by the test itself. */
function isPresent(pid: number, address: number): boolean {
  const entry = Buffer.alloc(8);
  const fd = openSync(`/proc/${pid}/pagemap`, "r");
  readSync(fd, entry, 0, 8, (address / PAGE) * 8);
  closeSync(fd);
  return (entry[7]! & 0x80) !== 0;
}

function presentPages({ pid, mapped }: Started): number[] {
  return Array.from({ length: FILE_PAGES }, (_, page) => page).filter((page) => isPresent(pid, mapped + page * PAGE));
}

describe.runIf(isRoot)("eviction by process_madvise", () => {
  it("takes every page of a file, and its own count agrees with pagemap", async () => {
    const target = await start();
    expect(presentPages(target)).toHaveLength(FILE_PAGES);
    const means = remoteMeans(target.pid)!;
    const eviction = await evict(target.pid, means, PAGE);
    means.close();
    expect(presentPages(target)).toEqual([]);
    const ours = eviction.stayed.filter(({ mapping }) => mapping.name === file);
    expect(ours).toEqual([]);
    expect(eviction.before - eviction.after).toBeGreaterThanOrEqual(FILE_PAGES);
    await target.touch();
    expect(presentPages(target)).toContain(2);
  });

  it("leaves what is locked where it is, and says so", async () => {
    const target = await start("--lock");
    const means = remoteMeans(target.pid)!;
    const eviction = await evict(target.pid, means, PAGE);
    means.close();
    expect(presentPages(target)).toEqual([0]);
    expect(eviction).toMatchObject({ lockedResident: 1, lockedAbsent: 0 });
  });

  it("without means takes nothing, and names all that stayed", async () => {
    const target = await start();
    const eviction = await evict(target.pid, NO_MEANS, PAGE);
    expect(presentPages(target)).toHaveLength(FILE_PAGES);
    const ours = eviction.stayed.filter(({ mapping }) => mapping.name === file);
    expect(ours).toMatchObject([{ reason: "file", runs: [{ start: target.mapped, pages: FILE_PAGES }] }]);
  });
});

it("what a program may not be told about is not evicted: the means say that they are none", () => {
  expect(remoteMeans(2 ** 22 - 1)).toBeUndefined();
});

it("the facts of a mapping are those of smaps", async () => {
  const target = await start("--lock");
  const [locked, rest] = mappingFacts(target.pid).filter(({ name }) => name === file);
  expect(locked).toMatchObject({ start: target.mapped, end: target.mapped + PAGE, locked: true, anonymous: 0 });
  expect(rest).toMatchObject({ locked: false, resident: (FILE_PAGES - 1) * PAGE, writable: false });
  const special = mappingFacts(target.pid).filter((mapping) => mapping.special);
  expect(special.map(({ name }) => name)).toEqual(expect.arrayContaining(["[vdso]", "[vvar]"]));
});

it("a memory cgroup of the target's own is left without a trace", async () => {
  const target = await start();
  const group = enterMemoryCgroup(target.pid);
  if (group === undefined) {
    expect(isRoot).toBe(false); // Root always may, where there is a memory controller at all.
    return;
  }
  await evict(target.pid, NO_MEANS, PAGE);
  await target.touch();
  await group.reclaim();
  await target.touch();
  await group.leave();
  expect(execFileSync("cat", [`/proc/${target.pid}/cgroup`], { encoding: "utf8" })).not.toContain("faultline");
});
