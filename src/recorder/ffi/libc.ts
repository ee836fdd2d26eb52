/** The C library, and its errors. */
import { constants } from "node:os";
import koffi from "koffi";

/** A call the kernel refused. `errno` is its number, `code` its name ("EACCES"). */
export class SystemCallError extends Error {
  override readonly name = "SystemCallError";
  readonly code: string;

  constructor(
    readonly call: string,
    readonly errno: number,
  ) {
    const code = errorName(errno);
    super(`${call}: ${code}`);
    this.code = code;
  }
}

/** What the process itself is linked with: no library name to guess, glibc and musl alike. */
export const libc = koffi.load(null);

/** The result, or the error the call left in errno. Must directly follow the call. */
export function checked(call: string, result: number | bigint): number {
  if (result < 0) throw new SystemCallError(call, koffi.errno());
  return Number(result);
}

/** By the system's own table: libuv has no names for some errors of exec. */
function errorName(errno: number): string {
  return Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `error ${errno}`;
}
