/** Named limits on what input may make us allocate, loop over or recurse into. */

/** A source's inflated section or record; more is refused. */
export const MAX_INFLATED_BYTES = 4 * 2 ** 30;
/** Longest name shown or demangled; longer ones are cut with an ellipsis. */
export const MAX_NAME_LENGTH = 1 << 20;
