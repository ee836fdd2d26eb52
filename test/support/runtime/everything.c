/* What runtime/faultline.h does, checked by the program itself; C and C++. Ends with 0, or the line that was wrong. */
#include "faultline.h"

int from_another_file(void);
int in_locked_code(int value);

FAULTLINE_CODE int in_locked_code(int value) { return value * 3; }
FAULTLINE_CODE static int also_locked(int value) { return value + 1; }
/* volatile: compilers that see the whole program would do without them. */
FAULTLINE_RODATA static const volatile int table[2000] = {1, 2, 3};
FAULTLINE_DATA static volatile int state = 7;
FAULTLINE_BSS static volatile int counters[9000];

#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      printf("line %d: %s; %s\n", __LINE__, #condition, faultline_error());                                            \
      return 1;                                                                                                        \
    }                                                                                                                  \
  } while (0)

static size_t locked_now(void) { return faultline_locked_bytes_(); }

int main(int count, char **arguments) {
  struct faultline_locks locks;
  size_t before = locked_now(), all = 0;
  char name[16] = "";
  const void *memory = FAULTLINE_POINTER(const void *, FAULTLINE_ADDRESS(counters));
  (void)arguments;
  CHECK(faultline_lock(0) == 0);
  CHECK(faultline_status(&locks) == 0);
  for (int i = 0; i < FAULTLINE_SECTIONS; i++) {
    CHECK(locks.parts[i].bytes > 0);
    CHECK(locks.parts[i].locked == locks.parts[i].bytes);
    CHECK(locks.parts[i].resident == locks.parts[i].bytes);
    all += locks.parts[i].bytes;
  }
  /* Two sections may share a page. */
  CHECK(locked_now() > before && locked_now() <= before + all);
  CHECK(faultline_lock(0) == 0);
  CHECK(from_another_file() == 0);
  CHECK(faultline_unlock() == 0 && locked_now() == before);
  CHECK(faultline_unlock() == 0 && locked_now() == before);

  CHECK(faultline_lock(FAULTLINE_ON_FAULT) == 0 && locked_now() > before);
  CHECK(faultline_lock(0) == 0);
  CHECK(faultline_unlock() == 0 && locked_now() == before);
  errno = 0;
  CHECK(faultline_lock(64) == -1 && errno == EINVAL && faultline_error()[0] != '\0');
  CHECK(faultline_lock_all(0) == -1 && errno == EINVAL);

  /* What was locked before stays locked, each in its way. */
  CHECK(mlock(memory, sizeof counters / 2) == 0);
  before = locked_now();
  CHECK(faultline_lock(0) == 0 && faultline_unlock() == 0 && locked_now() == before);
  CHECK(munlock(memory, sizeof counters / 2) == 0);

  faultline_begin("a mark that is longer than a name");
  CHECK(prctl(PR_GET_NAME, name, 0, 0, 0) == 0 && strcmp(name, "a mark that is ") == 0);
  for (int i = 0; i < 9; i++) faultline_begin("deeper");
  for (int i = 0; i < 10; i++) faultline_end();
  faultline_end();
  CHECK(prctl(PR_GET_NAME, name, 0, 0, 0) == 0 && strncmp(name, "everything", 10) == 0);

  CHECK(faultline_prefault_stack(200000) == 0);
  CHECK(faultline_prefault_stack(1000000000) == -1 && strstr(faultline_error(), "RLIMIT_STACK") != NULL);
  CHECK(faultline_prefault_heap(300000) == 0);
  CHECK(faultline_prefault_thread(pthread_self()) == 0);
  return in_locked_code(count) + also_locked(table[count]) + state + counters[count] > 0 ? 0 : 1;
}
