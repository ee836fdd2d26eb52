/** `faultline script` as people run it, with the linkers beside it. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { installFaultline, type Installed } from "../support/faultline.js";

let faultline: Installed;
let folder: string;

beforeAll(async () => {
  faultline = await installFaultline();
  folder = mkdtempSync(join(tmpdir(), "faultline-script-"));
});

afterAll(() => {
  faultline.remove();
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: string[]) {
  return spawnSync(process.execPath, [faultline.cli, "script", ...args], { cwd: folder, encoding: "utf8" });
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

const SCRIPT = `SECTIONS {
  .locked_text : { *(.text.locked .text.locked.*) }
  .text : { *(.text .text.*) *(COMMON) }
  /DISCARD/ : { *(.comment) }
}
`;

it("exits with the linker's verdict and names the place", () => {
  file("good.ld", SCRIPT);
  expect(run("good.ld").status).toBe(0);
  file("bad.ld", "SECTIONS {\n  .text:{ *(.text) }\n}\n");
  const { status, stdout } = run("bad.ld", "--json");
  expect(status).toBe(1);
  const { problems } = JSON.parse(stdout) as { problems: { line: number; column: number; code: string }[] };
  expect(problems[0]).toMatchObject({ line: 2, column: 9, code: "syntax" });
  expect(spawnSync("ld", ["-T", "bad.ld"], { cwd: folder, encoding: "utf8" }).stderr).toContain(
    "bad.ld:2: syntax error",
  );
  expect(run("bad.ld").stdout).toContain("bad.ld:2:9: error: ");
});

it("tells the dialects apart", () => {
  file("overwrite.ld", "OVERWRITE_SECTIONS { .a : { *(.a) } }\n");
  expect(run("overwrite.ld", "--dialect", "lld").status).toBe(0);
  expect(run("overwrite.ld", "--dialect", "gnu").status).toBe(1);
  expect(run("overwrite.ld", "--dialect", "mold").status).toBe(2);
});

it("says which statement places each section, of a description and of real objects", () => {
  file("match.ld", SCRIPT);
  file("f.c", 'int common; __attribute__((section(".text.locked.f"))) void f(void) {} void g(void) {}\n');
  execFileSync("gcc", ["-c", "-fcommon", "-ffunction-sections", "f.c"], { cwd: folder });
  execFileSync("ar", ["rcs", "libf.a", "f.o"], { cwd: folder });
  file(
    "inputs.json",
    JSON.stringify({ "f.o": [{ name: ".text.locked.f", type: "PROGBITS", flags: "AX", size: 16, align: 1 }] }),
  );
  const [described] = JSON.parse(run("match.ld", "--match", "inputs.json", "--json").stdout) as unknown[];
  expect(described).toEqual({
    file: "f.o",
    section: ".text.locked.f",
    output: ".locked_text",
    statement: { line: 2, column: 35 },
    shadowed: [{ line: 3, column: 21 }],
  });
  const { stdout, status } = run("match.ld", "--json", "--inputs", "f.o", "libf.a");
  expect(status).toBe(0);
  const real = JSON.parse(stdout) as { file: string; section: string; output: string }[];
  const output = (name: string, section: string) =>
    real.find((row) => row.file === name && row.section === section)?.output;
  expect(output("f.o", ".text.locked.f")).toBe(".locked_text");
  expect(output("libf.a(f.o)", ".text.g")).toBe(".text");
  expect(output("f.o", "COMMON")).toBe(".text");
  expect(output("f.o", ".comment")).toBe("/DISCARD/");
  expect(output("f.o", ".eh_frame")).toBe(".eh_frame");
});

it("says what the linker takes without a word, with the inputs too", () => {
  file("tag.ld", SCRIPT.replace(".locked_text", "locked_text"));
  file("g.c", "void g(void) {}\n");
  execFileSync("gcc", ["-c", "-ffunction-sections", "g.c"], { cwd: folder });
  expect(run("tag.ld").stdout).toBe("tag.ld: no problems.\n");
  const { stdout, status } = run("tag.ld", "--problems", "--inputs", "g.o");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^tag\.ld:2:19: warning: No input has a section \.text\.locked: .*\n$/);
  file("faultline.json", JSON.stringify({ lockedSections: { text: "input_code" } }));
  expect(run("tag.ld", "--problems", "--inputs", "g.o").stdout).toBe("tag.ld: no problems.\n");
  rmSync(join(folder, "faultline.json"));
  file("late.ld", "SECTIONS { .text : { *(.text*) }\n .mine : { *(.text.g) } }\n");
  expect(run("late.ld").stdout).toMatch(/^late\.ld:2:14: warning: \.text\.g goes to \.text by line 1 already/);
});

it("follows INCLUDE beside the script and in the folders of -L, and INSERT into the linker's own script", () => {
  mkdirSync(join(folder, "parts/inner"), { recursive: true });
  file("parts/main.ld", "SECTIONS {\n INCLUDE code.ld\n}\n");
  file("parts/inner/code.ld", " .mine : { *(.text.g) }\n");
  file("one.json", JSON.stringify({ "g.o": [{ name: ".text.g" }, { name: ".text.h" }] }));
  expect(run("parts/main.ld").stdout).toContain("information: code.ld is not found");
  const args = ["parts/main.ld", "-L", "parts/inner", "--match", "one.json", "--json"];
  expect(JSON.parse(run(...args).stdout)).toMatchObject([
    { output: ".mine", statement: { path: "parts/inner/code.ld", line: 1, column: 14 } },
    { output: ".text.h" },
  ]);
  file("add.ld", "SECTIONS { .mine : { *(.text.g) } } INSERT AFTER .text;\n");
  expect(JSON.parse(run("add.ld", "--match", "one.json", "--json").stdout)).toMatchObject([
    { output: ".mine", statement: { line: 1, column: 24 }, shadowed: [{ path: "ld --verbose" }] },
    { output: ".text", statement: { path: "ld --verbose" } },
  ]);
});

it("keeps to its schema", () => {
  file("schema.ld", `${SCRIPT} foo bar\n`);
  file("one.json", JSON.stringify({ "a.o": [{ name: ".text" }, { name: ".unnamed" }] }));
  file("schema-add.ld", "SECTIONS { .a : { *(.x) } } INSERT AFTER .text;\n");
  for (const args of [
    ["schema.ld", "--json"],
    ["schema.ld", "--match", "one.json", "--json"],
    ["schema-add.ld", "--match", "one.json", "--json"],
  ]) {
    expect(wrongIn(JSON.parse(run(...args).stdout))).toEqual([]);
  }
});

it("says in one sentence what it could not do", () => {
  for (const args of [
    ["missing.ld"],
    [folder],
    ["good.ld", "--match", "missing.json"],
    ["good.ld", "--inputs", "good.ld"],
  ]) {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  }
});

it("finds the script that a program is linked with, and says why", () => {
  file("board.ld", SCRIPT);
  file(
    "board.c",
    'void _start(void) { for (;;) ; }\n__attribute__((section(".text.locked.fast"))) int fast(void) { return 1; }\n',
  );
  file("Makefile", "board: board.o\n\tld -T board.ld board.o -o board\nboard.o: board.c\n\tgcc -fno-pie -c board.c\n");
  execFileSync("make", ["-s", "board"], { cwd: folder });
  const { status, stdout } = run("--find", "board");
  expect(stdout).toMatch(/^\* board\.ld: named in Makefile:2/m);
  expect(status).toBe(0);
  expect(run().stdout).toMatch(/^ {2}board\.ld: named in Makefile:2 for board$/m);
  const found = JSON.parse(run("--find", "board", "--json").stdout) as { scripts: { chosen: boolean }[] };
  expect(wrongIn(found)).toEqual([]);
  expect(found.scripts.filter(({ chosen }) => chosen)).toMatchObject([
    { path: expect.stringMatching(/board\.ld$/) as string, reasons: [{ line: 2, about: "program" }] },
  ]);
  execFileSync("ld", ["board.o", "-o", "plain"], { cwd: folder });
  const plain = run("--find", "plain");
  expect(plain.status).toBe(1);
  expect(plain.stdout).toContain("plain is linked with the linker's own script, as far as can be seen (ld --verbose).");
});

it("says which statement places a symbol, of the user's script and of the linker's own", () => {
  const { status, stdout } = run("--where", "fast", "--in", "board");
  expect(status).toBe(0);
  expect(stdout).toBe(
    "fast: in board.o(.text.locked.fast), 11 B, placed into .locked_text by board.ld:2:35\n" +
      "  *(.text.locked .text.locked.*)\n" +
      "  would take it, too: board.ld:3:21: *(.text .text.*)\n",
  );
  const json: unknown = JSON.parse(run("--where", "fast", "--in", "board", "--json").stdout);
  expect(wrongIn(json)).toEqual([]);
  const own = run("--where", "fast", "--in", "plain").stdout;
  const [, line] = /by ld --verbose:(\d+):/.exec(own) ?? [];
  const verbose = spawnSync("ld", ["--verbose"], { encoding: "utf8" }).stdout.split(/={20,}\n/)[1];
  expect(verbose?.split("\n")[Number(line) - 1]).toContain("*(.text .stub .text.*");
  const unknown = run("--where", "nothing", "--in", "board");
  expect([unknown.status, unknown.stderr]).toEqual([
    2,
    expect.stringContaining('has no symbol "nothing": name a function or global of its own.'),
  ]);
  expect(run("--where", "fast").stderr).toContain("Name the program");
});

/** By the schema that is published. */
function wrongIn(value: unknown): unknown {
  const schema = JSON.parse(readFileSync("schemas/script.schema.json", "utf8")) as object;
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
  validate(value);
  return validate.errors ?? [];
}
