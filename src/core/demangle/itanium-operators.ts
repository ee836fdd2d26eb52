/** Operators, by their encoding (Itanium C++ ABI, sections 5.1.3 and 5.1.6). */
import { PRECEDENCE } from "./nodes.js";

export type OperatorKind =
  | "binary"
  | "prefix"
  | "postfix"
  | "index"
  | "member"
  | "new"
  | "delete"
  | "call"
  | "cast"
  | "conditional"
  | "name-only"
  | "named-cast"
  | "of-expression"
  | "of-type";

export interface Operator {
  readonly kind: OperatorKind;
  /** As it stands in an expression. */
  readonly symbol: string;
  readonly precedence: number;
  /** After "operator"; undefined where no function can have that name. */
  readonly name: string | undefined;
}

const { unary, postfix, primary, pointerToMember } = PRECEDENCE;

function operator(kind: OperatorKind, symbol: string, precedence: number, name = symbol): Operator {
  return { kind, symbol, precedence, name };
}

function nameless(kind: OperatorKind, symbol: string, precedence: number): Operator {
  return { kind, symbol, precedence, name: undefined };
}

function binaries(precedence: number, symbols: Readonly<Record<string, string>>): [string, Operator][] {
  return Object.entries(symbols).map(([code, symbol]) => [code, operator("binary", symbol, precedence)]);
}

export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ...binaries(PRECEDENCE.assignment, {
    aN: "&=",
    aS: "=",
    dV: "/=",
    eO: "^=",
    lS: "<<=",
    mI: "-=",
    mL: "*=",
    oR: "|=",
    pL: "+=",
    rM: "%=",
    rS: ">>=",
  }),
  ...binaries(PRECEDENCE.andAnd, { aa: "&&" }),
  ...binaries(PRECEDENCE.and, { an: "&" }),
  ...binaries(PRECEDENCE.comma, { cm: "," }),
  ...binaries(PRECEDENCE.multiplicative, { dv: "/", ml: "*", rm: "%" }),
  ...binaries(PRECEDENCE.xor, { eo: "^" }),
  ...binaries(PRECEDENCE.equality, { eq: "==", ne: "!=" }),
  ...binaries(PRECEDENCE.relational, { ge: ">=", gt: ">", le: "<=", lt: "<" }),
  ...binaries(PRECEDENCE.shift, { ls: "<<", rs: ">>" }),
  ...binaries(PRECEDENCE.additive, { mi: "-", pl: "+" }),
  ...binaries(PRECEDENCE.orOr, { oo: "||" }),
  ...binaries(PRECEDENCE.or, { or: "|" }),
  ...binaries(PRECEDENCE.spaceship, { ss: "<=>" }),
  ["ad", operator("prefix", "&", unary)],
  ["co", operator("prefix", "~", unary)],
  ["de", operator("prefix", "*", unary)],
  ["ng", operator("prefix", "-", unary)],
  ["nt", operator("prefix", "!", unary)],
  ["ps", operator("prefix", "+", unary)],
  ["mm", operator("postfix", "--", postfix)],
  ["pp", operator("postfix", "++", postfix)],
  ["ix", operator("index", "[]", postfix)],
  ["ds", nameless("member", ".*", pointerToMember)],
  ["dt", nameless("member", ".", postfix)],
  ["pm", operator("member", "->*", pointerToMember)],
  ["pt", operator("member", "->", postfix)],
  ["na", operator("new", "new[]", unary, " new[]")],
  ["nw", operator("new", "new", unary, " new")],
  ["da", operator("delete", "delete[]", unary, " delete[]")],
  ["dl", operator("delete", "delete", unary, " delete")],
  ["cl", operator("call", "()", postfix)],
  ["cp", operator("call", "()", postfix)],
  ["cv", operator("cast", "", PRECEDENCE.cast, "")],
  ["qu", operator("conditional", "?", PRECEDENCE.conditional)],
  ["aw", operator("name-only", "co_await", primary, " co_await")],
  ["cc", nameless("named-cast", "const_cast", postfix)],
  ["dc", nameless("named-cast", "dynamic_cast", postfix)],
  ["rc", nameless("named-cast", "reinterpret_cast", postfix)],
  ["sc", nameless("named-cast", "static_cast", postfix)],
  ["at", nameless("of-type", "alignof ", unary)],
  ["az", nameless("of-expression", "alignof ", unary)],
  ["st", nameless("of-type", "sizeof ", unary)],
  ["sz", nameless("of-expression", "sizeof ", unary)],
  ["te", nameless("of-expression", "typeid ", postfix)],
  ["ti", nameless("of-type", "typeid ", postfix)],
]);
