/** What code refers to, against the relocations that linkers keep and between two disassemblers. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readElf } from "../../../../src/core/elf/elf-file.js";
import { openImage } from "../../../../src/core/image/open-image.js";
import { aarch64References } from "../../../../src/core/reach/aarch64-references.js";
import { instructionsIn } from "../../../../src/core/reach/instructions.js";
import { reachFile, type ReachFile } from "../../../../src/core/reach/reach-file.js";
import type { CodeReferences } from "../../../../src/core/reach/references.js";
import { x86References } from "../../../../src/core/reach/x86-references.js";
import { FileByteSource } from "../../../../src/host/file-source.js";

const LONG = 60_000;
const LONGEST_IMMEDIATE = 4;
const SOURCES = [
  "examples/input-thread/input-thread.c",
  "examples/input-thread/pointer.c",
  "test/support/storm.c",
  "test/support/busy-target.c",
];
let folder: string;
const sources: FileByteSource[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-references-"));
});

afterAll(() => {
  for (const source of sources) source.close();
  rmSync(folder, { recursive: true, force: true });
});

function disassembly(program: string, file: string, from: number, to: number): string {
  const range = [`--start-address=${from}`, `--stop-address=${to}`];
  return execFileSync(program, ["-d", "-w", "--no-show-raw-insn", ...range, file], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
}

function opened(path: string, disassembler: string): ReachFile {
  const source = FileByteSource.open(path);
  sources.push(source);
  const image = openImage(source, path);
  return reachFile(readElf(source), image, (from, to) => disassembly(disassembler, path, from, to));
}

const KEPT = [
  { name: "gcc, position-independent", compiler: "gcc", options: ["-O2", "-fPIE", "-pie"], disassembler: "objdump" },
  {
    name: "gcc, at a fixed address",
    compiler: "gcc",
    options: ["-O2", "-fno-pie", "-no-pie"],
    disassembler: "objdump",
  },
  { name: "gcc -O0", compiler: "gcc", options: ["-O0"], disassembler: "objdump" },
  { name: "gcc -O3 -mavx2", compiler: "gcc", options: ["-O3", "-mavx2"], disassembler: "objdump" },
  { name: "clang", compiler: "clang-14", options: ["-O2", "-fPIE", "-pie"], disassembler: "objdump" },
  {
    name: "clang, read by LLVM",
    compiler: "clang-14",
    options: ["-O2", "-fno-pie", "-no-pie"],
    disassembler: "llvm-objdump-14",
  },
  { name: "aarch64", compiler: "aarch64-linux-gnu-gcc", options: ["-O2"], disassembler: "aarch64-linux-gnu-objdump" },
  {
    name: "aarch64 -O0",
    compiler: "aarch64-linux-gnu-gcc",
    options: ["-O0", "-no-pie", "-fno-pie"],
    disassembler: "aarch64-linux-gnu-objdump",
  },
  {
    name: "aarch64, read by LLVM",
    compiler: "aarch64-linux-gnu-gcc",
    options: ["-O3"],
    disassembler: "llvm-objdump-14",
  },
];

describe("every place that a relocation told the linker of is found in the code", () => {
  it.each(KEPT)("$name", { timeout: LONG }, ({ compiler, options, disassembler }) => {
    let checked = 0;
    for (const [at, source] of SOURCES.entries()) {
      const program = join(folder, `kept-${compiler}-${options.join("")}-${at}`);
      const objects = source.includes("examples") ? "-c" : "-pthread";
      // Parts of the example are linked alone: what they lack stays open.
      const link = objects === "-c" ? ["-Wl,--unresolved-symbols=ignore-all", "-nostartfiles"] : [];
      execFileSync(
        compiler,
        [...options, "-w", "-pthread", "-Iruntime", ...link, "-Wl,--emit-relocs,-z,now", source, "-o", program, "-lm"],
        { stdio: ["ignore", "ignore", "ignore"] },
      );
      const file = opened(program, disassembler);
      for (const range of file.functions.between(0, Infinity)) {
        if (file.image.sectionAt(range.address)?.name !== ".text") continue;
        const found = file.code.referencesOf(range)?.references ?? [];
        const targets = new Set(found.map(({ target }) => target));
        for (const { place, target, named, vague, symbol } of file.kept) {
          if (place < range.address || place >= range.address + range.size || target === undefined) continue;
          const section = file.image.sectionAt(target.value);
          if (section === undefined || symbol.startsWith("_GLOBAL_OFFSET_TABLE_")) continue;
          const held = named ? file.image.objectAt(target.value) : undefined;
          const last = vague ? target.value + LONGEST_IMMEDIATE + 1 : target.value;
          const end = held === undefined || held.address !== target.value ? last : held.address + held.size;
          const isFound = [...targets].some((one) => one === target.value || (one >= target.value && one < end));
          // The linker may have taken a slot instead of the symbol, or the reverse.
          const bySlot = [...targets].some((one) => file.pointers.at(one)?.target === target.value);
          expect(isFound || bySlot, `${source}: ${symbol}+${target.value.toString(16)} at ${place.toString(16)}`).toBe(
            true,
          );
          checked++;
        }
      }
    }
    expect(checked).toBeGreaterThan(100);
  });
});

describe("two disassemblers give the same references", () => {
  const normal = ({ references, indirect }: CodeReferences) => ({
    references: references.map(({ kind, site, target, width }) => [site, kind, target, width]),
    indirect: indirect.map(({ kind, site, slot, offset }) => [site, kind, slot, offset]),
  });

  it.each(["/lib/x86_64-linux-gnu/libz.so.1", "/bin/gzip", "/bin/sed"])("of %s", { timeout: LONG }, (path) => {
    const file = realpathSync(path);
    const of = (program: string) =>
      normal(x86References(instructionsIn(disassembly(program, file, 0, 0x100000)), () => false));
    const binutils = of("objdump");
    expect(binutils.references.length).toBeGreaterThan(1000);
    const llvm = of("llvm-objdump-14");
    const known = new Set(llvm.references.map((one) => one.join(" ")));
    const differing = binutils.references.filter((one) => !known.has(one.join(" ")));
    expect(differing).toEqual([]);
    expect(llvm.indirect).toEqual(binutils.indirect);
  });

  it("of aarch64 code", { timeout: LONG }, () => {
    const program = join(folder, "aarch64");
    execFileSync("aarch64-linux-gnu-gcc", ["-O2", "-static", "-w", "-pthread", "test/support/storm.c", "-o", program]);
    const of = (tool: string) =>
      normal(aarch64References(instructionsIn(disassembly(tool, program, 0x400000, 0x480000))));
    const binutils = of("aarch64-linux-gnu-objdump");
    expect(binutils.references.length).toBeGreaterThan(10_000);
    expect(of("llvm-objdump-14")).toEqual(binutils);
  });
});

describe("text that is no disassembly", () => {
  it("is read without an answer and without an end", () => {
    let state = 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    const real = disassembly("objdump", realpathSync("/bin/gzip"), 0, 0x6000).slice(0, 60_000);
    for (let round = 0; round < 60; round++) {
      const characters = [...real];
      for (let change = 0; change < 400; change++)
        characters[random(characters.length)] = String.fromCharCode(random(256));
      const instructions = instructionsIn(characters.join(""));
      for (const { target } of x86References(instructions, () => true).references) expect(target).not.toBeNaN();
      aarch64References(instructions);
    }
    expect(instructionsIn("x".repeat(1 << 20))).toEqual([]);
    expect(instructionsIn(`${"0:\n".repeat(10_000)}`)).toEqual([]);
  });

  it("of a line is one instruction, whoever printed it", () => {
    expect(instructionsIn("    124b:\tlea    -0xb2(%rip),%rcx        # 11a0 <cmp>\n")).toEqual([
      { address: 0x124b, mnemonic: "lea", operands: "-0xb2(%rip),%rcx", noted: 0x11a0 },
    ]);
    expect(instructionsIn("    124b:      \tleaq\t-178(%rip), %rcx        # 0x11a0 <cmp>\n")).toEqual([
      { address: 0x124b, mnemonic: "leaq", operands: "-178(%rip), %rcx", noted: 0x11a0 },
    ]);
    expect(instructionsIn("     9ac:      \tmov\tw0, #0x3                // =3\n")).toEqual([
      { address: 0x9ac, mnemonic: "mov", operands: "w0, #0x3", noted: undefined },
    ]);
    expect(instructionsIn("  4011b9:\tnotrack jmp *%rax\n")).toEqual([
      { address: 0x4011b9, mnemonic: "jmp", operands: "*%rax", noted: undefined },
    ]);
    expect(instructionsIn("0000000000001240 <work>:\n\t...\n    1299:\t.byte 0x83\n")).toEqual([]);
  });
});
