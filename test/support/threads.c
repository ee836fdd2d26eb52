/* argv[1] threads that touch ten fresh pages every 20 ms, for ever; the process's own counters say how many. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void *touch(void *unused) {
  for (;;) {
    char *memory = mmap(0, 10 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int page = 0; page < 10; page++) memory[page * 4096] = 1;
    munmap(memory, 10 * 4096);
    usleep(20000);
  }
  return unused;
}

int main(int argc, char **argv) {
  pthread_t thread;
  for (int left = argc > 1 ? atoi(argv[1]) : 1; left > 0; left--) pthread_create(&thread, 0, touch, 0);
  pause();
}
