import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../../src/core/base/errors.js";
import { findDebugFile } from "../../../src/host/debug-files.js";
import { FileByteSource } from "../../../src/host/file-source.js";
import { openImageFile, type OpenedImage } from "../../../src/host/images.js";
import { inflate } from "../../../src/host/inflation.js";
import { build } from "../../support/elf-programs.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-images-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a separate debug file", () => {
  const whole = build({ source: "c", command: ["gcc", "-g", "-O2"] });

  /** A stripped program beside which nothing lies yet, and its debug file. */
  function split(name: string, ...extra: string[]): { program: string; debug: string } {
    const place = join(folder, name);
    mkdirSync(place);
    const [program, debug] = [join(place, "program"), join(place, "program.debug")];
    execFileSync("objcopy", ["--only-keep-debug", whole, debug]);
    execFileSync("objcopy", ["--strip-all", `--add-gnu-debuglink=${debug}`, ...extra, whole, program]);
    return { program, debug };
  }

  it("is found beside the program, in .debug, and in a debug directory", () => {
    const { program, debug } = split("beside");
    expect(frameOfMain(program)).toMatchObject({ function: "main", line: 23 });
    mkdirSync(join(folder, "beside", ".debug"));
    const hidden = join(folder, "beside", ".debug", "program.debug");
    execFileSync("mv", [debug, hidden]);
    expect(frameOfMain(program)).toMatchObject({ function: "main", line: 23 });
    const system = join(folder, "system");
    mkdirSync(join(system, folder, "beside"), { recursive: true });
    execFileSync("mv", [hidden, join(system, folder, "beside", "program.debug")]);
    expect(opened(program).image.debug).toEqual({ symbols: "dynsym", lines: false, file: undefined });
    expect(frameOfMain(program, [system])).toMatchObject({ function: "main", line: 23 });
  });

  it("is found by build id", () => {
    const { program, debug } = split("by-id", "--remove-section=.gnu_debuglink");
    const { buildId = "" } = opened(program).image;
    expect(buildId).toMatch(/^[0-9a-f]{40}$/);
    const system = join(folder, "ids");
    mkdirSync(join(system, ".build-id", buildId.slice(0, 2)), { recursive: true });
    const path = join(system, ".build-id", buildId.slice(0, 2), `${buildId.slice(2)}.debug`);
    execFileSync("mv", [debug, path]);
    expect(frameOfMain(program, [system])).toMatchObject({ function: "main", line: 23 });
    expect(opened(program, [system]).image.debug).toEqual({ symbols: "symtab", lines: true, file: path });
  });

  it("with another checksum is left alone", () => {
    const { program, debug } = split("checksum");
    copyFileSync(build({ source: "c", command: ["gcc", "-g", "-O1"] }), debug);
    expect(opened(program).image.debug.file).toBeUndefined();
  });

  it("with another build id is left alone, and that is said", () => {
    const { program } = split("other-id", "--remove-section=.gnu_debuglink");
    const { buildId = "" } = opened(program).image;
    const system = join(folder, "wrong-ids");
    mkdirSync(join(system, ".build-id", buildId.slice(0, 2)), { recursive: true });
    const path = join(system, ".build-id", buildId.slice(0, 2), `${buildId.slice(2)}.debug`);
    copyFileSync(build({ source: "c", command: ["gcc", "-g", "-O1"] }), path);
    const { image } = opened(program, [system]);
    expect(image.debug.lines).toBe(false);
    expect(image.problems).toEqual([`${path} has another build id`]);
  });

  it.each([
    ["inside", "program.debug", "program.debug"],
    ["above", "../elsewhere.debug", undefined],
    ["absolute", undefined, undefined],
    ["dots", "..", undefined],
  ])("is looked for only by a plain name: %s", (place, name, expected) => {
    const { program, debug } = split(`named-${place}`, "--remove-section=.gnu_debuglink");
    copyFileSync(debug, join(folder, "elsewhere.debug"));
    const debugLink = { name: name ?? debug, crc32: crc32(readFileSync(debug)) };
    const found = findDebugFile({ path: program, buildId: undefined, debugLink }, ["/"]);
    expect(found?.path).toBe(expected && join(folder, `named-${place}`, expected));
    found?.source.close();
  });
});

describe("what can not be opened says why", () => {
  it("a file that is not there, a folder, a FIFO, a device, a text", () => {
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    const text = join(folder, "text");
    writeFileSync(text, "hello");
    const loop = join(folder, "loop");
    symlinkSync(loop, loop);
    const reason = (path: string): string => {
      const result = openImageFile(path);
      if (result.ok) return "opened";
      expect(result.message).toContain(path);
      return result.reason;
    };
    expect([join(folder, "none"), folder, fifo, "/dev/zero", text, loop].map(reason)).toEqual([
      "missing",
      "not-a-file",
      "not-a-file",
      "not-a-file",
      "not-elf",
      "unreadable",
    ]);
  });

  it("after it is closed, an image answers without new reads", () => {
    const { image, close } = opened(build({ source: "c", command: ["gcc", "-g", "-O2"] }));
    close();
    close();
    expect(image.framesAt(image.segments.at(-1)!.address)).toEqual([]);
  });
});

describe("a file", () => {
  it("is read at any offset, across chunks, and no further than its end", () => {
    const path = join(folder, "bytes");
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) & 0xff);
    writeFileSync(path, bytes);
    const source = FileByteSource.open(path);
    for (const [offset, length] of [
      [0, 10],
      [65_530, 20],
      [65_536, 65_536],
      [1, 299_999],
      [299_990, 100],
    ] as const)
      expect(Buffer.compare(source.read(offset, length), bytes.subarray(offset, offset + length))).toBe(0);
    expect([source.read(300_000, 1), source.read(-1, 5), source.read(NaN, 5)].map(({ length }) => length)).toEqual([
      0, 0, 0,
    ]);
    expect(source.size).toBe(300_000);
    source.close();
  });

  it("inflates to exactly the size expected, or not at all", () => {
    const text = Buffer.from("fault ".repeat(5000));
    const zlib = execFileSync(
      "python3",
      ["-c", "import sys,zlib;sys.stdout.buffer.write(zlib.compress(sys.stdin.buffer.read()))"],
      { input: text },
    );
    const zstd = execFileSync("zstd", ["-c", `--stream-size=${text.length}`], { input: text });
    for (const [kind, bytes] of [
      ["zlib", zlib],
      ["zstd", zstd],
    ] as const) {
      expect(Buffer.compare(inflate(kind, bytes, text.length), text)).toBe(0);
      for (const [broken, size] of [
        [bytes, text.length - 1],
        [bytes, text.length + 1],
        [bytes.subarray(0, 20), text.length],
        [Buffer.from("junk"), 4],
      ] as const)
        expect(() => inflate(kind, broken, size)).toThrow(InputError);
      expect(() => inflate(kind, bytes, 2 ** 40)).toThrow(InputError);
    }
    expect(() => inflate("xz", zlib, 1)).toThrow(InputError);
  });
});

function opened(path: string, debugDirectories: readonly string[] = []): OpenedImage {
  const result = openImageFile(path, { debugDirectories });
  if (!result.ok) throw new Error(result.message);
  return result;
}

function frameOfMain(path: string, debugDirectories: readonly string[] = []) {
  const { image } = opened(path, debugDirectories);
  const main = image.symbols().find(({ name }) => name === "main");
  return main && image.framesAt(main.address).at(-1);
}
