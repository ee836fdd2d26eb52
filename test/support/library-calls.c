/*
 * Calls functions of libraries that nobody here wrote, each once in freshly mapped pages: see touched-pages.c.
 * Prints "LIBRARY PATH" before the answers of a library.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void watch(const char *library);
void touched(const char *name, void *function);

typedef unsigned char byte;
static byte in[70000], out[80000], back[80000];
static const char *library;
static void *handle;

static void *find(const char *name)
{
  void *found = dlsym(handle, name);
  if (!found) {
    fprintf(stderr, "%s has no %s\n", library, name);
    exit(3);
  }
  return found;
}

static void open_library(const char *name)
{
  library = name;
  handle = dlopen(name, RTLD_NOW);
  if (!handle) {
    fprintf(stderr, "%s\n", dlerror());
    exit(3);
  }
  struct link_map *map;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map)) exit(3);
  printf("LIBRARY %s\n", map->l_name);
  fflush(stdout);
}

/* What the call needs is evaluated before: only the call itself is watched. */
#define CALL(result, name, parameters, ...) \
  do { \
    result(*function) parameters = (result(*) parameters)find(#name); \
    watch(library); \
    (void)function(__VA_ARGS__); \
    touched(#name, (void *)function); \
  } while (0)

static void zlib(void)
{
  open_library("libz.so.1");
  unsigned long length = sizeof out, restored = sizeof back;
  CALL(const char *, zlibVersion, (void), );
  CALL(unsigned long, compressBound, (unsigned long), 1000);
  CALL(unsigned long, adler32, (unsigned long, const byte *, unsigned), 1, in, sizeof in);
  CALL(unsigned long, crc32, (unsigned long, const byte *, unsigned), 0, in, sizeof in);
  CALL(unsigned long, crc32_combine, (unsigned long, unsigned long, long), 1, 2, 12345);
  CALL(int, compress, (byte *, unsigned long *, const byte *, unsigned long), out, &length, in, sizeof in);
  CALL(int, uncompress, (byte *, unsigned long *, const byte *, unsigned long), back, &restored, out, length);
}

static void lzma(void)
{
  open_library("liblzma.so.5");
  size_t length = 0, at = 0, restored = 0;
  unsigned long limit = ~0ul;
  CALL(const char *, lzma_version_string, (void), );
  CALL(unsigned, lzma_crc32, (const byte *, size_t, unsigned), in, sizeof in, 0);
  CALL(unsigned long, lzma_crc64, (const byte *, size_t, unsigned long), in, sizeof in, 0);
  CALL(unsigned, lzma_check_size, (int), 4);
  CALL(size_t, lzma_stream_buffer_bound, (size_t), sizeof in);
  CALL(int, lzma_easy_buffer_encode, (unsigned, int, void *, const byte *, size_t, byte *, size_t *, size_t), 1, 4, NULL,
       in, sizeof in, out, &length, sizeof out);
  CALL(int, lzma_stream_buffer_decode,
       (unsigned long *, unsigned, void *, const byte *, size_t *, size_t, byte *, size_t *, size_t), &limit, 0, NULL, out,
       &at, length, back, &restored, sizeof back);
}

static void sqlite(void)
{
  void *database = NULL;
  open_library("libsqlite3.so.0");
  CALL(const char *, sqlite3_libversion, (void), );
  CALL(int, sqlite3_complete, (const char *), "select 1; -- done");
  CALL(int, sqlite3_stricmp, (const char *, const char *), "One", "oNE");
  CALL(int, sqlite3_strglob, (const char *, const char *), "a*[b-d]?", "aXXcd");
  CALL(int, sqlite3_compileoption_used, (const char *), "THREADSAFE");
  CALL(int, sqlite3_initialize, (void), );
  CALL(char *, sqlite3_mprintf, (const char *, ...), "%q %08.3f %d", "it's", 2.5, 7);
  CALL(int, sqlite3_open, (const char *, void **), ":memory:", &database);
  CALL(int, sqlite3_exec, (void *, const char *, void *, void *, char **), database,
       "create table t(a, b); insert into t values(1, 'x'), (2, 'y'); select max(a), upper(b) from t group by b;", NULL,
       NULL, NULL);
  CALL(int, sqlite3_close, (void *), database);
}

int main(int argc, char **argv)
{
  if (argc < 2) return 2;
  for (size_t i = 0; i < sizeof in; i++) in[i] = (byte)((i * i >> 7) ^ i % 251);
  if (!strcmp(argv[1], "zlib")) zlib();
  if (!strcmp(argv[1], "lzma")) lzma();
  if (!strcmp(argv[1], "sqlite")) sqlite();
  return 0;
}
