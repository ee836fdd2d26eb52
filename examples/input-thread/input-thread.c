/* A server with an input thread, like the X server of 2007: pointer events come from a pipe, and none may wait.

     input-thread [--lock none|sections|all] [--events N] [--ack WHERE] [EVENTS]

   EVENTS is a FIFO or file of pointer events, or "-" for standard input. Without it the program starts
   send-events, its neighbour, which sends N events (200 unless told otherwise).
   --ack writes the line "done" to WHERE (a FIFO or file, "-" for standard output) when an event has been handled. */
#define _GNU_SOURCE
#include "pointer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct options {
  const char *lock, *events, *ack, *input;
};

extern char __start_input_code[], __stop_input_code[];
extern char __start_input_data[], __stop_input_data[];
extern char __start_input_table[], __stop_input_table[];
extern char **environ;

static int input_fd = -1, ack_fd = -1;

static void fail(const char *what) {
  fprintf(stderr, "input-thread: %s: %s\n", what, strerror(errno));
  exit(1);
}

/* A pipe may hand over half an event. */
static int read_event(struct pointer_event *event) {
  size_t got = 0;
  while (got < sizeof *event) {
    ssize_t count = read(input_fd, (char *)event + got, sizeof *event - got);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return 0;
    got += (size_t)count;
  }
  return 1;
}

INPUT_CODE static void *input_thread(void *unused) {
  struct pointer_event event;
  prctl(PR_SET_NAME, "input");
  while (read_event(&event)) {
    pointer_handle(&event);
    if (ack_fd >= 0 && write(ack_fd, "done\n", 5) != 5) break;
  }
  return unused;
}

static void lock_section(const char *name, char *start, char *stop) {
  if (mlock(start, (size_t)(stop - start)) != 0) fail(name);
}

static void lock_memory(const char *what) {
  if (strcmp(what, "none") == 0) return;
  if (strcmp(what, "all") == 0) {
    if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) fail("mlockall");
  } else if (strcmp(what, "sections") == 0) {
    lock_section("mlock of input_code", __start_input_code, __stop_input_code);
    lock_section("mlock of input_data", __start_input_data, __stop_input_data);
    lock_section("mlock of input_table", __start_input_table, __stop_input_table);
  } else {
    fprintf(stderr, "input-thread: --lock takes none, sections or all, not \"%s\"\n", what);
    exit(2);
  }
}

static int open_stream(const char *path, int standard, int flags) {
  int fd = strcmp(path, "-") == 0 ? standard : open(path, flags | O_CLOEXEC, 0600);
  if (fd < 0) fail(path);
  return fd;
}

/* Starts send-events from our own folder and leaves the reading end of its pipe in input_fd. */
static pid_t start_sender(const char *events) {
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - sizeof "send-events");
  if (length < 0) fail("/proc/self/exe");
  path[length] = '\0';
  strcpy(strrchr(path, '/') + 1, "send-events");

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  char *arguments[] = {path, (char *)events, NULL};
  pid_t pid;
  errno = posix_spawn(&pid, path, &actions, NULL, arguments, environ);
  if (errno != 0) fail(path);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  input_fd = ends[0];
  return pid;
}

static struct options parse(int count, char **arguments) {
  struct options options = {.lock = "none", .events = "200"};
  for (int i = 1; i < count; i++) {
    const char **value = strcmp(arguments[i], "--lock") == 0     ? &options.lock
                         : strcmp(arguments[i], "--events") == 0 ? &options.events
                         : strcmp(arguments[i], "--ack") == 0    ? &options.ack
                                                                 : NULL;
    if (value != NULL && i + 1 < count) {
      *value = arguments[++i];
    } else if (value == NULL && options.input == NULL && (arguments[i][0] != '-' || arguments[i][1] == '\0')) {
      options.input = arguments[i];
    } else {
      fprintf(stderr, "usage: input-thread [--lock none|sections|all] [--events N] [--ack WHERE] [EVENTS]\n");
      exit(2);
    }
  }
  return options;
}

int main(int count, char **arguments) {
  struct options options = parse(count, arguments);
  if (options.ack != NULL) ack_fd = open_stream(options.ack, STDOUT_FILENO, O_WRONLY | O_CREAT);
  pid_t sender = 0;
  if (options.input != NULL) input_fd = open_stream(options.input, STDIN_FILENO, O_RDONLY);
  else sender = start_sender(options.events);

  if (pointer_open() != 0) fail("pointer_open");
  lock_memory(options.lock);
  pthread_t thread;
  errno = pthread_create(&thread, NULL, input_thread, NULL);
  if (errno != 0) fail("pthread_create");
  pthread_join(thread, NULL);

  int status = 0;
  if (sender != 0 && (waitpid(sender, &status, 0) != sender || status != 0)) {
    fprintf(stderr, "input-thread: send-events failed\n");
    return 1;
  }
  struct pointer_result result = pointer_close();
  printf("%u events handled, the cursor is at %d,%d and has travelled %.1f px\n", result.handled, result.x, result.y,
         result.travelled);
  return 0;
}
