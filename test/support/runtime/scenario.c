/* scenario NAME: prepares, says "ready", waits for a line, locks, tells the result, waits again, unlocks, waits. */
#define _GNU_SOURCE
#include "faultline.h"
#include <dlfcn.h>
#include <sys/syscall.h>

FAULTLINE_CODE int locked_code(int value) { return value * 5; }
FAULTLINE_DATA int locked_state = 3;
FAULTLINE_BSS __attribute__((aligned(4096))) char area[16 * 4096];

static void wait_for_line(const char *said) {
  char line[16];
  printf("%s\n", said);
  fflush(stdout);
  if (fgets(line, sizeof line, stdin) == NULL) exit(9);
}

int main(int count, char **arguments) {
  const char *scenario = count > 1 ? arguments[1] : "";
  char said[700];
  int result;
  memset(area, 1, sizeof area);
  if (strcmp(scenario, "hole") == 0) munmap(area + 8 * 4096, 4096);
  if (strcmp(scenario, "no access") == 0) mprotect(area + 8 * 4096, 4096, PROT_NONE);
  if (strcmp(scenario, "locked before") == 0 && (mlock(area + 4096, 4096) != 0 || mlock(area + 5 * 4096, 8192) != 0))
    return 8;
  if (strcmp(scenario, "locked on fault before") == 0 && syscall(SYS_mlock2, area + 3 * 4096, 8192, 1) != 0) return 8;
  if (strcmp(scenario, "library") == 0 && dlopen(arguments[2], RTLD_NOW) == NULL) return 8;
  wait_for_line("ready");
  result = strncmp(scenario, "all", 3) == 0 ? faultline_lock_all(atoi(scenario + 3)) : faultline_lock(0);
  snprintf(said, sizeof said, "%d %d %s", result, result == 0 ? 0 : errno, faultline_error());
  wait_for_line(said);
  snprintf(said, sizeof said, "%d", faultline_unlock());
  wait_for_line(said);
  /* Without the end of libraries: one of them may have lost its file. */
  _exit(locked_code(locked_state) == 15 ? 0 : 7);
}
