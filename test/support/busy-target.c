/* A target that does what disturbs others: timers, queued signals, and threads that wait in every kind of call.
   It runs for argv[1] seconds or until SIGTERM, counts what happened, prints it, and exits 3 when anything came out wrong. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static atomic_int over, wrong, alarms, queued, sum, wakes;
static atomic_uint word;

#define WRONG(...) (atomic_fetch_add(&wrong, 1), fprintf(stderr, __VA_ARGS__))

static void on_alarm(int signal) {
  (void)signal;
  alarms++;
}
static atomic_int told;
static void on_end(int signal) {
  (void)signal;
  told = 1;
}
static void on_queued(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)context;
  queued++;
  sum += info->si_value.sival_int;
}

static double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* A relative sleep must not be cut short or begin anew. */
static void *sleeps(void *unused) {
  while (!over) {
    struct timespec wanted = {0, 20000000}, left;
    double start = now();
    while (nanosleep(&wanted, &left) != 0) {
      if (errno != EINTR) wrong++;
      wanted = left;
    }
    double slept = now() - start;
    if (slept < 0.0199 || slept > 2) WRONG("slept %f\n", slept);
  }
  return unused;
}

static void *polls(void *unused) {
  while (!over) {
    struct pollfd none = {.fd = -1};
    int result = poll(&none, 1, 15);
    if (result != 0 && !(result < 0 && errno == EINTR)) WRONG("poll %d %d\n", result, errno);
  }
  return unused;
}

static void *waits_for_word(void *unused) {
  while (!over) {
    struct timespec most = {0, 10000000};
    long result = syscall(SYS_futex, &word, FUTEX_WAIT, 0, &most, NULL, 0);
    if (result != 0 && errno != ETIMEDOUT && errno != EINTR && errno != EAGAIN) wrong++;
    wakes++;
  }
  return unused;
}

static int pipe_ends[2];
static atomic_long written, read_back;
static void *reads(void *unused) {
  long value;
  for (;;) {
    ssize_t got = read(pipe_ends[0], &value, sizeof value);
    if (got == 0) return unused;
    if (got < 0 && errno == EINTR) continue;
    if (got != sizeof value || value != read_back) WRONG("read %zd %ld\n", got, value);
    read_back++;
  }
}

static void *waits_for_timer(void *unused) {
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), set = epoll_create1(EPOLL_CLOEXEC);
  struct itimerspec every = {{0, 7000000}, {0, 7000000}};
  timerfd_settime(timer, 0, &every, NULL);
  struct epoll_event wanted = {.events = EPOLLIN}, got;
  epoll_ctl(set, EPOLL_CTL_ADD, timer, &wanted);
  while (!over) {
    int result = epoll_wait(set, &got, 1, 1000);
    unsigned long count;
    if (result == 1 && read(timer, &count, sizeof count) != sizeof count) wrong++;
    else if (result < 0 && errno != EINTR) wrong++;
  }
  return unused;
}

/* Registers of every kind: whoever changes one of them changes the result. */
static void *computes(void *unused) {
  while (!over) {
    double x = 0;
    unsigned long y = 1;
    for (int i = 1; i < 20000; i++) x += 1.0 / i, y = y * 6364136223846793005ul + (unsigned long)i;
    if (x < 10.48 || x > 10.481 || y != 12198955822415852053ul) WRONG("computed %f %lu\n", x, y);
  }
  return unused;
}

int main(int count, char **arguments) {
  double seconds = count > 1 ? atof(arguments[1]) : 1;
  struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  struct sigaction with_value = {.sa_sigaction = on_queued, .sa_flags = SA_SIGINFO};
  sigaction(SIGRTMIN, &with_value, NULL);
  struct sigaction ending = {.sa_handler = on_end, .sa_flags = SA_RESTART};
  sigaction(SIGTERM, &ending, NULL);
  struct itimerval every = {{0, 5000}, {0, 5000}};
  setitimer(ITIMER_REAL, &every, NULL);
  if (pipe(pipe_ends) != 0) return 1;
  void *(*bodies[])(void *) = {sleeps, polls, waits_for_word, waits_for_timer, computes, reads};
  enum { BODIES = sizeof bodies / sizeof *bodies };
  pthread_t threads[BODIES];
  for (int i = 0; i < BODIES; i++) pthread_create(&threads[i], NULL, bodies[i], NULL);
  printf("ready\n");
  fflush(stdout);
  int sent = 0, expected = 0;
  for (double end = now() + seconds; now() < end && !told;) {
    /* To ourselves, so that none can be dropped: a queue has room for many. */
    if (sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = sent}) == 0) expected += sent++;
    long value = written;
    if (write(pipe_ends[1], &value, sizeof value) == sizeof value) written++;
    usleep(500);
  }
  over = 1;
  for (int i = 0; i < BODIES - 1; i++) pthread_join(threads[i], NULL);
  close(pipe_ends[1]);
  pthread_join(threads[BODIES - 1], NULL);
  struct itimerval off = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &off, NULL);
  if (queued != sent || sum != expected) WRONG("%d of %d queued signals\n", queued, sent);
  if (read_back != written) WRONG("%ld of %ld read\n", read_back, written);
  if (alarms == 0 || wakes == 0) wrong++;
  printf("%s\n", wrong == 0 ? "nothing was lost" : "something was lost");
  return wrong == 0 ? 0 : 3;
}
