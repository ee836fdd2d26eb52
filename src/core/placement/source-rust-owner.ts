/** Whether an item of Rust text belongs to the type and trait that a symbol's name tells. */
import { headWord } from "./source-rust-scope.js";
import type { RustTokens } from "./source-rust-tokens.js";

/** Without modules and arguments; undefined: none, or one without a name ("[u32; 2]"). */
interface Owner {
  readonly type: string | undefined;
  /** It is the trait itself, or for all types. */
  readonly every: boolean;
  readonly trait: string | undefined;
}

/** @param displayName "<x::Shape as core::fmt::Debug>::fmt", "<x::Shape>::area", or by older mangling "x::Shape::area". */
export function isOwned(tokens: RustTokens, item: number, displayName: string): boolean {
  const found = /^<(.+?)(?: as (.+))?>::(?:r#)?\w+$/.exec(displayName);
  const owner = ownerOf(tokens, item);
  if (found === null) {
    const nearest = lastName(/^(.+)::(?:r#)?\w+$/.exec(displayName)?.[1] ?? "");
    // A module's name does not tell what in it is meant.
    if (nearest === undefined || !/^[A-Z]/.test(nearest)) return true;
    return owner?.trait === undefined && owner?.type === nearest;
  }
  if (owner === undefined) return false;
  const trait = lastName(found[2] ?? "");
  const type = lastName(found[1]!);
  return owner.trait === trait && (owner.every || owner.type === type);
}

/** undefined: it is in no impl and no trait, or in a function there. */
function ownerOf(tokens: RustTokens, item: number): Owner | undefined {
  const { list } = tokens;
  const open = list[item]!.parent;
  const head = open < 0 ? undefined : headWord(tokens, open);
  if (head === undefined || list[head]!.text === "fn") return undefined;
  return list[head]!.text === "trait"
    ? { type: undefined, trait: list[head + 1]?.text, every: true }
    : implemented(tokens, head + 1, open);
}

/** "<T> Trait<T> for path::Type<T> where …" */
function implemented({ list, partner }: RustTokens, from: number, end: number): Owner {
  let trait: string | undefined;
  let name: string | undefined;
  let depth = 0;
  const parameters = new Set<string>();
  for (let at = from; at < end; at++) {
    const { kind, text } = list[at]!;
    if (text === "<") depth++;
    else if (text === ">") depth--;
    else if (text === "(" || text === "[") at = partner.get(at) ?? at;
    else if (kind !== "word") continue;
    else if (depth > 0) {
      if (list[from]!.text === "<" && trait === undefined && name === undefined) parameters.add(text);
    } else if (text === "where") break;
    else if (text === "for" && list[at + 1]?.text !== "<") {
      trait = name;
      name = undefined;
    } else name = text;
  }
  return { type: name, trait, every: name !== undefined && parameters.has(name) };
}

function lastName(path: string): string | undefined {
  return /(\w+)$/.exec(path.replace(/<.*$/s, ""))?.[1];
}
