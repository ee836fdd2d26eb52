/** What the parts of the Itanium C++ ABI grammar share: the text, the tables, and each other. */
import { InputError } from "../base/errors.js";
import type { Node } from "./nodes.js";
import type { ReferenceQualifier } from "./type-nodes.js";

/** What a name tells about the function it belongs to. */
export interface NameState {
  isConstructorOrConversion: boolean;
  endsWithTemplateArguments: boolean;
  hasExplicitObject: boolean;
  qualifiers: string;
  reference: ReferenceQualifier;
}

/** The productions of section 5.1 that refer to one another across files; each throws InputError where nothing fits. */
export interface Grammar {
  readonly cursor: MangledCursor;
  readonly tables: Tables;
  encoding(): Node;
  name(state?: NameState): Node;
  unqualifiedName(state: NameState | undefined, scope: Node | undefined): Node;
  unscopedName(state: NameState | undefined): { readonly node: Node; readonly isSubstitution: boolean };
  sourceName(): Node;
  operatorName(state: NameState | undefined): Node;
  unnamedTypeName(state: NameState | undefined): Node;
  substitution(): Node;
  type(): Node;
  decltype(): Node;
  templateParameter(): Node;
  isTemplateParameterDeclaration(): boolean;
  templateParameterDeclaration(into: Node[] | undefined): Node;
  templateArguments(isOuter: boolean): Node;
  templateArgument(): Node;
  expression(): Node;
  primary(): Node;
  /** An expression after `Q`: template parameters in it stay as they are mangled, since nobody tracks their level. */
  constraint(): Node;
}

/** Substitutions and template parameters as the name goes on. */
export class Tables {
  substitutions: Node[] = [];
  /** By level: the innermost template's arguments first; undefined for a lambda's `auto` parameters. */
  parameters: (Node[] | undefined)[] = [];
  /** Level of the template parameters that stand for a generic lambda's `auto`. */
  lambdaLevel: number | undefined;
  inConstraint = false;
  permitForward = false;
  tryTemplateArguments = true;
  /** References to template arguments that come later in the name. */
  forward: { readonly index: number; node: Node | undefined }[] = [];
}

export class MangledCursor {
  at = 0;
  private depth = 0;

  constructor(readonly input: string) {}

  get done(): boolean {
    return this.at >= this.input.length;
  }

  look(ahead = 0): string {
    return this.input[this.at + ahead] ?? "";
  }

  accept(token: string): boolean {
    if (!this.input.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  expect(token: string): void {
    if (!this.accept(token)) this.fail();
  }

  /** Digits, with an `n` before them where negative numbers are allowed; "" when there are none. */
  digits(negative = false): string {
    const start = this.at;
    if (negative) this.accept("n");
    while (isDigit(this.look())) this.at++;
    return this.input.slice(start, this.at);
  }

  integer(): number {
    const digits = this.digits();
    return digits === "" ? this.fail() : Number(digits);
  }

  /** A number in base 36. */
  sequenceId(): number {
    const start = this.at;
    while (/[0-9A-Z]/.test(this.look())) this.at++;
    return this.at === start ? this.fail() : parseInt(this.input.slice(start, this.at), 36);
  }

  /** A name after its length. */
  bareName(): string {
    const length = this.integer();
    if (length === 0 || length > this.input.length - this.at) this.fail();
    this.at += length;
    return this.input.slice(this.at - length, this.at);
  }

  /** Parses until `end`, which is consumed. */
  until(end: string, parse: () => Node): Node[] {
    const nodes: Node[] = [];
    while (!this.accept(end)) nodes.push(parse());
    return nodes;
  }

  /** The grammar recurses as deep as the name nests. */
  nest<T>(parse: () => T): T {
    if (++this.depth > MAX_NESTING) this.fail();
    const result = parse();
    this.depth--;
    return result;
  }

  fail(): never {
    throw new InputError("malformed", "linkage name", this.at);
  }
}

export function isDigit(character: string): boolean {
  return character >= "0" && character <= "9";
}

/** Printing recurses as deep, with several frames a level. */
const MAX_NESTING = 512;
