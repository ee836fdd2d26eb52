/*
 * Which pages of a file's mappings something touches: an oracle that knows nothing of code.
 *
 * Each page is moved to a mapping of its own, so that the kernel has nothing to map around a fault, and has been dropped
 * from the page table before: afterwards the pagemap says which came in, by the program or by the kernel for it.
 *
 * Linked with a driver: watch("libz.so"), the call, touched("name"). Preloaded: WATCH_MAIN=1 watches main itself.
 * Each answer is one line, "NAME FUNCTION PAGE…", on the descriptor in TOUCHED_FD: link-time addresses in hexadecimal.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_PAGES 60000

static struct { uintptr_t start; int protection; } watched[MOST_PAGES];
static size_t count;
static uintptr_t base;
static long page_size;
static const char *wanted;

static int protection_of(uintptr_t address)
{
  char line[4096];
  int found = -1;
  FILE *maps = fopen("/proc/self/maps", "re");
  while (maps && found < 0 && fgets(line, sizeof line, maps)) {
    unsigned long from, to;
    char flags[5];
    if (sscanf(line, "%lx-%lx %4s", &from, &to, flags) == 3 && address >= from && address < to)
      found = (flags[0] == 'r' ? PROT_READ : 0) | (flags[1] == 'w' ? PROT_WRITE : 0) | (flags[2] == 'x' ? PROT_EXEC : 0);
  }
  if (maps) fclose(maps);
  return found;
}

static int collect(struct dl_phdr_info *info, size_t size, void *data)
{
  (void)size, (void)data;
  int is_main = info->dlpi_name[0] == 0;
  if (wanted ? is_main || !strstr(info->dlpi_name, wanted) : !is_main) return 0;
  base = info->dlpi_addr;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *p = &info->dlpi_phdr[i];
    if (p->p_type != PT_LOAD) continue;
    uintptr_t at = (base + p->p_vaddr) & -(uintptr_t)page_size;
    for (; at < base + p->p_vaddr + p->p_memsz && count < MOST_PAGES; at += page_size) watched[count++].start = at;
  }
  return 1;
}

static void fail(const char *what)
{
  perror(what);
  _exit(3);
}

void watch(const char *library)
{
  page_size = sysconf(_SC_PAGESIZE);
  wanted = library;
  count = 0;
  dl_iterate_phdr(collect, NULL);
  if (count == 0) fail("nothing to watch");
  for (size_t i = 0; i < count; i++) watched[i].protection = protection_of(watched[i].start);
  int copy = memfd_create("watched", MFD_CLOEXEC);
  /* With a hole between two pages their mappings do not merge. */
  if (copy < 0 || ftruncate(copy, count * 2 * page_size)) fail("memfd");
  for (size_t i = 0; i < count; i++) {
    if (watched[i].protection <= 0) continue;
    if (pwrite(copy, (void *)watched[i].start, page_size, i * 2 * page_size) != page_size) fail("pwrite");
    /* The libc we call may have its own data there: nothing may come between the copy and the new mapping. */
    if (mmap((void *)watched[i].start, page_size, watched[i].protection, MAP_PRIVATE | MAP_FIXED, copy,
             i * 2 * page_size) == MAP_FAILED)
      fail("mmap");
  }
  close(copy);
}

void touched(const char *name, void *function)
{
  static uint64_t entry[MOST_PAGES];
  int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  for (size_t i = 0; i < count; i++)
    if (pread(pagemap, &entry[i], 8, watched[i].start / page_size * 8) != 8) fail("pagemap");
  close(pagemap);
  const char *fd = getenv("TOUCHED_FD");
  int out = fd ? atoi(fd) : 1;
  dprintf(out, "%s %lx", name, (unsigned long)((uintptr_t)function - base));
  for (size_t i = 0; i < count; i++)
    if (watched[i].protection > 0 && (entry[i] >> 62) != 0) dprintf(out, " %lx", (unsigned long)(watched[i].start - base));
  dprintf(out, "\n");
}

/* ---- preloaded ---- */

static int (*real_main)(int, char **, char **);
static int told;

static void tell(void)
{
  if (!told && real_main) {
    told = 1;
    touched("main", (void *)real_main);
  }
}

static int watched_main(int argc, char **argv, char **envp)
{
  atexit(tell);
  watch(NULL);
  return real_main(argc, argv, envp);
}

int __libc_start_main(int (*m)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void *stack_end)
{
  int (*next)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void), void *) =
      dlsym(RTLD_NEXT, "__libc_start_main");
  if (getenv("WATCH_MAIN")) {
    unsetenv("WATCH_MAIN");
    real_main = m;
    m = watched_main;
  }
  return next(m, argc, argv, init, fini, rtld_fini, stack_end);
}

void _exit(int status)
{
  tell();
  syscall(SYS_exit_group, status);
  __builtin_unreachable();
}
