/** Named limits on what a script may make us nest, follow or tell. */

/** Nodes within nodes; what people and linkers write stays below 50. */
export const MAX_SCRIPT_NESTING = 400;
/** Included files within included files: GNU ld's own limit. */
export const MAX_INCLUDE_DEPTH = 10;
/** Problems told of one script; the rest are more of the same. */
export const MAX_SCRIPT_PROBLEMS = 200;
/** Characters of a script; a generated one of a large kernel has 100,000. */
export const MAX_SCRIPT_CHARACTERS = 1 << 26;
