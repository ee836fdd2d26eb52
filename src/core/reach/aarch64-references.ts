/** What aarch64 instructions refer to, told from their text: addresses are made of a page and an offset, in registers. */
import type { Instruction } from "./instructions.js";
import type { CodeReferences, IndirectCall, Reference } from "./references.js";

/** @param instructions of one function, in order. */
export function aarch64References(instructions: readonly Instruction[]): CodeReferences {
  const references: Reference[] = [];
  const indirect: IndirectCall[] = [];
  /** Registers that hold a known address, by number; what a jump leads to is looked at with those of the line before. */
  const known = new Map<string, Value>();
  instructions.forEach(({ address: site, mnemonic, operands }, at) => {
    const words = operands.split(/,\s*/);
    const branch = branchTarget(mnemonic, words);
    if (branch !== undefined) {
      references.push({ kind: mnemonic === "bl" ? "call" : "jump", site, target: branch, width: 0 });
      if (mnemonic === "bl") forgetScratch(known);
      return;
    }
    if (INDIRECT.test(mnemonic)) {
      const register = registerOf(words[0]);
      const value = register === undefined ? undefined : known.get(register);
      const kind = mnemonic.startsWith("bl") ? "call" : "jump";
      if (kind === "jump" && value?.kind !== "content" && isSwitch(instructions, at, register)) return;
      const offset = kind === "jump" && register === undefined ? undefined : loadOffset(instructions, at, register);
      indirect.push({ site, kind, slot: value?.kind === "content" ? value.of : undefined, offset });
      if (kind === "call") forgetScratch(known);
      return;
    }
    const target = registerOf(words[0]);
    if (mnemonic === "adrp" || mnemonic === "adr") {
      const value = mnemonic === "adr" ? nearby(words[1], site) : addressIn(words[1]);
      if (target === undefined || value === undefined) return;
      known.set(target, { kind: mnemonic === "adrp" ? "page" : "address", of: value });
      if (mnemonic === "adr") references.push({ kind: "address", site, target: value, width: 0 });
      return;
    }
    const base = /\[(\w+)(?:, #(-?\w+))?(.*)/.exec(operands);
    if (base !== null) return memory({ site, mnemonic, words, base, known, references });
    if (target === undefined || /^(?:cmp|cmn|tst|ccmp|fcmp|nop)/.test(mnemonic)) return;
    const sum = mnemonic === "add" || mnemonic === "sub" ? sumOf(mnemonic, words, known) : undefined;
    const indexed = mnemonic === "add" ? indexedBase(words, known) : undefined;
    const copied = mnemonic === "mov" ? known.get(registerOf(words[1]) ?? "") : undefined;
    known.delete(target);
    if (copied !== undefined) known.set(target, copied);
    if (indexed !== undefined) known.set(target, indexed);
    if (sum === undefined) return;
    known.set(target, sum);
    references.push({ kind: "address", site, target: sum.of, width: 0 });
  });
  return { references, indirect };
}

/**
 * An address, the start of a page whose offset comes later, either of them with an index added, or what was read from an
 * address.
 */
interface Value {
  readonly kind: "page" | "address" | "indexed" | "content";
  readonly of: number;
}

interface MemoryAccess {
  readonly site: number;
  readonly mnemonic: string;
  readonly words: readonly string[];
  readonly base: RegExpExecArray;
  readonly known: Map<string, Value>;
  readonly references: Reference[];
}

function memory({ site, mnemonic, words, base, known, references }: MemoryAccess): void {
  const value = known.get(registerOf(base[1]) ?? "");
  const stores = /^(?:st|cas|swp|ld(?:add|clr|set|eor|[su]m(?:ax|in)))/.test(mnemonic);
  const loads = !mnemonic.startsWith("st") && !mnemonic.startsWith("prf");
  const indexed = value?.kind === "indexed" || (base[2] === undefined && /^, \w/.test(base[3] ?? ""));
  let content: number | undefined;
  if (value !== undefined && value.kind !== "content") {
    const target = value.of + (base[2] === undefined ? 0 : Number(signed(base[2])));
    const width = /^[qv]/.test(words[0] ?? "") ? 32 : 16;
    if (indexed) references.push({ kind: "address", site, target, width: 0 });
    else references.push({ kind: stores ? "write" : "read", site, target, width });
    if (!indexed && /^ldu?r$/.test(mnemonic) && words[0]?.startsWith("x") === true) content = target;
  }
  if (loads) {
    const register = registerOf(words[0]);
    if (register !== undefined) known.delete(register);
    const second = /^ldn?x?a?p/.test(mnemonic) ? registerOf(words[1]) : undefined;
    if (second !== undefined) known.delete(second);
    if (register !== undefined && content !== undefined) known.set(register, { kind: "content", of: content });
  }
  // Written back: [x0, #16]! and [x0], #16.
  if (/\]!|\], #/.test(words.join(", "))) known.delete(registerOf(base[1]) ?? "");
}

function branchTarget(mnemonic: string, words: readonly string[]): number | undefined {
  if (!/^(?:bl?|b\.[a-z]{2}|bc\.[a-z]{2}|cbn?z|tbn?z)$/.test(mnemonic)) return undefined;
  return addressIn(words.at(-1));
}

/** LLVM prints the distance: "#12". */
function nearby(word: string | undefined, site: number): number | undefined {
  const distance = /^#(-?\w+)$/.exec(word?.trim() ?? "")?.[1];
  return distance === undefined ? addressIn(word) : site + Number(signed(distance));
}

/** "0x9d8 <sw+0x68>" of LLVM, "9d8 <sw+0x68>" of GNU. */
function addressIn(word: string | undefined): number | undefined {
  const found = /^(?:0x)?([0-9a-f]+)(?: *<|$)/.exec(word?.trim() ?? "");
  return found === null ? undefined : parseInt(found[1]!, 16);
}

/** add x0, x0, #0xa90 of a register that holds a page or an address. */
function sumOf(mnemonic: string, words: readonly string[], known: ReadonlyMap<string, Value>): Value | undefined {
  const value = known.get(registerOf(words[1]) ?? "");
  const amount = /^#(-?\w+)$/.exec(words[2] ?? "")?.[1];
  if (value === undefined || value.kind === "content" || amount === undefined) return undefined;
  const shift = /lsl #(?:12|0xc)$/.test(words[3] ?? "") ? 4096 : 1;
  const of = value.of + (mnemonic === "sub" ? -1 : 1) * Number(signed(amount)) * shift;
  return { kind: value.kind === "indexed" ? "indexed" : "address", of };
}

/** add x0, x0, x1, lsl #3: the offset of the object may come after its index. */
function indexedBase(words: readonly string[], known: ReadonlyMap<string, Value>): Value | undefined {
  if (registerOf(words[2]) === undefined) return undefined;
  const value = known.get(registerOf(words[1]) ?? "") ?? known.get(registerOf(words[2]) ?? "");
  return value === undefined || value.kind === "content" ? undefined : { kind: "indexed", of: value.of };
}

/** `br x0` after `add x0, x1, w0, sxth #2`: the sum of an anchor and a table's entry. */
function isSwitch(instructions: readonly Instruction[], at: number, register: string | undefined): boolean {
  for (let before = at - 1; before >= Math.max(0, at - SWITCH_WINDOW); before--) {
    const { mnemonic, operands } = instructions[before]!;
    const words = operands.split(/,\s*/);
    if (registerOf(words[0]) !== register) continue;
    return mnemonic === "add" && registerOf(words[2]) !== undefined;
  }
  return false;
}

/** `ldr x1, [x0, #24]` before `blr x1`. */
function loadOffset(
  instructions: readonly Instruction[],
  at: number,
  register: string | undefined,
): number | undefined {
  for (let before = at - 1; before >= Math.max(0, at - SWITCH_WINDOW); before--) {
    const { mnemonic, operands } = instructions[before]!;
    if (registerOf(operands.split(/,\s*/)[0]) !== register) continue;
    const load = mnemonic === "ldr" ? /\[\w+(?:, #(-?\w+))?\]$/.exec(operands) : null;
    return load === null ? undefined : Number(signed(load[1] ?? "0"));
  }
  return undefined;
}

/** A call keeps only x19 to x28. */
function forgetScratch(known: Map<string, Value>): void {
  for (const register of known.keys()) if (!(Number(register) >= 19)) known.delete(register);
}

function registerOf(word: string | undefined): string | undefined {
  return /^[xw](\d{1,2})$/.exec(word?.trim() ?? "")?.[1];
}

/** Number() reads no negative hexadecimal numbers. */
function signed(text: string): number {
  return text.startsWith("-") ? -Number(text.slice(1)) : Number(text);
}

const INDIRECT = /^(?:blr|br)(?:a[ab]z?)?$/;
const SWITCH_WINDOW = 12;
