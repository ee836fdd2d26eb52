/** Instructions as disassemblers print them: binutils' and LLVM's objdump, both in AT&T's order of operands on x86-64. */

export interface Instruction {
  readonly address: number;
  /** Without prefixes (lock, rep, notrack, bnd, data16, …). */
  readonly mnemonic: string;
  /** As printed, without the disassembler's comments. */
  readonly operands: string;
  /** The address that the disassembler worked out itself, where it prints one. */
  readonly noted: number | undefined;
}

/** What is no instruction (headings, bytes that decode to none, the dots of a gap) is left out. In the order printed. */
export function instructionsIn(text: string): readonly Instruction[] {
  const found: Instruction[] = [];
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    const instruction = instructionIn(text.slice(start, end));
    if (instruction !== undefined) found.push(instruction);
    start = end + 1;
  }
  return found;
}

/** "  124b:\tlea    -0xb2(%rip),%rcx        # 11a0 <cmp>" and "  124b:      \tleaq\t-178(%rip), %rcx        # 0x11a0 <cmp>". */
function instructionIn(line: string): Instruction | undefined {
  const colon = line.indexOf(":");
  if (colon < 1 || colon > LONGEST_ADDRESS || line.length > LONGEST_LINE) return undefined;
  const digits = line.slice(0, colon).trim();
  if (!/^[0-9a-f]+$/.test(digits)) return undefined;
  let rest = line.slice(colon + 1).trim();
  let noted: number | undefined;
  // aarch64 writes immediates with that sign, too, and never a space after it.
  const comment = /\s+(?:#|\/\/) +(?:(?:0x)?([0-9a-f]+) *(?:<|$))?/.exec(rest);
  if (comment !== null) {
    if (comment[1] !== undefined) noted = parseInt(comment[1], 16);
    rest = rest.slice(0, comment.index);
  }
  let space = rest.search(/\s/);
  while (space > 0 && PREFIXES.test(rest.slice(0, space))) {
    rest = rest.slice(space).trimStart();
    space = rest.search(/\s/);
  }
  const mnemonic = space < 0 ? rest : rest.slice(0, space);
  if (!/^[a-z]/.test(mnemonic)) return undefined;
  return { address: parseInt(digits, 16), mnemonic, operands: space < 0 ? "" : rest.slice(space).trim(), noted };
}

const PREFIXES =
  /^(?:lock|rep[nz]?e?|repnz|notrack|bnd|data16|addr32|xacquire|xrelease|[c-gs]s|rex(?:\.[WRXB]+)?|\{evex\}|\{vex\})$/;
const LONGEST_ADDRESS = 20;
/** The longest are those with demangled names of symbols, which are not asked for. */
const LONGEST_LINE = 4096;
