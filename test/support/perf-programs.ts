/** Small programs that fault in known ways, compiled when a test asks for them. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const SOURCES = {
  /** storm N: touches N fresh pages. */
  storm: `
    #include <stdlib.h>
    #include <sys/mman.h>
    int main(int argc, char **argv) {
      long pages = argc > 1 ? atol(argv[1]) : 1000;
      for (long done = 0; done < pages;) {
        long some = pages - done < 4096 ? pages - done : 4096;
        char *memory = mmap(0, some * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        madvise(memory, some * 4096, MADV_NOHUGEPAGE);
        for (long page = 0; page < some; page++) memory[page * 4096] = 1;
        munmap(memory, some * 4096);
        done += some;
      }
      return 0;
    }`,
  /** threads N: four threads that touch N pages each and move between cpus. */
  threads: `
    #define _GNU_SOURCE
    #include <pthread.h>
    #include <sched.h>
    #include <stdlib.h>
    #include <sys/mman.h>
    static long pages;
    static void *touch(void *seed) {
      char *memory = mmap(0, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      madvise(memory, pages * 4096, MADV_NOHUGEPAGE);
      for (long page = 0; page < pages; page++) {
        memory[page * 4096] = 1;
        if (page % 64 == 63) {
          cpu_set_t one;
          CPU_ZERO(&one);
          CPU_SET((page / 64 + (long)seed) % 2, &one);
          sched_setaffinity(0, sizeof one, &one);
        }
      }
      return 0;
    }
    int main(int argc, char **argv) {
      pthread_t threads[4];
      pages = argc > 1 ? atol(argv[1]) : 1000;
      for (long i = 0; i < 4; i++) pthread_create(&threads[i], 0, touch, (void *)i);
      for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
      return 0;
    }`,
  /** children N: N children, one after the other, that each write to a page they inherited. */
  children: `
    #include <stdlib.h>
    #include <sys/wait.h>
    #include <unistd.h>
    static char inherited[65536] = {1};
    int main(int argc, char **argv) {
      int count = argc > 1 ? atoi(argv[1]) : 100;
      for (int i = 0; i < count; i++) {
        if (fork() == 0) { inherited[8192] = 2; _exit(0); }
        wait(0);
      }
      return 0;
    }`,
  /** refused N: N writes to a page without permission, each answered by a signal handler; then dies of one. */
  refused: `
    #include <setjmp.h>
    #include <signal.h>
    #include <stdlib.h>
    #include <sys/mman.h>
    static sigjmp_buf back;
    static void handle(int signal) { (void)signal; siglongjmp(back, 1); }
    int main(int argc, char **argv) {
      int count = argc > 1 ? atoi(argv[1]) : 10;
      volatile char *wall = mmap(0, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      signal(SIGSEGV, handle);
      for (volatile int i = 0; i < count; i++) if (!sigsetjmp(back, 1)) wall[0] = 1;
      signal(SIGSEGV, SIG_DFL);
      wall[0] = 1;
      return 0;
    }`,
} as const;

export type PerfProgram = keyof typeof SOURCES;

/** Path of the compiled program, inside `folder`. */
export function buildPerfProgram(folder: string, name: PerfProgram): string {
  const source = join(folder, `${name}.c`);
  const program = join(folder, name);
  writeFileSync(source, SOURCES[name]);
  execFileSync("gcc", ["-O1", "-g", "-pthread", "-o", program, source]);
  return program;
}
