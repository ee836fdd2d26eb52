import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { attempt } from "../../../../src/core/base/errors.js";
import { openImage } from "../../../../src/core/image/open-image.js";
import type { Image } from "../../../../src/core/image/image.js";
import { build } from "../../../support/elf-programs.js";
import { memorySource } from "../../../support/memory-source.js";

const FILES = {
  "gcc, DWARF 5": build({ source: "c", command: ["gcc", "-g", "-O2"] }),
  "clang, DWARF 4": build({ source: "c", command: ["clang-14", "-g", "-gdwarf-4", "-O2"] }),
  "compressed sections": build({ source: "c", command: ["gcc", "-g", "-O2", "-gz=zlib"] }),
};

describe.each(Object.entries(FILES))("%s", (_, path) => {
  const whole = new Uint8Array(readFileSync(path));
  const probes = probesOf(openImage(memorySource(whole), path));

  it("cut off anywhere, it is refused or answers what it still can", () => {
    const lengths = [...range(0, 1024, 1), ...range(1024, whole.length, 97)];
    for (const length of lengths) questions(whole.slice(0, length), probes);
  });

  it("with bytes changed at random, it is refused or answers what it still can, and soon", () => {
    const random = generator(path.length * 7919);
    let slowest = 0;
    for (let round = 0; round < 700; round++) {
      const bytes = whole.slice();
      const targets =
        round % 3 === 0
          ? [0, 64 * 14]
          : round % 3 === 1
            ? [0x2000, whole.length]
            : [whole.length - 40 * 64, whole.length];
      const [start = 0, end = 0] = targets;
      for (let change = 0; change <= round % 8; change++)
        bytes[start + Math.floor(random() * (end - start))] = random() < 0.3 ? 0xff : Math.floor(random() * 256);
      const before = performance.now();
      questions(bytes, probes);
      slowest = Math.max(slowest, performance.now() - before);
    }
    expect(slowest).toBeLessThan(2000);
  });
});

it("a broken line table is told as a problem, and the functions still answer", () => {
  const path = build({ source: "c", command: ["gcc", "-g", "-O2", "-static"] });
  const bytes = new Uint8Array(readFileSync(path));
  const image = openImage(memorySource(bytes), path);
  const main = image.symbols().find(({ name }) => name === "main")!;
  expect(image.framesAt(main.address)).toMatchObject([{ function: "main", line: 23 }]);
  const line = image.sections.find(({ name }) => name === ".debug_line")!;
  const broken = bytes.slice();
  broken.fill(0xee, line.fileOffset + 12, line.fileOffset + 40);
  const damaged = openImage(memorySource(broken), path);
  expect(damaged.framesAt(main.address)).toMatchObject([{ function: "main", line: 0 }]);
  expect(damaged.problems.length).toBeGreaterThan(0);
});

it("a broken unit is told as a problem, and the other units still answer", () => {
  const path = build({ source: "rust", command: ["rustc", "-g", "-O"] });
  const bytes = new Uint8Array(readFileSync(path));
  const image = openImage(memorySource(bytes), path);
  const functions = image.symbols().filter(({ kind, size }) => kind === "function" && size > 0);
  const lines = (of: Image): number =>
    functions.filter(({ address }) => (of.framesAt(address).at(-1)?.line ?? 0) > 0).length;
  const info = image.sections.find(({ name }) => name === ".debug_info")!;
  // The first unit's root entry: its abbreviation code becomes one nobody defined.
  bytes.fill(0x7f, info.fileOffset + 11, info.fileOffset + 12);
  const damaged = openImage(memorySource(bytes), path);
  expect(lines(damaged)).toBeGreaterThan(lines(image) / 2);
  expect(damaged.problems.join()).toContain(".debug_info");
});

it("what is no ELF file is refused by name", () => {
  const refusal = (bytes: Uint8Array): string => {
    const result = attempt(() => openImage(memorySource(bytes), "x"));
    return result.ok ? "opened" : `${result.error.code} ${result.error.subject}`;
  };
  expect(refusal(new Uint8Array())).toBe("truncated ELF header");
  expect(refusal(new TextEncoder().encode("#!/bin/sh\necho no\n"))).toBe("malformed ELF magic number");
  expect(refusal(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 9, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0))).toBe(
    "unsupported ELF class",
  );
});

function probesOf(image: Image): number[] {
  const sections = image.sections.filter(({ flags }) => flags.allocated);
  return sections.flatMap(({ address, size }) => [address, address + Math.floor(size / 2), address + size - 1]);
}

/** Anything but InputError from opening, and anything at all from asking, fails the test. */
function questions(bytes: Uint8Array, probes: readonly number[]): void {
  const opened = attempt(() => openImage(memorySource(bytes), "hostile"));
  if (!opened.ok) return;
  const image = opened.value;
  for (const address of probes) {
    image.sectionAt(address);
    image.symbolAt(address);
    image.framesAt(address);
    image.objectAt(address);
  }
  image.declarationAt(probes[0]!);
  image.declarationAt(probes.at(-1)!);
  expect(image.symbols().length).toBeLessThan(100_000);
  expect(image.problems.length).toBeLessThanOrEqual(50);
}

function range(start: number, end: number, step: number): number[] {
  return Array.from({ length: Math.ceil((end - start) / step) }, (_, index) => start + index * step);
}

/** The same numbers each run, so that a failure can be had again. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
