/* faultline.h: a program locks its own memory, all or nothing, and marks the intervals that must not wait.

   C99 and later, C++11 and later, gcc and clang, Linux. Nothing but this header is needed; it may be included in any
   number of files. Functions give 0, or -1 with errno set; faultline_error() then says what happened and what to do.
   faultline lockset finds what to lock and says where to call it; faultline lockset --c FILE writes a lock set for it.

     FAULTLINE_CODE void handle(int event) { … }    into the locked section of its kind: functions
                                                    (inline ones: FAULTLINE_CODE_INLINE),
     FAULTLINE_RODATA static const int table[] …    constants,
     FAULTLINE_DATA static int state = 1;           variables that have a value from the start,
     FAULTLINE_BSS static int counters[64];         variables that start as zero. They take space in the file, unless
                                                    it is linked with locked-sections.ld.

     faultline_lock(0)            lock these sections, and the generated lock set if one is linked in: either all of it
                                  is locked and resident afterwards, or nothing more than before is locked.
     faultline_lock(FAULTLINE_ON_FAULT)             lock each page when it is first touched, not now.
     faultline_unlock()           what faultline_lock and faultline_lock_stack added is taken back; what was locked
                                  before stays.
     faultline_lock_all(flags)    mlockall, with the look at what is resident that mlockall does not take.
     faultline_status(&status)    what is locked and resident, and what the limit is.

     faultline_begin("name"), faultline_end()       mark an interval for any tracer. The thread's name is the mark
                                  (prctl PR_SET_NAME, no privilege; the pair is three system calls, 1 to 3
                                  microseconds): it takes the name, cut to 15 bytes, and gets its own back. Four may be
                                  nested; deeper ones are not marked. In faultline.json: "from": {"mark": "name"}.

     faultline_prefault_stack(bytes), faultline_lock_stack(bytes), faultline_prefault_heap(bytes),
     faultline_prefault_thread(thread)              bring memory in before it is needed.

   Locks belong to the program as a whole and do not nest (mlock(2)): munlock of a page by anybody unlocks it. They are
   not inherited by fork and end with exec. In a shared object faultline_lock is about the object's own sections.

   A lock set that was generated (faultline lockset --c) is a file that defines faultline_generated_lock_set below. Its
   ranges are link-time addresses of images that are loaded when faultline_lock is called. An image is found by its
   file's name (the program itself by a null pointer) and must have the build id that was observed: another build is
   refused by name, since its pages are other pages. Linkers take nothing out of a static library for a weak reference:
   link the file itself, or define FAULTLINE_LOCK_SET_REQUIRED before this header is included where faultline_lock is
   called. A lock set that is missing is then the linker's error.

   Limits: at most FAULTLINE_MOST_RANGES separate ranges; /proc must be mounted. Do not call the locking functions from
   signal handlers, nor from threads that may be cancelled meanwhile; they need 32 kB of stack. A page of zeroes that
   nothing wrote to counts as resident. A process that is not dumpable (file capabilities, PR_SET_DUMPABLE) may not look
   at its page tables: what is resident is then told by mlock, which waits for it, and by mincore. */
#ifndef FAULTLINE_H
#define FAULTLINE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#if defined(__linux__) && defined(__has_include)
#if __has_include(<malloc.h>)
#include <malloc.h>
#endif
#endif

#ifdef __cplusplus
extern "C" {
#define FAULTLINE_AS(type, value) (static_cast<type>(value))
#define FAULTLINE_ADDRESS(pointer) (reinterpret_cast<uintptr_t>(pointer))
#define FAULTLINE_POINTER(type, address) (reinterpret_cast<type>(address))
#else
#define FAULTLINE_AS(type, value) ((type)(value))
#define FAULTLINE_ADDRESS(pointer) ((uintptr_t)(pointer))
#define FAULTLINE_POINTER(type, address) ((type)(address))
#endif

/* ---- Placement. One section for each kind: compilers refuse to mix them. Other names may be defined before. ---- */

#ifndef FAULTLINE_TEXT_SECTION
#define FAULTLINE_TEXT_SECTION locked_text
#endif
#ifndef FAULTLINE_RODATA_SECTION
#define FAULTLINE_RODATA_SECTION locked_rodata
#endif
#ifndef FAULTLINE_DATA_SECTION
#define FAULTLINE_DATA_SECTION locked_data
#endif
#ifndef FAULTLINE_BSS_SECTION
#define FAULTLINE_BSS_SECTION locked_bss
#endif

#define FAULTLINE_TEXT_OF_(name) #name
#define FAULTLINE_TEXT_OF(name) FAULTLINE_TEXT_OF_(name)
#define FAULTLINE_JOINED_(a, b) a##b
#define FAULTLINE_JOINED(a, b) FAULTLINE_JOINED_(a, b)
#define FAULTLINE_IN(name) __attribute__((section(FAULTLINE_TEXT_OF(name))))

/* A copy that was inlined, or cloned for some argument, would not lie in the section. */
#if defined(__clang__)
#define FAULTLINE_CODE FAULTLINE_IN(FAULTLINE_TEXT_SECTION) __attribute__((noinline))
#else
#define FAULTLINE_CODE FAULTLINE_IN(FAULTLINE_TEXT_SECTION) __attribute__((noinline, noclone))
#endif
/* An inline function: C of gcc warns of noinline with inline. What it inlines lies in the functions that call it. */
#if defined(__clang__) || defined(__cplusplus)
#define FAULTLINE_CODE_INLINE FAULTLINE_CODE
#else
#define FAULTLINE_CODE_INLINE FAULTLINE_IN(FAULTLINE_TEXT_SECTION) __attribute__((noclone))
#endif
#define FAULTLINE_RODATA FAULTLINE_IN(FAULTLINE_RODATA_SECTION)
#define FAULTLINE_DATA FAULTLINE_IN(FAULTLINE_DATA_SECTION)
#define FAULTLINE_BSS FAULTLINE_IN(FAULTLINE_BSS_SECTION)

/* The linker defines these where the section exists (C identifiers only); weak: there may be none. */
#define FAULTLINE_BOUNDS(name)                                                                                         \
  extern char FAULTLINE_JOINED(__start_, name)[] __attribute__((weak, visibility("hidden")));                          \
  extern char FAULTLINE_JOINED(__stop_, name)[] __attribute__((weak, visibility("hidden")))
FAULTLINE_BOUNDS(FAULTLINE_TEXT_SECTION);
FAULTLINE_BOUNDS(FAULTLINE_RODATA_SECTION);
FAULTLINE_BOUNDS(FAULTLINE_DATA_SECTION);
FAULTLINE_BOUNDS(FAULTLINE_BSS_SECTION);

/* ---- What a generated lock set defines. ---- */

struct faultline_range {
  const char *image;    /* File name without folders; null: the program itself. */
  const char *build_id; /* Lower-case hexadecimal; null: the image has none. */
  uintptr_t address;    /* Link-time address of the first byte. */
  size_t bytes;         /* 0: everything of the image that is loaded, wherever a later build puts it. */
};

struct faultline_lock_set {
  const struct faultline_range *ranges;
  size_t count;
};

#ifdef FAULTLINE_LOCK_SET_REQUIRED
extern const struct faultline_lock_set faultline_generated_lock_set;
#else
extern const struct faultline_lock_set faultline_generated_lock_set __attribute__((weak));
#endif

/* ---- Flags, and what status tells. ---- */

#define FAULTLINE_ON_FAULT 1          /* faultline_lock: each page when it is first touched. */
#define FAULTLINE_CURRENT 2           /* faultline_lock_all: everything mapped now, */
#define FAULTLINE_FUTURE 4            /* everything mapped later, */
#define FAULTLINE_CURRENT_ON_FAULT 8  /* everything mapped now, when it is touched, */
#define FAULTLINE_FUTURE_ON_FAULT 16  /* everything mapped later, when it is touched. */

enum { FAULTLINE_SECTIONS = 4, FAULTLINE_MOST_RANGES = 512, FAULTLINE_MOST_MARKS = 4, FAULTLINE_MOST_LOOKS = 20 };

struct faultline_part {
  const char *name; /* Of the section; "lock set" for the generated one. */
  size_t bytes;     /* Of whole pages; 0: there is no such section. */
  size_t locked, resident;
};

struct faultline_locks {
  struct faultline_part parts[FAULTLINE_SECTIONS + 1];
  size_t locked; /* Bytes the whole process has locked (VmLck). */
  size_t limit;  /* RLIMIT_MEMLOCK; SIZE_MAX: none. With CAP_IPC_LOCK it does not count. */
};

/* ---- From here on: how. Names with a trailing underscore are not for users. ---- */

struct faultline_span_ {
  uintptr_t start, end;
  const char *name;  /* Of what was asked for: for messages. */
  int before, after; /* A change; 0: not locked, 1: locked, 2: locked on fault. */
};

struct faultline_spans_ {
  struct faultline_span_ span[FAULTLINE_MOST_RANGES];
  size_t count;
};

struct faultline_state_ {
  int owner;                     /* Process id of whoever is in a locking function; 0: nobody is. */
  int process;                   /* The process whose locks these are. */
  struct faultline_spans_ added; /* What was locked by these functions, and how it was before. */
  /* For the time of one call; too large for the stacks of some threads. */
  struct faultline_spans_ wanted, changes, absent;
  size_t mapped[FAULTLINE_MOST_RANGES];
};

/* One of each for the program or shared object, however many files include this. */
__attribute__((weak, visibility("hidden"))) struct faultline_state_ faultline_state_;
__attribute__((weak, visibility("hidden"))) __thread char faultline_error_[512];
__attribute__((weak, visibility("hidden"))) __thread char faultline_names_[FAULTLINE_MOST_MARKS][16];
__attribute__((weak, visibility("hidden"))) __thread int faultline_depth_;

/* Their own headers hide these from strict C: bound by their symbols, under names of our own. */
struct faultline_loaded_ {
  uintptr_t base;
  const char *path;
  const void *headers;
  uint16_t count;
};
extern int faultline_each_image_(int (*visit)(struct faultline_loaded_ *, size_t, void *), void *data)
    __asm__("dl_iterate_phdr");
extern long faultline_syscall_(long number, ...) __asm__("syscall");
extern int faultline_mincore_(void *start, size_t bytes, unsigned char *present) __asm__("mincore");

#if defined(__LP64__) || defined(_LP64)
struct faultline_header_ {
  uint32_t type, flags;
  uint64_t offset, address, physical, file_bytes, bytes, alignment;
};
#else
struct faultline_header_ {
  uint32_t type, offset, address, physical, file_bytes, bytes, flags, alignment;
};
#endif
enum { FAULTLINE_PT_LOAD = 1, FAULTLINE_PT_NOTE = 4, FAULTLINE_NT_BUILD_ID = 3 };

#if defined(__x86_64__)
enum { FAULTLINE_MLOCK2 = 325 };
#elif defined(__i386__)
enum { FAULTLINE_MLOCK2 = 376 };
#elif defined(__arm__)
enum { FAULTLINE_MLOCK2 = 390 };
#elif defined(__powerpc__)
enum { FAULTLINE_MLOCK2 = 378 };
#elif defined(__s390x__)
enum { FAULTLINE_MLOCK2 = 374 };
#else
enum { FAULTLINE_MLOCK2 = 284 }; /* asm-generic: aarch64, riscv, loongarch */
#endif
enum { FAULTLINE_MLOCK_ONFAULT = 1, FAULTLINE_MCL_ONFAULT = 4, FAULTLINE_CLOEXEC = 02000000 };

/* The last failure of this thread, as one sentence with the next step; "" when there was none. */
static inline const char *faultline_error(void) { return faultline_error_; }

static inline int faultline_fail_(int error) {
  errno = error;
  return -1;
}

static inline uintptr_t faultline_page_(void) { return FAULTLINE_AS(uintptr_t, sysconf(_SC_PAGESIZE)); }

static inline unsigned long faultline_kb_(size_t bytes) {
  return FAULTLINE_AS(unsigned long, bytes / 1024 + (bytes % 1024 != 0 ? 1 : 0));
}

/* Long enough for a thread of a lower real-time priority to go on. */
static inline void faultline_wait_(void) { (void)poll(NULL, 0, 1); }

/* One call at a time. In a child of fork the thread that was inside does not exist: the child takes over. */
static inline void faultline_enter_(void) {
  int process = FAULTLINE_AS(int, getpid()), owner = 0;
  while (!__atomic_compare_exchange_n(&faultline_state_.owner, &owner, process, 0, __ATOMIC_ACQUIRE,
                                      __ATOMIC_RELAXED)) {
    if (owner != process) continue;
    faultline_wait_();
    owner = 0;
  }
  /* Locks are not inherited. */
  if (faultline_state_.process != process) faultline_state_.added.count = 0;
  faultline_state_.process = process;
}

static inline int faultline_leave_(int result) {
  int error = errno;
  __atomic_store_n(&faultline_state_.owner, 0, __ATOMIC_RELEASE);
  errno = error;
  return result;
}

static inline int faultline_add_(struct faultline_spans_ *spans, uintptr_t start, uintptr_t end, const char *name,
                                 int before, int after) {
  struct faultline_span_ *last = spans->count > 0 ? &spans->span[spans->count - 1] : NULL;
  if (last != NULL && last->end == start && last->before == before && last->after == after && last->name == name) {
    last->end = end;
    return 0;
  }
  if (spans->count == FAULTLINE_MOST_RANGES) {
    (void)snprintf(faultline_error_, sizeof faultline_error_,
                   "these are more than %d separate ranges: lock fewer and larger ones",
                   FAULTLINE_AS(int, FAULTLINE_MOST_RANGES));
    return faultline_fail_(E2BIG);
  }
  spans->span[spans->count].start = start;
  spans->span[spans->count].end = end;
  spans->span[spans->count].name = name;
  spans->span[spans->count].before = before;
  spans->span[spans->count].after = after;
  spans->count++;
  return 0;
}

/* ---- /proc/self/smaps, a line at a time and without the heap. ---- */

struct faultline_mapping_ {
  uintptr_t start, end;
  int accessible; /* Any of r, w, x. */
  int writable;
  int file;    /* It has a path: that of a file, or of shared memory. */
  int grows;   /* Downwards: the stack the program began with. */
  int lock;    /* 0: not locked, 1: locked, 2: locked on fault. */
  int special; /* Stays in memory and takes no lock: devices, huge pages, vdso, vvar. */
};

typedef int (*faultline_visit_)(const struct faultline_mapping_ *mapping, void *data);

static inline int faultline_has_flag_(const char *flags, const char *flag) {
  const char *found = strstr(flags, flag);
  return found != NULL && found[-1] == ' ' && (found[2] == ' ' || found[2] == '\0');
}

static inline int faultline_line_(char *line, struct faultline_mapping_ *mapping, faultline_visit_ visit, void *data) {
  if ((line[0] >= '0' && line[0] <= '9') || (line[0] >= 'a' && line[0] <= 'f')) {
    char *rest = NULL;
    mapping->start = FAULTLINE_AS(uintptr_t, strtoull(line, &rest, 16));
    if (*rest != '-') return 0;
    mapping->end = FAULTLINE_AS(uintptr_t, strtoull(rest + 1, &rest, 16));
    mapping->accessible = strlen(rest) > 4 && (rest[1] == 'r' || rest[2] == 'w' || rest[3] == 'x');
    mapping->writable = mapping->accessible && rest[2] == 'w';
    mapping->file = strchr(rest, '/') != NULL;
    mapping->special = !mapping->file && strstr(rest, "[v") != NULL;
    return 0;
  }
  if (strncmp(line, "VmFlags:", 8) != 0) return 0;
  mapping->lock = faultline_has_flag_(line, "lf") ? 2 : faultline_has_flag_(line, "lo") ? 1 : 0;
  mapping->grows = faultline_has_flag_(line, "gd");
  mapping->special |= faultline_has_flag_(line, "io") || faultline_has_flag_(line, "pf") ||
                      faultline_has_flag_(line, "ht");
  return visit(mapping, data);
}

/* Calls visit for each mapping, in address order, until it gives other than 0. */
static inline int faultline_each_mapping_(faultline_visit_ visit, void *data) {
  char text[4096];
  size_t used = 0;
  int result = 0, skipping = 0;
  struct faultline_mapping_ mapping = {0, 0, 0, 0, 0, 0, 0, 0};
  int file = open("/proc/self/smaps", O_RDONLY | FAULTLINE_CLOEXEC);
  if (file < 0) {
    (void)snprintf(faultline_error_, sizeof faultline_error_,
                   "/proc/self/smaps cannot be read (%s), and what is locked cannot be known without it: mount /proc, "
                   "leave a file descriptor",
                   strerror(errno));
    return -1;
  }
  while (result == 0) {
    ssize_t got = read(file, text + used, sizeof text - 1 - used);
    char *line = text, *end;
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    used += FAULTLINE_AS(size_t, got);
    text[used] = '\0';
    while (result == 0 && (end = strchr(line, '\n')) != NULL) {
      *end = '\0';
      if (!skipping) result = faultline_line_(line, &mapping, visit, data);
      skipping = 0;
      line = end + 1;
    }
    used = strlen(line);
    /* A path may be as long as our buffer: what matters of the line comes before. */
    if (line == text && used == sizeof text - 1) {
      result = skipping ? 0 : faultline_line_(text, &mapping, visit, data);
      skipping = 1;
      used = 0;
    } else {
      memmove(text, line, used);
    }
  }
  (void)close(file);
  return result;
}

/* ---- What is to be locked. ---- */

static inline int faultline_want_(struct faultline_spans_ *wanted, uintptr_t start, uintptr_t end, const char *name) {
  uintptr_t mask = faultline_page_() - 1;
  if (end <= start) return 0;
  return faultline_add_(wanted, start & ~mask, (end + mask) & ~mask, name, 0, 0);
}

struct faultline_search_ {
  const struct faultline_range *range;
  struct faultline_loaded_ image;
  int found, first;
};

static inline int faultline_has_build_id_(const struct faultline_loaded_ *image, const char *wanted) {
  const struct faultline_header_ *header = FAULTLINE_AS(const struct faultline_header_ *, image->headers);
  for (uint16_t i = 0; i < image->count; i++, header++) {
    if (header->type != FAULTLINE_PT_NOTE) continue;
    uintptr_t at = image->base + FAULTLINE_AS(uintptr_t, header->address);
    uintptr_t end = at + FAULTLINE_AS(uintptr_t, header->bytes);
    while (at + 12 <= end) {
      const uint32_t *note = FAULTLINE_POINTER(const uint32_t *, at);
      uintptr_t name = at + 12, content = name + ((note[0] + 3u) & ~3u);
      uintptr_t next = content + ((note[1] + 3u) & ~3u);
      if (next > end) break;
      if (note[2] == FAULTLINE_NT_BUILD_ID && note[0] == 4 &&
          memcmp(FAULTLINE_POINTER(const char *, name), "GNU", 4) == 0) {
        const unsigned char *bytes = FAULTLINE_POINTER(const unsigned char *, content);
        for (uint32_t byte = 0; byte < note[1]; byte++) {
          char digits[3];
          (void)snprintf(digits, sizeof digits, "%02x", FAULTLINE_AS(unsigned, bytes[byte]));
          if (strncmp(wanted + FAULTLINE_AS(size_t, byte) * 2, digits, 2) != 0) return 0;
        }
        return wanted[FAULTLINE_AS(size_t, note[1]) * 2] == '\0';
      }
      at = next;
    }
  }
  return 0;
}

static inline int faultline_match_(struct faultline_loaded_ *image, size_t size, void *data) {
  struct faultline_search_ *search = FAULTLINE_AS(struct faultline_search_ *, data);
  const struct faultline_range *range = search->range;
  const char *slash = image->path == NULL ? NULL : strrchr(image->path, '/');
  const char *name = slash == NULL ? image->path : slash + 1;
  int program = search->first, same = range->build_id != NULL && faultline_has_build_id_(image, range->build_id);
  (void)size;
  search->first = 0;
  if (program != (range->image == NULL)) return 0;
  /* The loader knows a library by the link it was found by, a lock set by its file: the build id is the same. */
  if (!program && !same && (name == NULL || strcmp(name, range->image) != 0)) return 0;
  search->found = range->build_id == NULL || same ? 2 : 1;
  search->image = *image;
  return search->found == 2;
}

static inline int faultline_want_image_(struct faultline_spans_ *wanted, const struct faultline_loaded_ *image) {
  const struct faultline_header_ *header = FAULTLINE_AS(const struct faultline_header_ *, image->headers);
  for (uint16_t i = 0; i < image->count; i++, header++) {
    uintptr_t start = image->base + FAULTLINE_AS(uintptr_t, header->address);
    if (header->type != FAULTLINE_PT_LOAD || header->flags == 0) continue;
    if (faultline_want_(wanted, start, start + FAULTLINE_AS(uintptr_t, header->bytes), "lock set") != 0) return -1;
  }
  return 0;
}

static inline int faultline_want_set_(struct faultline_spans_ *wanted) {
  const struct faultline_lock_set *set = &faultline_generated_lock_set;
  if (set == NULL) return 0;
  for (size_t i = 0; i < set->count; i++) {
    const struct faultline_range *range = &set->ranges[i];
    struct faultline_search_ search = {range, {0, NULL, NULL, 0}, 0, 1};
    uintptr_t start;
    (void)faultline_each_image_(faultline_match_, &search);
    if (search.found != 2) {
      (void)snprintf(faultline_error_, sizeof faultline_error_,
                     search.found == 0
                         ? "%s of the lock set is not loaded: load it before, or find what to lock once more"
                         : "%s is another build than the lock set was found with: find what to lock once more "
                           "(faultline lockset)",
                     range->image == NULL ? "the program" : range->image);
      return faultline_fail_(search.found == 0 ? ENOENT : ESTALE);
    }
    start = search.image.base + range->address;
    if ((range->bytes == 0 ? faultline_want_image_(wanted, &search.image)
                           : faultline_want_(wanted, start, start + range->bytes, "lock set")) != 0)
      return -1;
  }
  return 0;
}

#define FAULTLINE_WANT_(spans, section)                                                                                \
  faultline_want_(spans, FAULTLINE_ADDRESS(FAULTLINE_JOINED(__start_, section)),                                       \
                  FAULTLINE_ADDRESS(FAULTLINE_JOINED(__stop_, section)), FAULTLINE_TEXT_OF(section))

static inline int faultline_want_all_(struct faultline_spans_ *wanted) {
  wanted->count = 0;
  return FAULTLINE_WANT_(wanted, FAULTLINE_TEXT_SECTION) != 0 ||
                 FAULTLINE_WANT_(wanted, FAULTLINE_RODATA_SECTION) != 0 ||
                 FAULTLINE_WANT_(wanted, FAULTLINE_DATA_SECTION) != 0 ||
                 FAULTLINE_WANT_(wanted, FAULTLINE_BSS_SECTION) != 0 || faultline_want_set_(wanted) != 0
             ? -1
             : 0;
}

/* ---- What of it is not locked yet. ---- */

struct faultline_plan_ {
  const struct faultline_spans_ *wanted;
  struct faultline_spans_ *changes;
  int lock;       /* 1, or 2 for on fault. */
  size_t *mapped; /* Of each span that is wanted. */
};

static inline int faultline_compare_(const struct faultline_mapping_ *mapping, void *data) {
  struct faultline_plan_ *plan = FAULTLINE_AS(struct faultline_plan_ *, data);
  for (size_t i = 0; i < plan->wanted->count; i++) {
    const struct faultline_span_ *span = &plan->wanted->span[i];
    uintptr_t start = span->start > mapping->start ? span->start : mapping->start;
    uintptr_t end = span->end < mapping->end ? span->end : mapping->end;
    if (start >= end) continue;
    if (!mapping->accessible) {
      (void)snprintf(faultline_error_, sizeof faultline_error_,
                     "%s has memory that nothing may touch at %#lx (PROT_NONE): it cannot be locked", span->name,
                     FAULTLINE_AS(unsigned long, start));
      return faultline_fail_(EACCES);
    }
    plan->mapped[i] += end - start;
    /* What is locked at once is locked well enough for whoever wants it on fault. */
    if (mapping->special || mapping->lock == plan->lock || mapping->lock == 1) continue;
    /* Two sections may share a page: it is changed once. */
    for (size_t j = 0; j < plan->changes->count; j++) {
      const struct faultline_span_ *other = &plan->changes->span[j];
      if (other->start <= start && start < other->end) start = other->end;
      if (other->start < end && end <= other->end) end = other->start;
    }
    if (start >= end) continue;
    if (faultline_add_(plan->changes, start, end, span->name, mapping->lock, plan->lock) != 0) return -1;
  }
  return 0;
}

static inline int faultline_plan_changes_(const struct faultline_spans_ *wanted, struct faultline_spans_ *changes,
                                          int lock) {
  struct faultline_plan_ plan = {wanted, changes, lock, faultline_state_.mapped};
  memset(plan.mapped, 0, sizeof faultline_state_.mapped);
  changes->count = 0;
  if (faultline_each_mapping_(faultline_compare_, &plan) != 0) return -1;
  for (size_t i = 0; i < wanted->count; i++) {
    const struct faultline_span_ *span = &wanted->span[i];
    if (plan.mapped[i] >= span->end - span->start) continue;
    (void)snprintf(faultline_error_, sizeof faultline_error_,
                   "%lu of the %lu kB of %s are not mapped: was it unmapped, or is it a linker script's mistake?",
                   faultline_kb_(span->end - span->start - plan.mapped[i]), faultline_kb_(span->end - span->start),
                   span->name);
    return faultline_fail_(ENOMEM);
  }
  return 0;
}

/* ---- Locking, and taking it back. ---- */

static inline int faultline_set_(const struct faultline_span_ *span, int lock) {
  void *start = FAULTLINE_POINTER(void *, span->start);
  size_t bytes = span->end - span->start;
  if (lock == 0) return munlock(start, bytes);
  if (lock == 1) return mlock(start, bytes);
  return FAULTLINE_AS(int, faultline_syscall_(FAULTLINE_AS(long, FAULTLINE_MLOCK2), start, bytes,
                                              FAULTLINE_AS(int, FAULTLINE_MLOCK_ONFAULT)));
}

static inline void faultline_undo_(const struct faultline_spans_ *changes, size_t count) {
  int error = errno;
  while (count-- > 0) (void)faultline_set_(&changes->span[count], changes->span[count].before);
  errno = error;
}

/* VmLck: what counts against the limit. */
static inline size_t faultline_locked_bytes_(void) {
  char text[4096];
  const char *found;
  int file = open("/proc/self/status", O_RDONLY | FAULTLINE_CLOEXEC);
  ssize_t got = file < 0 ? -1 : read(file, text, sizeof text - 1);
  if (file >= 0) (void)close(file);
  if (got <= 0) return 0;
  text[got] = '\0';
  found = strstr(text, "VmLck:");
  return found == NULL ? 0 : FAULTLINE_AS(size_t, strtoull(found + 6, NULL, 10)) * 1024;
}

static inline size_t faultline_limit_(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  return FAULTLINE_AS(size_t, limit.rlim_cur);
}

static inline int faultline_lock_failed_(const char *what, size_t bytes, size_t all, size_t locked) {
  int error = errno;
  size_t limit = faultline_limit_();
  if ((error == EPERM && limit == 0) || (error == ENOMEM && locked + all > limit)) {
    (void)snprintf(faultline_error_, sizeof faultline_error_,
                   "%s (%lu kB) cannot be locked: RLIMIT_MEMLOCK is %lu kB, %lu kB are locked and %lu kB more are "
                   "needed; raise it to %lu kB (ulimit -l, LimitMEMLOCK=, /etc/security/limits.conf) or give "
                   "CAP_IPC_LOCK",
                   what, faultline_kb_(bytes), faultline_kb_(limit), faultline_kb_(locked), faultline_kb_(all),
                   faultline_kb_(locked + all));
  } else if (error == ENOSYS || error == EINVAL) {
    (void)snprintf(faultline_error_, sizeof faultline_error_,
                   "%s cannot be locked on fault: this kernel has no mlock2 (Linux 4.4); lock it at once", what);
  } else {
    (void)snprintf(faultline_error_, sizeof faultline_error_, "%s (%lu kB) cannot be locked: %s", what,
                   faultline_kb_(bytes), strerror(error));
  }
  return faultline_fail_(error);
}

enum { FAULTLINE_LOOK = 256 };

/* Which of some pages are in memory, by the process's own page tables. Who may not look there (a process that is not
   dumpable, or has no file descriptor left) is told by mincore: of files, what the page cache has. It says "no" of no
   page that is here, and where it cannot look either, what mlock said stands. */
static inline void faultline_look_(int pagemap, uintptr_t at, size_t count, unsigned char *present) {
  uint64_t entries[FAULTLINE_LOOK];
  uintptr_t page = faultline_page_();
  ssize_t bytes = FAULTLINE_AS(ssize_t, count * sizeof *entries);
  if (pagemap >= 0 && lseek(pagemap, FAULTLINE_AS(off_t, at / page * sizeof *entries), SEEK_SET) >= 0 &&
      read(pagemap, entries, FAULTLINE_AS(size_t, bytes)) == bytes) {
    for (size_t i = 0; i < count; i++) present[i] = (entries[i] >> 63) != 0;
    return;
  }
  if (faultline_mincore_(FAULTLINE_POINTER(void *, at), count * page, present) == 0) return;
  /* Some page is not mapped; which one it is, one at a time tells. */
  for (size_t i = 0; i < count; i++)
    if (faultline_mincore_(FAULTLINE_POINTER(void *, at + i * page), page, &present[i]) != 0)
      present[i] = errno != ENOMEM;
}

/* Notes a range that is not in memory; where there is no room for one more, the last grows to it. */
static inline void faultline_note_absent_(struct faultline_spans_ *absent, uintptr_t start, uintptr_t end) {
  if (absent == NULL) return;
  if (absent->count == FAULTLINE_MOST_RANGES) absent->span[absent->count - 1].end = end;
  else (void)faultline_add_(absent, start, end, "memory", 0, 0);
}

/* Bytes of the span that are not in memory. absent: where they are noted; may be null. */
static inline size_t faultline_absent_(uintptr_t start, uintptr_t end, struct faultline_spans_ *absent) {
  unsigned char present[FAULTLINE_LOOK];
  uintptr_t page = faultline_page_(), at = start;
  size_t bytes = 0;
  int pagemap = open("/proc/self/pagemap", O_RDONLY | FAULTLINE_CLOEXEC);
  while (at < end) {
    size_t count = (end - at) / page;
    if (count > FAULTLINE_LOOK) count = FAULTLINE_LOOK;
    faultline_look_(pagemap, at, count, present);
    for (size_t i = 0; i < count; i++, at += page) {
      if ((present[i] & 1) != 0) continue;
      bytes += page;
      faultline_note_absent_(absent, at, at + page);
    }
  }
  if (pagemap >= 0) (void)close(pagemap);
  return bytes;
}

static inline int faultline_apply_(const struct faultline_spans_ *wanted, const struct faultline_spans_ *changes,
                                   int lock) {
  size_t all = 0, locked = faultline_locked_bytes_();
  for (size_t i = 0; i < changes->count; i++)
    if (changes->span[i].before == 0) all += changes->span[i].end - changes->span[i].start;
  for (size_t i = 0; i < changes->count; i++) {
    const struct faultline_span_ *span = &changes->span[i];
    if (faultline_set_(span, span->after) == 0) continue;
    /* mlock is not atomic: of the range that failed a part may be locked, too. */
    faultline_undo_(changes, i + 1);
    return faultline_lock_failed_(span->name, span->end - span->start, all, locked);
  }
  for (size_t i = 0; lock == 1 && i < wanted->count; i++) {
    const struct faultline_span_ *span = &wanted->span[i];
    size_t absent = faultline_absent_(span->start, span->end, NULL);
    if (absent == 0) continue;
    faultline_undo_(changes, changes->count);
    (void)snprintf(faultline_error_, sizeof faultline_error_,
                   "%lu of the %lu kB of %s did not come into memory although the kernel said so: is its file shorter "
                   "than it was?",
                   faultline_kb_(absent), faultline_kb_(span->end - span->start), span->name);
    return faultline_fail_(EFAULT);
  }
  return 0;
}

static inline int faultline_replaced_(void) {
  (void)snprintf(faultline_error_, sizeof faultline_error_,
                 "nothing is locked although mlock said so: a sanitizer or a preloaded library stands in its place; "
                 "build or start without it");
  return faultline_fail_(ENOSYS);
}

/* Locks what is wanted (in the state), all or nothing. */
static inline int faultline_lock_wanted_(int lock) {
  const struct faultline_spans_ *wanted = &faultline_state_.wanted;
  struct faultline_spans_ *changes = &faultline_state_.changes, *added = &faultline_state_.added;
  struct faultline_spans_ *rest = &faultline_state_.absent;
  if (faultline_plan_changes_(wanted, changes, lock) != 0) return -1;
  if (added->count + changes->count > FAULTLINE_MOST_RANGES) {
    (void)snprintf(faultline_error_, sizeof faultline_error_, "too many ranges are locked already: unlock them first");
    return faultline_fail_(E2BIG);
  }
  if (faultline_apply_(wanted, changes, lock) != 0) return -1;
  /* A look costs less than a belief: nothing may be left to change. */
  if (changes->count > 0 && (faultline_plan_changes_(wanted, rest, lock) != 0 || rest->count > 0)) {
    faultline_undo_(changes, changes->count);
    return faultline_error_[0] == '\0' ? faultline_replaced_() : -1;
  }
  for (size_t i = 0; i < changes->count; i++) added->span[added->count++] = changes->span[i];
  return 0;
}

/* Locks the sections and the generated lock set, all or nothing. flags: 0 or FAULTLINE_ON_FAULT. */
static inline int faultline_lock(int flags) {
  faultline_error_[0] = '\0';
  if ((flags & ~FAULTLINE_ON_FAULT) != 0) {
    (void)snprintf(faultline_error_, sizeof faultline_error_, "faultline_lock takes 0 or FAULTLINE_ON_FAULT");
    return faultline_fail_(EINVAL);
  }
  faultline_enter_();
  if (faultline_want_all_(&faultline_state_.wanted) != 0) return faultline_leave_(-1);
  return faultline_leave_(faultline_lock_wanted_((flags & FAULTLINE_ON_FAULT) != 0 ? 2 : 1));
}

/* What of a mapping is to be taken back: as it is now, and as it was. What others changed since is theirs. */
static inline int faultline_plan_release_(const struct faultline_mapping_ *mapping, void *data) {
  struct faultline_spans_ *changes = FAULTLINE_AS(struct faultline_spans_ *, data);
  const struct faultline_spans_ *added = &faultline_state_.added;
  uintptr_t at = mapping->start, end;
  for (; at < mapping->end; at = end) {
    const char *name = NULL;
    int lock = mapping->lock;
    end = mapping->end;
    for (size_t i = added->count; i-- > 0;) {
      const struct faultline_span_ *span = &added->span[i];
      if (span->end <= at || span->start >= end) continue;
      if (span->start > at) {
        end = span->start;
        continue;
      }
      if (span->end < end) end = span->end;
      if (span->after != lock) continue;
      lock = span->before;
      name = span->name;
    }
    if (lock == mapping->lock) continue;
    if (changes->count == FAULTLINE_MOST_RANGES) return 1;
    (void)faultline_add_(changes, at, end, name, mapping->lock, lock);
  }
  return 0;
}

/* Takes back what faultline_lock and faultline_lock_stack added, all or nothing; what was locked before them stays as
   it was, and what was unmapped since (dlclose, a thread's end) is gone with its lock. */
static inline int faultline_unlock(void) {
  struct faultline_spans_ *changes = &faultline_state_.changes;
  faultline_error_[0] = '\0';
  faultline_enter_();
  /* Once more after each change, until there is nothing left: other threads may unmap meanwhile. */
  for (int look = 0;; look++) {
    changes->count = 0;
    if (faultline_each_mapping_(faultline_plan_release_, changes) < 0) return faultline_leave_(-1);
    if (changes->count == 0) break;
    for (size_t i = 0; i < changes->count; i++) {
      const struct faultline_span_ *span = &changes->span[i];
      if (faultline_set_(span, span->after) == 0 || (errno == ENOMEM && look < FAULTLINE_MOST_LOOKS)) continue;
      int error = errno;
      faultline_undo_(changes, i + 1);
      (void)snprintf(faultline_error_, sizeof faultline_error_, "%s cannot be unlocked: %s", span->name,
                     strerror(error));
      (void)faultline_fail_(error);
      return faultline_leave_(-1);
    }
  }
  faultline_state_.added.count = 0;
  return faultline_leave_(0);
}

/* ---- Everything. ---- */

struct faultline_whole_ {
  struct faultline_spans_ *before;         /* What was locked before. */
  struct faultline_spans_ *absent;         /* What should be in memory and is not; */
  const struct faultline_spans_ *suspects; /* the last time; null: this is the first. */
  size_t bytes, locked;
  int changed; /* 0: nothing yet, 1: single mappings, 2: by mlockall. */
};

static inline int faultline_note_locked_(const struct faultline_mapping_ *mapping, void *data) {
  struct faultline_whole_ *whole = FAULTLINE_AS(struct faultline_whole_ *, data);
  whole->bytes += mapping->end - mapping->start;
  if (mapping->lock == 0) return 0;
  return faultline_add_(whole->before, mapping->start, mapping->end, "memory", mapping->lock, mapping->lock);
}

static inline int faultline_lock_on_fault_(const struct faultline_mapping_ *mapping, void *data) {
  struct faultline_whole_ *whole = FAULTLINE_AS(struct faultline_whole_ *, data);
  struct faultline_span_ span = {mapping->start, mapping->end, "memory", 0, 2};
  if (mapping->special || !mapping->accessible || mapping->lock != 0) return 0;
  whole->changed = 1;
  return faultline_set_(&span, 2);
}

static inline int faultline_unlock_on_fault_(const struct faultline_mapping_ *mapping, void *data) {
  struct faultline_span_ span = {mapping->start, mapping->end, "memory", 2, 0};
  (void)data;
  if (mapping->lock == 2) (void)faultline_set_(&span, 0);
  return 0;
}

/* What is locked on fault has no need to be here. */
static inline int faultline_suspect_(const struct faultline_mapping_ *mapping, void *data) {
  struct faultline_whole_ *whole = FAULTLINE_AS(struct faultline_whole_ *, data);
  if (mapping->special || !mapping->accessible || mapping->lock != 1) return 0;
  whole->locked += mapping->end - mapping->start;
  if (whole->suspects == NULL) (void)faultline_absent_(mapping->start, mapping->end, whole->absent);
  for (size_t i = 0; whole->suspects != NULL && i < whole->suspects->count; i++) {
    const struct faultline_span_ *span = &whole->suspects->span[i];
    uintptr_t start = span->start > mapping->start ? span->start : mapping->start;
    uintptr_t end = span->end < mapping->end ? span->end : mapping->end;
    if (start < end) (void)faultline_absent_(start, end, whole->absent);
  }
  return 0;
}

/* Bytes that are locked and not in memory. Other threads map and unmap meanwhile, and what they map is locked a moment
   before it is brought in: only what is missing at every look is missing. */
static inline int faultline_missing_(struct faultline_whole_ *whole, int future, size_t *missing) {
  struct faultline_spans_ *suspects = &faultline_state_.wanted, *absent = &faultline_state_.absent;
  whole->absent = absent;
  for (int look = 0; look < FAULTLINE_MOST_LOOKS; look++) {
    size_t left = 0;
    *missing = 0;
    absent->count = 0;
    if (look > 0) {
      whole->suspects = suspects;
      faultline_wait_();
    }
    if (faultline_each_mapping_(faultline_suspect_, whole) != 0) return -1;
    for (size_t i = 0; i < absent->count; i++) {
      /* mlock waits until it is here, whoever is bringing it in; with everything locked it locks nothing more. */
      if (future == FAULTLINE_FUTURE && faultline_set_(&absent->span[i], 1) == 0) continue;
      *missing += absent->span[i].end - absent->span[i].start;
      suspects->span[left++] = absent->span[i];
    }
    suspects->count = left;
    if (left == 0) return 0;
  }
  return 0;
}

static inline void faultline_undo_all_(const struct faultline_whole_ *whole) {
  int error = errno;
  const struct faultline_spans_ *before = whole->before;
  if (whole->changed == 1) (void)faultline_each_mapping_(faultline_unlock_on_fault_, NULL);
  if (whole->changed == 2) (void)munlockall();
  for (size_t i = 0; whole->changed != 0 && i < before->count; i++)
    (void)faultline_set_(&before->span[i], before->span[i].before);
  errno = error;
}

/* mlockall, all or nothing, and with a look at what is resident afterwards. flags: FAULTLINE_CURRENT or
   FAULTLINE_CURRENT_ON_FAULT, FAULTLINE_FUTURE or FAULTLINE_FUTURE_ON_FAULT, or one of each. When the kernel refuses,
   nothing has changed; when memory is missing afterwards, what was locked before is locked again, but a lock of the
   future that was there before is not. */
static inline int faultline_lock_all(int flags) {
  struct faultline_spans_ *before = &faultline_state_.changes;
  struct faultline_whole_ whole = {before, NULL, NULL, 0, 0, 0};
  int current = flags & (FAULTLINE_CURRENT | FAULTLINE_CURRENT_ON_FAULT);
  int future = flags & (FAULTLINE_FUTURE | FAULTLINE_FUTURE_ON_FAULT);
  int known = FAULTLINE_CURRENT | FAULTLINE_CURRENT_ON_FAULT | FAULTLINE_FUTURE | FAULTLINE_FUTURE_ON_FAULT;
  int failed = 0;
  size_t missing = 0;
  faultline_error_[0] = '\0';
  if (flags == 0 || (flags & ~known) != 0 || current == (FAULTLINE_CURRENT | FAULTLINE_CURRENT_ON_FAULT) ||
      future == (FAULTLINE_FUTURE | FAULTLINE_FUTURE_ON_FAULT)) {
    (void)snprintf(faultline_error_, sizeof faultline_error_,
                   "faultline_lock_all takes one way for current memory, one for future memory, or both");
    return faultline_fail_(EINVAL);
  }
  faultline_enter_();
  before->count = 0;
  if (faultline_each_mapping_(faultline_note_locked_, &whole) != 0) return faultline_leave_(-1);
  if (current == FAULTLINE_CURRENT) {
    failed = mlockall(MCL_CURRENT | (future == FAULTLINE_FUTURE ? MCL_FUTURE : 0));
    if (!failed) whole.changed = 2;
  }
  /* A mapping that goes away meanwhile is no failure, but its error is that of the limit: look once more. */
  for (int look = 0; current == FAULTLINE_CURRENT_ON_FAULT && look < FAULTLINE_MOST_LOOKS; look++) {
    failed = faultline_each_mapping_(faultline_lock_on_fault_, &whole);
    if (!failed || errno != ENOMEM) break;
  }
  /* MCL_FUTURE without MCL_CURRENT leaves alone what is mapped now. */
  if (!failed && future != 0 && !(current == FAULTLINE_CURRENT && future == FAULTLINE_FUTURE))
    failed = mlockall(MCL_FUTURE | (future == FAULTLINE_FUTURE_ON_FAULT ? FAULTLINE_MCL_ONFAULT : 0));
  if (failed) {
    faultline_undo_all_(&whole);
    return faultline_leave_(faultline_lock_failed_("all memory", whole.bytes, whole.bytes, 0));
  }
  if (current == FAULTLINE_CURRENT && faultline_missing_(&whole, future, &missing) != 0) {
    faultline_undo_all_(&whole);
    return faultline_leave_(-1);
  }
  if (current == FAULTLINE_CURRENT && whole.locked == 0) return faultline_leave_(faultline_replaced_());
  if (missing > 0) {
    faultline_undo_all_(&whole);
    (void)snprintf(faultline_error_, sizeof faultline_error_,
                   "%lu kB did not come into memory although mlockall said so: a file shorter than its mapping, or no "
                   "memory left",
                   faultline_kb_(missing));
    (void)faultline_fail_(EAGAIN);
    return faultline_leave_(-1);
  }
  return faultline_leave_(0);
}

/* ---- Status. ---- */

struct faultline_count_ {
  const struct faultline_spans_ *wanted;
  struct faultline_locks *status;
};

static inline struct faultline_part *faultline_part_(struct faultline_locks *status, const char *name) {
  for (size_t i = 0; i < FAULTLINE_SECTIONS; i++)
    if (strcmp(status->parts[i].name, name) == 0) return &status->parts[i];
  return &status->parts[FAULTLINE_SECTIONS];
}

static inline int faultline_count_locked_(const struct faultline_mapping_ *mapping, void *data) {
  struct faultline_count_ *count = FAULTLINE_AS(struct faultline_count_ *, data);
  for (size_t i = 0; mapping->lock != 0 && i < count->wanted->count; i++) {
    const struct faultline_span_ *span = &count->wanted->span[i];
    uintptr_t start = span->start > mapping->start ? span->start : mapping->start;
    uintptr_t end = span->end < mapping->end ? span->end : mapping->end;
    if (start < end) faultline_part_(count->status, span->name)->locked += end - start;
  }
  return 0;
}

static inline int faultline_status(struct faultline_locks *status) {
  static const char *const names[FAULTLINE_SECTIONS + 1] = {
      FAULTLINE_TEXT_OF(FAULTLINE_TEXT_SECTION), FAULTLINE_TEXT_OF(FAULTLINE_RODATA_SECTION),
      FAULTLINE_TEXT_OF(FAULTLINE_DATA_SECTION), FAULTLINE_TEXT_OF(FAULTLINE_BSS_SECTION), "lock set"};
  struct faultline_spans_ *wanted = &faultline_state_.wanted;
  struct faultline_count_ count = {wanted, status};
  faultline_error_[0] = '\0';
  memset(status, 0, sizeof *status);
  for (size_t i = 0; i <= FAULTLINE_SECTIONS; i++) status->parts[i].name = names[i];
  status->locked = faultline_locked_bytes_();
  status->limit = faultline_limit_();
  faultline_enter_();
  if (faultline_want_all_(wanted) != 0) return faultline_leave_(-1);
  for (size_t i = 0; i < wanted->count; i++) {
    struct faultline_part *part = faultline_part_(status, wanted->span[i].name);
    size_t bytes = wanted->span[i].end - wanted->span[i].start;
    part->bytes += bytes;
    part->resident += bytes - faultline_absent_(wanted->span[i].start, wanted->span[i].end, NULL);
  }
  return faultline_leave_(faultline_each_mapping_(faultline_count_locked_, &count));
}

/* ---- Marks. ---- */

static inline void faultline_begin(const char *name) {
  int depth = faultline_depth_++;
  if (depth >= FAULTLINE_MOST_MARKS) return;
  (void)prctl(PR_GET_NAME, faultline_names_[depth], 0, 0, 0);
  (void)prctl(PR_SET_NAME, name, 0, 0, 0);
}

static inline void faultline_end(void) {
  int depth = faultline_depth_ > 0 ? --faultline_depth_ : FAULTLINE_MOST_MARKS;
  if (depth < FAULTLINE_MOST_MARKS) (void)prctl(PR_SET_NAME, faultline_names_[depth], 0, 0, 0);
}

/* ---- Memory before it is needed. ---- */

/* Writable memory without a gap around an address: a lock cuts a stack into several mappings. */
struct faultline_room_ {
  uintptr_t here, start, end;
  uintptr_t below; /* End of what is mapped below it. */
  int found, writable, file, grows;
};

static inline int faultline_find_(const struct faultline_mapping_ *mapping, void *data) {
  struct faultline_room_ *room = FAULTLINE_AS(struct faultline_room_ *, data);
  if (mapping->start != room->end || !mapping->writable || !room->writable || mapping->file || room->file ||
      mapping->grows != room->grows) {
    if (room->found) return 1;
    room->below = room->end;
    room->start = mapping->start;
    room->writable = mapping->writable;
    room->file = mapping->file;
    room->grows = mapping->grows;
  }
  room->end = mapping->end;
  if (room->here >= mapping->start && room->here < mapping->end) room->found = 1;
  return 0;
}

/* A write that changes nothing: another thread may use the page at the same time. */
__attribute__((no_sanitize_address)) static inline void faultline_touch_(uintptr_t at) {
  int nothing = 0;
  /* Compilers must not know the value: clang makes a load, or nothing, of an or with zero. */
  __asm__ volatile("" : "+r"(nothing));
  (void)__atomic_fetch_or(FAULTLINE_POINTER(char *, at), FAULTLINE_AS(char, nothing), __ATOMIC_RELAXED);
}

/* From above: the kernel lets the stack grow downwards; older ones (before 5.0, x86) to the stack pointer only, which
   goes along on the stack that grows. Anywhere else what lies below may be somebody's: it is left alone. */
__attribute__((noinline, unused)) static void faultline_touch_down_(uintptr_t from, uintptr_t to, size_t deeper) {
  uintptr_t page = faultline_page_();
  if (deeper > 0) {
    void *down = __builtin_alloca(deeper);
    __asm__ volatile("" : : "r"(down) : "memory");
  }
  while (from > to) {
    from = from - to > page ? from - page : to;
    faultline_touch_(from);
  }
}

extern int faultline_thread_attributes_(pthread_t thread, pthread_attr_t *attributes) __asm__("pthread_getattr_np");
extern int faultline_attributes_stack_(const pthread_attr_t *attributes, void **start, size_t *bytes)
    __asm__("pthread_attr_getstack");

/* Gives 0, or an error number. */
static inline int faultline_thread_stack_(pthread_t thread, uintptr_t *start, uintptr_t *end) {
  pthread_attr_t attributes;
  void *lowest = NULL;
  size_t bytes = 0;
  int error = faultline_thread_attributes_(thread, &attributes);
  if (error != 0) return error;
  error = faultline_attributes_stack_(&attributes, &lowest, &bytes);
  (void)pthread_attr_destroy(&attributes);
  *start = FAULTLINE_ADDRESS(lowest);
  *end = *start + bytes;
  return error;
}

enum { FAULTLINE_GAP_PAGES = 256, FAULTLINE_CALL_PAGES = 16 };

/* How far down the stack goes that grows: as its limit says, and no nearer to other mappings than the kernel lets it
   (stack_guard_gap). */
static inline uintptr_t faultline_growth_(const struct faultline_room_ *room) {
  uintptr_t page = faultline_page_(), lowest = room->below + FAULTLINE_GAP_PAGES * page;
  struct rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < room->end) {
    uintptr_t by_limit = room->end - FAULTLINE_AS(uintptr_t, limit.rlim_cur) / page * page;
    if (by_limit > lowest) lowest = by_limit;
  }
  return lowest < room->start ? lowest : room->start;
}

/* The lowest address of the stack that we run on: the program's first one, the thread's, or one of its own (of a
   coroutine, say), of which nothing is known but what is mapped. */
static inline uintptr_t faultline_lowest_(uintptr_t here, int *grows) {
  struct faultline_room_ room = {here, 0, 0, 0, 0, 0, 0, 0};
  uintptr_t start, end;
  if (faultline_each_mapping_(faultline_find_, &room) < 0 || !room.found || !room.writable) return here;
  *grows = room.grows;
  if (room.grows) return faultline_growth_(&room);
  if (faultline_thread_stack_(pthread_self(), &start, &end) == 0 && start <= here && here < end) return start;
  return room.start;
}

__attribute__((noinline, unused)) static int faultline_stack_down_(size_t bytes, int lock) {
  uintptr_t page = faultline_page_(), here = FAULTLINE_ADDRESS(__builtin_frame_address(0)), low;
  int grows = 0;
  uintptr_t lowest = faultline_lowest_(here, &grows);
  size_t room = here - lowest, spare = grows ? FAULTLINE_CALL_PAGES * page : 0;
  if (faultline_error_[0] != '\0') return -1;
  room = room > spare ? room - spare : 0;
  if (bytes > room) {
    (void)snprintf(faultline_error_, sizeof faultline_error_,
                   "the stack has room for %lu kB more, not for %lu: raise RLIMIT_STACK (ulimit -s), or the thread's "
                   "stack size (pthread_attr_setstacksize)",
                   FAULTLINE_AS(unsigned long, room / 1024), faultline_kb_(bytes));
    return faultline_fail_(ENOMEM);
  }
  low = (here - bytes) & ~(page - 1);
  if (low < lowest) low = lowest;
  /* The lowest page of a stack that grows stays unlocked: the kernel kills a program whose locked stack outgrows
     RLIMIT_MEMLOCK. */
  if (grows) faultline_touch_down_(here, low - 2 * page, bytes + 2 * page);
  else faultline_touch_down_(here, low, 0);
  if (!lock) return 0;
  faultline_enter_();
  faultline_state_.wanted.count = 0;
  if (faultline_want_(&faultline_state_.wanted, low, here + 1, "the stack") != 0) return faultline_leave_(-1);
  return faultline_leave_(faultline_lock_wanted_(1));
}

/* Brings the calling thread's stack in, to this depth below the caller. */
static inline int faultline_prefault_stack(size_t bytes) {
  faultline_error_[0] = '\0';
  return faultline_stack_down_(bytes, 0);
}

/* The same, and locks it, all or nothing; faultline_unlock takes it back. */
static inline int faultline_lock_stack(size_t bytes) {
  faultline_error_[0] = '\0';
  return faultline_stack_down_(bytes, 1);
}

/* Brings so much heap in, and has malloc keep it: nothing goes back to the kernel, nothing is mapped apart. */
static inline int faultline_prefault_heap(size_t bytes) {
  uintptr_t page = faultline_page_();
  char *memory;
  faultline_error_[0] = '\0';
#if defined(__GLIBC__) && defined(M_TRIM_THRESHOLD) && defined(M_MMAP_MAX)
  (void)mallopt(M_TRIM_THRESHOLD, -1);
  (void)mallopt(M_MMAP_MAX, 0);
#endif
  if (bytes == 0) return 0;
  memory = FAULTLINE_AS(char *, malloc(bytes));
  if (memory == NULL) {
    (void)snprintf(faultline_error_, sizeof faultline_error_, "there are no %lu kB of heap: %s", faultline_kb_(bytes),
                   strerror(errno));
    return -1;
  }
  for (size_t at = 0; at < bytes; at += page) faultline_touch_(FAULTLINE_ADDRESS(memory + at));
  faultline_touch_(FAULTLINE_ADDRESS(memory + bytes - 1));
  free(memory);
  return 0;
}

/* Brings the whole stack of a thread in, which may be running. */
static inline int faultline_prefault_thread(pthread_t thread) {
  struct faultline_room_ room = {0, 0, 0, 0, 0, 0, 0, 0};
  struct rlimit limit;
  uintptr_t start = 0, end = 0;
  int error;
  faultline_error_[0] = '\0';
  error = faultline_thread_stack_(thread, &start, &end);
  if (error != 0) {
    (void)snprintf(faultline_error_, sizeof faultline_error_, "the thread's stack is not known: %s", strerror(error));
    return faultline_fail_(error);
  }
  room.here = end - 1;
  if (faultline_each_mapping_(faultline_find_, &room) < 0) return -1;
  if (room.grows) {
    uintptr_t here = FAULTLINE_ADDRESS(__builtin_frame_address(0));
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
      (void)snprintf(faultline_error_, sizeof faultline_error_,
                     "the first thread's stack has no end (ulimit -s unlimited): say how deep, with "
                     "faultline_prefault_stack, or give it a limit");
      return faultline_fail_(ERANGE);
    }
    start = faultline_growth_(&room) + FAULTLINE_CALL_PAGES * faultline_page_();
    if (here > start && here < end) faultline_touch_down_(here, start, here - start);
    if (here > start && here < end) start = here;
  }
  faultline_touch_down_(end, start, 0);
  return 0;
}

#ifdef __cplusplus
}
#endif
#endif
