/** One file compiled alone: how it is known, what its first error is, and that nothing is left behind. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { compilerOptions, producedBy } from "../../../src/core/placement/source-producer.js";
import { compileAlone, compileCommand, headerFolders } from "../../../src/host/placement-compile.js";
import { placesIn, CLANG } from "../../support/placed-source.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-alone-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const TEXT = '#include "a.h"\nint f(void) { return A; }\nint main(void) { return f(); }\n';

function write(name: string, text: string): void {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
}

function unitOf(command: readonly string[]) {
  const [compiler = "", ...options] = command;
  execFileSync(compiler, [...options, "-o", "program"], { cwd: folder });
  const found = placesIn({ compiler, source: "", text: "", object: join(folder, "program") }, ["f"])[0]!;
  if ("code" in found) throw new Error(found.code);
  return found[0]!.unit;
}

it.each([
  ["arguments", { arguments: ["gcc", "-O1", "-g", "-Iinclude", "-MMD", "-MF", "a.d", "-o", "a.o", "-c", "src/a.c"] }],
  ["one line, as CMake writes it", { command: "gcc -O1 -g -I'include' -DX=\\\"1\\\" -o CMakeFiles/a.o -c src/a.c" }],
])("compile_commands.json tells it, by %s, from the folder around or its build folder", (_, how) => {
  write("src/a.c", TEXT);
  write("include/a.h", "#define A 1\n");
  const unit = unitOf(["gcc", "-g", "-Iinclude", "src/a.c"]);
  for (const where of ["compile_commands.json", "build/compile_commands.json"]) {
    write(where, JSON.stringify([{ directory: folder, file: "src/a.c", ...how }]));
    const command = compileCommand(unit, [folder])!;
    expect(command.from).toBe("compile_commands.json");
    expect(headerFolders(command)).toEqual([join(folder, "include")]);
    expect(compileAlone(command)).toEqual({ ok: true });
    rmSync(join(folder, where));
  }
  expect(readdirSync(folder).sort()).toEqual(["build", "include", "program", "src"]);
});

it.each([["gcc"], [CLANG]])("the debug information of %s tells it as far as code is concerned", (compiler) => {
  write("a.c", TEXT.replace("return A", "return sizeof(int)"));
  write("a.h", "");
  const command = compileCommand(unitOf([compiler, "-g", "-O2", "-std=gnu11", "a.c"]), [folder])!;
  expect(command.from).toBe("debug information");
  if (compiler === "gcc") expect(command.argv).toEqual(expect.arrayContaining(["gcc", "-O2", "-std=gnu11"]));
  // Debian names clang by its version only.
  if (compiler === "gcc") expect(compileAlone(command)).toEqual({ ok: true });
});

it("a header is compiled with the file that includes it", () => {
  write("a.c", '#include "a.h"\nint main(void) { return f(); }\n');
  write("a.h", "static int f(void) { return 1; }\n");
  expect(compileCommand(unitOf(["gcc", "-g", "-O0", "a.c"]), [folder])!.source).toBe(join(folder, "a.c"));
});

it("the compiler's first error is given, with its place", () => {
  write("a.c", TEXT);
  write("a.h", "#define A 1\n");
  const command = compileCommand(unitOf(["gcc", "-g", "a.c"]), [folder])!;
  write("a.c", TEXT.replace("return A", "return B"));
  expect(compileAlone(command)).toEqual({
    ok: false,
    error: expect.stringMatching(/a\.c:2:\d+: error: .*B/) as string,
  });
});

it("a compiler that is not here, or no command at all, is told as not known", () => {
  write("a.c", TEXT.replace('#include "a.h"\n', "").replace("return A", "return 1"));
  const unit = unitOf(["gcc", "-g", "a.c"]);
  write(
    "compile_commands.json",
    JSON.stringify([{ directory: folder, file: "a.c", arguments: ["no-such-compiler", "-c", "a.c"] }]),
  );
  expect(compileAlone(compileCommand(unit, [folder])!)).toEqual({
    ok: undefined,
    reason: "no-such-compiler is not here",
  });
  expect(compileCommand({ ...unit, producer: "Some Pascal 1.0" }, [])?.from).toBe("compile_commands.json");
  rmSync(join(folder, "compile_commands.json"));
  expect(compileCommand({ ...unit, producer: "Some Pascal 1.0" }, [folder])).toBeUndefined();
  expect(compileCommand({ ...unit, name: "gone.c" }, [folder])).toBeUndefined();
});

it.each([
  ["not json"],
  ["[1, null, {}]"],
  ['[{"file": 3}]'],
  ['[{"directory": ".", "file": "a.c", "command": "gcc \'"}]'],
])("a database that says %s is passed over", (text) => {
  write("a.c", "int f(void) { return 1; }\nint main(void) { return f(); }\n");
  const unit = unitOf(["gcc", "-g", "a.c"]);
  write("compile_commands.json", text);
  expect(compileCommand(unit, [folder])?.from).toBe("debug information");
});

it("options that name programs or files are not believed of a file's debug information", () => {
  const producer =
    "GNU C17 12.2.0 -O2 -fplugin=/tmp/evil.so -wrapper /tmp/evil -B/tmp -specs=/tmp/s @/tmp/f -fdump-tree-all=/tmp/x -march=x86-64 -std=gnu17";
  expect(producedBy(producer, 0x0c, "/a.c")).toEqual(["gcc", "-O2", "-march=x86-64", "-std=gnu17"]);
});

it("of a build's command everything stays but its output", () => {
  const argv = ["ccache", "gcc", "-c", "-O2", "-MD", "-MT", "x.o", "-MF", "x.d", "-o", "x.o", "-DX=a b", "x.c"];
  expect(compilerOptions(argv, "x.c")).toEqual(["ccache", "gcc", "-O2", "-DX=a b"]);
});

it("nothing is left of a compiler: its temporary files go with it", () => {
  write("a.c", "int f(void) { return 1; }\nint main(void) { return f(); }\n");
  const unit = unitOf(["gcc", "-g", "a.c"]);
  write("cc.sh", '#!/bin/sh\ntouch "$TMPDIR/left"\nmkdir "$TMPDIR/more"\necho "a.c:1:1: error: no" >&2\nexit 1\n');
  chmodSync(join(folder, "cc.sh"), 0o755);
  write("compile_commands.json", JSON.stringify([{ directory: folder, file: "a.c", arguments: ["./cc.sh", "a.c"] }]));
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith("faultline-compile-"));
  expect(compileAlone(compileCommand(unit, [folder])!)).toEqual({ ok: false, error: "a.c:1:1: error: no" });
  expect(
    readdirSync(tmpdir()).filter((name) => name.startsWith("faultline-compile-") && !before.includes(name)),
  ).toEqual([]);
});
