/* On every line of its input it calls 256 functions, each on a page of its own, and says "done". */
#include <stdio.h>

static volatile unsigned total;

#define FUNCTION(name)                                                                                                 \
  static void __attribute__((noinline, noclone, aligned(4096), section("many_functions"))) f##name(void) {             \
    total += 0x##name;                                                                                                 \
  }
#define CALL(name) f##name();
#define SIXTEEN(use, row)                                                                                              \
  use(row##0) use(row##1) use(row##2) use(row##3) use(row##4) use(row##5) use(row##6) use(row##7) use(row##8)          \
      use(row##9) use(row##a) use(row##b) use(row##c) use(row##d) use(row##e) use(row##f)
#define ALL(use)                                                                                                       \
  SIXTEEN(use, 0) SIXTEEN(use, 1) SIXTEEN(use, 2) SIXTEEN(use, 3) SIXTEEN(use, 4) SIXTEEN(use, 5) SIXTEEN(use, 6)      \
  SIXTEEN(use, 7) SIXTEEN(use, 8) SIXTEEN(use, 9) SIXTEEN(use, a) SIXTEEN(use, b) SIXTEEN(use, c) SIXTEEN(use, d)      \
  SIXTEEN(use, e) SIXTEEN(use, f)

ALL(FUNCTION)

extern const char __start_many_functions[];

int main(void) {
  char line[64];
  printf("%lx\n", (unsigned long)__start_many_functions);
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    ALL(CALL)
    puts("done");
    fflush(stdout);
  }
  return (int)(total & 1);
}
