/* Locks all of itself; for each byte it reads, its thread takes so many names, then it writes "done".
     renamer NAMES [ANYTHING]
   With a second argument it never reads, and writes "done" a hundred times a second. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int count, char **arguments) {
  long names = count > 1 ? atol(arguments[1]) : 0;
  if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
    perror("mlockall");
    return 1;
  }
  for (char byte;;) {
    if (count > 2) usleep(10 * 1000);
    else if (read(0, &byte, 1) != 1) return 0;
    for (long i = 0; i < names; i++) prctl(PR_SET_NAME, i % 2 == 0 ? "even" : "odd");
    if (write(1, "done\n", 5) != 5) return 1;
  }
}
