/* mlock and mlockall that do nothing, as sanitizers have them: faultline.h must not believe them. */
#include "check.h"

int mlock(const void *start, size_t bytes) { return start == NULL && bytes == 0; }
int mlockall(int flags) { return flags == 0; }

FAULTLINE_DATA static volatile int state = 7;

int main(void) {
  CHECK(faultline_lock(0) == -1 && errno == ENOSYS && strstr(faultline_error(), "sanitizer") != NULL);
  CHECK(faultline_lock_stack(4096) == -1 && errno == ENOSYS);
  CHECK(faultline_lock_all(FAULTLINE_CURRENT) == -1 && errno == ENOSYS);
  CHECK(faultline_unlock() == 0);
  return state == 7 ? 0 : 1;
}
