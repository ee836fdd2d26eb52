/** Types: what goes around a declarator. */
import {
  hasArray,
  hasFunction,
  hasRight,
  print,
  printLeft,
  printList,
  printRight,
  resolved,
  sequence,
  text,
  type Node,
} from "./nodes.js";
import type { Output } from "./output.js";

export interface Qualifiers {
  readonly isConst: boolean;
  readonly isVolatile: boolean;
  readonly isRestrict: boolean;
}

export type ReferenceQualifier = "" | " &" | " &&";

/** " const volatile restrict", as far as they apply. */
export function qualifierText({ isConst, isVolatile, isRestrict }: Qualifiers): string {
  return `${isConst ? " const" : ""}${isVolatile ? " volatile" : ""}${isRestrict ? " restrict" : ""}`;
}

export function qualified(child: Node, suffix: string): Node {
  return {
    ...around(child),
    left: (out) => {
      printLeft(child, out);
      out.write(suffix);
    },
    right: (out) => printRight(child, out),
  };
}

export function pointer(pointee: Node): Node {
  return declarator(
    () => pointee,
    () => "*",
  );
}

/** References to references collapse, which only shows once template parameters are known. */
export function reference(to: Node, rvalue: boolean): Node {
  const collapsed = (out: Output): { node: Node; rvalue: boolean } => {
    let node = resolved(to, out);
    let both = rvalue;
    for (let depth = 0; node.reference !== undefined && depth < MAX_COLLAPSED; depth++) {
      both &&= node.reference.rvalue;
      node = resolved(node.reference.to, out);
    }
    return { node, rvalue: both };
  };
  return {
    ...declarator(
      (out) => collapsed(out).node,
      (out) => (collapsed(out).rvalue ? "&&" : "&"),
    ),
    reference: { to, rvalue },
  };
}

export function memberPointer(classType: Node, member: Node): Node {
  const wrapped = (out: Output): boolean => hasArray(member, out) || hasFunction(member, out);
  return {
    hasRight: (out) => hasRight(member, out),
    left: (out) => {
      printLeft(member, out);
      out.write(wrapped(out) ? "(" : " ");
      print(classType, out);
      out.write("::*");
    },
    right: (out) => {
      if (wrapped(out)) out.write(")");
      printRight(member, out);
    },
  };
}

export function array(element: Node, dimension: Node | undefined): Node {
  return {
    hasArray: () => true,
    left: (out) => printLeft(element, out),
    right: (out) => {
      out.write(out.last === "]" ? "[" : " [");
      if (dimension !== undefined) print(dimension, out);
      out.write("]");
      printRight(element, out);
    },
  };
}

export interface FunctionParts {
  readonly result: Node | undefined;
  readonly parameters: readonly Node[];
  /** " const &" and the like, and the exception specification. */
  readonly suffix: readonly (Node | string)[];
}

export function functionType({ result, parameters, suffix }: FunctionParts): Node {
  return {
    hasFunction: () => true,
    left: (out) => {
      if (result !== undefined) printLeft(result, out);
      out.write(" ");
    },
    right: (out) => printParameters({ result, parameters, suffix }, out),
  };
}

/** A function's name with its type around it: a whole mangled name. */
export function functionEncoding(name: Node, parts: FunctionParts): Node {
  return {
    baseName: () => name.baseName?.() ?? "",
    left: (out) => {
      if (parts.result !== undefined) {
        printLeft(parts.result, out);
        if (!hasRight(parts.result, out)) out.write(" ");
      }
      print(name, out);
    },
    right: (out) => printParameters(parts, out),
  };
}

export function vectorType(element: Node, dimension: Node | undefined): Node {
  return sequence(element, " vector[", dimension ?? text(""), "]");
}

function printParameters({ result, parameters, suffix }: FunctionParts, out: Output): void {
  out.open();
  printList(parameters, out);
  out.close();
  if (result !== undefined) printRight(result, out);
  for (const piece of suffix) {
    if (typeof piece === "string") out.write(piece);
    else print(piece, out);
  }
}

function declarator(target: (out: Output) => Node, symbol: (out: Output) => string): Node {
  return {
    hasRight: (out) => hasRight(target(out), out),
    left: (out) => {
      const node = target(out);
      printLeft(node, out);
      if (hasArray(node, out)) out.write(" ");
      if (hasArray(node, out) || hasFunction(node, out)) out.write("(");
      out.write(symbol(out));
    },
    right: (out) => {
      const node = target(out);
      if (hasArray(node, out) || hasFunction(node, out)) out.write(")");
      printRight(node, out);
    },
  };
}

function around(child: Node): Pick<Node, "hasRight" | "hasArray" | "hasFunction"> {
  return {
    hasRight: (out) => hasRight(child, out),
    hasArray: (out) => hasArray(child, out),
    hasFunction: (out) => hasFunction(child, out),
  };
}

const MAX_COLLAPSED = 256;
