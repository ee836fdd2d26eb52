/** The instruction at an address, as an installed disassembler prints it. */
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { resolve } from "node:path";

export type Disassembler = (image: string, address: string) => string | undefined;

/** Tries binutils' objdump first (it starts ten times as fast), then LLVM's, which knows every architecture; answers undefined without either. */
export function disassembler(): Disassembler {
  let programs = DISASSEMBLERS;
  let left = MOST_INSTRUCTIONS;
  return (image, address) => {
    const start = Number(address);
    if (left === 0 || !Number.isSafeInteger(start) || isHuge(image)) return undefined;
    left--;
    for (const program of programs) {
      const { status, stdout, error } = spawnSync(
        program,
        [
          "-d",
          "--no-show-raw-insn",
          `--start-address=${address}`,
          `--stop-address=0x${(start + LONGEST_INSTRUCTION).toString(16)}`,
          // Absolute, so that it is no option: LLVM's knows no "--".
          resolve(image),
        ],
        { encoding: "utf8", timeout: TIMEOUT_MS, maxBuffer: 1 << 20, stdio: ["ignore", "pipe", "ignore"] },
      );
      if (error !== undefined) {
        programs = programs.filter((other) => other !== program);
        continue;
      }
      const line = status === 0 ? instructionLine(stdout) : undefined;
      if (line !== undefined) return line;
    }
    return undefined;
  };
}

/** "  401136:\tmovl $0x1, %eax" → "401136: movl $0x1, %eax". */
function instructionLine(output: string): string | undefined {
  const match = /^ *([0-9a-f]+):\s+(\S.*)$/m.exec(output);
  return match === null ? undefined : `${match[1] ?? ""}: ${(match[2] ?? "").replace(/\s+/g, " ").trim()}`;
}

function isHuge(image: string): boolean {
  const stats = statSync(image, { throwIfNoEntry: false });
  return stats === undefined || !stats.isFile() || stats.size > LARGEST_IMAGE;
}

const DISASSEMBLERS: readonly string[] = ["objdump", "llvm-objdump", "llvm-objdump-19"];
/** Each is a process of some milliseconds; the hottest lines come first. */
const MOST_INSTRUCTIONS = 16;
/** Disassemblers read the symbols of the whole file before the first instruction. */
const LARGEST_IMAGE = 64 * 2 ** 20;
const LONGEST_INSTRUCTION = 16;
const TIMEOUT_MS = 2000;
