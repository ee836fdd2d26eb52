/** Punctuators of C and C++ by their character: the kinds of their tokens. */

export const AMPERSAND = 38;
export const PAREN = 40;
export const PAREN_END = 41;
export const STAR = 42;
export const COMMA = 44;
export const DOT = 46;
export const COLON = 58;
export const SEMICOLON = 59;
export const LESS = 60;
export const EQUALS = 61;
export const GREATER = 62;
export const QUESTION = 63;
export const BRACKET = 91;
export const BRACKET_END = 93;
export const CARET = 94;
export const BRACE = 123;
export const BRACE_END = 125;
