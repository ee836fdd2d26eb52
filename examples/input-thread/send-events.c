/* Sends N pointer events (200 unless told otherwise) to standard output: the same ones every time.

     send-events [N] [MICROSECONDS BETWEEN TWO]                                                     */
#define _DEFAULT_SOURCE
#include "pointer.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Numerical Recipes' generator: good enough to wave a mouse about. */
static uint32_t next(uint32_t *state) { return (*state = *state * 1664525u + 1013904223u) >> 8; }

int main(int count, char **arguments) {
  long events = count > 1 ? atol(arguments[1]) : 200;
  long pause = count > 2 ? atol(arguments[2]) : 0;
  uint32_t state = 2007;
  for (long i = 0; i < events; i++) {
    /* Mostly motion, as people do; every other kind now and then. */
    uint32_t kind = next(&state) % 3 == 0 ? next(&state) % POINTER_KINDS : (uint32_t)POINTER_MOTION;
    struct pointer_event event = {
        .kind = (uint16_t)kind,
        .x = (int16_t)(next(&state) % 41 - 20),
        .y = (int16_t)(next(&state) % 41 - 20),
        .pressure = (uint16_t)(next(&state) % 1024),
    };
    if (fwrite(&event, sizeof event, 1, stdout) != 1 || (pause > 0 && fflush(stdout) != 0)) {
      perror("send-events");
      return 1;
    }
    if (pause > 0) usleep((useconds_t)pause);
  }
  return fflush(stdout) == 0 ? 0 : 1;
}
