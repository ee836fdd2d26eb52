/** Names: nested, local, special, of operators and of types without one (Itanium C++ ABI, sections 5.1.2 to 5.1.4). */
import { isDigit, type Grammar, type NameState } from "./itanium-grammar.js";
import { OPERATORS } from "./itanium-operators.js";
import { parseQualifiers } from "./itanium-types.js";
import {
  argumentPack,
  nested,
  printLeft,
  printList,
  sequence,
  tagged,
  templateArguments,
  text,
  withTemplateArguments,
  type Node,
} from "./nodes.js";

export function newNameState(): NameState {
  return {
    isConstructorOrConversion: false,
    endsWithTemplateArguments: false,
    hasExplicitObject: false,
    qualifiers: "",
    reference: "",
  };
}

export function parseName(grammar: Grammar, state: NameState | undefined): Node {
  const { cursor, tables } = grammar;
  if (cursor.look() === "N") return parseNestedName(grammar, state);
  if (cursor.look() === "Z") return parseLocalName(grammar, state);
  const { node, isSubstitution } = grammar.unscopedName(state);
  if (cursor.look() !== "I") return isSubstitution ? cursor.fail() : node;
  if (!isSubstitution) tables.substitutions.push(node);
  const args = grammar.templateArguments(state !== undefined);
  if (state !== undefined) state.endsWithTemplateArguments = true;
  return withTemplateArguments(node, args);
}

export function parseUnscopedName(grammar: Grammar, state: NameState | undefined) {
  const { cursor } = grammar;
  const std = cursor.accept("St") ? text("std") : undefined;
  if (std === undefined && cursor.look() === "S") return { node: grammar.substitution(), isSubstitution: true };
  return { node: grammar.unqualifiedName(state, std), isSubstitution: false };
}

export function parseUnqualifiedName(grammar: Grammar, state: NameState | undefined, scope: Node | undefined): Node {
  const { cursor } = grammar;
  const isFriend = scope !== undefined && cursor.accept("F");
  cursor.accept("L");
  let outer = scope;
  let name: Node;
  const next = cursor.look();
  if (isDigit(next)) name = grammar.sourceName();
  else if (next === "U") name = grammar.unnamedTypeName(state);
  else if (cursor.accept("DC")) name = sequence("[", argumentPack(cursor.until("E", () => grammar.sourceName())), "]");
  else if (next === "C" || (next === "D" && isDigit(cursor.look(1)))) {
    if (scope === undefined) return cursor.fail();
    outer = scope.expanded ?? scope;
    name = parseConstructor(grammar, outer, state);
  } else name = grammar.operatorName(state);
  name = parseTags(grammar, name);
  if (outer === undefined) return name;
  return isFriend ? sequence(outer, "::friend ", name) : nested(outer, name);
}

function parseTags({ cursor }: Grammar, name: Node): Node {
  let result = name;
  for (let count = 0; cursor.accept("B"); count++) {
    if (count === MAX_TAGS) return cursor.fail();
    result = tagged(result, cursor.bareName());
  }
  return result;
}

function parseConstructor(grammar: Grammar, scope: Node, state: NameState | undefined): Node {
  const { cursor } = grammar;
  const isDestructor = cursor.look() === "D";
  cursor.at++;
  const inherits = !isDestructor && cursor.accept("I");
  if (!/[0-5]/.test(cursor.look())) return cursor.fail();
  cursor.at++;
  if (state !== undefined) state.isConstructorOrConversion = true;
  if (inherits) grammar.name(state);
  return text(`${isDestructor ? "~" : ""}${scope.baseName?.() ?? ""}`);
}

function parseNestedName(grammar: Grammar, state: NameState | undefined): Node {
  const { cursor, tables } = grammar;
  cursor.expect("N");
  const explicitObject = cursor.accept("H");
  const qualifiers = explicitObject ? "" : parseQualifiers(grammar);
  const reference = explicitObject ? "" : cursor.accept("O") ? " &&" : cursor.accept("R") ? " &" : "";
  if (state !== undefined) Object.assign(state, { hasExplicitObject: explicitObject, qualifiers, reference });
  let prefix: Node | undefined;
  while (!cursor.accept("E")) {
    if (state !== undefined) state.endsWithTemplateArguments = false;
    const next = cursor.look();
    if (next === "I") {
      if (prefix === undefined || prefix.hasTemplateArguments === true) return cursor.fail();
      const args = grammar.templateArguments(state !== undefined);
      if (state !== undefined) state.endsWithTemplateArguments = true;
      prefix = withTemplateArguments(prefix, args);
    } else if (next === "T" || next === "S" || (next === "D" && /[tT]/.test(cursor.look(1)))) {
      if (prefix !== undefined) return cursor.fail();
      if (next === "S") {
        // What a substitution stands for has its place in the table already.
        prefix = cursor.accept("St") ? text("std") : grammar.substitution();
        continue;
      }
      prefix = next === "T" ? grammar.templateParameter() : grammar.decltype();
    } else prefix = grammar.unqualifiedName(state, prefix);
    tables.substitutions.push(prefix);
    cursor.accept("M");
  }
  if (prefix === undefined || tables.substitutions.length === 0) return cursor.fail();
  tables.substitutions.pop();
  return prefix;
}

function parseLocalName(grammar: Grammar, state: NameState | undefined): Node {
  const { cursor, tables } = grammar;
  cursor.expect("Z");
  const encoding = grammar.encoding();
  cursor.expect("E");
  if (cursor.accept("s")) {
    skipDiscriminator(grammar);
    return nested(encoding, text("string literal"));
  }
  // The template parameters inside have nothing to do with those outside.
  const { parameters } = tables;
  tables.parameters = [];
  const isDefaultArgument = cursor.accept("d");
  if (isDefaultArgument) {
    cursor.digits(true);
    cursor.expect("_");
  }
  const entity = grammar.name(state);
  tables.parameters = parameters;
  if (!isDefaultArgument) skipDiscriminator(grammar);
  return nested(encoding, entity);
}

function skipDiscriminator({ cursor }: Grammar): void {
  const rest = /^(?:_\d|__\d+_|\d+$)/.exec(cursor.input.slice(cursor.at, cursor.at + MAX_DISCRIMINATOR));
  if (rest !== null) cursor.at += rest[0].length;
}

export function parseSourceName({ cursor }: Grammar): Node {
  const name = cursor.bareName();
  return text(name.startsWith("_GLOBAL__N") ? "(anonymous namespace)" : name);
}

export function parseOperatorName(grammar: Grammar, state: NameState | undefined): Node {
  const { cursor, tables } = grammar;
  const operator = OPERATORS.get(cursor.look() + cursor.look(1));
  if (operator !== undefined) {
    cursor.at += 2;
    if (operator.name === undefined) return cursor.fail();
    if (operator.kind !== "cast") return text(`operator${operator.name}`);
    const { tryTemplateArguments, permitForward } = tables;
    tables.tryTemplateArguments = false;
    tables.permitForward ||= state !== undefined;
    const type = grammar.type();
    Object.assign(tables, { tryTemplateArguments, permitForward });
    if (state !== undefined) state.isConstructorOrConversion = true;
    return sequence("operator ", type);
  }
  if (cursor.accept("li")) return sequence('operator"" ', grammar.sourceName());
  if (cursor.accept("v") && isDigit(cursor.look())) {
    cursor.at++;
    return sequence("operator ", grammar.sourceName());
  }
  return cursor.fail();
}

export function parseUnnamedTypeName(grammar: Grammar, state: NameState | undefined): Node {
  const { cursor, tables } = grammar;
  if (state !== undefined) tables.parameters = [];
  if (cursor.accept("Ut")) {
    const count = cursor.digits();
    cursor.expect("_");
    return text(`'unnamed${count}'`);
  }
  if (cursor.accept("Ub")) {
    cursor.digits();
    cursor.expect("_");
    return text("'block-literal'");
  }
  cursor.expect("Ul");
  const lambda = parseLambdaSignature(grammar);
  const count = cursor.digits();
  cursor.expect("_");
  return sequence(`'lambda${count}'`, lambda);
}

function parseLambdaSignature(grammar: Grammar): Node {
  const { cursor, tables } = grammar;
  const { lambdaLevel } = tables;
  tables.lambdaLevel = tables.parameters.length;
  const depth = tables.parameters.length;
  const own: Node[] = [];
  tables.parameters.push(own);
  const declared: Node[] = [];
  while (grammar.isTemplateParameterDeclaration()) declared.push(grammar.templateParameterDeclaration(own));
  if (declared.length === 0) tables.parameters.pop();
  const clauses: Node[] = [];
  const requirement = (): void => {
    if (cursor.accept("Q")) clauses.push(sequence(" requires ", grammar.constraint()));
  };
  requirement();
  const before = clauses.length;
  const parameters: Node[] = [];
  if (!cursor.accept("v"))
    do parameters.push(grammar.type());
    while (cursor.look() !== "E" && cursor.look() !== "Q");
  requirement();
  cursor.expect("E");
  tables.parameters.length = depth;
  tables.lambdaLevel = lambdaLevel;
  return {
    left: (out) => {
      if (declared.length > 0) printLeft(templateArguments(declared), out);
      clauses.slice(0, before).forEach((clause) => printLeft(clause, out));
      out.open();
      printList(parameters, out);
      out.close();
      clauses.slice(before).forEach((clause) => printLeft(clause, out));
    },
  };
}

export function parseSubstitution(grammar: Grammar): Node {
  const { cursor, tables } = grammar;
  cursor.expect("S");
  const special = SPECIAL[cursor.look()];
  if (special !== undefined) {
    cursor.at++;
    const plain = specialNode(special);
    const withTags = parseTags(grammar, plain);
    if (withTags !== plain) tables.substitutions.push(withTags);
    return withTags;
  }
  const index = cursor.accept("_") ? 0 : cursor.sequenceId() + 1;
  if (index > 0) cursor.expect("_");
  return tables.substitutions[index] ?? cursor.fail();
}

function specialNode({ short, full, args }: Special): Node {
  const expanded: Node = { left: (out) => out.write(`std::${full}${args}`), baseName: () => full };
  return { left: (out) => out.write(`std::${short}`), baseName: () => short, expanded };
}

interface Special {
  readonly short: string;
  readonly full: string;
  readonly args: string;
}

const STREAM_ARGUMENTS = "<char, std::char_traits<char>>";
const SPECIAL: Readonly<Record<string, Special>> = {
  a: { short: "allocator", full: "allocator", args: "" },
  b: { short: "basic_string", full: "basic_string", args: "" },
  s: { short: "string", full: "basic_string", args: "<char, std::char_traits<char>, std::allocator<char>>" },
  i: { short: "istream", full: "basic_istream", args: STREAM_ARGUMENTS },
  o: { short: "ostream", full: "basic_ostream", args: STREAM_ARGUMENTS },
  d: { short: "iostream", full: "basic_iostream", args: STREAM_ARGUMENTS },
};
const MAX_DISCRIMINATOR = 32;
const MAX_TAGS = 32;
