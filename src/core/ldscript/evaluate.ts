/** Values of expressions where everything in them is known: 64-bit, as GNU ld (ld, ldexp.c) and lld compute them. */
import type { DialectName } from "./dialect.js";
import { unquoted, type Expression, type Token } from "./tree.js";

/** What names stand for; undefined: not known. */
export interface KnownNames {
  readonly dialect: DialectName;
  /** The location counter is the symbol `.`. */
  readonly symbol: (name: string) => bigint | undefined;
  /** What ADDR, SIZEOF, LOADADDR, ALIGNOF, ORIGIN, LENGTH, CONSTANT and DEFINED say of a name, and SIZEOF_HEADERS of "". */
  readonly attribute: (name: string, of: string) => bigint | undefined;
}

/** Never negative: the linkers' numbers are unsigned. Undefined where something is not known, or has no value. */
export function evaluate(expression: Expression, known: KnownNames): bigint | undefined {
  switch (expression.kind) {
    case "number":
      return numberOf(expression.token, known.dialect);
    case "symbol":
      return expression.token.text === "SIZEOF_HEADERS"
        ? known.attribute("SIZEOF_HEADERS", "")
        : known.symbol(unquoted(expression.token));
    case "parenthesised":
      return evaluate(expression.inner, known);
    case "unary":
      return unary(expression.operator, evaluate(expression.operand, known));
    case "binary":
      return binary(expression, known);
    case "conditional": {
      const condition = evaluate(expression.condition, known);
      if (condition === undefined) return undefined;
      return evaluate(condition !== 0n ? expression.whenTrue : expression.whenFalse, known);
    }
    case "call":
      return call(expression, known);
    case "absent":
      return undefined;
  }
}

/** `value` combined with what an operator assigns: `+=` and its like. */
export function combined(
  operator: string,
  left: bigint | undefined,
  right: bigint | undefined,
  dialect: DialectName,
): bigint | undefined {
  if (operator === "=") return right;
  return left === undefined || right === undefined ? undefined : operated(operator.slice(0, -1), left, right, dialect);
}

/** GNU ld knows octal and five ways to write hexadecimal, lld neither octal nor $. */
export function numberOf({ text }: Token, dialect: DialectName): bigint | undefined {
  const [, digits = "", unit = ""] = /^(.*?)([KkMm]?)$/.exec(text) ?? [];
  const value = digitsOf(digits, dialect);
  const scale = unit === "" ? 1n : unit.toUpperCase() === "K" ? 1024n : 1024n * 1024n;
  return value === undefined ? undefined : BigInt.asUintN(64, value * scale);
}

function digitsOf(digits: string, dialect: DialectName): bigint | undefined {
  if (/^0[xX][0-9A-Fa-f]+$/.test(digits)) return BigInt(`0x${digits.slice(2)}`);
  if (dialect === "lld") {
    if (/^[0-9]+$/.test(digits)) return BigInt(digits);
    return /^[0-9A-Fa-f]+[Hh]$/.test(digits) ? BigInt(`0x${digits.slice(0, -1)}`) : undefined;
  }
  if (/^\$[0-9A-Fa-f]+$/.test(digits)) return BigInt(`0x${digits.slice(1)}`);
  if (/^0[0-7]*$/.test(digits)) return BigInt(`0o0${digits}`);
  if (/^[1-9][0-9]*$/.test(digits)) return BigInt(digits);
  const [, body = "", base = ""] = /^([0-9A-Fa-f]+)([HhXxBbOoDd])$/.exec(digits) ?? [];
  const prefix = { h: "0x", x: "0x", b: "0b", o: "0o", d: "" }[base.toLowerCase()];
  if (prefix === undefined) return undefined;
  return prefix === "0x" || /^[0-9]+$/.test(body) ? BigInt(prefix + body) : undefined;
}

function unary(operator: string, value: bigint | undefined): bigint | undefined {
  if (value === undefined) return undefined;
  switch (operator) {
    case "-":
      return BigInt.asUintN(64, -value);
    case "~":
      return BigInt.asUintN(64, ~value);
    case "!":
      return value === 0n ? 1n : 0n;
    default:
      return value;
  }
}

type Binary = Extract<Expression, { readonly kind: "binary" }>;

/** Chains of operators nest to the left as deep as they are long: no recursion along them. */
function binary(expression: Binary, known: KnownNames): bigint | undefined {
  const chain: Binary[] = [];
  let first: Expression = expression;
  for (; first.kind === "binary"; first = first.left) chain.push(first);
  let value = evaluate(first, known);
  for (const { operator, right } of chain.reverse()) {
    // One side may be enough.
    if (operator === "&&" && value === 0n) continue;
    if (operator === "||" && value !== undefined && value !== 0n) value = 1n;
    else {
      const other = evaluate(right, known);
      value = value === undefined || other === undefined ? undefined : operated(operator, value, other, known.dialect);
    }
  }
  return value;
}

function operated(operator: string, a: bigint, b: bigint, dialect: DialectName): bigint | undefined {
  const bit = (is: boolean): bigint => (is ? 1n : 0n);
  switch (operator) {
    case "+":
      return BigInt.asUintN(64, a + b);
    case "-":
      return BigInt.asUintN(64, a - b);
    case "*":
      return BigInt.asUintN(64, a * b);
    case "/":
    case "%":
      return divided(operator, a, b, dialect);
    case "<<":
      return b < 64n ? BigInt.asUintN(64, a << b) : undefined;
    case ">>":
      return b < 64n ? a >> b : undefined;
    case "&":
      return a & b;
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    case "==":
      return bit(a === b);
    case "!=":
      return bit(a !== b);
    case "<":
      return bit(a < b);
    case ">":
      return bit(a > b);
    case "<=":
      return bit(a <= b);
    case ">=":
      return bit(a >= b);
    case "&&":
      return bit(a !== 0n && b !== 0n);
    case "||":
      return bit(a !== 0n || b !== 0n);
    default:
      return undefined;
  }
}

/** Signed in GNU ld, unsigned in lld. */
function divided(operator: "/" | "%", a: bigint, b: bigint, dialect: DialectName): bigint | undefined {
  if (b === 0n) return undefined;
  const [x, y] = dialect === "lld" ? [a, b] : [BigInt.asIntN(64, a), BigInt.asIntN(64, b)];
  return BigInt.asUintN(64, operator === "/" ? x / y : x % y);
}

type Call = Extract<Expression, { readonly kind: "call" }>;

function call({ name, argument, arguments: values }: Call, known: KnownNames): bigint | undefined {
  const value = (index: number): bigint | undefined => {
    const expression = values[index];
    return expression === undefined ? undefined : evaluate(expression, known);
  };
  switch (name) {
    case "ABSOLUTE":
    case "SEGMENT_START":
    case "ASSERT":
      return value(0);
    case "ALIGN":
      if (values.length < 2) return aligned(known.symbol("."), value(0));
      // In lld the outer alignment takes the place of an inner one that was not yet applied.
      return known.dialect === "lld" && isAlignment(values[0]!) ? undefined : aligned(value(0), value(1));
    case "BLOCK":
      return aligned(known.symbol("."), value(0));
    case "MAX":
    case "MIN": {
      const [a, b] = [value(0), value(1)];
      if (a === undefined || b === undefined) return undefined;
      return a > b === (name === "MAX") ? a : b;
    }
    case "LOG2CEIL":
      return logarithm(value(0));
    default:
      return argument === undefined ? undefined : known.attribute(name, unquoted(argument));
  }
}

function isAlignment(expression: Expression): boolean {
  switch (expression.kind) {
    case "parenthesised":
      return isAlignment(expression.inner);
    case "conditional":
      return isAlignment(expression.whenTrue) || isAlignment(expression.whenFalse);
    case "call":
      if (expression.name === "ALIGN") return expression.arguments.length > 1;
      return ["ABSOLUTE", "SEGMENT_START"].includes(expression.name) && expression.arguments.some(isAlignment);
    default:
      return false;
  }
}

function aligned(value: bigint | undefined, to: bigint | undefined): bigint | undefined {
  if (value === undefined || to === undefined) return undefined;
  return to <= 1n ? value : BigInt.asUintN(64, ((value + to - 1n) / to) * to);
}

/** The least power of two that is not below the value. */
function logarithm(value: bigint | undefined): bigint | undefined {
  if (value === undefined) return undefined;
  return value <= 1n ? 0n : BigInt((value - 1n).toString(2).length);
}
