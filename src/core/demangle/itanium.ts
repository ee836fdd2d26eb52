/** C++ linkage names by the Itanium C++ ABI, printed the way llvm-cxxfilt prints them. */
import { MangledCursor, Tables, type Grammar, type NameState } from "./itanium-grammar.js";
import { parseExpression } from "./itanium-expressions.js";
import { isTemplateParameterDeclaration, parsePrimary } from "./itanium-literals.js";
import {
  newNameState,
  parseName,
  parseOperatorName,
  parseSourceName,
  parseSubstitution,
  parseUnnamedTypeName,
  parseUnqualifiedName,
  parseUnscopedName,
} from "./itanium-names.js";
import {
  parseTemplateArgument,
  parseTemplateArguments,
  parseTemplateParameter,
  parseTemplateParameterDeclaration,
} from "./itanium-templates.js";
import { parseType } from "./itanium-types.js";
import { print, sequence, type Node } from "./nodes.js";
import { Output } from "./output.js";
import { functionEncoding } from "./type-nodes.js";

/** Throws InputError when the name is not of this kind, or too large to print. */
export function demangleItanium(name: string): string {
  const grammar = grammarOver(name);
  const { cursor } = grammar;
  const isBlock = cursor.accept("___Z") || cursor.accept("____Z");
  if (!isBlock && !cursor.accept("_Z") && !cursor.accept("__Z")) cursor.fail();
  let node = grammar.encoding();
  if (isBlock) {
    cursor.accept("_block_invoke");
    cursor.accept("_");
    cursor.digits();
    node = sequence("invocation function for block in ", node);
  }
  const out = new Output();
  print(node, out);
  // What compilers append to the names of parts and clones: .cold, .isra.0, .llvm.123
  const suffix = cursor.input.slice(cursor.at);
  if (suffix !== "" && !suffix.startsWith(".")) cursor.fail();
  return suffix === "" ? out.toString() : `${out.toString()} (${suffix})`;
}

function grammarOver(name: string): Grammar {
  const grammar: Grammar = {
    cursor: new MangledCursor(name),
    tables: new Tables(),
    encoding: () => grammar.cursor.nest(() => parseEncoding(grammar)),
    name: (state) => grammar.cursor.nest(() => parseName(grammar, state)),
    unqualifiedName: (state, scope) => parseUnqualifiedName(grammar, state, scope),
    unscopedName: (state) => parseUnscopedName(grammar, state),
    sourceName: () => parseSourceName(grammar),
    operatorName: (state) => parseOperatorName(grammar, state),
    unnamedTypeName: (state) => parseUnnamedTypeName(grammar, state),
    substitution: () => parseSubstitution(grammar),
    type: () => parseType(grammar),
    decltype: () => parseDecltype(grammar),
    templateParameter: () => parseTemplateParameter(grammar),
    isTemplateParameterDeclaration: () => isTemplateParameterDeclaration(grammar),
    templateParameterDeclaration: (into) => parseTemplateParameterDeclaration(grammar, into),
    templateArguments: (isOuter) => parseTemplateArguments(grammar, isOuter),
    templateArgument: () => grammar.cursor.nest(() => parseTemplateArgument(grammar)),
    expression: () => parseExpression(grammar),
    primary: () => parsePrimary(grammar),
    constraint: () => parseConstraint(grammar),
  };
  return grammar;
}

function parseEncoding(grammar: Grammar): Node {
  const { cursor, tables } = grammar;
  if (cursor.look() === "G" || cursor.look() === "T") return parseSpecialName(grammar);
  const { parameters } = tables;
  // An encoding inside another one has template parameters of its own.
  tables.parameters = [];
  const forwardStart = tables.forward.length;
  const state = newNameState();
  const name = grammar.name(state);
  for (const slot of tables.forward.splice(forwardStart))
    slot.node = tables.parameters[0]?.[slot.index] ?? cursor.fail();
  const node = atEncodingEnd(grammar) ? name : parseSignature(grammar, name, state);
  tables.parameters = parameters;
  return node;
}

function parseSignature(grammar: Grammar, name: Node, state: NameState): Node {
  const { cursor } = grammar;
  const suffix: (Node | string)[] = [state.qualifiers, state.reference];
  if (cursor.accept("Ua9enable_ifI")) {
    const conditions = cursor.until("E", () => grammar.templateArgument());
    suffix.push(" [enable_if:", ...conditions.flatMap((node, index) => (index === 0 ? [node] : [", ", node])), "]");
  }
  const hasResult = !state.isConstructorOrConversion && state.endsWithTemplateArguments;
  const result = hasResult ? grammar.type() : undefined;
  const parameters: Node[] = [];
  if (!cursor.accept("v")) {
    do {
      const type = grammar.type();
      parameters.push(state.hasExplicitObject && parameters.length === 0 ? sequence("this ", type) : type);
    } while (!atEncodingEnd(grammar) && cursor.look() !== "Q");
  }
  if (cursor.accept("Q")) suffix.push(" requires ", grammar.constraint());
  return functionEncoding(name, { result, parameters, suffix });
}

function atEncodingEnd({ cursor }: Grammar): boolean {
  return cursor.done || /[E._]/.test(cursor.look());
}

function parseConstraint(grammar: Grammar): Node {
  const { tables } = grammar;
  const { inConstraint } = tables;
  tables.inConstraint = true;
  const constraint = grammar.expression();
  tables.inConstraint = inConstraint;
  return constraint;
}

function parseDecltype(grammar: Grammar): Node {
  const { cursor } = grammar;
  if (!cursor.accept("Dt")) cursor.expect("DT");
  const expression = grammar.expression();
  cursor.expect("E");
  return sequence("decltype(", expression, ")");
}

/** Things compilers make: tables, thunks, guards (section 5.1.4). */
function parseSpecialName(grammar: Grammar): Node {
  const { cursor } = grammar;
  const code = cursor.look() + cursor.look(1);
  const ofType = OF_TYPE[code];
  const ofName = OF_NAME[code];
  cursor.at += 2;
  if (ofType !== undefined) return sequence(ofType, grammar.type());
  if (ofName !== undefined) {
    const node = sequence(ofName, grammar.name());
    if (code === "GR") {
      if (!cursor.accept("_")) {
        cursor.sequenceId();
        cursor.expect("_");
      }
    }
    return node;
  }
  switch (code) {
    case "TA":
      return sequence("template parameter object for ", grammar.templateArgument());
    case "TC": {
      const derived = grammar.type();
      cursor.digits(true);
      cursor.expect("_");
      const base = grammar.type();
      return sequence("construction vtable for ", base, "-in-", derived);
    }
    case "Tc":
      skipCallOffset(grammar);
      skipCallOffset(grammar);
      return sequence("covariant return thunk to ", grammar.encoding());
    case "Th":
    case "Tv":
      cursor.at--;
      skipCallOffset(grammar);
      return sequence(code === "Tv" ? "virtual thunk to " : "non-virtual thunk to ", grammar.encoding());
    default:
      return cursor.fail();
  }
}

function skipCallOffset({ cursor }: Grammar): void {
  const isVirtual = cursor.accept("v");
  if (!isVirtual) cursor.expect("h");
  cursor.digits(true);
  cursor.expect("_");
  if (!isVirtual) return;
  cursor.digits(true);
  cursor.expect("_");
}

const OF_TYPE: Readonly<Record<string, string>> = {
  TV: "vtable for ",
  TT: "VTT for ",
  TI: "typeinfo for ",
  TS: "typeinfo name for ",
};
const OF_NAME: Readonly<Record<string, string>> = {
  TW: "thread-local wrapper routine for ",
  TH: "thread-local initialization routine for ",
  GV: "guard variable for ",
  GR: "reference temporary for ",
};
