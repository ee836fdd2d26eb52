import { execFileSync } from "node:child_process";
import { mkdtempSync, chmodSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kernelAnswer, pagesTouched, type LockRequest } from "../../../../src/core/memlock/kernel-rules.js";

/** Locks what it is told, under the limit it is told, and prints the kernel's answer and its virtual size. */
const SOURCE = `#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
int main(int count, char **arguments) {
  long page = sysconf(_SC_PAGESIZE), limit = atol(arguments[1]), before = atol(arguments[2]), more = atol(arguments[3]);
  char *memory = mmap(NULL, 64 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct rlimit asked = {limit, limit}, given;
  /* More than the hard limit takes privilege: then what is there has to do. */
  if (setrlimit(RLIMIT_MEMLOCK, &asked) != 0 && errno != EPERM) return 2;
  if (getrlimit(RLIMIT_MEMLOCK, &given) != 0) return 2;
  if (getuid() == 0 && setresuid(65534, 65534, 65534) != 0) return 2;
  if (before > 0 && mlock(memory, before) != 0) return 3;
  unsigned long size = 0;
  FILE *statm = fopen("/proc/self/statm", "r");
  if (statm == NULL || fscanf(statm, "%lu", &size) != 1) return 2;
  fclose(statm);
  errno = 0;
  if (strcmp(arguments[4], "range") == 0) mlock(memory, more);
  else mlockall(strcmp(arguments[4], "current") == 0 ? MCL_CURRENT : MCL_FUTURE);
  printf("%d %lu %lu\\n", errno, size * page, (unsigned long)given.rlim_cur);
  (void)count;
  return 0;
}
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-rules-"));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, "lock.c"), SOURCE);
  execFileSync("gcc", ["-O1", "lock.c", "-o", "lock"], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PAGE = Number(execFileSync("getconf", ["PAGESIZE"], { encoding: "utf8" }));
const NAMES: Readonly<Record<number, string>> = { 0: "fits", 1: "EPERM", 12: "ENOMEM" };

describe("the kernel's own answer, without privilege, is what the model says", () => {
  it.each<[string, number, number, number, "range" | "current" | "future"]>([
    ["nothing allowed", 0, 0, PAGE, "range"],
    ["one page of one", PAGE, 0, PAGE, "range"],
    ["two bytes across a page boundary are two pages", 2 * PAGE, 0, PAGE + 1, "range"],
    ["one byte more than the limit holds", PAGE, 0, PAGE + 1, "range"],
    ["exactly at the limit", 4 * PAGE, 2 * PAGE, 4 * PAGE, "range"],
    ["already locked pages are not counted again", 3 * PAGE, 3 * PAGE, 3 * PAGE, "range"],
    ["a page too many beside what is locked", 3 * PAGE, 3 * PAGE, 4 * PAGE, "range"],
    ["everything, with nothing allowed", 0, 0, 0, "current"],
    ["everything, beyond the limit", 16 * PAGE, 0, 0, "current"],
    ["everything, within the limit", 8 << 20, 0, 0, "current"],
    ["the future, with nothing allowed", 0, 0, 0, "future"],
    ["the future, with a small limit", PAGE, 0, 0, "future"],
  ])("%s", (_, limit, before, more, kind) => {
    const out = execFileSync(join(folder, "lock"), [String(limit), String(before), String(more), kind], {
      encoding: "utf8",
    });
    const [errno, virtualBytes, softBytes] = out.trim().split(" ").map(Number);
    const newBytes = (pagesTouched(0, more, PAGE) - pagesTouched(0, before, PAGE)) * PAGE;
    const request: LockRequest =
      kind === "range"
        ? { kind, newBytes }
        : kind === "current"
          ? { kind: "all-current", virtualBytes: virtualBytes! }
          : { kind: "all-future" };
    const answer = kernelAnswer(request, { softBytes, hardBytes: softBytes, privileged: false }, before);
    expect(answer.kind === "fits" ? "fits" : answer.errno).toBe(NAMES[errno!]);
  });
});

it("with CAP_IPC_LOCK, or without a limit, everything fits", () => {
  const request = { kind: "range", newBytes: 2 ** 40 } as const;
  expect(kernelAnswer(request, { softBytes: 0, hardBytes: 0, privileged: true }, 0).kind).toBe("fits");
  expect(kernelAnswer(request, { softBytes: undefined, hardBytes: undefined, privileged: false }, 0).kind).toBe("fits");
});
