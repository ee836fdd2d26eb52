/* A target with locks of its own, of each kind, and memory that can not be locked: it says where, and does what it is told.
   Of its 32 pages: 8 and 9 are locked, 10 and 11 locked on fault, 20 may not be touched, 24 is not mapped. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char page_of_data[4096 * 2] __attribute__((section("locked_data"), aligned(4096))) = {1};
__attribute__((section("locked_text"), noinline)) static int locked_function(int x) { return x + page_of_data[0]; }

int main(int count, char **arguments) {
  long page = sysconf(_SC_PAGESIZE);
  char *area = mmap(NULL, 32 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), line[256], word[16];
  madvise(area, 32 * page, MADV_NOHUGEPAGE);
  if (mlock(area + 8 * page, 2 * page) != 0 || mlock2(area + 10 * page, 2 * page, MLOCK_ONFAULT) != 0) return 1;
  mprotect(area + 20 * page, page, PROT_NONE);
  munmap(area + 24 * page, page);
  /* A mapping that goes on behind the end of its file: it can be locked, and does not come in. */
  if (count > 1) {
    FILE *file = fopen(arguments[1], "w+");
    fputs("short", file);
    fflush(file);
    if (mmap(NULL, 4 * page, PROT_READ, MAP_SHARED, fileno(file), 0) == MAP_FAILED) return 1;
  }
  printf("%lx %d\n", (unsigned long)area, locked_function(1));
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    long first = 0, pages = 0;
    int result = -1;
    if (sscanf(line, "%15s %ld %ld", word, &first, &pages) < 1) continue;
    if (strcmp(word, "lock") == 0) result = mlock(area + first * page, pages * page);
    if (strcmp(word, "unmap") == 0) result = munmap(area + first * page, pages * page);
    if (strcmp(word, "all") == 0) result = mlockall((int)first);
    if (strcmp(word, "map") == 0) {
      void *more = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      printf("%lx\n", more == MAP_FAILED ? 0 : (unsigned long)more);
    } else {
      printf("%d\n", result);
    }
    fflush(stdout);
  }
  return 0;
}
