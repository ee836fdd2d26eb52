/** Placements in scripts that linkers ship, relinked: the symbol is inside its bounds, all else stays where it was. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { editedText } from "../../../../src/core/base/text-edit.js";
import type { Dialect } from "../../../../src/core/ldscript/dialect.js";
import { placeInScript, removeFromScript, type EditContext } from "../../../../src/core/ldscript/edits.js";
import { DEFAULT_LOCKED_SECTIONS, type SectionKind } from "../../../../src/core/placement/locked-sections.js";
import { placedSections } from "../../../../src/core/placement/section-patterns.js";
import { inputsOf } from "../../../../src/host/ldscript-inputs.js";
import { gnuPlacements, lldPlacements, lldProgram } from "./placements.js";

/** Scripts of each emulation: all of them, over a hundred, with FAULTLINE_SCRIPT_EDITS=100. */
const SCRIPTS = Number(process.env["FAULTLINE_SCRIPT_EDITS"] ?? "1");
const GNU: Dialect = { name: "gnu", version: 240 };
const LLD: Dialect = { name: "lld", version: 19 };

const SOURCE = `
int state = 3; int zeroes[5000]; const int table[300] = {1, 2, 3}; int other_state = 4; int other_zeroes[10];
int report(int); int helper(int x) { return x * state + other_zeroes[x & 7]; }
__attribute__((cold)) int complain(int x) { return helper(x) / 3; }
int dispatch(int op, int v) {
  if (__builtin_expect(v > 1000, 0)) { complain(v); complain(v + 1); return complain(v * 2); }
  switch (op) {
  case 0: return v * state;
  case 1: return v + table[v & 255];
  case 2: zeroes[v & 4095]++; return zeroes[v & 4095];
  case 3: return helper(v) << 4;
  case 4: return other_state;
  case 5: return report(v) - 5;
  case 6: return v / 7;
  default: return -1;
  }
}
void _start(void) { for (int i = 0;; i++) dispatch(i, i); }
void __start(void) { _start(); }
`;
const LIBRARY = "int last; int report(int x) { last = x; return x ^ 5; } int unused(int x) { return x + last; }\n";

interface Wanted {
  readonly symbol: string;
  readonly kind: SectionKind;
}

const PLACEMENTS: readonly Wanted[] = [
  { symbol: "dispatch", kind: "text" },
  { symbol: "report", kind: "text" },
  { symbol: "state", kind: "data" },
  { symbol: "zeroes", kind: "bss" },
  { symbol: "table", kind: "rodata" },
];

interface Emulation {
  readonly name: string;
  readonly folder: string;
  readonly compiler: readonly string[];
  readonly linker: string;
}

const NATIVE = "/usr/lib/x86_64-linux-gnu/ldscripts";
const AARCH64 = "/usr/lib/aarch64-linux-gnu/ldscripts";
const EMULATIONS: readonly Emulation[] = [
  { name: "elf_x86_64", folder: NATIVE, compiler: ["gcc"], linker: "ld" },
  { name: "elf_i386", folder: NATIVE, compiler: ["gcc", "-m32"], linker: "ld" },
  { name: "elf32_x86_64", folder: NATIVE, compiler: ["gcc", "-mx32"], linker: "ld" },
  { name: "aarch64linux", folder: AARCH64, compiler: ["aarch64-linux-gnu-gcc"], linker: "aarch64-linux-gnu-ld" },
  { name: "aarch64elf", folder: AARCH64, compiler: ["aarch64-linux-gnu-gcc"], linker: "aarch64-linux-gnu-ld" },
  {
    name: "aarch64linuxb",
    folder: AARCH64,
    compiler: ["aarch64-linux-gnu-gcc", "-mbig-endian"],
    linker: "aarch64-linux-gnu-ld",
  },
].filter(({ folder, compiler }) => existsSync(folder) && spawnSync(compiler[0]!, ["--version"]).status === 0);

let scratch: string;
const lld = lldProgram();

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "faultline-edits-"));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Scripts for whole programs and libraries: those for -r (xr, xu) place nothing anywhere. */
function scriptsOf({ name, folder }: Emulation): string[] {
  const files = readdirSync(folder).filter((file) => file.startsWith(`${name}.`) && !/\.x[ru]$/.test(file));
  const texts = new Set(files.sort().map((file) => `${file}\n${readFileSync(join(folder, file), "latin1")}`));
  return [...texts];
}

/** What the linker would be run with to use such a script. */
function optionsFor(file: string, dialect: Dialect): string[] {
  const [, kind = ""] = /\.x(\w*)$/.exec(file) ?? [];
  if (kind.startsWith("s")) return ["-shared"];
  if (kind.startsWith("d")) return ["-pie", "--no-dynamic-linker"];
  // To lld a page is a byte then.
  if (dialect.name === "lld") return [];
  if (kind === "bn") return ["-N"];
  return kind === "n" ? ["-n"] : [];
}

function wantedOf({ symbol, kind }: Wanted, names: readonly string[]) {
  const { [kind]: section, rodata } = DEFAULT_LOCKED_SECTIONS;
  return placedSections(symbol, kind, section, rodata, names);
}

function addresses(file: string): Map<string, number> {
  const lines = execFileSync("nm", [file], { encoding: "utf8" }).split("\n");
  return new Map(lines.map((line) => [line.split(" ")[2] ?? "", parseInt(line, 16)]));
}

interface Link {
  readonly placed: ReadonlyMap<string, string> | undefined;
  readonly symbols: ReadonlyMap<string, number>;
}

function link(text: string, dialect: Dialect, emulation: Emulation, options: readonly string[]): Link {
  const folder = join(scratch, emulation.name);
  const out = join(folder, `out-${dialect.name}`);
  rmSync(out, { force: true });
  const args = [...options, "a.o", "b.o", "-o", out];
  const placed =
    dialect.name === "lld"
      ? lldPlacements(lld!, folder, text, args)
      : gnuPlacements(folder, text, ["-m", emulation.name, ...args], emulation.linker);
  return { placed, symbols: placed === undefined ? new Map() : addresses(out) };
}

describe.each(EMULATIONS)("scripts of $name", (emulation) => {
  it.each([GNU, LLD])(
    "take each placement and give it back ($name)",
    (dialect) => {
      if (dialect.name === "lld") expect(lld, "lld is needed: apt install lld-19").toBeDefined();
      const folder = join(scratch, emulation.name);
      mkdirSync(folder, { recursive: true });
      const [compiler, ...machine] = emulation.compiler;
      const compile = (name: string, source: string): void => {
        writeFileSync(join(folder, `${name}.c`), source);
        const options = [
          "-O2",
          "-fno-inline",
          "-fPIC",
          "-ffunction-sections",
          "-fdata-sections",
          "-fcf-protection=none",
        ];
        const accepted = compiler === "gcc" ? options : options.slice(0, -1);
        execFileSync(compiler!, [...machine, ...accepted, "-c", `${name}.c`], { cwd: folder });
      };
      compile("a", SOURCE);
      compile("b", LIBRARY);
      const inputs = inputsOf([join(folder, "a.o"), join(folder, "b.o")]).map((input) => ({
        ...input,
        file: input.file.slice(folder.length + 1),
      }));
      const names = inputs.map(({ name }) => name);
      const context: EditContext = { dialect, inputs, readInclude: undefined, defaultScript: undefined };
      let relinked = 0;
      for (const entry of scriptsOf(emulation)) {
        if (relinked >= SCRIPTS * PLACEMENTS.length) break;
        const [file = "", ...lines] = entry.split("\n");
        const original = lines.join("\n");
        const options = optionsFor(file, dialect);
        const before = link(original, dialect, emulation, options);
        if (before.placed === undefined) continue;
        let all = original;
        for (const wanted of PLACEMENTS) {
          const sections = wantedOf(wanted, names);
          const result = placeInScript(original, sections, context);
          if (result.kind === "refused") return expect.fail(`${file} ${wanted.symbol}: ${JSON.stringify(result)}`);
          expect(editedText(original, result.edits)).toBe(result.text);
          expect(removeFromScript(result.text, sections, context)).toMatchObject({ kind: "edits", text: original });
          const after = link(result.text, dialect, emulation, options);
          expect(after.placed, `${file} ${wanted.symbol}\n${result.text}`).toBeDefined();
          const output = DEFAULT_LOCKED_SECTIONS[wanted.kind];
          const bounds = [after.symbols.get(`__start_${output}`), after.symbols.get(`__stop_${output}`)];
          const address = after.symbols.get(wanted.symbol)!;
          expect(address, file).toBeGreaterThanOrEqual(bounds[0]!);
          expect(address, file).toBeLessThan(bounds[1]!);
          expect(bounds.map((bound) => bound! % 4096)).toEqual([0, 0]);
          const moved = new Set(result.moved.map((input) => `${input.file} ${input.name}`));
          expect(moved.size).toBeGreaterThan(0);
          for (const [section, place] of before.placed) {
            const now = after.placed!.get(section);
            if (moved.has(section)) expect(["locked_rodata", output]).toContain(now);
            else
              expect(`${file} ${wanted.symbol} ${section} ${now}`).toBe(`${file} ${wanted.symbol} ${section} ${place}`);
          }
          relinked += 1;
          const further = placeInScript(all, sections, context);
          if (further.kind === "refused") return expect.fail(`${file} ${wanted.symbol}: ${JSON.stringify(further)}`);
          all = further.text;
        }
        const together = link(all, dialect, emulation, options);
        expect(together.placed, all).toBeDefined();
        for (const { symbol, kind } of PLACEMENTS) {
          const start = together.symbols.get(`__start_${DEFAULT_LOCKED_SECTIONS[kind]}`)!;
          expect(together.symbols.get(symbol)).toBeGreaterThanOrEqual(start);
        }
        for (const wanted of PLACEMENTS) {
          const result = removeFromScript(all, wantedOf(wanted, names), context);
          if (result.kind === "refused") return expect.fail(`${file} ${wanted.symbol}: ${JSON.stringify(result)}`);
          all = result.text;
        }
        expect(all).toBe(original);
      }
      if (process.env["FAULTLINE_SCRIPT_EDITS"] !== undefined)
        process.stderr.write(`${emulation.name} ${dialect.name}: ${relinked} relinked\n`);
      expect(relinked).toBeGreaterThan(0);
    },
    3_600_000,
  );
});
