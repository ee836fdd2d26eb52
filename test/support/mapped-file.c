/* Maps a file privately, read-only, and 8 pages of its own; touches all of both; for each byte it reads from its
   standard input it reads page 2 of the file and writes page 3 of its own, then writes the first 5 bytes of page 5 of the
   file to its standard output: the kernel reads those. With --lock it locks page 0 of the file.
     mapped-file FILE [--lock]                                                                                     */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, OWN = 8 };

int main(int count, char **arguments) {
  struct stat status;
  int file = count > 1 ? open(arguments[1], O_RDONLY) : -1;
  if (file < 0 || fstat(file, &status) != 0) return 1;
  volatile char *mapped = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  volatile char *own = mmap(NULL, OWN * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED || own == MAP_FAILED) return 1;
  for (long at = 0; at < status.st_size; at += PAGE) (void)mapped[at];
  for (long at = 0; at < OWN * PAGE; at += PAGE) own[at] = (char)at;
  if (count > 2 && mlock((const void *)mapped, PAGE) != 0) return 1;
  printf("%lx %lx\n", (unsigned long)mapped, (unsigned long)own);
  fflush(stdout);
  for (char byte; read(0, &byte, 1) == 1;) {
    own[3 * PAGE] = mapped[2 * PAGE];
    if (write(1, (const void *)(mapped + 5 * PAGE), 5) != 5) return 1;
  }
  return 0;
}
