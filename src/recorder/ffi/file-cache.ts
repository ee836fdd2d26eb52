/** posix_fadvise(2): pages of a file that nobody maps leave the page cache. */
import { libc } from "./libc.js";

const posixFadvise = libc.func("int posix_fadvise(int fd, int64_t offset, int64_t length, int advice)");
const POSIX_FADV_DONTNEED = 4;

/**
 * Clean pages that no process maps are dropped. Where some cannot be, the kernel first empties the lists on which each
 * cpu keeps pages it has just touched (mm/fadvise.c): from there, nobody can take them.
 */
export function dropFromCache(fd: number): void {
  posixFadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}
