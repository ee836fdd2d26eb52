/** Template parameters and arguments (Itanium C++ ABI, sections 5.1.5.8 and 5.1.7). */
import type { Grammar } from "./itanium-grammar.js";
import {
  argumentPack,
  hasArray,
  hasFunction,
  hasRight,
  parameterPack,
  print,
  printLeft,
  printRight,
  resolved,
  sequence,
  templateArguments,
  text,
  type Node,
} from "./nodes.js";

export function parseTemplateParameter({ cursor, tables }: Grammar): Node {
  const start = cursor.at;
  cursor.expect("T");
  const ordinal = (): number => {
    if (cursor.accept("_")) return 0;
    const value = cursor.integer() + 1;
    cursor.expect("_");
    return value;
  };
  const level = cursor.accept("L") ? ordinal() : 0;
  const index = ordinal();
  if (tables.inConstraint) return text(cursor.input.slice(start, cursor.at - 1));
  if (tables.permitForward && level === 0) {
    const slot: { readonly index: number; node: Node | undefined } = { index, node: undefined };
    tables.forward.push(slot);
    return forwardReference(slot);
  }
  const found = tables.parameters[level]?.[index];
  if (found !== undefined) return found;
  if (tables.lambdaLevel !== level || level > tables.parameters.length) return cursor.fail();
  if (level === tables.parameters.length) tables.parameters.push(undefined);
  return text("auto");
}

/** A conversion operator's type may name template arguments that come after it; it may even name itself. */
function forwardReference(slot: { readonly node: Node | undefined }): Node {
  let busy = false;
  const guarded = <T>(otherwise: T, use: (node: Node) => T): T => {
    if (busy || slot.node === undefined) return otherwise;
    busy = true;
    const result = use(slot.node);
    busy = false;
    return result;
  };
  return {
    left: (out) => guarded(undefined, (node) => printLeft(node, out)),
    right: (out) => guarded(undefined, (node) => printRight(node, out)),
    hasRight: (out) => guarded(false, (node) => hasRight(node, out)),
    hasArray: (out) => guarded(false, (node) => hasArray(node, out)),
    hasFunction: (out) => guarded(false, (node) => hasFunction(node, out)),
    resolve: (out) => guarded(text(""), (node) => resolved(node, out)),
  };
}

/** `isOuter`: these are the arguments that template parameters in the rest of the name refer to. */
export function parseTemplateArguments(grammar: Grammar, isOuter: boolean): Node {
  const { cursor, tables } = grammar;
  cursor.expect("I");
  const outer: Node[] = [];
  if (isOuter) tables.parameters = [outer];
  const args: Node[] = [];
  while (!cursor.accept("E")) {
    const arg = grammar.templateArgument();
    args.push(arg);
    if (isOuter) outer.push(arg.pack === undefined ? arg : parameterPack(arg.pack));
    if (cursor.accept("Q")) {
      grammar.constraint();
      cursor.expect("E");
      break;
    }
  }
  return templateArguments(args);
}

export function parseTemplateArgument(grammar: Grammar): Node {
  const { cursor } = grammar;
  switch (cursor.look()) {
    case "X": {
      cursor.at++;
      const expression = grammar.expression();
      cursor.expect("E");
      return expression;
    }
    case "J":
      cursor.at++;
      return argumentPack(cursor.until("E", () => grammar.templateArgument()));
    case "L": {
      if (cursor.look(1) !== "Z") return grammar.primary();
      cursor.at += 2;
      const encoding = grammar.encoding();
      cursor.expect("E");
      return encoding;
    }
    case "T":
      if (grammar.isTemplateParameterDeclaration()) {
        grammar.templateParameterDeclaration(undefined);
        // llvm-cxxfilt takes such an argument as one, even when it is a pack: the names must be the same.
        return { ...grammar.templateArgument(), pack: undefined };
      }
      return grammar.type();
    default:
      return grammar.type();
  }
}

/** `Ty`, `Tn`, `Tt`, `Tp`, `Tk`: the template parameters a generic lambda spells out. */
export function parseTemplateParameterDeclaration(grammar: Grammar, into: Node[] | undefined): Node {
  const { cursor } = grammar;
  const invent = (kind: string): Node => {
    const index = into?.filter((node) => node.baseName?.().startsWith(kind)).length ?? 0;
    const name = text(`${kind}${index === 0 ? "" : String(index - 1)}`);
    into?.push(name);
    return name;
  };
  if (cursor.accept("Ty")) return sequence("typename ", invent("$T"));
  if (cursor.accept("Tk")) {
    const constraint = grammar.name();
    return sequence(constraint, " ", invent("$T"));
  }
  if (cursor.accept("Tn")) {
    const name = invent("$N");
    const type = grammar.type();
    return {
      left: (out) => {
        printLeft(type, out);
        out.write(" ");
        print(name, out);
        printRight(type, out);
      },
    };
  }
  if (cursor.accept("Tt")) {
    const name = invent("$TT");
    const inner: Node[] = [];
    const params = cursor.until("E", () => grammar.templateParameterDeclaration(inner));
    return sequence("template", templateArguments(params), " typename ", name);
  }
  if (cursor.accept("Tp")) return sequence(grammar.templateParameterDeclaration(into), "...");
  return cursor.fail();
}
