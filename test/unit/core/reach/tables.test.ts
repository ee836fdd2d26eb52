/** What reach reads beside code: ranges of the unwind tables and pointers in data, against readelf; and broken files. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attempt } from "../../../../src/core/base/errors.js";
import { readElf, type ElfFile } from "../../../../src/core/elf/elf-file.js";
import { unwindRanges } from "../../../../src/core/elf/unwind-ranges.js";
import { openImage } from "../../../../src/core/image/open-image.js";
import { Pointers } from "../../../../src/core/reach/pointers.js";
import { reachFile } from "../../../../src/core/reach/reach-file.js";
import { EVERY_CALL, reach } from "../../../../src/core/reach/reach.js";
import { memorySource } from "../../../support/memory-source.js";

const LONG = 60_000;
const SOURCE = `
#include <stdio.h>
extern const char *words[]; struct pair { int (*call)(int); const char *name; };
static int one(int x) { return x + 1; } static int two(int x) { return x + 2; }
const char *words[] = {"a word", "another", 0, "last"};
struct pair pairs[] = {{one, "one"}, {two, "two"}};
void *far[200] = {[3] = &pairs[1], [70] = words, [150] = (void *)puts};
int main(int argc, char **argv) { (void)argv; return pairs[argc & 1].call(argc) + puts(words[argc & 1]) + (far[argc] != 0); }
`;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-tables-"));
  writeFileSync(join(folder, "data.c"), SOURCE);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function elfOf(path: string): ElfFile {
  return readElf(memorySource(readFileSync(path)));
}

function built(name: string, compiler: string, ...options: string[]): string {
  const program = join(folder, name);
  execFileSync(compiler, ["-O1", ...options, "data.c", "-o", program], { cwd: folder });
  return program;
}

describe("ranges of the unwind tables", () => {
  it.each(["/lib/x86_64-linux-gnu/libc.so.6", "/bin/bash", "/lib/x86_64-linux-gnu/libstdc++.so.6"])(
    "are readelf's, of %s",
    { timeout: LONG },
    (path) => {
      // It complains of separate debug files that it cannot find, and ends with 1 then.
      const { stdout: text } = spawnSync("readelf", ["--debug-dump=frames", "-W", path], {
        encoding: "utf8",
        maxBuffer: 1 << 29,
      });
      const expected = [...text.matchAll(/ FDE cie=\S+ pc=([0-9a-f]+)\.\.([0-9a-f]+)$/gm)].map(
        ([, from, to]) => `${parseInt(from!, 16)} ${parseInt(to!, 16) - parseInt(from!, 16)}`,
      );
      const found = unwindRanges(elfOf(realpathSync(path))).map(({ address, size }) => `${address} ${size}`);
      expect(expected.length).toBeGreaterThan(1000);
      expect(found).toEqual(expected.filter((range) => !range.endsWith(" 0")));
    },
  );

  it("are readelf's of aarch64, too", () => {
    const program = built("aarch64", "aarch64-linux-gnu-gcc", "-static");
    const text = execFileSync("readelf", ["--debug-dump=frames", "-W", program], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    const expected = [...text.matchAll(/ FDE cie=\S+ pc=([0-9a-f]+)\.\./gm)].map(([, from]) => parseInt(from!, 16));
    expect(unwindRanges(elfOf(program)).map(({ address }) => address)).toEqual(expected);
  });
});

describe("pointers in data", () => {
  const BUILDS: readonly (readonly [string, string, ...string[]])[] = [
    ["position-independent", "gcc", "-fPIE", "-pie"],
    ["packed by GNU ld", "gcc", "-fPIE", "-pie", "-Wl,-z,pack-relative-relocs"],
    ["packed by lld", "clang-14", "-fPIE", "-pie", "-fuse-ld=lld", "-Wl,--pack-dyn-relocs=relr"],
    ["kept by the linker", "gcc", "-fno-pie", "-no-pie", "-Wl,--emit-relocs"],
    ["at a fixed address, by what they look like", "gcc", "-fno-pie", "-no-pie"],
    ["of a library", "gcc", "-fPIC", "-shared"],
    ["of aarch64", "aarch64-linux-gnu-gcc"],
  ];

  it.each(BUILDS)("%s: lead to what the source says", (name, compiler, ...options) => {
    const path = built(name.replace(/\W/g, "-"), compiler, ...options);
    const elf = elfOf(path);
    const image = openImage(memorySource(readFileSync(path)), path);
    const file = reachFile(elf, image, () => undefined);
    const symbol = (wanted: string) => image.symbols().find((one) => one.name === wanted)!;
    const targetOf = (slot: number): string => {
      const pointer = file.pointers.between(slot, slot + 8)[0];
      if (pointer === undefined) return "";
      const target = pointer.target ?? file.exported(file.dynamicName(pointer.symbol));
      if (target === undefined) return file.dynamicName(pointer.symbol);
      return image.objectAt(target)?.name ?? "";
    };
    expect(targetOf(symbol("words").address)).toBe('"a word"');
    expect(targetOf(symbol("words").address + 16)).toBe("");
    expect(targetOf(symbol("words").address + 24)).toBe('"last"');
    expect([0, 8, 16, 24].map((at) => targetOf(symbol("pairs").address + at))).toEqual([
      "one",
      '"one"',
      "two",
      '"two"',
    ]);
    expect(targetOf(symbol("far").address + 8 * 3)).toBe("pairs");
    expect(targetOf(symbol("far").address + 8 * 70)).toBe("words");
    expect(targetOf(symbol("far").address + 8 * 150)).toMatch(/^puts/);
    expect(file.pointers.between(symbol("far").address, symbol("far").address + 1600)).toHaveLength(3);
  });
});

describe("a broken file", () => {
  it("gives an answer or none, whatever its bytes are, and ends", { timeout: LONG }, () => {
    const whole = readFileSync(built("whole", "gcc", "-fPIE", "-pie", "-Wl,--emit-relocs"));
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    const look = (bytes: Uint8Array): void => {
      const result = attempt(() => {
        const elf = readElf(memorySource(bytes));
        const image = openImage(memorySource(bytes), "broken");
        unwindRanges(elf);
        expect(new Pointers(elf, image, []).everywhere().length).toBeGreaterThanOrEqual(0);
        const file = reachFile(
          elf,
          image,
          () => "  1139:\tlea    0x2ed1(%rip),%rax        # 4010 <x>\n  1140:\tcall   1030 <y>\n",
        );
        const roots = file.functions.between(0, Infinity).slice(0, 20);
        return reach(file, roots, { depth: EVERY_CALL, candidates: true });
      });
      if (result.ok) expect(result.value.objects.length).toBeGreaterThanOrEqual(0);
    };
    for (let round = 0; round < 250; round++) {
      const bytes = Uint8Array.from(whole);
      for (let change = 0; change <= random(40); change++) bytes[random(bytes.length)] = random(256);
      look(bytes);
      look(whole.subarray(0, random(whole.length)));
    }
  });
});
