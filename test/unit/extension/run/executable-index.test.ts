import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isProgram, machinesOf } from "../../../../src/extension/run/elf-kind.js";
import { ExecutableIndex, isInteresting } from "../../../../src/extension/run/executable-index.js";

let folder: string;
let source: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-programs-"));
  source = join(folder, "main.c");
  writeFileSync(source, "int main(void) { return 0; }\n");
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function build(name: string, ...options: readonly string[]): string {
  const path = join(folder, name);
  execFileSync("gcc", ["-o", path, source, ...options]);
  return path;
}

it.each([
  ["a position-independent program", true, ["-pie", "-fPIE"]],
  ["a program with fixed addresses", true, ["-no-pie"]],
  ["a static program", true, ["-static"]],
  ["a shared library, though it is executable", false, ["-shared", "-fPIC"]],
  ["an object file", false, ["-c"]],
])("%s: %s", (_, wanted, options) => {
  const path = build("kind", ...options);
  expect(isProgram(readFileSync(path).subarray(0, 4096), machinesOf(process.arch))).toBe(wanted);
});

it("a program of another machine does not run here", () => {
  const path = join(folder, "foreign");
  execFileSync("aarch64-linux-gnu-gcc", ["-o", path, source]);
  const head = readFileSync(path).subarray(0, 4096);
  expect(isProgram(head, machinesOf("arm64"))).toBe(true);
  expect(isProgram(head, machinesOf("x64"))).toBe(false);
});

it("no beginning of a program makes it fail", () => {
  const head = readFileSync(build("whole")).subarray(0, 4096);
  for (let length = 0; length < 1024; length++) isProgram(head.subarray(0, length), machinesOf(process.arch));
  const broken = Uint8Array.from(head);
  broken.fill(0xff, 32, 64);
  expect(isProgram(broken, machinesOf(process.arch))).toBe(false);
});

it("finds what was built, the newest first, and follows what changes", async () => {
  const root = join(folder, "workspace");
  for (const below of ["build", "target/debug/deps", "node_modules/x", ".git"])
    mkdirSync(join(root, below), { recursive: true });
  const program = build("program");
  const places = ["build/app", "target/debug/tool", "target/debug/deps/tool-1234", "node_modules/x/y", ".git/z"];
  places.forEach((place, index) => {
    copyFileSync(program, join(root, place));
    utimesSync(join(root, place), 1000 + index, 1000 + index);
  });
  copyFileSync(program, join(root, "not-executable"));
  chmodSync(join(root, "not-executable"), 0o644);
  writeFileSync(join(root, "script"), "#!/bin/sh\n", { mode: 0o755 });
  execFileSync("mkfifo", ["-m", "755", join(root, "fifo")]);
  const index = new ExecutableIndex(root);
  const names = async (): Promise<string[]> => (await index.list()).map(({ path }) => basename(path));
  expect(await names()).toEqual(["tool", "app"]);

  copyFileSync(program, join(root, "fresh"));
  expect(await names()).toEqual(["tool", "app"]);
  await index.refresh(join(root, "fresh"));
  rmSync(join(root, "build/app"));
  await index.refresh(join(root, "build/app"));
  await index.refresh("/elsewhere/app");
  expect(await names()).toEqual(["fresh", "tool"]);

  rmSync(join(root, "target"), { recursive: true });
  index.forget();
  expect(await names()).toEqual(["fresh"]);
});

it("what compilers make on the way is left out", () => {
  expect(["build/app", "target/release/app", "deps/app"].filter(isInteresting)).toHaveLength(3);
  const boring = [
    "",
    "../x",
    "a/CMakeFiles/x",
    "target/debug/build/x/build-script-build",
    "libx.so",
    "libx.so.1.2",
    "x.o",
  ];
  expect(boring.filter(isInteresting)).toEqual([]);
});
