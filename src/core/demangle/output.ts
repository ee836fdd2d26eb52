/** What a demangled name is printed into: bounded, and aware of the pack expansion it is in. */
import { InputError } from "../base/errors.js";

export class Output {
  /** Element of the pack that is being expanded, and how many there are; undefined outside of an expansion. */
  packIndex: number | undefined;
  packSize: number | undefined;
  /** How many parentheses are open since the last template argument list: inside none of them `>` would end the list. */
  parentheses = 1;
  private text = "";
  private steps = 0;
  private depth = 0;

  write(piece: string): void {
    // Substitutions can double a name at each step, so neither the input's length nor recursion bounds the output.
    if (this.text.length + piece.length > MAX_DEMANGLED_LENGTH || ++this.steps > MAX_DEMANGLED_LENGTH)
      throw new InputError("too-large", "demangled name");
    this.text += piece;
  }

  /** Counts a step into a node: shared nodes and empty packs can make long work of a short name without a letter written. */
  enter(): void {
    if (++this.depth > MAX_DEPTH || ++this.steps > MAX_DEMANGLED_LENGTH)
      throw new InputError("too-large", "demangled name");
  }

  leave(): void {
    this.depth--;
  }

  open(): void {
    this.parentheses++;
    this.write("(");
  }

  close(): void {
    this.parentheses--;
    this.write(")");
  }

  get length(): number {
    return this.text.length;
  }

  get last(): string {
    return this.text.at(-1) ?? "";
  }

  /** Takes back what was written since. */
  cut(length: number): void {
    this.text = this.text.slice(0, length);
  }

  toString(): string {
    return this.text;
  }
}

const MAX_DEMANGLED_LENGTH = 1 << 18;
/** Printing recurses, with a few frames a level. */
const MAX_DEPTH = 1000;
