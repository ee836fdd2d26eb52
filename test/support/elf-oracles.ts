/** What other tools say about an ELF file. */
import { execFileSync, spawnSync } from "node:child_process";

const MEGABYTES = 2 ** 20;

/** Addresses of all instructions outside of the procedure linkage table, as objdump finds them. */
export function instructionAddresses(file: string): number[] {
  const text = execFileSync("llvm-objdump-19", ["-d", "--no-show-raw-insn", file], {
    encoding: "utf8",
    maxBuffer: 512 * MEGABYTES,
  });
  const addresses: number[] = [];
  let section = "";
  for (const line of text.split("\n")) {
    section = /^Disassembly of section (.*):/.exec(line)?.[1] ?? section;
    const address = /^\s*([0-9a-f]+):/.exec(line)?.[1];
    if (address !== undefined && !section.startsWith(".plt")) addresses.push(parseInt(address, 16));
  }
  return addresses;
}

export interface OracleFrame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Frames of each address by llvm-symbolizer, innermost first. */
export function symbolizerFrames(
  file: string,
  addresses: readonly number[],
  options: readonly string[],
): OracleFrame[][] {
  const { stdout } = spawnSync("llvm-symbolizer-19", ["--output-style=JSON", ...options, `--obj=${file}`], {
    input: addresses.map((address) => `0x${address.toString(16)}\n`).join(""),
    encoding: "utf8",
    maxBuffer: 1024 * MEGABYTES,
  });
  return stdout
    .trim()
    .split("\n")
    .map((line) => {
      const { Symbol: frames } = JSON.parse(line) as { Symbol: Record<string, string | number>[] };
      return frames.map((frame) => ({
        function: String(frame["FunctionName"]),
        file: String(frame["FileName"]),
        line: Number(frame["Line"]),
        column: Number(frame["Column"]),
      }));
    });
}

export interface NmSymbol {
  readonly name: string;
  readonly address: number;
  /** 0 when nm prints none. */
  readonly size: number;
  readonly kind: string;
}

export function nm(file: string, options: readonly string[] = []): NmSymbol[] {
  const text = execFileSync("nm", ["-S", "--defined-only", ...options, file], {
    encoding: "utf8",
    maxBuffer: 512 * MEGABYTES,
  });
  return text
    .trim()
    .split("\n")
    .flatMap((line) => {
      const match = /^([0-9a-f]+) (?:([0-9a-f]+) )?(\S) (.+)$/.exec(line);
      if (match === null) return [];
      const [, address = "", size = "0", kind = "", name = ""] = match;
      return [{ name, address: parseInt(address, 16), size: parseInt(size, 16), kind }];
    });
}
