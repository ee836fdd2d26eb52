/* Pointer events: what arrives on the pipe, and what the input thread does with it. */
#ifndef POINTER_H
#define POINTER_H

#include <stdint.h>

enum pointer_kind {
  POINTER_MOTION,
  POINTER_PRESS,
  POINTER_RELEASE,
  POINTER_WHEEL,
  POINTER_ENTER,
  POINTER_LEAVE,
  POINTER_PROXIMITY,
  POINTER_TOUCH,
  POINTER_KINDS
};

/* One packet on the pipe: eight bytes, in the machine's byte order. */
struct pointer_event {
  uint16_t kind;
  int16_t x, y;
  uint16_t pressure;
};

struct pointer_result {
  int x, y;
  double travelled;
  unsigned handled;
};

/* Section names that are C identifiers: the linker then provides __start_ and __stop_ for them. */
#define INPUT_CODE __attribute__((section("input_code"), noinline))
#define INPUT_DATA __attribute__((section("input_data")))
#define INPUT_TABLE __attribute__((section("input_table")))

/* Returns -1 without memory or without /dev/null. Not part of the critical path. */
int pointer_open(void);
void pointer_handle(const struct pointer_event *event);
struct pointer_result pointer_close(void);

#endif
