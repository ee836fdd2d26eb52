/** Kernel text and modules as perf names them, so that kernel addresses in a trace have a place. */
import { closeSync, openSync, readSync } from "node:fs";
import { encodeKernelMmap } from "../core/perf/encode-process.js";
import { readProc } from "../host/proc-snapshot.js";

/** Empty for users from whom the kernel hides its addresses (kptr_restrict): they are all zero then. */
export function kernelMappings(): Uint8Array[] {
  const text = kernelText();
  return text === undefined ? [] : [text, ...moduleMappings()];
}

/** perf takes the name of the first symbol, after the bracket, for the one all others are placed by. */
const KERNEL_NAME = "[kernel.kallsyms]_text";
const CHUNK_BYTES = 1 << 16;

function kernelText(): Uint8Array | undefined {
  const start = kernelSymbol("_text");
  if (start === undefined || start === 0n) return undefined;
  const end = kernelSymbol("_etext");
  return end === undefined || end <= start ? undefined : encodeKernelMmap(start, end - start, start, KERNEL_NAME);
}

/** Reads /proc/kallsyms only as far as the symbol: the rest costs the kernel a tenth of a second to print. */
function kernelSymbol(name: string): bigint | undefined {
  const wanted = new RegExp(`^([0-9a-f]+) [Tt] ${name}$`, "m");
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let file: number;
  try {
    file = openSync("/proc/kallsyms", "r");
  } catch {
    return undefined; // A kernel without symbols.
  }
  try {
    let rest = "";
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      const text = rest + buffer.toString("latin1", 0, length);
      const found = wanted.exec(text.slice(0, text.lastIndexOf("\n")));
      if (found !== null) return BigInt(`0x${found[1]!}`);
      rest = text.slice(text.lastIndexOf("\n") + 1);
    }
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** "name size references users state address" a line. */
function moduleMappings(): Uint8Array[] {
  const lines = (readProc("modules") ?? "").split("\n");
  return lines.flatMap((line) => {
    const [name = "", size = "", , , , address = ""] = line.split(" ");
    if (!/^0x[0-9a-f]+$/.test(address) || !/^\d+$/.test(size) || BigInt(address) === 0n) return [];
    return [encodeKernelMmap(BigInt(address), BigInt(size), 0n, `[${name}]`)];
  });
}
