/* Nothing is placed: there is nothing to lock, and that is no mistake. */
#include "faultline.h"

int main(void) {
  struct faultline_locks locks;
  if (faultline_lock(0) != 0 || faultline_status(&locks) != 0) return 1;
  return locks.locked == 0 && locks.parts[0].bytes == 0 && faultline_unlock() == 0 ? 0 : 1;
}
