/** Values of expressions and symbols against what the linkers write into the symbol table. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Dialect } from "../../../../src/core/ldscript/dialect.js";
import { openScript } from "../../../../src/core/ldscript/opened-script.js";
import { scriptValues, type LinkedFile, type ValueFacts } from "../../../../src/core/ldscript/script-values.js";
import { lldProgram } from "./placements.js";
import { GNU_SCRIPT, LLD_SCRIPT, mutation, randomly } from "./scripts.js";

const GNU: Dialect = { name: "gnu", version: 240 };
const LLD: Dialect = { name: "lld", version: 19 };
/** Of x86-64, in both linkers. */
const PAGE_SIZES = { common: 4096n, maximum: 4096n };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-values-"));
  writeFileSync(join(folder, "a.s"), ".text\nnop\n.data\n.quad 1\n.bss\n.zero 40\n.globl outside\noutside = 77\n");
  execFileSync("as", ["-o", "a.o", "a.s"], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the linker makes of the script, undefined where it refuses it. */
function symbolsBy(dialect: Dialect, script: string): ReadonlyMap<string, bigint> | undefined {
  writeFileSync(join(folder, "script.ld"), script);
  const linker = dialect.name === "lld" ? lldProgram()! : "ld";
  const { status } = spawnSync(linker, ["-T", "script.ld", "-e", "0", "-o", "out", "a.o"], { cwd: folder });
  if (status !== 0) return undefined;
  const lines = execFileSync("nm", ["out"], { cwd: folder, encoding: "utf8" }).split("\n");
  return new Map(lines.map((line) => [line.split(" ")[2] ?? "", BigInt(`0x${line.split(" ")[0] || 0}`)]));
}

function valuesOf(script: string, dialect: Dialect, linked?: LinkedFile): Map<string, bigint> {
  const facts: ValueFacts = { dialect, linked, pageSizes: PAGE_SIZES };
  const opened = openScript(script, { dialect, readInclude: undefined, defaultScript: undefined });
  const named = [...scriptValues(opened, facts)].map(([{ name }, value]) => [name?.text ?? "", value] as const);
  return new Map(named.filter(([name]) => name !== "."));
}

/** Only what each linker gives a value to: no division by zero, no shift beyond the word. */
function expressionAt(random: (below: number) => number, dialect: Dialect, depth: number): string {
  const one = (list: readonly string[]): string => list[random(list.length)]!;
  const inner = (): string => expressionAt(random, dialect, depth - 1);
  const numbers = ["0", "1", "7", "0x10", "0xfffffffffffffff0", "12", "3K", "2M", "0x8000000000000000"];
  const own = dialect.name === "lld" ? ["10H", "ffh"] : ["017", "$ff", "10H", "101b", "17o", "9d"];
  if (depth === 0) return one([...numbers, ...own, "k1", "k2"]);
  switch (random(9)) {
    case 0:
      return `${one(["-", "~", "!"])}(${inner()})`;
    case 1:
      return `(${inner()} ? ${inner()} : ${inner()})`;
    case 2:
      return `${one(["MAX", "MIN"])}(${inner()}, ${inner()})`;
    case 3:
      return `ALIGN(${inner()}, ${one(["1", "8", "0x1000"])})`;
    case 4:
      return `(${inner()} ${one(["<<", ">>", "/", "%"])} ${one(["1", "3", "13"])})`;
    case 5:
      return one([`ABSOLUTE(${inner()})`, "CONSTANT(COMMONPAGESIZE)", "LOG2CEIL(1000)", 'SEGMENT_START("x", 5)']);
    case 6:
      return one(["ORIGIN(RAM)", "LENGTH(RAM) + 1", "DEFINED(k1)"]);
    default: {
      const operators = ["+", "-", "*", "&", "|", "==", "!=", "<", ">", "<=", ">=", "&&", "||"];
      const text = `${inner()} ${one(operators)} ${inner()}`;
      return random(2) === 0 ? text : `(${text})`;
    }
  }
}

describe.each([GNU, LLD])("values as $name computes them", (dialect) => {
  it("of expressions made up at random", () => {
    if (dialect.name === "lld") expect(lldProgram(), "lld is needed: apt install lld-19").toBeDefined();
    const random = randomly(29);
    let compared = 0;
    for (let round = 0; round < 12; round++) {
      const names = Array.from({ length: 40 }, (_, index) => `v${index}`);
      const lines = names.map((name) => `${name} = ${expressionAt(random, dialect, 1 + random(3))};`);
      const script = `MEMORY { RAM : ORIGIN = 0x1000 * 2, LENGTH = 64K }\nk1 = 5;\nk2 = k1 * 3;\n${lines.join("\n")}\n`;
      const theirs = symbolsBy(dialect, `${script}SECTIONS { .all : { *(.text .data .bss) } >RAM }\n`);
      const ours = valuesOf(`${script}SECTIONS { }\n`, dialect);
      expect(theirs, script).toBeDefined();
      for (const [index, name] of names.entries()) {
        // What cannot be known says so, and is never wrong.
        if (ours.get(name) === undefined) continue;
        expect(`${lines[index]} ${ours.get(name)}`).toBe(`${lines[index]} ${theirs!.get(name)}`);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(400);
  }, 120_000);

  it("of symbols in a layout, with the linked file and without", () => {
    const script = `base = 0x10000;
SECTIONS {
  . = base + 0x100;
  before = .;
  .text : { inside = .; *(.text) five = 5; }
  . = ALIGN(0x1000);
  behind = .;
  .data : { *(.data) }
  end = .;
  size = SIZEOF(.data) + ADDR(.text);
  headers = SIZEOF_HEADERS;
  count = 1; count += 4; last = count * outside;
  .bss : { *(.bss) }
  bss_end = .;
}
`;
    const theirs = symbolsBy(dialect, script)!;
    expect(theirs).toBeDefined();
    const alone = valuesOf(script, dialect);
    expect(alone.get("before")).toBe(theirs.get("before"));
    expect([...alone.keys()].sort()).toEqual(["base", "before", "count"]);
    const known = valuesOf(script, dialect, linkedFile(theirs));
    for (const name of [
      "base",
      "before",
      "inside",
      "five",
      "behind",
      "end",
      "size",
      "headers",
      "count",
      "last",
      "bss_end",
    ])
      if (name !== "headers" || dialect.name === "gnu")
        expect(`${name} ${known.get(name)}`).toBe(`${name} ${theirs.get(name)}`);
    expect(known.get("count")).toBe(5n);
  });
});

/** The sections of `out` by readelf; of the symbols only those that the script does not set itself. */
function linkedFile(symbols: ReadonlyMap<string, bigint>): LinkedFile {
  const text = execFileSync("readelf", ["-hSW", "out"], { cwd: folder, encoding: "utf8" });
  const number = (label: string): bigint => BigInt(new RegExp(`${label}: +(\\d+)`).exec(text)![1]!);
  return {
    headersSize:
      number("Size of this header") + number("Size of program headers") * number("Number of program headers"),
    symbol: (name) => (["inside", "five", "outside", "count"].includes(name) ? symbols.get(name) : undefined),
    section: (name) => {
      const row = new RegExp(`\\s${name.replace(".", "\\.")} +\\w+ +([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+)`).exec(text);
      if (row === null) return undefined;
      const address = BigInt(`0x${row[1]}`);
      return { address, size: BigInt(`0x${row[2]}`), loadAddress: address, alignment: 1n, advances: true };
    },
  };
}

it("come to an end whatever the script", () => {
  const random = randomly(31);
  for (let round = 0; round < 200; round++) {
    const dialect = round % 2 === 0 ? GNU : LLD;
    valuesOf(mutation(dialect === GNU ? GNU_SCRIPT : LLD_SCRIPT, random), dialect);
  }
  const chain = `a = 1${" + 1".repeat(100_000)};`;
  expect(valuesOf(chain, GNU).get("a")).toBe(100_001n);
  const circle = "MEMORY { A : ORIGIN = ORIGIN(B), LENGTH = LENGTH(A)\n B : ORIGIN = ORIGIN(A), LENGTH = 1 }\n";
  expect(valuesOf(`${circle}a = ORIGIN(A); b = LENGTH(B);`, GNU)).toEqual(new Map([["b", 1n]]));
  expect(valuesOf("a = 1 / 0; b = 1 << 64; c = d; e = 3;", GNU)).toEqual(new Map([["e", 3n]]));
}, 60_000);
