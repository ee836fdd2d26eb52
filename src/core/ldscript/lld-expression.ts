/** Expressions as lld takes them: GNU ld's but for unary plus, NEXT and BLOCK, with numbers and names told apart here. */
import type { LldCursor } from "./lld-cursor.js";
import { nameInParentheses, takeName, within } from "./lld-cursor.js";
import { MAX_SCRIPT_NESTING } from "./limits.js";
import type { Expression, Token } from "./tree.js";

type Kind<K extends Expression["kind"]> = Extract<Expression, { readonly kind: K }>;

export function lldExpression(c: LldCursor): Expression {
  return within(c, "expression", () => expression(c, 0));
}

export function lldParenthesised(c: LldCursor): Expression {
  c.begin();
  c.need("(");
  const inner = lldExpression(c);
  c.need(")");
  return c.end<Kind<"parenthesised">>({ kind: "parenthesised", inner });
}

/** One operand without operators behind it: what may fill a section. */
export function lldPrimary(c: LldCursor): Expression {
  if (c.isMistaken) return absent(c);
  if (c.nesting > MAX_SCRIPT_NESTING) {
    c.fail("too-deep", String(MAX_SCRIPT_NESTING));
    return absent(c);
  }
  const { symbol } = c.peek();
  if (symbol === "(") return lldParenthesised(c);
  if (symbol === "~" || symbol === "!" || symbol === "-") {
    c.begin();
    c.take();
    const operand = lldPrimary(c);
    return c.end<Kind<"unary">>({ kind: "unary", operator: symbol, operand });
  }
  if (symbol === "END") {
    c.fail("syntax");
    return absent(c);
  }
  c.begin();
  const token = c.take();
  const shape = token.symbol === "STRING" ? undefined : FUNCTIONS.get(token.text);
  if (shape !== undefined) {
    const { argument, values } = shape(c);
    return c.end<Kind<"call">>({ kind: "call", name: token.text, argument, arguments: values });
  }
  if (isLldNumber(token.text)) return c.end<Kind<"number">>({ kind: "number", token });
  if (token.symbol !== "STRING" && !/^[A-Za-z$._][\w$.]*$/.test(token.text)) c.failAt(token);
  return c.end<Kind<"symbol">>({ kind: "symbol", token });
}

/** Hexadecimal with 0x or H, decimal with K or M: no octal. */
export function isLldNumber(text: string): boolean {
  return /^(?:0[xX][0-9A-Fa-f]+|[0-9A-Fa-f]+[Hh]|[0-9]+[KkMm]?)$/.test(text);
}

function expression(c: LldCursor, lowest: number): Expression {
  let left = lldPrimary(c);
  for (;;) {
    if (c.isMistaken) return left;
    const operator = c.peek().symbol;
    if (operator === "?" && lowest <= 1) {
      c.beginAround();
      c.take();
      const whenTrue = lldExpression(c);
      c.need(":");
      const whenFalse = lldExpression(c);
      return c.end<Kind<"conditional">>({ kind: "conditional", condition: left, whenTrue, whenFalse });
    }
    const precedence = PRECEDENCE.get(operator);
    if (precedence === undefined || precedence < lowest) return left;
    c.beginAround();
    c.take();
    const right = expression(c, precedence + 1);
    left = c.end<Kind<"binary">>({ kind: "binary", operator, left, right });
  }
}

function absent(c: LldCursor): Expression {
  c.begin();
  return c.end<Kind<"absent">>({ kind: "absent" });
}

interface Arguments {
  readonly argument: Token | undefined;
  readonly values: readonly Expression[];
}

function expressions(least: number, most = least): (c: LldCursor) => Arguments {
  return (c) => {
    c.need("(");
    const values = [lldExpression(c)];
    while (values.length < most && (values.length < least ? c.need(",") : c.takeIf(",")) !== undefined)
      values.push(lldExpression(c));
    c.need(")");
    return { argument: undefined, values };
  };
}

function name(c: LldCursor): Arguments {
  return { argument: nameInParentheses(c), values: [] };
}

function region(c: LldCursor): Arguments {
  const argument = nameInParentheses(c);
  if (argument !== undefined && !c.declarations.has(argument.text)) c.failAt(argument);
  return { argument, values: [] };
}

function constant(c: LldCursor): Arguments {
  const argument = nameInParentheses(c);
  if (argument !== undefined && !["COMMONPAGESIZE", "MAXPAGESIZE"].includes(argument.text)) c.failAt(argument);
  return { argument, values: [] };
}

function segmentEnd(c: LldCursor): Arguments {
  c.need("(");
  c.need(".");
  c.need(")");
  return { argument: undefined, values: [] };
}

function segmentStart(c: LldCursor): Arguments {
  c.need("(");
  const argument = takeName(c);
  c.need(",");
  const values = [lldExpression(c)];
  c.need(")");
  return { argument, values };
}

function assertion(c: LldCursor): Arguments {
  c.need("(");
  const values = [lldExpression(c)];
  c.need(",");
  const argument = takeName(c);
  c.need(")");
  return { argument, values };
}

const FUNCTIONS: ReadonlyMap<string, (c: LldCursor) => Arguments> = new Map([
  ["ABSOLUTE", expressions(1)],
  ["ADDR", name],
  ["ALIGN", expressions(1, 2)],
  ["ALIGNOF", name],
  ["ASSERT", assertion],
  ["CONSTANT", constant],
  ["DATA_SEGMENT_ALIGN", expressions(2)],
  ["DATA_SEGMENT_END", segmentEnd],
  ["DATA_SEGMENT_RELRO_END", expressions(2)],
  ["DEFINED", name],
  ["LENGTH", region],
  ["LOADADDR", name],
  ["LOG2CEIL", expressions(1)],
  ["MAX", expressions(2)],
  ["MIN", expressions(2)],
  ["ORIGIN", region],
  ["SEGMENT_START", segmentStart],
  ["SIZEOF", name],
]);

const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ["||", 2],
  ["&&", 3],
  ["|", 4],
  ["^", 5],
  ["&", 6],
  ["==", 7],
  ["!=", 7],
  ["<", 8],
  [">", 8],
  ["<=", 8],
  [">=", 8],
  ["<<", 9],
  [">>", 9],
  ["+", 10],
  ["-", 10],
  ["*", 11],
  ["/", 11],
  ["%", 11],
]);
