/** A real program that stops in a thread of its own and says where its parts lie: what lock sets are made of. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const SOURCE = `#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
__attribute__((aligned(4096))) static int counters[2048] = {7};
__attribute__((aligned(4096))) static char scratch[8192];
__attribute__((noinline, aligned(4096))) int handle_event(int x) { return counters[x & 2047] += x; }
static void *worker(void *unused) {
  char local[3 * 4096];
  memset(local, 1, sizeof local);
  prctl(PR_SET_NAME, "input");
  char *fresh = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int *heap = malloc(64);
  *heap = handle_event(3);
  printf("{\\"handle_event\\":%lu,\\"counters\\":%lu,\\"scratch\\":%lu,\\"local\\":%lu,\\"heap\\":%lu,"
         "\\"memcpy\\":%lu,\\"fresh\\":%lu,\\"main\\":%lu}\\n",
         (unsigned long)handle_event, (unsigned long)counters, (unsigned long)scratch, (unsigned long)local,
         (unsigned long)heap, (unsigned long)memcpy, (unsigned long)fresh, (unsigned long)unused);
  fflush(stdout);
  pause();
  return heap;
}
int main(void) {
  pthread_t thread;
  char *early = malloc(64);
  int here = early != NULL;
  pthread_create(&thread, NULL, worker, &here);
  pthread_join(thread, NULL);
  return scratch[0];
}
`;

export interface RunningProgram {
  readonly pid: number;
  readonly path: string;
  readonly maps: string;
  readonly threads: readonly {
    readonly tid: number;
    readonly name: string;
    readonly stackPointer: number | undefined;
  }[];
  /** Run-time addresses by name. */
  readonly at: Readonly<Record<string, number>>;
  end(): Promise<void>;
}

/** Built with the options given, started, and stopped in its thread. End it when done. */
export async function startProgram(options: readonly string[] = []): Promise<RunningProgram> {
  const folder = mkdtempSync(join(tmpdir(), "faultline-lockset-"));
  const path = join(folder, "input-server");
  writeFileSync(join(folder, "server.c"), SOURCE);
  execFileSync("gcc", ["-g", "-O1", ...options, "-pthread", "server.c", "-o", path], { cwd: folder });
  const child = spawn(path, { stdio: ["ignore", "pipe", "inherit"] });
  const at = await firstLine(child);
  const { pid } = child;
  if (pid === undefined) throw new Error("the program did not start");
  let threads = threadsOf(pid);
  // It has said its line, and is about to stop.
  while (threads.some(({ stackPointer }) => stackPointer === undefined)) {
    await sleep(5);
    threads = threadsOf(pid);
  }
  return {
    pid,
    path,
    maps: readFileSync(`/proc/${pid}/maps`, "utf8"),
    threads,
    at,
    end: async () => {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function firstLine(child: ChildProcess): Promise<Record<string, number>> {
  for await (const line of createInterface({ input: child.stdout! })) return JSON.parse(line) as Record<string, number>;
  throw new Error("the program said nothing");
}

function threadsOf(pid: number): RunningProgram["threads"] {
  return readdirSync(`/proc/${pid}/task`).map((tid) => {
    // "number arguments… sp pc", or "running".
    const fields = readFileSync(`/proc/${pid}/task/${tid}/syscall`, "utf8").trim().split(" ");
    return {
      tid: Number(tid),
      name: readFileSync(`/proc/${pid}/task/${tid}/comm`, "utf8").trim(),
      stackPointer: fields.length < 3 ? undefined : Number(fields.at(-2)),
    };
  });
}
