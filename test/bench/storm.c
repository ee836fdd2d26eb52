/* Takes N page faults as fast as it can: writes one byte to each page of fresh anonymous memory, 256 MB at a time. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv) {
    const long wanted = argc > 1 ? atol(argv[1]) : 1000000;
    const long page = sysconf(_SC_PAGESIZE);
    const long batch = 65536;
    for (long done = 0; done < wanted; done += batch) {
        const long pages = wanted - done < batch ? wanted - done : batch;
        char *memory = mmap(NULL, (size_t)(pages * page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            perror("mmap");
            return 1;
        }
        madvise(memory, (size_t)(pages * page), MADV_NOHUGEPAGE); /* One fault a page, whatever the system's default. */
        for (long i = 0; i < pages; i++) memory[i * page] = 1;
        munmap(memory, (size_t)(pages * page));
    }
    return 0;
}
