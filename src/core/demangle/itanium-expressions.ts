/** Expressions in template arguments, decltype and noexcept (Itanium C++ ABI, section 5.1.6). Long: one production a kind. */
import { isDigit, type Grammar } from "./itanium-grammar.js";
import { OPERATORS, type Operator } from "./itanium-operators.js";
import {
  nested,
  packExpansion,
  PRECEDENCE,
  print,
  printLeft,
  printList,
  printOperand,
  sequence,
  text,
  withTemplateArguments,
  type Node,
} from "./nodes.js";
import type { Output } from "./output.js";
import { parseQualifiers } from "./itanium-types.js";

const { lowest, assignment, orOr, cast, unary, postfix, conditional } = PRECEDENCE;

export function parseExpression(grammar: Grammar): Node {
  const { cursor } = grammar;
  const isGlobal = cursor.accept("gs");
  const operator = OPERATORS.get(cursor.look() + cursor.look(1));
  if (operator !== undefined) {
    cursor.at += 2;
    return cursor.nest(() => parseOperation(grammar, operator, isGlobal));
  }
  return cursor.nest(() => parseOther(grammar, isGlobal));
}

function parseOperation(grammar: Grammar, operator: Operator, isGlobal: boolean): Node {
  const { cursor } = grammar;
  const { kind, symbol, precedence } = operator;
  const next = (): Node => grammar.expression();
  switch (kind) {
    case "binary": {
      const left = next();
      return binary(left, symbol, next(), precedence);
    }
    case "prefix":
      return prefix(symbol, next(), precedence);
    case "postfix": {
      if (cursor.accept("_")) return prefix(symbol, next(), precedence);
      const child = next();
      return expression(precedence, (out) => {
        printOperand(child, out, precedence, true);
        out.write(symbol);
      });
    }
    case "index": {
      const base = next();
      const index = next();
      return expression(precedence, (out) => {
        printOperand(base, out, precedence);
        out.parentheses++;
        out.write("[");
        printOperand(index, out, lowest);
        out.parentheses--;
        out.write("]");
      });
    }
    case "member": {
      const object = next();
      const member = next();
      return expression(precedence, (out) => {
        printOperand(object, out, precedence, true);
        out.write(symbol);
        printOperand(member, out, precedence);
      });
    }
    case "new":
      return parseNew(grammar, `${isGlobal ? "::" : ""}${symbol}`);
    case "delete":
      return { ...sequence(`${isGlobal ? "::" : ""}${symbol} `, next()), precedence };
    case "call": {
      const callee = next();
      return call(callee, cursor.until("E", next));
    }
    case "cast":
      return parseCast(grammar);
    case "conditional": {
      const condition = next();
      const first = next();
      const second = next();
      return expression(precedence, (out) => {
        printOperand(condition, out, conditional);
        out.write(" ? ");
        printOperand(first, out, lowest);
        out.write(" : ");
        printOperand(second, out, assignment, true);
      });
    }
    case "named-cast": {
      const type = grammar.type();
      const value = next();
      return expression(precedence, (out) => {
        const { parentheses } = out;
        out.parentheses = 0;
        out.write(`${symbol}<`);
        printLeft(type, out);
        out.write(">");
        out.parentheses = parentheses;
        enclose(out, () => printOperand(value, out, lowest));
      });
    }
    case "of-type":
      return enclosing(symbol, grammar.type(), precedence);
    case "of-expression":
      return enclosing(symbol, next(), precedence);
    case "name-only":
      return cursor.fail();
  }
}

function parseOther(grammar: Grammar, isGlobal: boolean): Node {
  const { cursor } = grammar;
  const next = (): Node => grammar.expression();
  if (cursor.look() === "L") return grammar.primary();
  if (cursor.look() === "T") return grammar.templateParameter();
  if (cursor.look() === "f")
    return cursor.look(1) === "p" || (cursor.look(1) === "L" && isDigit(cursor.look(2)))
      ? parseFunctionParameter(grammar)
      : parseFold(grammar);
  if (cursor.accept("il")) return initialiser(undefined, cursor.until("E", next));
  if (cursor.accept("tl")) {
    const type = grammar.type();
    return initialiser(type, cursor.until("E", next));
  }
  if (cursor.accept("nx")) return enclosing("noexcept ", next(), unary);
  if (cursor.accept("sp")) return packExpansion(next());
  if (cursor.accept("sZ")) {
    if (cursor.look() === "T") return enclosing("sizeof...", packExpansion(grammar.templateParameter()), unary);
    return enclosing("sizeof... ", parseFunctionParameter(grammar), unary);
  }
  if (cursor.accept("sP")) {
    const args = cursor.until("E", () => grammar.templateArgument());
    return enclosing("sizeof... ", { left: (out) => printList(args, out) }, unary);
  }
  if (cursor.look() === "r" && /[qQ]/.test(cursor.look(1))) return parseRequires(grammar);
  if (cursor.accept("tr")) return text("throw");
  if (cursor.accept("tw")) return sequence("throw ", next());
  if (cursor.accept("u")) {
    const name = grammar.sourceName();
    return call(
      name,
      cursor.until("E", () => grammar.templateArgument()),
    );
  }
  return parseUnresolvedName(grammar, isGlobal);
}

function parseRequires(grammar: Grammar): Node {
  const { cursor } = grammar;
  const parameters = cursor.accept("rQ") ? cursor.until("_", () => grammar.type()) : [];
  if (parameters.length === 0) cursor.accept("rq");
  const requirements: Node[] = [];
  do requirements.push(parseRequirement(grammar));
  while (!cursor.accept("E"));
  return {
    left: (out) => {
      out.write("requires");
      if (parameters.length > 0) {
        out.write(" ");
        enclose(out, () => printList(parameters, out));
      }
      out.write(" {");
      requirements.forEach((requirement) => print(requirement, out));
      out.write(" }");
    },
  };
}

function parseRequirement(grammar: Grammar): Node {
  const { cursor } = grammar;
  if (cursor.accept("T")) return sequence(" typename ", grammar.type(), ";");
  if (cursor.accept("Q")) return sequence(" requires ", grammar.expression(), ";");
  cursor.expect("X");
  const value = grammar.expression();
  const isNoexcept = cursor.accept("N");
  const result = cursor.accept("R") ? [" -> ", grammar.name()] : [];
  if (!isNoexcept && result.length === 0) return sequence(" ", value, ";");
  return sequence(" {", value, isNoexcept ? "} noexcept" : "}", ...result, ";");
}

function parseNew(grammar: Grammar, keyword: string): Node {
  const { cursor } = grammar;
  const next = (): Node => grammar.expression();
  const placement = cursor.until("_", next);
  const type = grammar.type();
  const hasInitialisers = cursor.accept("pi");
  const initialisers = hasInitialisers ? cursor.until("E", next) : [];
  if (!hasInitialisers) cursor.expect("E");
  return expression(unary, (out) => {
    out.write(keyword);
    if (placement.length > 0) enclose(out, () => printList(placement, out));
    out.write(" ");
    print(type, out);
    if (initialisers.length > 0) enclose(out, () => printList(initialisers, out));
  });
}

function parseCast(grammar: Grammar): Node {
  const { cursor, tables } = grammar;
  const { tryTemplateArguments } = tables;
  tables.tryTemplateArguments = false;
  const type = grammar.type();
  tables.tryTemplateArguments = tryTemplateArguments;
  const values = cursor.accept("_") ? cursor.until("E", () => grammar.expression()) : [grammar.expression()];
  return expression(cast, (out) => {
    enclose(out, () => print(type, out));
    enclose(out, () => printList(values, out));
  });
}

function parseFunctionParameter(grammar: Grammar): Node {
  const { cursor } = grammar;
  if (cursor.accept("fpT")) return text("this");
  if (cursor.accept("fL")) {
    cursor.digits();
    cursor.expect("p");
  } else cursor.expect("fp");
  parseQualifiers(grammar);
  const index = cursor.digits();
  cursor.expect("_");
  return text(`fp${index}`);
}

function parseFold(grammar: Grammar): Node {
  const { cursor } = grammar;
  cursor.expect("f");
  const kind = cursor.look();
  if (!/[lrLR]/.test(kind)) return cursor.fail();
  cursor.at++;
  const operator = OPERATORS.get(cursor.look() + cursor.look(1));
  if (operator === undefined) return cursor.fail();
  cursor.at += 2;
  const isLeft = kind === "l" || kind === "L";
  const first = grammar.expression();
  const second = kind === "L" || kind === "R" ? grammar.expression() : undefined;
  const pack = isLeft && second !== undefined ? second : first;
  const start = isLeft && second !== undefined ? first : second;
  const expansion = packExpansion(pack);
  return {
    left: (out) => {
      const writePack = (): void => enclose(out, () => print(expansion, out));
      const writeStart = (): void => start && printOperand(start, out, cast, true);
      enclose(out, () => {
        if (!isLeft || start !== undefined) {
          if (isLeft) writeStart();
          else writePack();
          out.write(` ${operator.symbol} `);
        }
        out.write("...");
        if (isLeft || start !== undefined) {
          out.write(` ${operator.symbol} `);
          if (isLeft) writePack();
          else writeStart();
        }
      });
    },
  };
}

function parseUnresolvedName(grammar: Grammar, isGlobal: boolean): Node {
  const { cursor } = grammar;
  const global = (node: Node): Node => (isGlobal ? sequence("::", node) : node);
  if (cursor.accept("srN")) {
    let scope = withArguments(grammar, parseUnresolvedType(grammar));
    while (!cursor.accept("E")) scope = nested(scope, parseSimpleName(grammar));
    return nested(scope, parseBaseName(grammar));
  }
  if (!cursor.accept("sr")) return global(parseBaseName(grammar));
  if (!isDigit(cursor.look()))
    return nested(withArguments(grammar, parseUnresolvedType(grammar)), parseBaseName(grammar));
  let scope = global(parseSimpleName(grammar));
  while (!cursor.accept("E")) scope = nested(scope, parseSimpleName(grammar));
  return nested(scope, parseBaseName(grammar));
}

function parseUnresolvedType(grammar: Grammar): Node {
  const { cursor, tables } = grammar;
  if (cursor.look() !== "T" && cursor.look() !== "D") return grammar.substitution();
  const type = cursor.look() === "T" ? grammar.templateParameter() : grammar.decltype();
  tables.substitutions.push(type);
  return type;
}

function parseSimpleName(grammar: Grammar): Node {
  return withArguments(grammar, grammar.sourceName());
}

function parseBaseName(grammar: Grammar): Node {
  const { cursor } = grammar;
  if (isDigit(cursor.look())) return parseSimpleName(grammar);
  if (cursor.accept("dn"))
    return sequence("~", isDigit(cursor.look()) ? parseSimpleName(grammar) : parseUnresolvedType(grammar));
  cursor.accept("on");
  return withArguments(grammar, grammar.operatorName(undefined));
}

function withArguments(grammar: Grammar, name: Node): Node {
  return grammar.cursor.look() === "I" ? withTemplateArguments(name, grammar.templateArguments(false)) : name;
}

function binary(left: Node, symbol: string, right: Node, precedence: number): Node {
  const assigns = precedence === assignment;
  return expression(precedence, (out) => {
    const write = (): void => {
      printOperand(left, out, assigns ? orOr : precedence, !assigns);
      out.write(symbol === "," ? ", " : ` ${symbol} `);
      printOperand(right, out, precedence, assigns);
    };
    // Bare, it would end the template argument list.
    if (out.parentheses === 0 && (symbol === ">" || symbol === ">>")) enclose(out, write);
    else write();
  });
}

function prefix(symbol: string, child: Node, precedence: number): Node {
  return expression(precedence, (out) => {
    out.write(symbol);
    printOperand(child, out, precedence);
  });
}

function call(callee: Node, args: readonly Node[]): Node {
  return expression(postfix, (out) => {
    print(callee, out);
    enclose(out, () => printList(args, out));
  });
}

function enclosing(word: string, inner: Node, precedence: number): Node {
  return expression(precedence, (out) => {
    out.write(word);
    enclose(out, () => print(inner, out));
  });
}

function initialiser(type: Node | undefined, values: readonly Node[]): Node {
  return {
    left: (out) => {
      if (type !== undefined) print(type, out);
      out.write("{");
      printList(values, out);
      out.write("}");
    },
  };
}

function enclose(out: Output, inside: () => void): void {
  out.open();
  inside();
  out.close();
}

function expression(precedence: number, left: (out: Output) => void): Node {
  return { left, precedence };
}
