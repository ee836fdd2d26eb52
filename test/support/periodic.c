/* Does a little in every period, by itself: "periodic PERIOD_MS". */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A page of its own for the work and one for what it works on. */
static volatile char samples[3 * 4096] __attribute__((aligned(4096))) = {1};

__attribute__((noinline, noclone, aligned(4096))) static void work(long round) {
  char text[32];
  snprintf(text, sizeof text, "%ld", round);
  samples[4096 + round % 4096] = text[0];
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  const long period = atol(arguments[1]);
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  for (long round = 0;; round++) {
    work(round);
    next.tv_nsec += period % 1000 * 1000000;
    next.tv_sec += period / 1000 + next.tv_nsec / 1000000000;
    next.tv_nsec %= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
  }
}
