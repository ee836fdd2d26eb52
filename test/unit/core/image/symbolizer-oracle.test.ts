import { expect, it } from "vitest";
import { openImageFile } from "../../../../src/host/images.js";
import type { Image } from "../../../../src/core/image/image.js";
import { instructionAddresses, symbolizerFrames } from "../../../support/elf-oracles.js";
import { build, type Program } from "../../../support/elf-programs.js";

const gcc = (...options: string[]): string[] => ["gcc", "-g", ...options];
const bare = (target: string): Program => ({
  source: "bare",
  command: ["clang-19", `--target=${target}`, "-g", "-O2", "-nostdlib", "-shared", "-fPIC", "-fuse-ld=lld"],
});
const PROGRAMS: readonly (readonly [string, Program])[] = [
  ["C by gcc -O2", { source: "c", command: gcc("-O2") }],
  ["C by gcc -O0, not PIE, DWARF 4", { source: "c", command: gcc("-O0", "-no-pie", "-gdwarf-4") }],
  ["C by gcc, DWARF 2", { source: "c", command: gcc("-O2", "-gdwarf-2", "-gstrict-dwarf") }],
  ["C by gcc, DWARF 3", { source: "c", command: gcc("-O1", "-gdwarf-3", "-gstrict-dwarf") }],
  ["C by gcc with LTO", { source: "c", command: gcc("-O2", "-flto") }],
  ["C by gcc, 64-bit DWARF", { source: "c", command: gcc("-O2", "-gdwarf64") }],
  ["C by gcc, sections compressed by zlib", { source: "c", command: gcc("-O2", "-gz=zlib") }],
  [
    "C by gcc, sections compressed by zstd",
    { source: "c", command: gcc("-O2"), after: [["llvm-objcopy-19", "--compress-debug-sections=zstd", "{}"]] },
  ],
  ["C by gcc, type units", { source: "c", command: gcc("-O2", "-fdebug-types-section") }],
  ["C by clang -O2", { source: "c", command: ["clang-19", "-g", "-O2"] }],
  ["C by clang, line tables only", { source: "c", command: ["clang-19", "-gmlt", "-O2"] }],
  ["C by clang 14, DWARF 4", { source: "c", command: ["clang-14", "-g", "-gdwarf-4", "-O2"] }],
  ["C for aarch64", { source: "c", command: ["aarch64-linux-gnu-gcc", "-g", "-O2"] }],
  ["C for ppc64, big-endian", bare("powerpc64-linux-gnu")],
  ["C for mips, 32-bit and big-endian", bare("mips-linux-gnu")],
  ["C for i386", bare("i386-linux-gnu")],
  ["C for arm", bare("armv7-linux-gnueabihf")],
  ["C for riscv64", bare("riscv64-linux-gnu")],
  ["C without debug information", { source: "c", command: ["gcc", "-O2"] }],
  ["C++ by g++ -O2", { source: "cpp", command: ["g++", "-g", "-O2"] }],
  ["C++ by g++ -O0, not PIE, DWARF 4", { source: "cpp", command: ["g++", "-g", "-O0", "-gdwarf-4", "-no-pie"] }],
  ["C++ by g++ with LTO", { source: "cpp", command: ["g++", "-g", "-O2", "-flto"] }],
  ["C++ by clang++ -O2", { source: "cpp", command: ["clang++-19", "-g", "-O2"] }],
  [
    "C++ by clang++ with ThinLTO",
    { source: "cpp", command: ["clang++-19", "-g", "-O2", "-flto=thin", "-fuse-ld=lld"] },
  ],
  [
    "C++ by clang++, a section for each function, DWARF 4",
    {
      source: "cpp",
      command: ["clang++-19", "-g", "-O1", "-gdwarf-4", "-ffunction-sections", "-Wl,--gc-sections", "-fuse-ld=lld"],
    },
  ],
  ["C++ for aarch64", { source: "cpp", command: ["aarch64-linux-gnu-g++", "-g", "-O2"] }],
  ["Rust -O, v0 names", { source: "rust", command: ["rustc", "-g", "-O", "-C", "symbol-mangling-version=v0"] }],
  ["Rust -O, the compiler's own choice of names", { source: "rust", command: ["rustc", "-g", "-O"] }],
];

it.each(PROGRAMS)("every instruction has the frames llvm-symbolizer gives: %s", (_, program) => {
  const file = build(program);
  const all = instructionAddresses(file);
  // The Rust programs hold the standard library: each seventh instruction of it, from a place that varies, will do.
  const step = all.length > 20_000 ? 7 : 1;
  const addresses = all.filter((_, index) => index % step === 0);
  expect(addresses.length).toBeGreaterThan(40);
  const image = open(file);
  const ours = addresses.map((address) => image.framesAt(address));

  const linkage = symbolizerFrames(file, addresses, ["--no-demangle"]).map(known);
  const differing = addresses.filter((_, index) => {
    const frames = ours[index]!.map(({ linkageName, file, line, column }) => ({
      function: linkageName,
      file,
      line,
      column,
    }));
    return JSON.stringify(frames) !== JSON.stringify(linkage[index]);
  });
  expect(differing.map((address) => address.toString(16))).toEqual([]);

  const names = symbolizerFrames(file, addresses, []).map(known);
  const misnamed = new Set(
    addresses.flatMap((_, index) =>
      ours[index]!.flatMap((frame, level) => {
        const theirs = names[index]?.[level]?.function ?? "";
        return frame.function === theirs || isLegacyRust(frame.linkageName)
          ? []
          : [`${frame.function} is not ${theirs}`];
      }),
    ),
  );
  expect([...misnamed]).toEqual([]);
  expect(ours.every((frames) => frames.every(({ inlined }, level) => inlined === level < frames.length - 1))).toBe(
    true,
  );
  expect(image.problems).toEqual([]);
});

it("sections compressed the old way, which llvm-symbolizer gave up, say the same as uncompressed ones", () => {
  const plain = build({ source: "c", command: gcc("-O2") });
  const [old, same] = [open(build({ source: "c", command: gcc("-O2", "-gz=zlib-gnu") })), open(plain)];
  const addresses = instructionAddresses(plain);
  expect(old.sections.some(({ name }) => name === ".zdebug_info")).toBe(true);
  expect(addresses.map((address) => old.framesAt(address))).toEqual(addresses.map((address) => same.framesAt(address)));
});

/** The symbolizer answers an unknown address with one empty frame. */
function known<Frame extends { function: string; file: string }>(frames: readonly Frame[]): readonly Frame[] {
  return frames.length === 1 && frames[0]!.function === "" && frames[0]!.file === "" ? [] : frames;
}

/** llvm-symbolizer leaves these names escaped and hashed; the demangler's own test holds them. */
function isLegacyRust(linkageName: string): boolean {
  return /17h[0-9a-f]{16}E/.test(linkageName);
}

function open(file: string): Image {
  const opened = openImageFile(file);
  if (!opened.ok) throw new Error(opened.message);
  return opened.image;
}
