/* A second file that includes the header: what one has locked, the other knows. */
#include "faultline.h"

#ifdef __cplusplus
int from_another_file(void);
#else
int from_another_file(void);
#endif

int from_another_file(void) {
  struct faultline_locks locks;
  return faultline_status(&locks) == 0 && locks.parts[0].locked > 0 && faultline_state_.added.count > 0 ? 0 : 1;
}
