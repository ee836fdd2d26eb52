/** Parts of a C++ declaration. Each prints to the left and, like arrays and functions, to the right of what it declares. */
import type { Output } from "./output.js";

export interface Node {
  readonly left: (out: Output) => void;
  /** Absent where nothing follows the declared name. */
  readonly right?: (out: Output) => void;
  readonly hasRight?: (out: Output) => boolean;
  readonly hasArray?: (out: Output) => boolean;
  readonly hasFunction?: (out: Output) => boolean;
  /** Of an expression; absent where it never needs parentheses. */
  readonly precedence?: number;
  /** The last component without template arguments: what a constructor is called. */
  readonly baseName?: () => string;
  /** The node itself after packs and forward references are looked through. */
  readonly resolve?: (out: Output) => Node;
  readonly reference?: { readonly to: Node; readonly rvalue: boolean };
  /** The elements of a template argument that is a pack. */
  readonly pack?: readonly Node[] | undefined;
  /** Set on names that end in template arguments, which take no second list. */
  readonly hasTemplateArguments?: boolean;
  /** What a special substitution (`Ss`) stands for in full, for its constructors. */
  readonly expanded?: Node;
}

/** Loosest last; from C++'s operator precedence. */
export const PRECEDENCE = {
  primary: 0,
  postfix: 1,
  unary: 2,
  cast: 3,
  pointerToMember: 4,
  multiplicative: 5,
  additive: 6,
  shift: 7,
  spaceship: 8,
  relational: 9,
  equality: 10,
  and: 11,
  xor: 12,
  or: 13,
  andAnd: 14,
  orOr: 15,
  conditional: 16,
  assignment: 17,
  comma: 18,
  lowest: 19,
} as const;

export function print(node: Node, out: Output): void {
  printLeft(node, out);
  printRight(node, out);
}

export function printLeft(node: Node, out: Output): void {
  out.enter();
  node.left(out);
  out.leave();
}

export function printRight(node: Node, out: Output): void {
  if (node.right === undefined) return;
  out.enter();
  node.right(out);
  out.leave();
}

export function hasRight(node: Node, out: Output): boolean {
  return node.hasRight === undefined ? node.right !== undefined : asked(node.hasRight, out);
}

export function hasArray(node: Node, out: Output): boolean {
  return node.hasArray !== undefined && asked(node.hasArray, out);
}

export function hasFunction(node: Node, out: Output): boolean {
  return node.hasFunction !== undefined && asked(node.hasFunction, out);
}

export function resolved(node: Node, out: Output): Node {
  return node.resolve === undefined ? node : asked(node.resolve, out);
}

function asked<T>(question: (out: Output) => T, out: Output): T {
  out.enter();
  const answer = question(out);
  out.leave();
  return answer;
}

export function printOperand(node: Node, out: Output, precedence: number, strictly = false): void {
  const parenthesised = (node.precedence ?? PRECEDENCE.primary) >= precedence + (strictly ? 1 : 0);
  if (parenthesised) out.open();
  print(node, out);
  if (parenthesised) out.close();
}

/** Empty pack expansions print nothing, and get no comma. */
export function printList(nodes: readonly Node[], out: Output): void {
  let first = true;
  for (const node of nodes) {
    const before = out.length;
    if (!first) out.write(", ");
    const after = out.length;
    printOperand(node, out, PRECEDENCE.comma);
    if (out.length === after) out.cut(before);
    else first = false;
  }
}

export function text(value: string): Node {
  return { left: (out) => out.write(value), baseName: () => value };
}

/** Pieces one after another, strings as they are. */
export function sequence(...pieces: readonly (Node | string)[]): Node {
  return {
    left: (out) => {
      for (const piece of pieces) {
        if (typeof piece === "string") out.write(piece);
        else print(piece, out);
      }
    },
  };
}

export function nested(scope: Node, name: Node): Node {
  return { ...sequence(scope, "::", name), baseName: () => name.baseName?.() ?? "" };
}

export function tagged(base: Node, tag: string): Node {
  return {
    left: (out) => {
      printLeft(base, out);
      out.write(`[abi:${tag}]`);
    },
    baseName: () => base.baseName?.() ?? "",
  };
}

export function templateArguments(elements: readonly Node[]): Node {
  return {
    left: (out) => {
      const { parentheses } = out;
      out.parentheses = 0;
      out.write("<");
      printList(elements, out);
      out.write(">");
      out.parentheses = parentheses;
    },
  };
}

export function withTemplateArguments(name: Node, args: Node): Node {
  return { ...sequence(name, args), baseName: () => name.baseName?.() ?? "", hasTemplateArguments: true };
}

/** A template argument that is a pack, seen as a template parameter: inside an expansion it is one element at a time. */
export function parameterPack(elements: readonly Node[]): Node {
  const current = (out: Output): Node | undefined => {
    if (out.packSize === undefined) {
      out.packSize = elements.length;
      out.packIndex = 0;
    }
    return elements[out.packIndex ?? 0];
  };
  const within = <T>(out: Output, otherwise: T, use: (element: Node) => T): T => {
    const element = current(out);
    return element === undefined ? otherwise : use(element);
  };
  return {
    left: (out) => within(out, undefined, (element) => printLeft(element, out)),
    right: (out) => within(out, undefined, (element) => printRight(element, out)),
    hasRight: (out) => within(out, false, (element) => hasRight(element, out)),
    hasArray: (out) => within(out, false, (element) => hasArray(element, out)),
    hasFunction: (out) => within(out, false, (element) => hasFunction(element, out)),
    resolve: (out) => within(out, NOTHING, (element) => resolved(element, out)),
  };
}

export function argumentPack(elements: readonly Node[]): Node {
  return { pack: elements, left: (out) => printList(elements, out) };
}

export function packExpansion(child: Node): Node {
  return {
    left: (out) => {
      const { packIndex, packSize } = out;
      out.packIndex = undefined;
      out.packSize = undefined;
      const start = out.length;
      print(child, out);
      // Printing the child found out whether it holds a pack, and of what size.
      const size = out.packSize as number | undefined;
      if (size === undefined) out.write("...");
      else if (size === 0) out.cut(start);
      for (let index = 1; index < (size ?? 0); index++) {
        out.write(", ");
        out.packIndex = index;
        print(child, out);
      }
      out.packIndex = packIndex;
      out.packSize = packSize;
    },
  };
}

const NOTHING: Node = text("");
