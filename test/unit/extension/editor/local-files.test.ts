import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { lineAnnotations } from "../../../../src/core/report/annotations.js";
import { imagesOf, localFiles, realFile } from "../../../../src/extension/editor/local-files.js";
import { lineRow, smallReport } from "../../../support/small-report.js";

let folder = "";
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "faultline-files-")));
  mkdirSync(at("src"));
  writeFileSync(at("src/ring.c"), "int ring;\n");
  symlinkSync("src", at("link"));
  execFileSync("mkfifo", [at("src/pipe.c")]);
});

afterAll(() => rmSync(folder, { recursive: true }));

it("a file is found by its real path, and all names the report has for it are one", async () => {
  const lines = [lineRow(4, { file: at("src/ring.c"), faults: 2 }), lineRow(4, { file: at("link/ring.c"), faults: 3 })];
  const callSites = [{ ...lineRow(9), file: at("src/../src/ring.c") }];
  const { files, missing, most } = await localFiles(smallReport({ lines, callSites, functions: [] }));
  expect(most).toBe(3);
  expect([...files.keys()]).toEqual([at("src/ring.c")]);
  expect(
    lineAnnotations(files.get(at("src/ring.c"))!, most).map(({ line, faults, inlined }) => [
      line,
      faults,
      inlined.faults,
    ]),
  ).toEqual([
    [4, 5, 0],
    [9, 0, 1],
  ]);
  expect(missing).toEqual([]);
});

it("has the functions that begin in it, and the programs its code is in", async () => {
  const file = at("src/ring.c");
  const lines = [lineRow(4, { file, image: "/bin/a" }), lineRow(5, { file, image: "/lib/b.so" })];
  const functions = [
    { ...lineRow(3), name: "push", file: at("link/ring.c") },
    { ...lineRow(3), name: "other", file: "/nowhere/x.c" },
  ];
  const local = (await localFiles(smallReport({ lines, functions }))).files.get(file)!;
  expect(local.functions.map(({ name }) => name)).toEqual(["push"]);
  expect(imagesOf(local.rows)).toEqual(["/bin/a", "/lib/b.so"]);
});

it("names the files that are not here by their faults, and what is no regular file is not here", async () => {
  const lines = [
    lineRow(1, { file: "/build/a.c", faults: 2 }),
    lineRow(2, { file: "/build/a.c", faults: 2 }),
    lineRow(1, { file: at("src/pipe.c"), faults: 9 }),
    lineRow(1, { file: "relative.c", faults: 1 }),
    lineRow(0, { file: "", faults: 100 }),
  ];
  const { files, missing } = await localFiles(smallReport({ lines, functions: [] }));
  expect(files.size).toBe(0);
  expect(missing).toEqual([
    { file: at("src/pipe.c"), faults: 9 },
    { file: "/build/a.c", faults: 4 },
    { file: "relative.c", faults: 1 },
  ]);
});

it("a path with a NUL is no file", async () => {
  expect(await realFile("/etc/passwd\0.c")).toBeUndefined();
});
