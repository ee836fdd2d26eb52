import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { lockedMemory, swapDevices, type LockedMemory } from "../../../../src/core/memlock/locked-memory.js";
import { lockedMemoryTree } from "../../../../src/core/report/locked-memory-tree.js";
import { english } from "../../../../src/core/report/translate.js";

/** Locks two pages of eight, two on fault, and prints its address, its VmLck and its smaps. */
const SOURCE = `#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
int main(void) {
  long page = sysconf(_SC_PAGESIZE);
  char *memory = mmap(NULL, 8 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), line[512];
  if (mlock(memory + page, 2 * page) != 0 || mlock2(memory + 4 * page, 2 * page, MLOCK_ONFAULT) != 0) return 1;
  printf("%lx %ld\\n", (unsigned long)memory, page);
  FILE *status = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, status) != NULL)
    if (strncmp(line, "VmLck:", 6) == 0) fputs(line, stdout);
  fclose(status);
  FILE *smaps = fopen("/proc/self/smaps", "r");
  while (fgets(line, sizeof line, smaps) != NULL) fputs(line, stdout);
  return 0;
}
`;

let memory: LockedMemory;
let start: number;
let page: number;
let charged: number;
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "faultline-smaps-"));
  try {
    writeFileSync(join(folder, "lock.c"), SOURCE);
    execFileSync("gcc", ["-O1", "lock.c", "-o", "lock"], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    const [first = "", second = "", ...smaps] = execFileSync(join(folder, "lock"), { encoding: "utf8" }).split("\n");
    start = Number.parseInt(first, 16);
    page = Number(first.split(" ")[1]);
    charged = Number(/(\d+) kB/.exec(second)![1]) * 1024;
    memory = lockedMemory(smaps.join("\n"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it("a process's locked bytes are what the kernel charges it with", () => {
  expect(memory.lockedBytes).toBe(charged);
  expect(memory.onFaultBytes).toBe(2 * page);
});

it("each mapping tells its lock, and whether it is in memory", () => {
  const mappings = memory.files.flatMap((file) => file.mappings);
  const at = (offset: number) =>
    mappings.find(({ address }) => address === `0x${(start + offset * page).toString(16)}`);
  expect(at(1)).toMatchObject({ lock: "locked", bytes: 2 * page, residentBytes: 2 * page, rights: "rw-p" });
  expect(at(4)).toMatchObject({ lock: "on-fault", bytes: 2 * page, residentBytes: 0 });
  expect(at(3)).toMatchObject({ lock: "none", bytes: page });
});

it("what has locks comes first, and every mapping once", () => {
  expect(memory.files[0]!.lockedBytes).toBe(charged);
  const tree = lockedMemoryTree(memory, [], english);
  expect(tree[0]!.label).toBe(`${charged / 1024} kB locked`);
  expect(tree[1]!.label).toBe("No swap");
  const ids = tree.flatMap((node) => [node.id, ...node.children.map(({ id }) => id)]);
  expect(new Set(ids).size).toBe(ids.length);
});

it("swap devices are named, compressed ones as such", () => {
  const text = `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
/dev/zram0                              partition\t2097148\t\t1024\t\t100
/swap\\040file                           file\t\t1048572\t\t0\t\t-2
`;
  expect(swapDevices(text)).toEqual([
    { name: "/dev/zram0", bytes: 2_147_479_552, usedBytes: 1_048_576, zram: true },
    { name: "/swap file", bytes: 1_073_737_728, usedBytes: 0, zram: false },
  ]);
  expect(swapDevices("")).toEqual([]);
});

it("text that is no smaps gives nothing", () => {
  for (const text of ["", "VmFlags: lo", "zz", "0-1", "\0"]) expect(lockedMemory(text).files).toEqual([]);
});
