/** Named limits on what a script may make us nest or tell. */

/** Nodes within nodes; what people and linkers write stays below 50. */
export const MAX_SCRIPT_NESTING = 400;
/** Problems told of one script; the rest are more of the same. */
export const MAX_SCRIPT_PROBLEMS = 200;
