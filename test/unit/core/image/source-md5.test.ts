import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openImageFile } from "../../../../src/host/images.js";
import { build } from "../../../support/elf-programs.js";

/** Files of the frames of each function of the program, with their MD5s, each once. */
function sourcesOf(program: string): ReadonlyMap<string, string | undefined> {
  const opened = openImageFile(program);
  if (!opened.ok) throw new Error(opened.message);
  try {
    const code = opened.image.symbols().filter(({ kind, size }) => kind === "function" && size > 0);
    const frames = code.flatMap(({ address }) => opened.image.framesAt(address)).filter(({ line }) => line > 0);
    return new Map(frames.map(({ file, md5 }) => [file, md5]));
  } finally {
    opened.close();
  }
}

it.each([
  ["C", { source: "c", command: ["clang-19", "-g", "-gdwarf-5", "-O1"] }],
  ["C, 64-bit DWARF,", { source: "switch", command: ["clang-19", "-g", "-gdwarf-5", "-gdwarf64", "-O2"] }],
] as const)("what %s sources held is what the compiler recorded of them", (_, program) => {
  const here = [...sourcesOf(build(program))].filter(([file]) => existsSync(file));
  expect(here.length).toBeGreaterThan(0);
  for (const [file, md5] of here) {
    expect({ file, md5 }).toEqual({ file, md5: createHash("md5").update(readFileSync(file)).digest("hex") });
  }
});

it("nothing is told where the compiler recorded nothing", () => {
  for (const command of [
    ["gcc", "-g", "-gdwarf-5"],
    ["clang-19", "-g", "-gdwarf-4"],
  ]) {
    const sources = sourcesOf(build({ source: "c", command }));
    expect(sources.size).toBeGreaterThan(0);
    expect(new Set(sources.values())).toEqual(new Set([undefined]));
  }
});
