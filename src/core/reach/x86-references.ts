/** What x86-64 instructions refer to, told from their text. */
import type { Instruction } from "./instructions.js";
import type { CodeReferences, IndirectCall, Reference, ReferenceKind } from "./references.js";

/**
 * @param instructions of one function, in order.
 * @param isAddress whether a number may be an address of the file: code that is loaded at a fixed address has them as
 * plain numbers.
 */
export function x86References(
  instructions: readonly Instruction[],
  isAddress: (value: number) => boolean,
): CodeReferences {
  const references: Reference[] = [];
  const indirect: IndirectCall[] = [];
  instructions.forEach((instruction, at) => {
    const { mnemonic, operands, address: site } = instruction;
    const branch = branchKind(mnemonic);
    if (branch === undefined)
      return memoryReferences(instruction, instructions[at + 1]?.address, isAddress, references);
    const direct = /^(?:0x)?([0-9a-f]+)(?: *<|$)/.exec(operands);
    if (direct !== null) {
      references.push({ kind: branch, site, target: parseInt(direct[1]!, 16), width: 0 });
      return;
    }
    if (!operands.startsWith("*") && !operands.startsWith("%") && !operands.includes("(")) return;
    const slot = slotOf(instruction, instructions[at + 1]?.address, isAddress);
    if (slot !== undefined) references.push({ kind: "read", site, target: slot, width: POINTER });
    if (branch === "jump" && isSwitch(instructions, at, slot)) return;
    const source = sourceOf(instructions, at);
    indirect.push({
      site,
      kind: branch,
      slot: isIndexed(source.operands) ? undefined : slotOf(source, instructions[source.at + 1]?.address, isAddress),
      offset: offsetOf(source.operands),
    });
  });
  return { references, indirect };
}

function branchKind(mnemonic: string): "call" | "jump" | undefined {
  if (/^l?call[qw]?$/.test(mnemonic)) return "call";
  if (/^(?:j[a-z]{1,5}|loopn?[ez]?|xbegin)(?:,p[nt])?$/.test(mnemonic)) return "jump";
  return undefined;
}

/** The operands that name memory relative to the instruction, or by a number. */
function memoryReferences(
  { address: site, mnemonic, operands, noted }: Instruction,
  next: number | undefined,
  isAddress: (value: number) => boolean,
  references: Reference[],
): void {
  if (operands === "" || mnemonic.startsWith("nop")) return;
  const relative = RELATIVE.exec(operands);
  if (relative !== null) {
    const target = noted ?? (next === undefined ? undefined : next + number(relative[1] ?? "0"));
    if (target === undefined) return;
    const after = operands.slice(relative.index + relative[0].length);
    references.push(...accesses(mnemonic, operands, after.trim() === "", site, target));
  }
  for (const [, immediate, displacement] of operands.matchAll(ABSOLUTE)) {
    const target = number(immediate ?? displacement ?? "");
    if (!isAddress(target)) continue;
    if (immediate !== undefined) references.push({ kind: "address", site, target, width: 0 });
    else references.push(...accesses(mnemonic, operands, /\)$|0x[0-9a-f]+$/.test(operands), site, target));
  }
}

function accesses(mnemonic: string, operands: string, last: boolean, site: number, target: number): Reference[] {
  const kind: ReferenceKind = mnemonic.startsWith("lea") ? "address" : last && writes(mnemonic) ? "write" : "read";
  // An index may lead anywhere from there.
  if (isIndexed(operands) && kind !== "address") return [{ kind: "address", site, target, width: 0 }];
  return [{ kind, site, target, width: kind === "address" ? 0 : widthOf(mnemonic, operands) }];
}

/** The last operand is written by most; these only look at it. */
function writes(mnemonic: string): boolean {
  return !/^(?:cmp[bwlq]?$|test|push|bt[bwlq]?$|ucomis|comis|v?u?comis|mul|imul[bwlq]$|i?div|prefetch|fld|fi?add|fi?mul|fi?sub|fi?div|fi?com|fild|ldmxcsr|vptest|ptest|v?pcmp[ei]str|clflush|fx?rstor|xrstor)/.test(
    mnemonic,
  );
}

function widthOf(mnemonic: string, operands: string): number {
  if (operands.includes("%zmm")) return 64;
  if (operands.includes("%ymm")) return 32;
  if (operands.includes("%xmm") || /^f/.test(mnemonic)) return 16;
  return POINTER;
}

/** Where the address of an indirect call comes from: its own operand, or the load of its register shortly before. */
function sourceOf(instructions: readonly Instruction[], at: number) {
  const { operands, noted } = instructions[at]!;
  const register = /^\*%([a-z0-9]+)$/.exec(operands)?.[1];
  if (register === undefined) return { at, operands, noted };
  for (let before = at - 1; before >= Math.max(0, at - SWITCH_WINDOW); before--) {
    const { mnemonic, operands: earlier, noted: target } = instructions[before]!;
    if (branchKind(mnemonic) !== undefined) break;
    const load = /^(.*[^,\s])\s*,\s*%([a-z0-9]+)$/.exec(earlier);
    if (load?.[2] !== register) continue;
    if (/^movq?$/.test(mnemonic)) return { at: before, operands: `*${load[1]!}`, noted: target };
    break;
  }
  return { at, operands, noted };
}

/** `call *0x2dfa(%rip)`, `jmp *0x404018`, `jmp *0x402000(,%rax,8)`. */
function slotOf(
  { operands, noted }: Pick<Instruction, "operands" | "noted">,
  next: number | undefined,
  isAddress: (value: number) => boolean,
): number | undefined {
  const relative = RELATIVE.exec(operands);
  if (relative !== null) return noted ?? (next === undefined ? undefined : next + number(relative[1] ?? "0"));
  const absolute = /^\*(?:%ds:)?(0x[0-9a-f]+|\d+)(?:\(,%[a-z0-9]+,\d\))?$/.exec(operands);
  if (absolute === null) return undefined;
  const target = number(absolute[1]!);
  return isAddress(target) ? target : undefined;
}

/** `call *0x18(%rax)` has 24, `call *(%rax)` 0, `call *%rax` none: then the load before it tells. */
function offsetOf(operands: string): number | undefined {
  const based = /^\*(-?(?:0x)?[0-9a-f]+)?\(%(?!rip)[a-z0-9]+\)$/.exec(operands);
  return based === null ? undefined : based[1] === undefined ? 0 : number(based[1]);
}

/**
 * The jump of a switch: through a table that is indexed, or to a sum of a table's entry and its address, made a few
 * instructions before.
 */
function isSwitch(instructions: readonly Instruction[], at: number, slot: number | undefined): boolean {
  const { operands } = instructions[at]!;
  if (slot !== undefined && isIndexed(operands)) return true;
  const register = /^\*%([a-z0-9]+)$/.exec(operands)?.[1];
  if (register === undefined) return false;
  for (let before = at - 1; before >= Math.max(0, at - SWITCH_WINDOW); before--) {
    const { mnemonic, operands: earlier } = instructions[before]!;
    if (!earlier.endsWith(`%${register}`)) continue;
    if (/^add/.test(mnemonic)) return instructions.slice(Math.max(0, before - SWITCH_WINDOW), before).some(isEntryLoad);
    if (/^mov/.test(mnemonic)) return /^0x[0-9a-f]+\(,%[a-z0-9]+,8\)/.test(earlier);
    return false;
  }
  return false;
}

function isEntryLoad({ mnemonic, operands }: Instruction): boolean {
  return (/^movs(?:lq|xd|ll)$/.test(mnemonic) && operands.includes("(")) || mnemonic === "cltq";
}

function isIndexed(operands: string): boolean {
  return /\([^)]*,%[a-z0-9]+(?:,\d)?\)/.test(operands) || /\(,%[a-z0-9]+,\d\)/.test(operands);
}

/** -0xb2 of GNU, -178 of LLVM. */
function number(text: string): number {
  return text.startsWith("-") ? -Number(text.slice(1)) : Number(text);
}

const RELATIVE = /(-?(?:0x[0-9a-f]+|\d+))?\(%rip\)/;
/** An immediate, or the displacement of a memory operand with at most an index: both may be an address. */
const ABSOLUTE = /\$(0x[0-9a-f]+|\d{5,})(?![0-9a-f])|(?:^|[,* :])(0x[0-9a-f]+|\d{5,})(?=\((?!%rip)|,|$)/g;
const POINTER = 8;
const SWITCH_WINDOW = 12;
