import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readElf } from "../../../../src/core/elf/elf-file.js";
import { readBuildId } from "../../../../src/core/elf/notes.js";
import { build } from "../../../support/elf-programs.js";
import { memorySource } from "../../../support/memory-source.js";

const bare = (target: string): string =>
  build({
    source: "bare",
    command: [
      "clang-19",
      `--target=${target}`,
      "-g",
      "-O2",
      "-nostdlib",
      "-shared",
      "-fPIC",
      "-fuse-ld=lld",
      "-Wl,--build-id",
    ],
  });
const FILES: readonly (readonly [string, string])[] = [
  ["x86-64", build({ source: "c", command: ["gcc", "-g", "-O2"] })],
  ["static", build({ source: "c", command: ["gcc", "-g", "-O2", "-static"] })],
  ["aarch64", build({ source: "c", command: ["aarch64-linux-gnu-gcc", "-g", "-O2"] })],
  ["ppc64, big-endian", bare("powerpc64-linux-gnu")],
  ["mips, 32-bit and big-endian", bare("mips-linux-gnu")],
  ["i386", bare("i386-linux-gnu")],
];

it.each(FILES)("sections, segments and the build id are those readelf shows: %s", (_, path) => {
  const elf = readElf(memorySource(new Uint8Array(readFileSync(path))));
  const shown = readelf(path);
  expect(elf.problems).toEqual([]);
  expect(
    elf.sections.map(({ name, type, flags, address, offset, size, link, info, entrySize }) => ({
      name,
      type,
      flags,
      address,
      offset,
      size,
      link,
      info,
      entrySize,
    })),
  ).toEqual(shown.sections);
  expect(elf.segments).toEqual(shown.segments);
  expect(readBuildId(elf)).toBe(shown.buildId);
});

type Fields = Record<string, number> & Record<"Name" | "Type" | "Flags", { Name: string; Value: number }>;

/** llvm-readelf's JSON has every field as a number. */
function readelf(path: string) {
  const run = (...options: string[]): unknown =>
    JSON.parse(execFileSync("llvm-readelf-19", ["--elf-output-style=JSON", ...options, path], { encoding: "utf8" }));
  const [sections] = run("--sections") as [{ Sections: { Section: Fields }[] }];
  const [segments] = run("--program-headers") as [{ ProgramHeaders: { ProgramHeader: Fields }[] }];
  const notes = execFileSync("readelf", ["-n", path], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return {
    sections: sections.Sections.map(({ Section }) => ({
      name: Section["Name"]["Name"],
      type: Section["Type"]["Value"],
      flags: Section["Flags"]["Value"],
      address: Section["Address"],
      offset: Section["Offset"],
      size: Section["Size"],
      link: Section["Link"],
      info: Section["Info"],
      entrySize: Section["EntrySize"],
    })),
    segments: segments.ProgramHeaders.map(({ ProgramHeader }) => ({
      type: ProgramHeader["Type"]["Value"],
      flags: ProgramHeader["Flags"]["Value"],
      offset: ProgramHeader["Offset"],
      address: ProgramHeader["VirtualAddress"],
      fileSize: ProgramHeader["FileSize"],
      memorySize: ProgramHeader["MemSize"],
    })),
    buildId: /Build ID: ([0-9a-f]+)/.exec(notes)?.[1],
  };
}
