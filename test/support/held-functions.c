/*
 * Preloaded: holds a program at the entry and after the return of functions of its own file, one after the other, so that
 * its memory can be evicted in between. What it runs in between goes step by step, and each step is noted: an oracle of
 * what was executed, and of where calls through pointers led.
 *
 * Descriptor 3 is a socket: "entered N BASE END" (of its image) and "returned N STEPS NOTED" are said on it, in hexadecimal, and after each the program waits for a
 * byte. HELD_FUNCTIONS are link-time addresses in hexadecimal, joined by commas; the steps of the Nth go to
 * HELD_FOLDER/steps.N, as pairs of run-time addresses (from, to), each pair once. The thread's name tells a recorder when:
 * "enter N", "leave N".
 *
 * There is no swap in many machines, and pages that were written belong to no file. So at each entry the program's own
 * data is put into a file, and mapped from there: then it can be evicted, too.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define CHANNEL 220
#define MOST_FUNCTIONS 64
#define TRAP_FLAG 0x100
#define STEP_BITS 17
#define STEPS (1 << STEP_BITS)

struct step { uint64_t from, to; };
struct span { uintptr_t start, end; };

static uintptr_t functions[MOST_FUNCTIONS];
static int count, current;
static uintptr_t base, image_end;
static struct span data, fixed;
static struct step *steps;
static size_t noted;
static const char *folder;
static int breakpoint = -1;
static int stepping;
static uint64_t previous, stack, back, taken;
static char name[16];

static void fail(const char *what)
{
  dprintf(CHANNEL, "failed %s: %s\n", what, strerror(errno));
  _exit(3);
}

static void say_and_wait(const char *word, unsigned long first, unsigned long second)
{
  char byte;
  dprintf(CHANNEL, "%s %d %lx %lx\n", word, current, first, second);
  while (read(CHANNEL, &byte, 1) < 0)
    if (errno != EINTR) fail("read");
}

static void put(int file, const void *from, size_t length)
{
  for (const char *at = from; length > 0;) {
    ssize_t written = write(file, at, length);
    if (written <= 0) fail("write");
    at += written, length -= written;
  }
}

static int new_file(const char *kind)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.%d", folder, kind, current);
  int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) fail(path);
  return file;
}

static void map(int file, struct span span, int protection)
{
  if (span.end > span.start && mmap((void *)span.start, span.end - span.start, protection, MAP_PRIVATE | MAP_FIXED, file,
                                    span.start - data.start) == MAP_FAILED)
    fail("mmap");
}

static void put_data_into_file(void)
{
  int file = new_file("data");
  put(file, (void *)data.start, data.end - data.start);
  if (fsync(file)) fail("fsync");
  map(file, (struct span){ data.start, fixed.start }, PROT_READ | PROT_WRITE);
  map(file, fixed, PROT_READ);
  map(file, (struct span){ fixed.end, data.end }, PROT_READ | PROT_WRITE);
  close(file);
}

static void await_function(void)
{
  if (current == count) return;
  struct perf_event_attr attr = {
    .type = PERF_TYPE_BREAKPOINT, .size = sizeof attr, .sample_period = 1, .bp_type = HW_BREAKPOINT_X,
    .bp_addr = base + functions[current], .bp_len = sizeof(long),
    .exclude_kernel = 1, .exclude_hv = 1, .sigtrap = 1, .remove_on_exec = 1,
  };
  breakpoint = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
  if (breakpoint < 0) fail("perf_event_open");
}

static void rename_thread(const char *word)
{
  char text[16];
  snprintf(text, sizeof text, "%s %d", word, current);
  prctl(PR_SET_NAME, text);
}

static void enter(const greg_t *registers)
{
  close(breakpoint);
  put_data_into_file();
  say_and_wait("entered", base, image_end);
  stepping = 1;
  stack = registers[REG_RSP];
  back = *(uint64_t *)stack;
  previous = registers[REG_RIP];
  noted = taken = 0;
  rename_thread("enter");
}

static void leave(void)
{
  stepping = 0;
  rename_thread("leave");
  prctl(PR_SET_NAME, name);
  int file = new_file("steps");
  for (size_t at = 0; at < STEPS; at++)
    if (steps[at].from) put(file, &steps[at], sizeof *steps);
  close(file);
  memset(steps, 0, STEPS * sizeof *steps);
  say_and_wait("returned", taken, noted);
  current++;
  await_function();
}

static int is_own(uint64_t address)
{
  return address >= base && address < image_end;
}

static void note(uint64_t from, uint64_t to)
{
  taken++;
  if (!is_own(from) && !is_own(to)) return;
  size_t at = (from * 31 + to) * 0x9e3779b97f4a7c15 >> (64 - STEP_BITS);
  while (steps[at].from && (steps[at].from != from || steps[at].to != to)) at = (at + 1) % STEPS;
  if (steps[at].from) return;
  if (++noted == STEPS - 1) fail("too many steps");
  steps[at] = (struct step){ from, to };
}

static void trapped(int signal, siginfo_t *info, void *context)
{
  (void)signal, (void)info;
  int error = errno;
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  uint64_t at = registers[REG_RIP];
  if (!stepping) {
    if (current < count && at == base + functions[current]) enter(registers);
  } else {
    note(previous, at);
    previous = at;
    if (at == back && (uint64_t)registers[REG_RSP] > stack) leave();
  }
  if (stepping) registers[REG_EFL] |= TRAP_FLAG;
  else registers[REG_EFL] &= ~TRAP_FLAG;
  errno = error;
}

/* The program's own handlers would take the steps for signals of its own. */
int sigaction(int signal, const struct sigaction *wanted, struct sigaction *old)
{
  static int (*next)(int, const struct sigaction *, struct sigaction *);
  if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "sigaction");
  return next(signal, signal == SIGTRAP && (wanted == NULL || wanted->sa_sigaction != trapped) ? NULL : wanted, old);
}

static int find_image(struct dl_phdr_info *info, size_t size, void *unused)
{
  (void)size, (void)unused;
  uintptr_t page = sysconf(_SC_PAGESIZE);
  base = info->dlpi_addr;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *p = &info->dlpi_phdr[i];
    uintptr_t start = base + p->p_vaddr, end = start + p->p_memsz;
    if (p->p_type == PT_LOAD && (p->p_flags & PF_W)) data = (struct span){ start & -page, (end + page - 1) & -page };
    if (p->p_type == PT_LOAD && end > image_end) image_end = end;
    if (p->p_type == PT_GNU_RELRO) fixed = (struct span){ start & -page, end & -page };
  }
  if (fixed.start == 0) fixed = (struct span){ data.start, data.start };
  return 1; /* The first is the program. */
}

__attribute__((constructor)) static void begin(void)
{
  char *wanted = getenv("HELD_FUNCTIONS");
  folder = getenv("HELD_FOLDER");
  if (wanted == NULL || folder == NULL) return;
  folder = strdup(folder);
  for (char *at = wanted; *at && count < MOST_FUNCTIONS; at += *at == ',') functions[count++] = strtoul(at, &at, 16);
  unsetenv("HELD_FUNCTIONS");
  unsetenv("LD_PRELOAD");
  if (dup3(3, CHANNEL, O_CLOEXEC) < 0) _exit(3);
  close(3);
  dl_iterate_phdr(find_image, NULL);
  steps = mmap(NULL, STEPS * sizeof *steps, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (steps == MAP_FAILED) fail("mmap");
  prctl(PR_GET_NAME, name);
  struct sigaction action = { .sa_sigaction = trapped, .sa_flags = SA_SIGINFO };
  if (sigaction(SIGTRAP, &action, NULL)) fail("sigaction");
  await_function();
}
