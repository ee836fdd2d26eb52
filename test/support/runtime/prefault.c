/* prefault CASE: memory that was brought in takes no fault afterwards, by the kernel's count, and is what it was. */
#include "check.h"
#include <ucontext.h>

enum { PAGE = 4096, KB = 1024, MB = 1024 * 1024 };

static long faults(void) {
  struct rusage usage;
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_minflt + usage.ru_majflt : -1;
}

/* Some pages of the program itself may come in meanwhile. */
enum { FEW = 8 };

__attribute__((noinline)) static int use_stack(size_t bytes) {
  volatile char *down = (volatile char *)__builtin_alloca(bytes);
  for (size_t at = bytes; at > 0; at -= PAGE) down[at - 1] = 1;
  return down[0];
}

static int stack_faults(size_t bytes, long *count) {
  long before = faults();
  int used = use_stack(bytes);
  *count = faults() - before;
  return used;
}

static int stack_case(void) {
  long count;
  CHECK(faultline_prefault_stack(2 * MB) == 0);
  (void)stack_faults(2 * MB - 16 * PAGE, &count);
  CHECK(count <= FEW);
  return 0;
}

static int heap_case(void) {
  char *blocks[64];
  long before;
  CHECK(faultline_prefault_heap(0) == 0);
  CHECK(faultline_prefault_heap(8 * MB) == 0);
  before = faults();
  for (int i = 0; i < 64; i++) {
    blocks[i] = (char *)malloc(100 * KB);
    CHECK(blocks[i] != NULL);
    memset(blocks[i], 1, 100 * KB);
  }
  CHECK(faults() - before <= FEW);
  for (int i = 0; i < 64; i++) free(blocks[i]);
  CHECK(faultline_prefault_heap((size_t)-1 / 2) == -1 && faultline_error()[0] != '\0');
  return 0;
}

static pthread_barrier_t barrier;
static int prefault_itself;

static int thread_checks(void) {
  long count;
  if (prefault_itself) CHECK(faultline_prefault_thread(pthread_self()) == 0);
  (void)pthread_barrier_wait(&barrier);
  (void)pthread_barrier_wait(&barrier);
  (void)stack_faults(900 * KB, &count);
  CHECK(count <= FEW);
  return 0;
}

static void *thread(void *result) {
  *(int *)result = thread_checks();
  return NULL;
}

static int thread_case(void) {
  for (prefault_itself = 0; prefault_itself < 2; prefault_itself++) {
    pthread_attr_t attributes;
    pthread_t other;
    int result = 1;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, MB);
    pthread_barrier_init(&barrier, NULL, 2);
    CHECK(pthread_create(&other, &attributes, thread, &result) == 0);
    (void)pthread_barrier_wait(&barrier);
    if (!prefault_itself) CHECK(faultline_prefault_thread(other) == 0);
    (void)pthread_barrier_wait(&barrier);
    pthread_join(other, NULL);
    CHECK(result == 0);
  }
  return 0;
}

/* With the limit of 8 MB that the test gives. */
static int first_thread_case(void) {
  long count;
  CHECK(faultline_prefault_thread(pthread_self()) == 0);
  (void)stack_faults(7 * MB, &count);
  CHECK(count <= FEW);
  return 0;
}

static void *first_thread_of(void *first) {
  return faultline_prefault_thread(*(pthread_t *)first) == 0 ? first : NULL;
}

static int first_thread_from_another_case(void) {
  pthread_t first = pthread_self(), other;
  void *done = NULL;
  long count;
  CHECK(pthread_create(&other, NULL, first_thread_of, &first) == 0);
  pthread_join(other, &done);
  CHECK(done != NULL);
  (void)stack_faults(7 * MB, &count);
  CHECK(count <= FEW);
  return 0;
}

static int unlimited_case(void) {
  CHECK(faultline_prefault_thread(pthread_self()) == -1 && errno == ERANGE);
  CHECK(strstr(faultline_error(), "ulimit -s unlimited") != NULL);
  CHECK(faultline_prefault_stack(20 * MB) == 0);
  return 0;
}

static int too_deep_case(void) {
  const size_t depths[] = {(size_t)-1, (size_t)-PAGE, (size_t)1 << 62, 8 * MB, 8 * MB - 4 * PAGE};
  for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
    CHECK(faultline_prefault_stack(depths[i]) == -1 && errno == ENOMEM);
    CHECK(strstr(faultline_error(), "RLIMIT_STACK") != NULL);
    CHECK(faultline_lock_stack(depths[i]) == -1 && errno == ENOMEM);
  }
  CHECK(faultline_locked_bytes_() == 0);
  CHECK(faultline_prefault_stack(0) == 0);
  return 0;
}

/* A limit that was raised while the program runs: other memory is nearer than it says. */
static int raised_case(void) {
  struct rlimit limit;
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  struct faultline_room_ room = {here, 0, 0, 0, 0, 0, 0, 0};
  CHECK(faultline_each_mapping_(faultline_find_, &room) >= 0 && room.found && room.grows);
  CHECK(getrlimit(RLIMIT_STACK, &limit) == 0);
  limit.rlim_cur = (rlim_t)1 << 46;
  if (limit.rlim_max < limit.rlim_cur) return 0;
  CHECK(setrlimit(RLIMIT_STACK, &limit) == 0);
  CHECK(faultline_prefault_stack(here - room.below) == -1 && errno == ENOMEM);
  CHECK(faultline_prefault_stack(20 * MB) == 0);
  return 0;
}

static ucontext_t back, inside;
static int coroutine_result = 1;

static int coroutine_checks(void) {
  /* Less than what is mapped, more than the coroutine has. */
  CHECK(faultline_prefault_stack(256 * KB) == 0);
  CHECK(faultline_prefault_stack(8 * MB) == -1 && errno == ENOMEM);
  CHECK(faultline_lock_stack(16 * KB) == 0 && faultline_locked_bytes_() > 0);
  /* The lock has cut the mapping; its room is what it was. */
  CHECK(faultline_prefault_stack(256 * KB) == 0);
  CHECK(faultline_unlock() == 0 && faultline_locked_bytes_() == 0);
  return 0;
}

static void coroutine(void) { coroutine_result = coroutine_checks(); }

/* Without a guard: what lies below is the program's, and stays what it was. */
static int coroutine_case(void) {
  enum { ALL = 4 * MB, OWN = 64 * KB };
  char *memory = (char *)mmap(NULL, ALL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  memset(memory, 0x5a, ALL);
  CHECK(getcontext(&inside) == 0);
  inside.uc_stack.ss_sp = memory + ALL - OWN;
  inside.uc_stack.ss_size = OWN;
  inside.uc_link = &back;
  makecontext(&inside, coroutine, 0);
  CHECK(swapcontext(&back, &inside) == 0);
  for (size_t i = 0; i < ALL - OWN; i++) CHECK(memory[i] == 0x5a);
  return coroutine_result;
}

static const struct test_case CASES[] = {
    {"stack", stack_case},
    {"heap", heap_case},
    {"thread", thread_case},
    {"first thread", first_thread_case},
    {"first thread from another", first_thread_from_another_case},
    {"unlimited", unlimited_case},
    {"too deep", too_deep_case},
    {"raised", raised_case},
    {"coroutine", coroutine_case},
};

int main(int count, char **arguments) {
  return run_case(CASES, sizeof CASES / sizeof *CASES, count > 1 ? arguments[1] : "");
}
