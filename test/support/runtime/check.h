/* What test programs share: a check that tells its line, and what the kernel says is locked. */
#ifndef CHECK_H
#define CHECK_H
#define _GNU_SOURCE
#include "faultline.h"

#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      printf("line %d: %s; %s\n", __LINE__, #condition, faultline_error());                                            \
      return 1;                                                                                                        \
    }                                                                                                                  \
  } while (0)

/* A program of cases, by name: 0, or 1 and a line that says what was wrong. */
struct test_case {
  const char *name;
  int (*run)(void);
};

static inline int run_case(const struct test_case *cases, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(cases[i].name, name) == 0) return cases[i].run();
  printf("there is no case %s\n", name);
  return 2;
}

struct locked_range {
  uintptr_t start, end;
  size_t locked;
};

static inline int count_locked(const struct faultline_mapping_ *mapping, void *data) {
  struct locked_range *range = (struct locked_range *)data;
  uintptr_t start = mapping->start > range->start ? mapping->start : range->start;
  uintptr_t end = mapping->end < range->end ? mapping->end : range->end;
  if (mapping->lock != 0 && start < end) range->locked += end - start;
  return 0;
}

/* Bytes of a range that are locked, by smaps. */
static inline size_t locked_in(const void *start, size_t bytes) {
  struct locked_range range = {(uintptr_t)start, (uintptr_t)start + bytes, 0};
  return faultline_each_mapping_(count_locked, &range) < 0 ? (size_t)-1 : range.locked;
}

#endif
