/* The critical path: everything that happens between an event on the pipe and the cursor being moved.
   Its author remembered to put some of it into sections of its own, which input-thread.c can lock. */
#include "pointer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SCREEN_WIDTH = 1920, SCREEN_HEIGHT = 1080, HISTORY = 256, TRAIL = 65536, CURVE = 8192 };

struct device {
  int last_x, last_y;
  unsigned buttons;
  double travelled;
  short trail[TRAIL][2];
};

struct motion {
  int x, y;
  struct timespec at;
  char label[104];
};

/* Remembered: these have been moved. */
INPUT_DATA static int cursor_x = SCREEN_WIDTH / 2, cursor_y = SCREEN_HEIGHT / 2;
INPUT_DATA static unsigned handled = 0;
INPUT_DATA static struct device *device = NULL;
INPUT_DATA static int (*accelerate)(int delta, unsigned pressure) = NULL;
INPUT_TABLE static const unsigned char gain[8] = {1, 1, 2, 2, 3, 4, 6, 8};

/* Forgotten: these stay where the compiler puts them, and fault. */
static short pressure_curve[CURVE] = {[0] = 1, [CURVE / 2] = 2, [CURVE - 1] = 3};
static struct motion history[HISTORY];
static const short sine_table[CURVE] = {[1] = 402, [CURVE / 4] = 32767, [3 * CURVE / 4] = -32767};
static _Thread_local unsigned events_of_this_thread;
static FILE *event_log;

INPUT_CODE static int accelerate_by_gain(int delta, unsigned pressure) { return delta * gain[pressure & 7]; }

/* A helper that was added a year later, by someone who did not know about the sections. */
__attribute__((noinline)) static int rotate(int x, unsigned angle) {
  return x + ((x * sine_table[angle % CURVE]) >> 17);
}

static inline int clamp(int value, int limit) { return value < 0 ? 0 : value >= limit ? limit - 1 : value; }

static inline void remember_motion(void) {
  struct motion *motion = &history[handled % HISTORY];
  motion->x = cursor_x;
  motion->y = cursor_y;
  clock_gettime(CLOCK_MONOTONIC, &motion->at);
  snprintf(motion->label, sizeof motion->label, "%d,%d after %g px", cursor_x, cursor_y, device->travelled);
}

static inline void move_cursor(int dx, int dy) {
  cursor_x = clamp(cursor_x + dx, SCREEN_WIDTH);
  cursor_y = clamp(cursor_y + dy, SCREEN_HEIGHT);
  device->travelled += hypot(dx, dy);
}

/* The code is locked, but the jump table of this switch is a constant of its own, in .rodata. */
INPUT_CODE static void dispatch(const struct pointer_event *event) {
  switch (event->kind) {
  case POINTER_MOTION:
    move_cursor(accelerate(event->x, event->pressure), accelerate(event->y, event->pressure));
    break;
  case POINTER_PRESS:
    device->buttons |= 1u << (event->x & 31);
    break;
  case POINTER_RELEASE:
    device->buttons &= ~(1u << (event->x & 31));
    break;
  case POINTER_WHEEL:
    move_cursor(0, event->y * 3);
    break;
  case POINTER_ENTER:
    device->last_x = event->x;
    device->last_y = event->y;
    break;
  case POINTER_LEAVE:
    device->buttons = 0;
    break;
  case POINTER_PROXIMITY:
    move_cursor(rotate(event->x, handled * 64), rotate(event->y, handled * 64));
    break;
  case POINTER_TOUCH:
    pressure_curve[event->pressure * 8u % CURVE]++;
    break;
  default:
    fprintf(stderr, "input-thread: an event of unknown kind %u was ignored\n", event->kind);
  }
}

/* Every so often a pointer gets a picture of its own: memory nobody thought of when locking. */
INPUT_CODE static unsigned draw_cursor(void) {
  enum { SIDE = 64 };
  unsigned *picture = malloc(SIDE * SIDE * sizeof *picture);
  if (picture == NULL) return 0;
  for (int row = 0; row < SIDE; row++)
    for (int column = 0; column < SIDE; column++) picture[row * SIDE + column] = handled ^ (unsigned)(row * column);
  unsigned corner = picture[SIDE * SIDE - 1];
  free(picture);
  return corner;
}

INPUT_CODE void pointer_handle(const struct pointer_event *event) {
  dispatch(event);
  remember_motion();
  device->trail[handled * 128 % TRAIL][0] = (short)cursor_x;
  device->trail[handled * 128 % TRAIL][1] = (short)cursor_y;
  if (handled % 64 == 63) device->last_x ^= (int)draw_cursor();
  fprintf(event_log, "event %u: kind %u at %d,%d\n", events_of_this_thread, event->kind, cursor_x, cursor_y);
  events_of_this_thread++;
  handled++;
}

int pointer_open(void) {
  accelerate = accelerate_by_gain;
  device = calloc(1, sizeof *device);
  event_log = fopen("/dev/null", "w");
  return device != NULL && event_log != NULL ? 0 : -1;
}

struct pointer_result pointer_close(void) {
  struct pointer_result result = {cursor_x, cursor_y, device->travelled, handled};
  fclose(event_log);
  free(device);
  return result;
}
