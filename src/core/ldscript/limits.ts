/** Named limits on what a script may make us nest or tell. */

/** Nodes within nodes; what people and linkers write stays below 50. */
export const MAX_SCRIPT_NESTING = 400;
/** Problems told of one script; the rest are more of the same. */
export const MAX_SCRIPT_PROBLEMS = 200;
/** INCLUDE within INCLUDE: MAX_INCLUDE_DEPTH of GNU ld's lexer. */
export const MAX_INCLUDE_DEPTH = 10;
/** Files a script may include in all: a file that includes itself twice would be read a thousand times. */
export const MAX_INCLUDED_SCRIPTS = 200;
