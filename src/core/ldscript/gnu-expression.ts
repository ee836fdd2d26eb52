/** Expressions as GNU ld's grammar takes them: C's operators with C's precedence, and the built-in functions. */
import type { Cursor } from "./cursor.js";
import type { GnuMode } from "./gnu-lexer.js";
import { MAX_SCRIPT_NESTING } from "./limits.js";
import type { Expression, Token } from "./tree.js";

type GnuCursor = Cursor<GnuMode>;
type Kind<K extends Expression["kind"]> = Extract<Expression, { readonly kind: K }>;

/** An expression on its own: reads in expression mode, whatever surrounds it. The token after it was read in that mode too. */
export function mustBeExpression(c: GnuCursor): Expression {
  c.enter("expression");
  const expression = parseExpression(c);
  c.leave();
  return expression;
}

/** An expression where the lexer is in expression mode already. */
export function parseExpression(c: GnuCursor, lowest = 0): Expression {
  if (c.nesting > MAX_SCRIPT_NESTING) {
    c.fail("too-deep", String(MAX_SCRIPT_NESTING));
    return absent(c);
  }
  return withOperators(c, primary(c), lowest);
}

/** What follows a first operand: `lowest` is the precedence below which an operator is left to the caller. */
export function withOperators(c: GnuCursor, first: Expression, lowest: number): Expression {
  let left = first;
  for (;;) {
    if (c.isMistaken) return left;
    const operator = c.peek().symbol;
    if (operator === "?" && lowest <= CONDITIONAL) {
      left = conditional(c, left);
      continue;
    }
    const precedence = PRECEDENCE[operator];
    if (precedence === undefined || precedence < lowest) return left;
    c.beginAround();
    c.take();
    const right = parseExpression(c, precedence + 1);
    left = c.end<Kind<"binary">>({ kind: "binary", operator, left, right });
  }
}

function conditional(c: GnuCursor, condition: Expression): Expression {
  c.beginAround();
  c.take();
  const whenTrue = parseExpression(c);
  c.need(":");
  const whenFalse = parseExpression(c, CONDITIONAL);
  return c.end<Kind<"conditional">>({ kind: "conditional", condition, whenTrue, whenFalse });
}

function primary(c: GnuCursor): Expression {
  if (c.isMistaken) return absent(c);
  const { symbol } = c.peek();
  if (UNARY.includes(symbol)) {
    c.begin();
    c.take();
    const operand = parseExpression(c, UNARY_PRECEDENCE);
    return c.end<Kind<"unary">>({ kind: "unary", operator: symbol, operand });
  }
  if (symbol === "(") {
    c.begin();
    c.take();
    return parenthesised(c);
  }
  if (symbol === "INT" || symbol === "NAME" || symbol === "STRING" || symbol === "SIZEOF_HEADERS") {
    c.begin();
    const token = c.take();
    if (symbol === "INT") return c.end<Kind<"number">>({ kind: "number", token });
    return c.end<Kind<"symbol">>({ kind: "symbol", token });
  }
  return call(c, symbol);
}

/** After the opening parenthesis, in a node that was begun before it. */
export function parenthesised(c: GnuCursor): Expression {
  const inner = parseExpression(c);
  c.need(")");
  return c.end<Kind<"parenthesised">>({ kind: "parenthesised", inner });
}

function call(c: GnuCursor, name: string): Expression {
  const shape = FUNCTIONS[name];
  if (shape === undefined) {
    c.fail("syntax");
    return absent(c);
  }
  c.begin();
  c.take();
  const { argument, values } = shape(c);
  return c.end<Kind<"call">>({ kind: "call", name, argument, arguments: values });
}

interface Arguments {
  readonly argument: Token | undefined;
  readonly values: readonly Expression[];
}

function expressions(least: number, most: number): (c: GnuCursor) => Arguments {
  return (c) => {
    c.need("(");
    const values = [parseExpression(c)];
    while (values.length < most && (values.length < least ? c.need(",") : c.takeIf(",")) !== undefined)
      values.push(parseExpression(c));
    c.need(")");
    return { argument: undefined, values };
  };
}

/** A section or region: read as a name of the script, in which - and : may be. */
function scriptName(c: GnuCursor): Arguments {
  c.enter("script");
  c.need("(");
  const argument = c.need("NAME", "STRING");
  c.need(")");
  c.leave();
  return { argument, values: [] };
}

function expressionName(c: GnuCursor): Arguments {
  c.need("(");
  const argument = c.need("NAME", "STRING");
  c.need(")");
  return { argument, values: [] };
}

function segmentStart(c: GnuCursor): Arguments {
  c.enter("script");
  c.need("(");
  const argument = c.need("NAME", "STRING");
  c.leave();
  c.need(",");
  const values = [parseExpression(c)];
  c.need(")");
  return { argument, values };
}

function assertion(c: GnuCursor): Arguments {
  c.need("(");
  const values = [parseExpression(c)];
  c.need(",");
  const argument = c.need("NAME", "STRING");
  c.need(")");
  return { argument, values };
}

function absent(c: GnuCursor): Expression {
  c.begin();
  return c.end<Kind<"absent">>({ kind: "absent" });
}

const FUNCTIONS: Readonly<Record<string, (c: GnuCursor) => Arguments>> = {
  NEXT: expressions(1, 1),
  ABSOLUTE: expressions(1, 1),
  ALIGN: expressions(1, 2),
  BLOCK: expressions(1, 1),
  DATA_SEGMENT_ALIGN: expressions(2, 2),
  DATA_SEGMENT_RELRO_END: expressions(2, 2),
  DATA_SEGMENT_END: expressions(1, 1),
  LOG2CEIL: expressions(1, 1),
  MAX: expressions(2, 2),
  MIN: expressions(2, 2),
  ALIGNOF: scriptName,
  SIZEOF: scriptName,
  ADDR: scriptName,
  LOADADDR: scriptName,
  ORIGIN: scriptName,
  LENGTH: scriptName,
  DEFINED: expressionName,
  CONSTANT: expressionName,
  SEGMENT_START: segmentStart,
  ASSERT: assertion,
};

const UNARY = ["-", "+", "!", "~"];
const CONDITIONAL = 1;
const UNARY_PRECEDENCE = 20;
const PRECEDENCE: Readonly<Record<string, number>> = {
  "||": 2,
  "&&": 3,
  "|": 4,
  "^": 5,
  "&": 6,
  "==": 7,
  "!=": 7,
  "<": 8,
  ">": 8,
  "<=": 8,
  ">=": 8,
  "<<": 9,
  ">>": 9,
  "+": 10,
  "-": 10,
  "*": 11,
  "/": 11,
  "%": 11,
};
