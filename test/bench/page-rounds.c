/* page-rounds PAGES ROUNDS: takes a fault on each of the pages, again and again. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void touch(char *memory, long pages, long page) {
    for (long i = 0; i < pages; i++) memory[i * page] = 1;
}

int main(int argc, char **argv) {
    const long pages = argc > 1 ? atol(argv[1]) : 100000;
    const long rounds = argc > 2 ? atol(argv[2]) : 10;
    const long page = sysconf(_SC_PAGESIZE);
    const size_t bytes = (size_t)(pages * page);
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    madvise(memory, bytes, MADV_NOHUGEPAGE); /* One fault a page, whatever the system's default. */
    for (long round = 0; round < rounds; round++) {
        touch(memory, pages, page);
        madvise(memory, bytes, MADV_DONTNEED);
    }
    return 0;
}
