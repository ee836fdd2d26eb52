/* Touches fresh pages: argv[1] minor faults, one after the other; with argv[2], ends by a fault that is refused. */
#define _DEFAULT_SOURCE
#include <stdlib.h>
#include <sys/mman.h>

int main(int argc, char **argv) {
  long faults = argc > 1 ? atol(argv[1]) : 0;
  size_t size = 256ul << 20;
  char *memory = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 1;
  madvise(memory, size, MADV_NOHUGEPAGE);
  volatile char sum = 0;
  while (faults > 0) {
    for (size_t at = 0; at < size && faults > 0; at += 4096, faults--) sum += memory[at];
    madvise(memory, size, MADV_DONTNEED);
  }
  if (argc > 2) *(volatile char *)16 = 1;
  return 0;
}
