/* Locks, unlocks and evicts pages of another process, and shares no line with what it checks.

     page-keeper PID   then on standard input, one answer a line:
       lock ADDRESS LENGTH | unlock ADDRESS LENGTH   the call's result, made inside the process
       evict                                         file pages that are neither locked nor gone afterwards
       present ADDRESS                               0 or 1

   It stops the first thread of the process, for good: that one makes the calls, and waits for the others anyway. So
   nothing of the process runs between an eviction and the event that follows it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define PRESENT (1ull << 63)
#define OF_A_FILE (1ull << 61)
#ifndef PTRACE_EVENT_STOP
#define PTRACE_EVENT_STOP 128
#endif

struct mapping {
  unsigned long start, end;
  int file, locked;
};

static pid_t pid;
static int pagemap;
static struct mapping mappings[4096];
static int count;
static unsigned long vdso, gate; /* the latter: a syscall instruction of the vdso, which never leaves memory */
static struct user_regs_struct at_rest;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void read_mappings(void) {
  char name[64], line[4096];
  snprintf(name, sizeof name, "/proc/%d/smaps", pid);
  FILE *file = fopen(name, "r");
  if (file == NULL) die(name);
  for (count = 0; fgets(line, sizeof line, file) != NULL;) {
    unsigned long start, end, inode;
    char path[2] = "";
    if (sscanf(line, "%lx-%lx %*s %*s %*s %lu %1s", &start, &end, &inode, path) >= 3) {
      if (count == 4096) die("mappings");
      mappings[count++] = (struct mapping){start, end, inode != 0, 0};
      if (strstr(line, "[vdso]") != NULL) vdso = start;
    } else if (strncmp(line, "VmFlags:", 8) == 0 && count > 0) mappings[count - 1].locked = strstr(line, " lo") != NULL;
  }
  fclose(file);
}

static uint64_t entry(unsigned long address) {
  uint64_t value = 0;
  if (pread(pagemap, &value, sizeof value, (off_t)(address / PAGE * sizeof value)) != sizeof value) return 0;
  return value;
}

static void find_gate(void) {
  unsigned char code[PAGE];
  for (unsigned long page = vdso; page < vdso + 4 * PAGE; page += PAGE) {
    struct iovec here = {code, PAGE}, there = {(void *)page, PAGE};
    if (process_vm_readv(pid, &here, 1, &there, 1, 0) != (ssize_t)PAGE) continue;
    for (size_t i = 0; i + 1 < PAGE; i++)
      if (code[i] == 0x0f && code[i + 1] == 0x05) {
        gate = page + i;
        return;
      }
  }
  errno = ENOEXEC;
  die("no system call in the vdso");
}

static void wait_stop(void) {
  int status;
  if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status)) die("the process is gone");
}

static long call(long number, unsigned long a, unsigned long b, unsigned long c) {
  struct user_regs_struct registers = at_rest;
  registers.orig_rax = (unsigned long)-1;
  registers.rip = gate;
  registers.rax = (unsigned long)number;
  registers.rdi = a;
  registers.rsi = b;
  registers.rdx = c;
  if (ptrace(PTRACE_SETREGS, pid, 0, &registers) != 0) die("ptrace");
  /* The end of the call that the thread slept in is a step of its own. */
  for (int step = 0; step < 4 && registers.rip == gate; step++) {
    if (ptrace(PTRACE_SINGLESTEP, pid, 0, 0) != 0) die("ptrace");
    wait_stop();
    if (ptrace(PTRACE_GETREGS, pid, 0, &registers) != 0) die("ptrace");
  }
  return registers.rip == gate ? -EAGAIN : (long)registers.rax;
}

/* Unmapping part of a large folio unmaps its locked part as well: what is locked is read back, as it was. */
static void restore_locked(void) {
  for (int i = 0; i < count; i++)
    for (unsigned long at = mappings[i].start; mappings[i].locked && at < mappings[i].end; at += PAGE) {
      char byte;
      struct iovec here = {&byte, 1}, there = {(void *)at, 1};
      if ((entry(at) & PRESENT) == 0) (void)!process_vm_readv(pid, &here, 1, &there, 1, 0);
    }
}

static long evict(int handle) {
  long left = -1, before = -2;
  for (int turn = 0; turn < 12 && left != 0 && left != before; turn++) {
    read_mappings();
    before = left;
    left = 0;
    for (int i = 0; i < count; i++) {
      struct mapping *m = &mappings[i];
      if (!m->file || m->locked) continue;
      struct iovec range = {(void *)m->start, m->end - m->start};
      if (syscall(SYS_process_madvise, handle, &range, 1, MADV_PAGEOUT, 0) < 0)
        call(SYS_madvise, m->start, m->end - m->start, MADV_PAGEOUT);
      for (unsigned long at = m->start; at < m->end; at += PAGE)
        if ((~entry(at) & (PRESENT | OF_A_FILE)) == 0) left++;
    }
  }
  restore_locked();
  return left;
}

int main(int arguments, char **argument) {
  if (arguments != 2) return 2;
  pid = atoi(argument[1]);
  char name[64], line[256];
  snprintf(name, sizeof name, "/proc/%d/pagemap", pid);
  pagemap = open(name, O_RDONLY);
  int handle = (int)syscall(SYS_pidfd_open, pid, 0);
  if (pagemap < 0 || handle < 0) die(name);
  read_mappings();
  find_gate();
  if (ptrace(PTRACE_SEIZE, pid, 0, 0) != 0 || ptrace(PTRACE_INTERRUPT, pid, 0, 0) != 0) die("ptrace");
  wait_stop();
  if (ptrace(PTRACE_GETREGS, pid, 0, &at_rest) != 0) die("ptrace");
  while (fgets(line, sizeof line, stdin) != NULL) {
    unsigned long address = 0, length = 0;
    long answer = -1;
    if (sscanf(line, "lock %lx %lu", &address, &length) == 2) answer = call(SYS_mlock, address, length, 0);
    else if (sscanf(line, "unlock %lx %lu", &address, &length) == 2) answer = call(SYS_munlock, address, length, 0);
    else if (sscanf(line, "present %lx", &address) == 1) answer = (entry(address) & PRESENT) != 0;
    else if (strncmp(line, "evict", 5) == 0) answer = evict(handle);
    printf("%ld\n", answer);
    fflush(stdout);
  }
  if (ptrace(PTRACE_SETREGS, pid, 0, &at_rest) != 0 || ptrace(PTRACE_DETACH, pid, 0, 0) != 0) return 1;
  return 0;
}
