/** Code and memory of a running process: instructions that we need, found where they are. */
import { closeSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { parseMaps, type ProcMapping } from "../../core/proc/maps.js";
import { InjectionRefused } from "./injection-refused.js";
import type { MachineCalls } from "./machine-calls.js";
import { CALL_AND_RETURN, END_HANDLER, type WayBack } from "./self-restore.js";

export class TargetCode {
  /** The vdso first: it is always in memory, and looking into it brings nothing in. */
  private readonly code: readonly ProcMapping[];

  /** Throws InjectionRefused. */
  constructor(private readonly pid: number) {
    let maps: string;
    try {
      maps = readFileSync(`/proc/${pid}/maps`, "utf8");
    } catch {
      throw new InjectionRefused("gone", `process ${pid}`);
    }
    this.code = parseMaps(maps)
      .filter(({ executable }) => executable)
      .toSorted((a, b) => Number(b.name === "[vdso]") - Number(a.name === "[vdso]"));
  }

  /** Address of an instruction that enters the kernel. Throws InjectionRefused. */
  entry({ instruction }: MachineCalls): number {
    return this.find((code) => code.indexOf(instruction)) ?? this.refuse("no instruction that enters the kernel");
  }

  /** undefined: the target has not all of it, or this is no x86-64. */
  wayBack(): WayBack | undefined {
    if (process.arch !== "x64") return undefined;
    const callAndReturn = this.find((code) => code.indexOf(CALL_AND_RETURN));
    const endHandler = this.find((code) => code.indexOf(END_HANDLER));
    return callAndReturn === undefined || endHandler === undefined ? undefined : { callAndReturn, endHandler };
  }

  /** False: nothing is mapped there. */
  write(at: number, bytes: Buffer): boolean {
    const memory = openSync(`/proc/${this.pid}/mem`, "r+");
    try {
      return writeSync(memory, bytes, 0, bytes.length, at) === bytes.length;
    } catch {
      return false; // The end of its stack, with no room below.
    } finally {
      closeSync(memory);
    }
  }

  private find(indexIn: (code: Buffer) => number): number | undefined {
    const memory = this.openMemory();
    try {
      for (const { start, end } of this.code) {
        const found = indexIn(readCode(memory, start, Math.min(end - start, MOST_CODE_BYTES)));
        if (found >= 0) return start + found;
      }
      return undefined;
    } finally {
      closeSync(memory);
    }
  }

  private openMemory(): number {
    try {
      return openSync(`/proc/${this.pid}/mem`, "r");
    } catch (error) {
      return this.refuse(error instanceof Error && "code" in error ? String(error.code) : "");
    }
  }

  private refuse(detail: string): never {
    throw new InjectionRefused("not-permitted", detail);
  }
}

/** Empty where nothing can be read: mapped beyond the end of its file. */
function readCode(memory: number, start: number, bytes: number): Buffer {
  const code = Buffer.alloc(bytes);
  try {
    return code.subarray(0, readSync(memory, code, 0, bytes, start));
  } catch {
    return code.subarray(0, 0); // There may be others.
  }
}

const MOST_CODE_BYTES = 1 << 24;
