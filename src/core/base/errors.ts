/** How refused input is told from a bug: parsers throw InputError, one boundary turns it into a value. */

/** Why an input was refused. The edge maps each code to one localised sentence. */
export type InputErrorCode = "truncated" | "malformed" | "unsupported" | "too-large";

/** The only error a parser may throw. Anything else that escapes one is a bug. */
export class InputError extends Error {
  override readonly name = "InputError";

  constructor(
    readonly code: InputErrorCode,
    /** What was being read, in the reader's words: "ELF program header 3". */
    readonly subject: string,
    readonly offset?: number,
  ) {
    super(`${subject}: ${code}${offset === undefined ? "" : ` at 0x${offset.toString(16)}`}`);
  }
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: InputError };

/** The boundary: refused input becomes a value, a bug keeps crashing. */
export function attempt<T>(parse: () => T): Result<T> {
  try {
    return { ok: true, value: parse() };
  } catch (error) {
    if (error instanceof InputError) return { ok: false, error };
    throw error;
  }
}
