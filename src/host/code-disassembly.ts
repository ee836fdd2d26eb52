/** Pieces of a file's code as an installed disassembler prints them. */
import { spawnSync } from "node:child_process";
import type { Image } from "../core/image/image.js";

export interface CodeDisassembly {
  /** As objdump prints [from, to); undefined where no disassembler could. */
  readonly disassemble: (from: number, to: number) => string | undefined;
  /** The one that is in use; undefined before the first question, and where there is none. */
  readonly program: () => string | undefined;
}

/**
 * Tries binutils' objdump first, then LLVM's. They get `timeoutMs` together.
 * @param path absolute: LLVM's takes no "--" before it.
 */
export function codeDisassembly(path: string, machine: Image["machine"], timeoutMs = TIMEOUT_MS): CodeDisassembly {
  let programs = machine === "aarch64" ? AARCH64_DISASSEMBLERS : machine === "x86-64" ? X86_DISASSEMBLERS : [];
  let left = timeoutMs;
  let used: string | undefined;
  const disassemble = (from: number, to: number): string | undefined => {
    for (const program of programs) {
      if (!(left > 0)) return undefined;
      const start = Date.now();
      const { status, stdout, error } = spawnSync(
        program,
        [...OPTIONS, `--start-address=${from}`, `--stop-address=${to}`, path],
        {
          encoding: "utf8",
          timeout: left,
          maxBuffer: MAX_OUTPUT_BYTES,
          stdio: ["ignore", "pipe", "ignore"],
          env: { ...process.env, LC_ALL: "C" },
        },
      );
      left -= Date.now() - start;
      if (status === 0) {
        used = program;
        return stdout;
      }
      // Missing, or made for other processors: it is not asked again, unless it only took too long.
      if (error === undefined || ("code" in error && error.code === "ENOENT"))
        programs = programs.filter((other) => other !== program);
    }
    return undefined;
  };
  return { disassemble, program: () => used };
}

const OPTIONS: readonly string[] = ["-d", "-w", "--no-show-raw-insn"];
const LLVM: readonly string[] = [
  "llvm-objdump",
  ...[21, 20, 19, 18, 17, 16, 15, 14].map((version) => `llvm-objdump-${version}`),
];
const X86_DISASSEMBLERS: readonly string[] = ["objdump", "x86_64-linux-gnu-objdump", ...LLVM];
const AARCH64_DISASSEMBLERS: readonly string[] = ["aarch64-linux-gnu-objdump", "objdump", ...LLVM];
const TIMEOUT_MS = 120_000;
const MAX_OUTPUT_BYTES = 1 << 28;
