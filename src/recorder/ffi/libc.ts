/** The C library, and its errors. */
import { getSystemErrorName } from "node:util";
import koffi from "koffi";

/** A call the kernel refused. `errno` is its number, `code` its name ("EACCES"). */
export class SystemCallError extends Error {
  override readonly name = "SystemCallError";
  readonly code: string;

  constructor(
    readonly call: string,
    readonly errno: number,
  ) {
    const code = errno > 0 ? getSystemErrorName(-errno) : "unknown error";
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
