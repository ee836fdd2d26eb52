/** Literals in template arguments (Itanium C++ ABI, "expr-primary"). */
import { isDigit, type Grammar } from "./itanium-grammar.js";
import { sequence, text, type Node } from "./nodes.js";

export function parsePrimary(grammar: Grammar): Node {
  const { cursor } = grammar;
  cursor.expect("L");
  const next = cursor.look();
  if (cursor.accept("_Z")) {
    const encoding = grammar.encoding();
    cursor.expect("E");
    return encoding;
  }
  if (next === "b" && /[01]/.test(cursor.look(1)) && cursor.look(2) === "E") {
    cursor.at += 3;
    return text(cursor.look(-2) === "0" ? "false" : "true");
  }
  if (next === "f" || next === "d" || next === "e") return parseFloat(grammar, next);
  if (cursor.accept("Dn")) {
    cursor.accept("0");
    cursor.expect("E");
    return text("nullptr");
  }
  const integer = INTEGERS[next];
  if (integer !== undefined) {
    cursor.at++;
    const value = parseValue(grammar);
    return text(integer.length > 3 ? `(${integer})${value}` : `${value}${integer}`);
  }
  if (next === "A") {
    const type = grammar.type();
    cursor.expect("E");
    return sequence('"<', type, '>"');
  }
  if (next === "U") {
    const type = grammar.unnamedTypeName(undefined);
    cursor.expect("E");
    return sequence("[]", type, "{...}");
  }
  const type = grammar.type();
  const value = parseValue(grammar);
  return sequence("(", type, ")", value);
}

function parseValue({ cursor }: Grammar): string {
  const digits = cursor.digits(true);
  if (digits === "" || digits === "n") return cursor.fail();
  cursor.expect("E");
  return digits.replace("n", "-");
}

/** The bytes of the number, most significant first, shown like C's %a. */
function parseFloat({ cursor }: Grammar, kind: "f" | "d" | "e"): Node {
  const digits = kind === "f" ? 8 : 16;
  const hex = cursor.input.slice(cursor.at + 1, cursor.at + 1 + digits);
  // An 80-bit number has no counterpart here.
  if (kind === "e" || !/^[0-9a-f]+$/.test(hex) || hex.length !== digits) return cursor.fail();
  cursor.at += 1 + digits;
  cursor.expect("E");
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, parseInt(hex.slice(0, 8), 16));
  if (kind === "d") view.setUint32(4, parseInt(hex.slice(8), 16));
  const value = kind === "f" ? view.getFloat32(0) : view.getFloat64(0);
  return text(hexFloat(value) + (kind === "f" ? "f" : ""));
}

function hexFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (value === 0) return `${sign}0x0p+0`;
  let exponent = Math.floor(Math.log2(Math.abs(value)));
  let fraction = Math.abs(value) / 2 ** exponent;
  if (fraction >= 2) {
    fraction /= 2;
    exponent++;
  }
  return `${sign}0x${fraction.toString(16)}p${exponent < 0 ? "" : "+"}${exponent}`;
}

export function isTemplateParameterDeclaration({ cursor }: Grammar): boolean {
  return cursor.look() === "T" && /[yptnk]/.test(cursor.look(1)) && !isDigit(cursor.look(1));
}

const INTEGERS: Readonly<Record<string, string>> = {
  w: "wchar_t",
  c: "char",
  a: "signed char",
  h: "unsigned char",
  s: "short",
  t: "unsigned short",
  i: "",
  j: "u",
  l: "l",
  m: "ul",
  x: "ll",
  y: "ull",
  n: "__int128",
  o: "unsigned __int128",
};
