/** Types (Itanium C++ ABI, section 5.1.5). */
import { isDigit, type Grammar } from "./itanium-grammar.js";
import { argumentPack, packExpansion, sequence, text, withTemplateArguments, type Node } from "./nodes.js";
import {
  array,
  functionType,
  memberPointer,
  pointer,
  qualified,
  qualifierText,
  reference,
  vectorType,
  type ReferenceQualifier,
} from "./type-nodes.js";

export function parseType(grammar: Grammar): Node {
  const { cursor, tables } = grammar;
  const builtin = BUILTINS[cursor.look()];
  if (builtin !== undefined) {
    cursor.at++;
    return text(builtin);
  }
  const extended = cursor.look() === "D" ? EXTENDED_BUILTINS[cursor.look(1)] : undefined;
  if (extended !== undefined) {
    cursor.at += 2;
    return text(extended);
  }
  const { node, isNew } = cursor.nest(() => parseCompound(grammar));
  if (isNew) tables.substitutions.push(node);
  return node;
}

export function parseQualifiers({ cursor }: Grammar): string {
  const isRestrict = cursor.accept("r");
  const isVolatile = cursor.accept("V");
  const isConst = cursor.accept("K");
  return qualifierText({ isConst, isVolatile, isRestrict });
}

interface Parsed {
  readonly node: Node;
  /** Whether it takes a place in the substitution table. */
  readonly isNew: boolean;
}

function parseCompound(grammar: Grammar): Parsed {
  const { cursor } = grammar;
  const fresh = (node: Node): Parsed => ({ node, isNew: true });
  const next = cursor.look();
  switch (next) {
    case "r":
    case "V":
    case "K":
      return fresh(startsFunction(grammar) ? parseFunctionType(grammar) : parseQualified(grammar));
    case "U":
      return fresh(parseQualified(grammar));
    case "u":
      return fresh(parseVendorType(grammar));
    case "D":
      return parseExtended(grammar);
    case "F":
      return fresh(parseFunctionType(grammar));
    case "A":
      return fresh(parseArray(grammar));
    case "M": {
      cursor.at++;
      const classType = grammar.type();
      return fresh(memberPointer(classType, grammar.type()));
    }
    case "P":
    case "R":
    case "O": {
      cursor.at++;
      const to = grammar.type();
      return fresh(next === "P" ? pointer(to) : reference(to, next === "O"));
    }
    case "C":
    case "G":
      cursor.at++;
      return fresh(qualified(grammar.type(), next === "C" ? " complex" : " imaginary"));
    case "T":
      return fresh(/[sue]/.test(cursor.look(1)) ? parseClassOrEnum(grammar) : parseParameterType(grammar));
    case "S":
      return cursor.look(1) === "t" ? fresh(parseClassOrEnum(grammar)) : parseSubstitutedType(grammar);
    default:
      return fresh(parseClassOrEnum(grammar));
  }
}

function startsFunction({ cursor }: Grammar): boolean {
  let ahead = 0;
  for (const qualifier of "rVK") if (cursor.look(ahead) === qualifier) ahead++;
  return cursor.look(ahead) === "F" || (cursor.look(ahead) === "D" && /[oOwx]/.test(cursor.look(ahead + 1)));
}

function parseQualified(grammar: Grammar): Node {
  const { cursor } = grammar;
  if (cursor.accept("U")) {
    const vendor = cursor.bareName();
    const args = cursor.look() === "I" ? grammar.templateArguments(false) : undefined;
    const child = cursor.nest(() => parseQualified(grammar));
    return sequence(child, ` ${vendor}`, ...(args === undefined ? [] : [args]));
  }
  const qualifiers = parseQualifiers(grammar);
  const type = grammar.type();
  return qualifiers === "" ? type : qualified(type, qualifiers);
}

function parseVendorType(grammar: Grammar): Node {
  const { cursor } = grammar;
  cursor.at++;
  const name = cursor.bareName();
  if (!cursor.accept("I")) return text(name);
  const base = grammar.type();
  cursor.expect("E");
  return sequence(`${name}(`, base, ")");
}

function parseExtended(grammar: Grammar): Parsed {
  const { cursor } = grammar;
  const kind = cursor.look(1);
  switch (kind) {
    case "t":
    case "T":
      return { node: grammar.decltype(), isNew: true };
    case "v":
      return { node: parseVector(grammar), isNew: true };
    case "p":
      cursor.at += 2;
      return { node: packExpansion(grammar.type()), isNew: true };
    case "o":
    case "O":
    case "w":
    case "x":
      return { node: parseFunctionType(grammar), isNew: true };
    case "F": {
      cursor.at += 2;
      if (cursor.accept("16b")) return { node: text("std::bfloat16_t"), isNew: false };
      const bits = cursor.digits();
      cursor.expect("_");
      return { node: text(`_Float${bits}`), isNew: false };
    }
    case "B":
    case "U": {
      cursor.at += 2;
      const bits = isDigit(cursor.look()) ? text(cursor.digits()) : grammar.expression();
      cursor.expect("_");
      return { node: sequence(kind === "U" ? "unsigned " : "", "_BitInt(", bits, ")"), isNew: false };
    }
    case "k":
    case "K": {
      cursor.at += 2;
      const constraint = grammar.name();
      return { node: sequence(constraint, kind === "k" ? " auto" : " decltype(auto)"), isNew: true };
    }
    default:
      return cursor.fail();
  }
}

function parseVector(grammar: Grammar): Node {
  const { cursor } = grammar;
  cursor.at += 2;
  let dimension: Node | undefined;
  if (isDigit(cursor.look())) {
    dimension = text(cursor.digits());
    cursor.expect("_");
    if (cursor.accept("p")) return sequence("pixel vector[", dimension, "]");
  } else if (!cursor.accept("_")) {
    dimension = grammar.expression();
    cursor.expect("_");
  }
  return vectorType(grammar.type(), dimension);
}

function parseFunctionType(grammar: Grammar): Node {
  const { cursor } = grammar;
  const qualifiers = parseQualifiers(grammar);
  const exception: (Node | string)[] = [];
  if (cursor.accept("Do")) exception.push(" noexcept");
  else if (cursor.accept("DO")) {
    exception.push(" noexcept(", grammar.expression(), ")");
    cursor.expect("E");
  } else if (cursor.accept("Dw")) {
    exception.push(" throw(", argumentPack(cursor.until("E", () => grammar.type())), ")");
  }
  cursor.accept("Dx");
  cursor.expect("F");
  cursor.accept("Y");
  const result = grammar.type();
  const parameters: Node[] = [];
  let referenceQualifier: ReferenceQualifier = "";
  for (;;) {
    if (cursor.accept("E")) break;
    if (cursor.accept("v")) continue;
    if (cursor.accept("RE")) {
      referenceQualifier = " &";
      break;
    }
    if (cursor.accept("OE")) {
      referenceQualifier = " &&";
      break;
    }
    parameters.push(grammar.type());
  }
  return functionType({ result, parameters, suffix: [qualifiers, referenceQualifier, ...exception] });
}

function parseArray(grammar: Grammar): Node {
  const { cursor } = grammar;
  cursor.at++;
  let dimension: Node | undefined;
  if (isDigit(cursor.look())) dimension = text(cursor.digits());
  else if (cursor.look() !== "_") dimension = grammar.expression();
  cursor.expect("_");
  return array(grammar.type(), dimension);
}

function parseParameterType(grammar: Grammar): Node {
  const { cursor, tables } = grammar;
  const parameter = grammar.templateParameter();
  if (!tables.tryTemplateArguments || cursor.look() !== "I") return parameter;
  tables.substitutions.push(parameter);
  return withTemplateArguments(parameter, grammar.templateArguments(false));
}

function parseSubstitutedType(grammar: Grammar): Parsed {
  const { cursor, tables } = grammar;
  const { node, isSubstitution } = grammar.unscopedName(undefined);
  if (cursor.look() === "I" && (!isSubstitution || tables.tryTemplateArguments)) {
    if (!isSubstitution) tables.substitutions.push(node);
    return { node: withTemplateArguments(node, grammar.templateArguments(false)), isNew: true };
  }
  return { node, isNew: !isSubstitution };
}

function parseClassOrEnum(grammar: Grammar): Node {
  const { cursor } = grammar;
  const elaborated = cursor.accept("Ts")
    ? "struct "
    : cursor.accept("Tu")
      ? "union "
      : cursor.accept("Te")
        ? "enum "
        : "";
  const name = grammar.name();
  return elaborated === "" ? name : sequence(elaborated, name);
}

const BUILTINS: Readonly<Record<string, string>> = {
  v: "void",
  w: "wchar_t",
  b: "bool",
  c: "char",
  a: "signed char",
  h: "unsigned char",
  s: "short",
  t: "unsigned short",
  i: "int",
  j: "unsigned int",
  l: "long",
  m: "unsigned long",
  x: "long long",
  y: "unsigned long long",
  n: "__int128",
  o: "unsigned __int128",
  f: "float",
  d: "double",
  e: "long double",
  g: "__float128",
  z: "...",
};
const EXTENDED_BUILTINS: Readonly<Record<string, string>> = {
  d: "decimal64",
  e: "decimal128",
  f: "decimal32",
  h: "half",
  i: "char32_t",
  s: "char16_t",
  u: "char8_t",
  a: "auto",
  c: "decltype(auto)",
  n: "std::nullptr_t",
};
