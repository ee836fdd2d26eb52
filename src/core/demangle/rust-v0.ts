/** Rust names of the v0 scheme (RFC 2603), printed the way llvm-cxxfilt prints them: without crate hashes. Long: one recursive grammar. */
import { InputError } from "../base/errors.js";
import { Output } from "./output.js";
import { decodePunycode } from "./punycode.js";

/** Throws InputError when the name is not of this kind, or too large to print. */
export function demangleRustV0(name: string): string {
  const dot = name.indexOf(".");
  const parser = new RustParser(name.slice(2, dot < 0 ? undefined : dot));
  const demangled = parser.symbol();
  return dot < 0 ? demangled : `${demangled} (${name.slice(dot)})`;
}

class RustParser {
  private readonly out = new Output();
  private at = 0;
  private silent = 0;
  private depth = 0;
  private boundLifetimes = 0;

  constructor(private readonly input: string) {}

  symbol(): string {
    this.path(false, false);
    // The crate that instantiated a generic function is no part of its name.
    if (this.at < this.input.length) this.silently(() => this.path(false, false));
    if (this.at < this.input.length) this.fail();
    return this.out.toString();
  }

  /** True when the list of generic arguments was left open, for the associated types of a dyn trait. */
  private path(inType: boolean, leaveOpen: boolean): boolean {
    if (++this.depth > MAX_NESTING) this.fail();
    const isOpen = this.pathAt(inType, leaveOpen);
    this.depth--;
    return isOpen;
  }

  private pathAt(inType: boolean, leaveOpen: boolean): boolean {
    switch (this.next()) {
      case "C":
        this.optionalNumber("s");
        this.write(this.identifier());
        return false;
      case "M":
        this.implementation(inType);
        this.wrapped("<", () => this.type(), ">");
        return false;
      case "X":
        this.implementation(inType);
        this.asTrait();
        return false;
      case "Y":
        this.asTrait();
        return false;
      case "N":
        this.nested(inType);
        return false;
      case "I":
        this.path(inType, false);
        this.write(inType ? "<" : "::<");
        this.list(() => this.genericArgument(), ", ");
        if (!leaveOpen) this.write(">");
        return leaveOpen;
      case "B": {
        let isOpen = false;
        this.backReference(() => {
          isOpen = this.path(inType, leaveOpen);
        });
        return isOpen;
      }
      default:
        return this.fail();
    }
  }

  private nested(inType: boolean): void {
    const namespace = this.next();
    if (!/[A-Za-z]/.test(namespace)) this.fail();
    this.path(inType, false);
    const disambiguator = this.optionalNumber("s");
    const identifier = this.identifier();
    if (/[a-z]/.test(namespace)) {
      if (identifier !== "") this.write(`::${identifier}`);
      return;
    }
    const kind = namespace === "C" ? "closure" : namespace === "S" ? "shim" : namespace;
    this.write(`::{${kind}${identifier === "" ? "" : `:${identifier}`}#${disambiguator}}`);
  }

  private implementation(inType: boolean): void {
    this.silently(() => {
      this.optionalNumber("s");
      this.path(inType, false);
    });
  }

  private asTrait(): void {
    this.wrapped("<", () => this.type(), " as ");
    this.path(true, false);
    this.write(">");
  }

  private genericArgument(): void {
    if (this.accept("L")) this.lifetime(this.number());
    else if (this.accept("K")) this.constant();
    else this.type();
  }

  private type(): void {
    if (++this.depth > MAX_NESTING) this.fail();
    const start = this.at;
    const code = this.next();
    const basic = BASIC_TYPES[code];
    if (basic !== undefined) this.write(basic);
    else this.compoundType(code, start);
    this.depth--;
  }

  private compoundType(code: string, start: number): void {
    switch (code) {
      case "A":
        this.wrapped("[", () => this.type(), "; ");
        this.constant();
        this.write("]");
        break;
      case "S":
        this.wrapped("[", () => this.type(), "]");
        break;
      case "T": {
        this.write("(");
        const count = this.list(() => this.type(), ", ");
        this.write(count === 1 ? ",)" : ")");
        break;
      }
      case "R":
      case "Q": {
        this.write("&");
        const lifetime = this.accept("L") ? this.number() : 0;
        if (lifetime > 0) {
          this.lifetime(lifetime);
          this.write(" ");
        }
        if (code === "Q") this.write("mut ");
        this.type();
        break;
      }
      case "P":
      case "O":
        this.write(code === "P" ? "*const " : "*mut ");
        this.type();
        break;
      case "F":
        this.scoped(() => this.functionSignature());
        break;
      case "D": {
        this.scoped(() => this.dynBounds());
        if (!this.accept("L")) this.fail();
        const lifetime = this.number();
        if (lifetime > 0) {
          this.write(" + ");
          this.lifetime(lifetime);
        }
        break;
      }
      case "B":
        this.backReference(() => this.type());
        break;
      default:
        this.at = start;
        this.path(true, false);
    }
  }

  private functionSignature(): void {
    this.binder();
    if (this.accept("U")) this.write("unsafe ");
    if (this.accept("K")) this.write(`extern "${this.accept("C") ? "C" : this.identifier().replaceAll("_", "-")}" `);
    this.write("fn(");
    this.list(() => this.type(), ", ");
    this.write(")");
    if (this.accept("u")) return;
    this.write(" -> ");
    this.type();
  }

  private dynBounds(): void {
    this.write("dyn ");
    this.binder();
    this.list(() => {
      let isOpen = this.path(true, true);
      while (this.accept("p")) {
        this.write(isOpen ? ", " : "<");
        isOpen = true;
        this.write(`${this.identifier()} = `);
        this.type();
      }
      if (isOpen) this.write(">");
    }, " + ");
  }

  private binder(): void {
    const count = this.optionalNumber("G");
    if (count === 0) return;
    // Each bound lifetime is used, so more than there are characters are a mistake.
    if (count >= this.input.length - this.boundLifetimes) this.fail();
    this.write("for<");
    for (let index = 0; index < count; index++) {
      this.boundLifetimes++;
      if (index > 0) this.write(", ");
      this.lifetime(1);
    }
    this.write("> ");
  }

  private lifetime(index: number): void {
    if (index === 0) {
      this.write("'_");
      return;
    }
    const depth = this.boundLifetimes - index;
    if (depth < 0) this.fail();
    this.write(depth < 26 ? `'${String.fromCharCode(97 + depth)}` : `'z${depth - 25}`);
  }

  private constant(): void {
    if (this.accept("B")) {
      this.backReference(() => this.constant());
      return;
    }
    const type = this.next();
    if (type === "p") this.write("_");
    else if (/[aslxni]/.test(type)) this.write((this.accept("n") ? "-" : "") + integer(this.hex()));
    else if (/[htmyoj]/.test(type)) this.write(integer(this.hex()));
    else if (type === "b") this.write({ "0": "false", "1": "true" }[this.hex()] ?? this.fail());
    else if (type === "c") this.write(characterLiteral(parseInt(this.hex(), 16)));
    else this.fail();
  }

  /** Hexadecimal digits up to an underscore, without leading zeros. */
  private hex(): string {
    const end = this.input.indexOf("_", this.at);
    const digits = end < 0 ? "" : this.input.slice(this.at, end);
    if (!/^(?:0|[1-9a-f][0-9a-f]*)$/.test(digits)) this.fail();
    this.at = end + 1;
    return digits;
  }

  private identifier(): string {
    const isPunycode = this.accept("u");
    const digits = /^(?:0|[1-9]\d{0,8})/.exec(this.input.slice(this.at, this.at + 9))?.[0];
    if (digits === undefined) return this.fail();
    this.at += digits.length;
    this.accept("_");
    const end = this.at + Number(digits);
    if (end > this.input.length) this.fail();
    const name = this.input.slice(this.at, end);
    this.at = end;
    return isPunycode ? (decodePunycode(name) ?? this.fail()) : name;
  }

  private optionalNumber(tag: string): number {
    return this.accept(tag) ? this.number() + 1 : 0;
  }

  /** Base 62, ended by an underscore: "_" is 0, "0_" is 1. Crate hashes are larger than what stays exact; nobody sees them. */
  private number(): number {
    if (this.accept("_")) return 0;
    let value = 0;
    for (;;) {
      const character = this.next();
      if (character === "_") return value + 1;
      const digit = BASE_62.indexOf(character);
      value = value * 62 + digit;
      if (digit < 0) this.fail();
    }
  }

  private backReference(parse: () => void): void {
    const start = this.at;
    const target = this.number();
    if (target >= start) this.fail();
    if (this.silent > 0) return;
    const resume = this.at;
    this.at = target;
    parse();
    this.at = resume;
  }

  private list(parse: () => void, separator: string): number {
    let count = 0;
    for (; !this.accept("E"); count++) {
      if (count > 0) this.write(separator);
      parse();
    }
    return count;
  }

  private wrapped(before: string, parse: () => void, after: string): void {
    this.write(before);
    parse();
    this.write(after);
  }

  private scoped(parse: () => void): void {
    const { boundLifetimes } = this;
    parse();
    this.boundLifetimes = boundLifetimes;
  }

  private silently(parse: () => void): void {
    this.silent++;
    parse();
    this.silent--;
  }

  private write(text: string): void {
    if (this.silent === 0) this.out.write(text);
  }

  private next(): string {
    return this.input[this.at++] ?? this.fail();
  }

  private accept(character: string): boolean {
    if (this.input[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private fail(): never {
    throw new InputError("malformed", "linkage name", this.at);
  }
}

function integer(hex: string): string {
  return hex.length <= 16 ? BigInt(`0x${hex}`).toString() : `0x${hex}`;
}

function characterLiteral(code: number): string {
  const named = { 9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 39: "\\'", 92: "\\\\" }[code];
  const plain = code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : `\\u{${code.toString(16)}}`;
  return `'${named ?? plain}'`;
}

const BASIC_TYPES: Readonly<Record<string, string>> = {
  a: "i8",
  b: "bool",
  c: "char",
  d: "f64",
  e: "str",
  f: "f32",
  h: "u8",
  i: "isize",
  j: "usize",
  l: "i32",
  m: "u32",
  n: "i128",
  o: "u128",
  p: "_",
  s: "i16",
  t: "u16",
  u: "()",
  v: "...",
  x: "i64",
  y: "u64",
  z: "!",
};
const BASE_62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const MAX_NESTING = 500;
