/** Reads what functions refer to, from the text of a disassembler that is asked for large pieces at a time. */
import type { Image } from "../image/image.js";
import { aarch64References } from "./aarch64-references.js";
import type { CodeRange, FunctionIndex } from "./function-index.js";
import { instructionsIn, type Instruction } from "./instructions.js";
import type { CodeReferences, Reference } from "./references.js";
import { x86References } from "./x86-references.js";

/** The text of the instructions in [from, to), as objdump prints it; undefined where there is no disassembler, or it failed. */
export type Disassemble = (from: number, to: number) => string | undefined;

export class CodeReader {
  private readonly read = new Map<number, CodeReferences>();
  private piece = FIRST_PIECE_BYTES;

  constructor(
    private readonly image: Image,
    private readonly functions: FunctionIndex,
    private readonly disassemble: Disassemble,
  ) {}

  /** What a function or a part of one refers to; undefined where it cannot be disassembled. */
  referencesOf(range: CodeRange): CodeReferences | undefined {
    const known = this.read.get(range.address);
    if (known !== undefined) return known;
    // A disassembler takes longer to start than to print a piece of this size.
    const section = this.image.sectionAt(range.address);
    const limit = section === undefined ? range.address + range.size : section.address + section.size;
    const wanted = Math.max(range.address + range.size, Math.min(limit, range.address + this.piece));
    const pieceEnd = this.functions.at(wanted)?.address ?? wanted;
    this.readPiece(range.address, Math.max(range.address + range.size, pieceEnd));
    this.piece = Math.min(LARGEST_PIECE_BYTES, this.piece * 2);
    if (!this.read.has(range.address)) this.readPiece(range.address, range.address + range.size);
    return this.read.get(range.address);
  }

  /**
   * What all functions of the file refer to, with the function. Of a file with very much code only those that have been
   * read: the rest would take minutes.
   */
  *everything(): Generator<readonly [CodeRange, CodeReferences]> {
    const all = this.functions.between(0, Infinity);
    const bytes = all.reduce((sum, { size }) => sum + size, 0);
    for (const range of all) {
      const found = bytes <= MAX_WHOLE_CODE_BYTES ? this.referencesOf(range) : this.read.get(range.address);
      if (found !== undefined) yield [range, found];
    }
  }

  private readPiece(from: number, to: number): void {
    const text = this.disassemble(from, to);
    if (text === undefined) return;
    const instructions = instructionsIn(text);
    let at = 0;
    for (const range of this.functions.between(from, to)) {
      while (at < instructions.length && instructions[at]!.address < range.address) at++;
      const first = at;
      while (at < instructions.length && instructions[at]!.address < range.address + range.size) at++;
      // Something before it was no code, so that the disassembler lost its step.
      if (instructions[first]?.address !== range.address || this.read.has(range.address)) continue;
      this.read.set(range.address, this.decode(instructions.slice(first, at), range));
    }
  }

  private decode(instructions: readonly Instruction[], range: CodeRange): CodeReferences {
    const found =
      this.image.machine === "aarch64"
        ? aarch64References(instructions)
        : x86References(instructions, this.absoluteAddress());
    const next = continuesAt(instructions.at(-1), range);
    return next === undefined ? found : { ...found, references: [...found.references, next] };
  }

  /** Only code that is loaded at a fixed address has addresses as plain numbers. */
  private absoluteAddress(): (value: number) => boolean {
    const { image } = this;
    if (image.kind !== "executable") return () => false;
    return (value) => value >= LEAST_FIXED_ADDRESS && image.sectionAt(value) !== undefined;
  }
}

/** Code that runs on into what follows: a part of a function in assembler, say. A call at the end does not return. */
function continuesAt(last: Instruction | undefined, range: CodeRange): Reference | undefined {
  if (last === undefined || ENDS.test(last.mnemonic)) return undefined;
  return { kind: "jump", site: last.address, target: range.address + range.size, width: 0 };
}

const ENDS =
  /^(?:l?call[qw]?|bl|blr\w*|jmp[qw]?|b|br\w*|i?ret\w*|l?retq?|ud[0-9]|ud2[ab]|hlt|int3|brk|udf|eret|nop\w*|xchg|data16|cs|wait)$/;
const FIRST_PIECE_BYTES = 1 << 16;
const LARGEST_PIECE_BYTES = 1 << 20;
const MAX_WHOLE_CODE_BYTES = 1 << 25;
/** Numbers below are counts and sizes far more often than addresses. */
const LEAST_FIXED_ADDRESS = 0x1000;
