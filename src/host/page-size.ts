/** Bytes in a page of this machine. */
import { readFileSync } from "node:fs";
import { endianness } from "node:os";

/** From the auxiliary vector the kernel gave this process (getauxval(3)); 4,096 where that cannot be read. */
export function pageSizeHere(): number {
  const bytes = readAuxiliaryVector();
  const word = WIDE.includes(process.arch) ? 8 : 4;
  const value = (offset: number): number => {
    // Neither types nor page sizes need more than the low half of a wide word.
    return endianness() === "LE" ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset + word - 4);
  };
  for (let at = 0; at + 2 * word <= bytes.length; at += 2 * word) if (value(at) === AT_PAGESZ) return value(at + word);
  return SMALLEST;
}

const AT_PAGESZ = 6;
const SMALLEST = 4096;
const WIDE: readonly string[] = ["x64", "arm64", "riscv64", "loong64", "ppc64", "s390x", "mips64el"];

function readAuxiliaryVector(): Buffer {
  try {
    return readFileSync("/proc/self/auxv");
  } catch {
    return Buffer.alloc(0); // Not Linux, or /proc is hidden.
  }
}
