/* locking CASE: what stays true of locks when other things happen to the process. */
#include "check.h"
#include <sched.h>
#include <sys/wait.h>

enum { PAGE = 4096, KB = 1024, MB = 1024 * 1024 };

FAULTLINE_DATA static volatile int state = 7;
FAULTLINE_BSS __attribute__((aligned(4096))) static char area[16 * PAGE];

static void *anonymous(size_t bytes) {
  return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* ---- faultline_unlock ---- */

static int unmapped_case(void) {
  memset(area, 1, sizeof area);
  CHECK(faultline_lock(0) == 0 && locked_in(area, sizeof area) == sizeof area);
  CHECK(munmap(area + 4 * PAGE, PAGE) == 0 && munmap(area + 9 * PAGE, 2 * PAGE) == 0);
  CHECK(faultline_unlock() == 0);
  CHECK(locked_in(area, sizeof area) == 0 && faultline_locked_bytes_() == 0);
  return 0;
}

static int on_fault_and_at_once_case(void) {
  CHECK(faultline_lock(FAULTLINE_ON_FAULT) == 0 && faultline_lock(0) == 0);
  CHECK(munmap(area + 4 * PAGE, PAGE) == 0);
  CHECK(faultline_unlock() == 0 && faultline_locked_bytes_() == 0);
  return 0;
}

/* What somebody else locked in another way since is his. */
static int locked_by_others_case(void) {
  CHECK(faultline_lock(FAULTLINE_ON_FAULT) == 0);
  CHECK(mlock(area + 2 * PAGE, PAGE) == 0);
  CHECK(faultline_unlock() == 0);
  CHECK(locked_in(area, sizeof area) == PAGE && locked_in(area + 2 * PAGE, PAGE) == PAGE);
  return 0;
}

/* ---- faultline_lock_stack ---- */

/* Pages of our stack, where the caller locked some and others not. */
static char *own_stack(void) {
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  return (char *)((here & ~(uintptr_t)(PAGE - 1)) - 8 * PAGE);
}

/* The limit is 256 kB. */
static int stack_refused_case(void) {
  char *mine = own_stack();
  CHECK(faultline_prefault_stack(64 * KB) == 0);
  CHECK(mlock(mine, 2 * PAGE) == 0 && mlock(mine + 4 * PAGE, PAGE) == 0);
  CHECK(faultline_lock_stack(MB) == -1 && errno == ENOMEM);
  CHECK(strstr(faultline_error(), "the stack (") != NULL && strstr(faultline_error(), "RLIMIT_MEMLOCK is 256 kB"));
  CHECK(faultline_locked_bytes_() == 3 * PAGE && locked_in(mine, 2 * PAGE) == 2 * PAGE);
  CHECK(locked_in(mine + 4 * PAGE, PAGE) == PAGE);
  return 0;
}

static int stack_undone_case(void) {
  char *mine = own_stack();
  CHECK(faultline_prefault_stack(64 * KB) == 0);
  CHECK(mlock(mine, 2 * PAGE) == 0);
  CHECK(faultline_lock_stack(128 * KB) == 0 && faultline_locked_bytes_() >= 128 * KB);
  CHECK(faultline_lock_stack(64 * KB) == 0);
  CHECK(faultline_unlock() == 0);
  CHECK(faultline_locked_bytes_() == 2 * PAGE && locked_in(mine, 2 * PAGE) == 2 * PAGE);
  return 0;
}

__attribute__((noinline)) static int deeper(int calls) {
  volatile char frame[64 * KB];
  frame[0] = 1;
  return calls > 0 ? deeper(calls - 1) + frame[0] : 0;
}

/* The limit is 256 kB, and the stack outgrows it. */
static int stack_outgrown_case(void) {
  CHECK(faultline_lock_stack(200 * KB) == 0);
  CHECK(deeper(48) == 48);
  return 0;
}

/* ---- A process that is not dumpable: its files in /proc are not its own any more. ---- */

static int not_dumpable_case(void) {
  struct faultline_locks locks;
  CHECK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
  CHECK(getuid() == 0 || open("/proc/self/pagemap", O_RDONLY) == -1);
  CHECK(faultline_lock(0) == 0 && faultline_status(&locks) == 0);
  for (int i = 0; i < FAULTLINE_SECTIONS; i++) {
    CHECK(locks.parts[i].locked == locks.parts[i].bytes && locks.parts[i].resident == locks.parts[i].bytes);
  }
  CHECK(locks.parts[2].bytes > 0);
  CHECK(faultline_lock_stack(64 * KB) == 0);
  CHECK(faultline_unlock() == 0 && faultline_locked_bytes_() == 0);
  CHECK(faultline_lock_all(FAULTLINE_CURRENT) == 0);
  return 0;
}

/* No descriptor is left: what is locked cannot be known, and nothing is locked. */
static int no_descriptor_case(void) {
  struct rlimit none = {0, 0};
  CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
  CHECK(faultline_lock(0) == -1 && errno == EMFILE && faultline_error()[0] != '\0');
  CHECK(munlockall() == 0);
  return 0;
}

/* ---- fork, and threads ---- */

static volatile int stop;

static void *lock_and_unlock(void *data) {
  while (!stop) {
    if (faultline_lock(0) != 0 || faultline_unlock() != 0) stop = 1;
  }
  return data;
}

static int child_locks(void) {
  struct faultline_locks locks;
  alarm(20);
  return faultline_lock(0) == 0 && faultline_status(&locks) == 0 && locks.parts[3].locked == locks.parts[3].bytes &&
                 faultline_unlock() == 0 && faultline_locked_bytes_() == 0
             ? 0
             : 1;
}

static int fork_case(void) {
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, lock_and_unlock, NULL) == 0);
  for (int i = 0; i < 60; i++) {
    int status = -1;
    pid_t child = fork();
    if (child == 0) _exit(child_locks());
    CHECK(waitpid(child, &status, 0) == child && status == 0);
  }
  CHECK(!stop);
  stop = 1;
  CHECK(pthread_join(thread, NULL) == 0);
  return 0;
}

/* A thread of a high priority waits for one of a low priority that holds what it waits for, on one processor. */
static volatile int held;

static void *hold(void *data) {
  faultline_enter_();
  held = 1;
  for (volatile int i = 0; i < 30000000; i++) {
  }
  (void)faultline_leave_(0);
  return data;
}

static int priorities_case(void) {
  struct sched_param high = {20}, low = {10};
  pthread_attr_t attributes;
  pthread_t thread;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET((size_t)sched_getcpu(), &one);
  CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
  pthread_attr_init(&attributes);
  /* Without the right to it (CAP_SYS_NICE) the two have one priority, and must do all the same. */
  if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &high) == 0) {
    CHECK(pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED) == 0);
    CHECK(pthread_attr_setschedpolicy(&attributes, SCHED_FIFO) == 0);
    CHECK(pthread_attr_setschedparam(&attributes, &low) == 0);
  }
  alarm(20);
  CHECK(pthread_create(&thread, &attributes, hold, NULL) == 0);
  while (!held) (void)poll(NULL, 0, 1);
  CHECK(faultline_lock(0) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  return 0;
}

/* ---- faultline_lock_all ---- */

static void *map_and_unmap(void *data) {
  while (!stop) {
    char *memory = (char *)anonymous(MB);
    if (memory == MAP_FAILED) continue;
    memory[0] = 1;
    munmap(memory, MB);
  }
  return data;
}

static int all_while_others_map_case(void) {
  const int flags[] = {FAULTLINE_CURRENT | FAULTLINE_FUTURE, FAULTLINE_CURRENT,
                       FAULTLINE_CURRENT_ON_FAULT | FAULTLINE_FUTURE};
  pthread_attr_t attributes;
  pthread_t thread;
  /* All memory must stay within the limit. */
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 * KB);
  CHECK(pthread_create(&thread, &attributes, map_and_unmap, NULL) == 0);
  for (int i = 0; i < 60; i++) {
    CHECK(faultline_lock_all(flags[i % 3]) == 0);
    CHECK(munlockall() == 0);
  }
  stop = 1;
  CHECK(pthread_join(thread, NULL) == 0);
  return 0;
}

/* The limit is 256 kB: the kernel refuses, and what was asked before is still so. */
static int all_refused_case(void) {
  const int flags[] = {FAULTLINE_CURRENT, FAULTLINE_CURRENT | FAULTLINE_FUTURE, FAULTLINE_CURRENT_ON_FAULT};
  size_t locked = 0;
  CHECK(mlock(area, PAGE) == 0 && mlockall(MCL_FUTURE) == 0);
  for (int i = 0; i < 3; i++) {
    char *memory;
    CHECK(faultline_lock_all(flags[i]) == -1 && errno == ENOMEM);
    CHECK(strstr(faultline_error(), "RLIMIT_MEMLOCK is 256 kB") != NULL);
    locked += PAGE;
    CHECK(faultline_locked_bytes_() == locked);
    memory = (char *)anonymous(PAGE);
    CHECK(memory != MAP_FAILED && locked_in(memory, PAGE) == PAGE);
  }
  return 0;
}

static void *nothing(void *data) { return data; }

/* The limit is 256 kB: it is not compared now, and what is mapped later is refused. */
static int future_beyond_limit_case(void) {
  /* Compilers know that malloc never fails. */
  void *volatile memory;
  pthread_t thread;
  CHECK(faultline_lock_all(FAULTLINE_FUTURE) == 0);
  CHECK(anonymous(64 * KB) != MAP_FAILED && faultline_locked_bytes_() == 64 * KB);
  errno = 0;
  CHECK(anonymous(MB) == MAP_FAILED && errno == EAGAIN);
  CHECK(pthread_create(&thread, NULL, nothing, NULL) == EAGAIN);
  memory = malloc(4 * MB);
  CHECK(memory == NULL);
  CHECK(munlockall() == 0 && anonymous(MB) != MAP_FAILED);
  return 0;
}

/* mlockall(MCL_CURRENT) takes back a lock of the future, and says so nowhere. */
static int current_clears_future_case(void) {
  char *memory;
  CHECK(faultline_lock_all(FAULTLINE_FUTURE) == 0 && faultline_lock_all(FAULTLINE_CURRENT) == 0);
  memory = (char *)anonymous(PAGE);
  CHECK(memory != MAP_FAILED && locked_in(memory, PAGE) == 0);
  return 0;
}

/* A file that is shorter than its mapping: mlockall says nothing of it. */
static int all_of_short_file_case(void) {
  char name[] = "/tmp/faultline-short-XXXXXX", *memory;
  int file = mkstemp(name);
  CHECK(file >= 0 && unlink(name) == 0 && ftruncate(file, PAGE) == 0);
  CHECK(mlock(area, PAGE) == 0);
  memory = (char *)mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, file, 0);
  CHECK(memory != MAP_FAILED && mlockall(MCL_CURRENT) == 0 && munlockall() == 0 && mlock(area, PAGE) == 0);
  CHECK(faultline_lock_all(FAULTLINE_CURRENT) == -1 && errno == EAGAIN);
  CHECK(strstr(faultline_error(), "12 kB did not come into memory") != NULL);
  CHECK(faultline_locked_bytes_() == PAGE && locked_in(area, PAGE) == PAGE);
  CHECK(munmap(memory, 4 * PAGE) == 0 && faultline_lock_all(FAULTLINE_CURRENT) == 0);
  return 0;
}

static const struct test_case CASES[] = {
    {"unmapped", unmapped_case},
    {"on fault and at once", on_fault_and_at_once_case},
    {"locked by others", locked_by_others_case},
    {"stack refused", stack_refused_case},
    {"stack undone", stack_undone_case},
    {"stack outgrown", stack_outgrown_case},
    {"not dumpable", not_dumpable_case},
    {"no descriptor", no_descriptor_case},
    {"fork", fork_case},
    {"priorities", priorities_case},
    {"all while others map", all_while_others_map_case},
    {"all refused", all_refused_case},
    {"future beyond the limit", future_beyond_limit_case},
    {"current clears future", current_clears_future_case},
    {"all of a short file", all_of_short_file_case},
};

int main(int count, char **arguments) {
  return state == 7 ? run_case(CASES, sizeof CASES / sizeof *CASES, count > 1 ? arguments[1] : "") : 3;
}
