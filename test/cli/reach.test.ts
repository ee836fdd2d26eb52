/** `faultline reach` on programs that reach known things in known ways, made by several compilers. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReachReport } from "../../src/core/report/reach-report.js";
import { installFaultline, type Installed } from "../support/faultline.js";

const SOURCE = `
#include <stdio.h>
#include <stdlib.h>
static int counter; int table[100]; int untouched[5000];
const char *names[] = {"alpha", "beta"};
static int chosen(int x) { return x + 7; }
static int other(int x) { return x * 3; }
int (*handler)(int) = chosen;
void set(int which) { handler = which ? other : chosen; }
static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
__attribute__((noinline)) int beyond(int x) { counter += x; return counter; }
__attribute__((noinline)) int dispatch(int x) {
  switch (x) {
  case 0: return printf("zero");
  case 1: return puts("one");
  case 2: return rand();
  case 3: return counter++;
  case 4: return table[3];
  case 5: return putchar(3);
  case 6: return beyond(4);
  case 7: return 99;
  }
  return 0;
}
__attribute__((noinline)) int never(void) { return untouched[17]; }
__attribute__((noinline)) int root(int x) {
  counter += x;
  qsort(table, 100, 4, compare);
  puts(names[x & 1]);
  if (__builtin_expect(x > 100, 0)) abort();
  return handler(x) + dispatch(x);
}
int main(int argc, char **argv) { (void)argv; set(argc); return argc > 50 ? never() : root(argc); }
`;

interface Build {
  readonly name: string;
  readonly command: readonly string[];
}

const BUILDS: readonly Build[] = [
  { name: "gcc, position-independent", command: ["gcc", "-O2", "-pie", "-fPIE"] },
  { name: "gcc, at a fixed address", command: ["gcc", "-O2", "-no-pie", "-fno-pie"] },
  { name: "gcc, relocations kept", command: ["gcc", "-O2", "-no-pie", "-fno-pie", "-Wl,--emit-relocs"] },
  { name: "gcc, bound at the start", command: ["gcc", "-O1", "-Wl,-z,now", "-fno-plt"] },
  { name: "gcc, without optimisation", command: ["gcc", "-O0"] },
  { name: "clang and GNU ld", command: ["clang-14", "-O2", "-fPIE", "-pie"] },
  {
    name: "clang and lld, packed relocations",
    command: ["clang-14", "-O2", "-fuse-ld=lld", "-Wl,--pack-dyn-relocs=relr"],
  },
  { name: "gcc for aarch64", command: ["aarch64-linux-gnu-gcc", "-O2"] },
  { name: "gcc for aarch64, at a fixed address", command: ["aarch64-linux-gnu-gcc", "-O1", "-no-pie", "-fno-pie"] },
];

let faultline: Installed;
let folder: string;

beforeAll(async () => {
  faultline = await installFaultline();
  folder = mkdtempSync(join(tmpdir(), "faultline-reach-"));
  writeFileSync(join(folder, "program.c"), SOURCE);
});

afterAll(() => {
  faultline.remove();
  rmSync(folder, { recursive: true, force: true });
});

function run(args: readonly string[], environment: NodeJS.ProcessEnv = process.env) {
  return spawnSync(process.execPath, [faultline.cli, "reach", ...args], {
    cwd: folder,
    encoding: "utf8",
    env: environment,
    maxBuffer: 1 << 28,
  });
}

/** Each question is asked once, each program built once: many tests look at the same answer. */
const answers = new Map<string, ReachReport>();
const programs = new Set<string>();

function reached(...args: string[]): ReachReport {
  const known = answers.get(args.join(" "));
  if (known !== undefined) return known;
  const { status, stdout, stderr } = run([...args, "--json"]);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  const report = JSON.parse(stdout) as ReachReport;
  answers.set(args.join(" "), report);
  return report;
}

function built({ name, command: [compiler = "", ...options] }: Build): string {
  const program = name.replace(/\W+/g, "-");
  if (!programs.has(program)) execFileSync(compiler, [...options, "-o", program, "program.c"], { cwd: folder });
  programs.add(program);
  return program;
}

function namesOf({ objects }: ReachReport, kind: string): readonly string[] {
  return objects.filter((object) => object.kind === kind).map(({ name }) => name);
}

describe.each(BUILDS)("$name", (build) => {
  it("reaches what the function calls, refers to and reads, and nothing else of the program", () => {
    const report = reached("root", "--in", built(build));
    const functions = namesOf(report, "function").map((name) => name.replace(/(?:\.cold| \(\.cold\))$/, ""));
    expect(new Set(functions)).toEqual(new Set(["root", "compare", "dispatch", "beyond"]));
    expect(namesOf(report, "variable")).toEqual(
      expect.arrayContaining(["counter", "table", "names", "handler"]) as string[],
    );
    expect(namesOf(report, "variable")).not.toContain("untouched");
    const library = report.library.map(({ name }) => name);
    expect(library).toEqual(expect.arrayContaining(["qsort", "puts", "rand", "abort"]) as string[]);
    const text = report.objects.filter(({ section }) => section.startsWith(".rodata"));
    const program = readFileSync(join(folder, built(build)));
    for (const literal of ["alpha\0", "beta\0", "zero\0"]) {
      const at = program.indexOf(literal);
      const held = text.some(({ address, size }) => {
        const { offset, start } = rodata(built(build));
        const from = Number(address) - start + offset;
        return from <= at && at < from + size;
      });
      expect(held, literal).toBe(true);
    }
  });

  it("shows the call through the pointer as unknown, with what it may hold", () => {
    const report = reached("root", "--in", built(build));
    expect(report.unknownCalls.map((call) => call.function)).toEqual(["root"]);
    expect(report.addressTaken.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["chosen", "other", "compare"]) as string[],
    );
    const followed = reached("root", "--in", built(build), "--candidates");
    expect(namesOf(followed, "function")).toEqual(expect.arrayContaining(["chosen", "other"]) as string[]);
  });

  it("counts data that only a pointer could lead to, and takes it for touched with candidates", () => {
    const own = reached("beyond", "--in", built(build));
    expect(namesOf(own, "variable")).not.toContain("names");
    expect(own.throughPointers.map(({ section }) => section)).toContain(".bss");
    const all = reached("beyond", "--in", built(build), "--candidates");
    expect(namesOf(all, "variable")).toEqual(expect.arrayContaining(["names", "table"]) as string[]);
    expect(namesOf(all, "variable")).not.toContain("untouched");
    expect(all.throughPointers).toEqual([]);
  });

  it("ends where the depth says", () => {
    const own = reached("root", "--in", built(build), "--depth", "0");
    expect(namesOf(own, "function").filter((name) => !name.includes("cold"))).toEqual(["root"]);
    expect(namesOf(own, "variable")).toContain("table");
    const one = reached("root", "--in", built(build), "--depth", "1");
    expect(namesOf(one, "function")).toContain("dispatch");
    expect(namesOf(one, "function")).not.toContain("beyond");
    expect(one.objects.find(({ name }) => name === "dispatch")).toMatchObject({
      depth: 1,
      via: { by: "root", how: expect.stringMatching(/call|jump/) as string },
    });
  });
});

function rodata(program: string): { offset: number; start: number } {
  const text = execFileSync("readelf", ["-SW", program], { cwd: folder, encoding: "utf8" });
  const found = /\] \.rodata +\S+ +([0-9a-f]+) ([0-9a-f]+)/.exec(text)!;
  return { start: parseInt(found[1]!, 16), offset: parseInt(found[2]!, 16) };
}

describe("on a program", () => {
  it("keeps to its schema", () => {
    const validate = new Ajv2020({ strict: true }).compile(
      JSON.parse(readFileSync("schemas/reach.schema.json", "utf8")) as object,
    );
    for (const options of [[], ["--candidates"], ["--libraries", "--depth", "1"]]) {
      validate(reached("root", "--in", built(BUILDS[0]!), ...options));
      expect(validate.errors ?? []).toEqual([]);
    }
  });

  it("counts bytes once, and pages that sections share once", () => {
    const report = reached("root", "--in", built(BUILDS[0]!));
    const pages = new Set<number>();
    const bytes = new Set<number>();
    for (const { address, size } of report.objects) {
      for (let at = Number(address); at < Number(address) + size; at++) {
        bytes.add(at);
        pages.add(Math.floor(at / report.pageSize));
      }
    }
    expect(report.bytes).toBe(bytes.size);
    expect(report.pages).toBe(pages.size);
    expect(report.sections.reduce((sum, section) => sum + section.bytes, 0)).toBe(bytes.size);
  });

  it("follows into libraries when it is asked to, and says where", () => {
    const report = reached("root", "--in", built(BUILDS[0]!), "--libraries", "--depth", "1");
    expect(report.library.find(({ name }) => name === "qsort")?.followed).toMatch(/libc\.so\.6$/);
    expect(report.objects.some(({ image, kind }) => /libc\.so\.6$/.test(image) && kind === "function")).toBe(true);
    expect(report.sections.some(({ image }) => /libc\.so\.6$/.test(image))).toBe(true);
  });

  it("reaches the loader's tables where functions are bound at the first call, and not where they are bound before", () => {
    const lazy = join(folder, "lazy");
    const now = join(folder, "now");
    execFileSync("gcc", ["-O2", "-Wl,-z,lazy", "-o", lazy, "program.c"], { cwd: folder });
    execFileSync("gcc", ["-O2", "-Wl,-z,now", "-o", now, "program.c"], { cwd: folder });
    expect(namesOf(reached("root", "--in", lazy), "dynamic-table")).toEqual(
      expect.arrayContaining([".dynsym", ".rela.plt", ".gnu.hash"]) as string[],
    );
    expect(namesOf(reached("root", "--in", now), "dynamic-table")).not.toContain(".rela.plt");
  });

  it("finds functions by address in a file without symbols", () => {
    const program = built(BUILDS[0]!);
    const stripped = join(folder, "stripped");
    execFileSync("strip", ["-o", stripped, join(folder, program)]);
    const symbols = execFileSync("nm", [join(folder, program)], { encoding: "utf8" });
    const address = /^0*([0-9a-f]+) T root$/m.exec(symbols)![1]!;
    const named = reached("root", "--in", program);
    const unnamed = reached(`0x${address}`, "--in", stripped);
    const places = ({ objects }: ReachReport) =>
      objects.filter(({ kind }) => kind === "function").map((one) => one.address);
    expect(new Set(places(unnamed))).toEqual(new Set(places(named)));
    expect(unnamed.pages).toBeGreaterThanOrEqual(named.pages);
  });

  it("gives a virtual call the methods at that place of the vtables", () => {
    writeFileSync(
      join(folder, "shapes.cpp"),
      `struct Shape { virtual int sides() = 0; virtual int area(int) = 0; virtual ~Shape() {} };
       struct Square : Shape { int sides() override { return 4; } int area(int x) override { return x * x; } };
       struct Circle : Shape { int sides() override { return 0; } int area(int x) override { return x * x * 3; } };
       __attribute__((noinline)) int total(Shape *one, int x) { return one->area(x) + 1; }
       Shape *make(int which) { if (which) return new Square; return new Circle; }
       int main(int argc, char **) { return total(make(argc > 1), argc); }`,
    );
    execFileSync("g++", ["-O1", "-o", "shapes", "shapes.cpp"], { cwd: folder });
    const { unknownCalls } = reached("total", "--in", "shapes");
    expect(unknownCalls).toHaveLength(1);
    const fromVtables = unknownCalls[0]!.candidates.filter(({ from }) => from === "vtable").map(({ name }) => name);
    expect(fromVtables.sort()).toEqual(["Circle::area(int)", "Square::area(int)"]);
  });

  it("reaches the unwind tables where an exception is thrown", () => {
    writeFileSync(
      join(folder, "throws.cpp"),
      `__attribute__((noinline)) int risky(int x) { if (x > 3) throw x; return x; }
       __attribute__((noinline)) int calm(int x) { return x * 2; }
       int main(int argc, char **) { try { return risky(argc); } catch (int x) { return calm(x); } }`,
    );
    execFileSync("g++", ["-O1", "-o", "throws", "throws.cpp"], { cwd: folder });
    expect(namesOf(reached("risky", "--in", "throws"), "unwind-table")).toContain(".eh_frame");
    expect(namesOf(reached("calm", "--in", "throws"), "unwind-table")).toEqual([]);
  });

  it("says it as text, with the unknown calls", () => {
    const { status, stdout } = run(["root", "--in", built(BUILDS[0]!)]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/It could touch \d functions and \d+ other objects/);
    expect(stdout).toContain("By section");
    expect(stdout).toContain("Unknown: 1 calls through pointers could lead to more");
    expect(run(["beyond", "--in", built(BUILDS[0]!)]).stdout).toMatch(
      /Pointers that it is given could lead to more data of the file: .* pages whose address is taken/,
    );
    expect(stdout).toMatch(/Of libraries, not followed into: \d/);
  });
});

describe("what it cannot do", () => {
  it("says so where there is no such function, file or number", () => {
    const program = built(BUILDS[0]!);
    for (const [args, sentence] of [
      [["nowhere", "--in", program], /There is no function nowhere in/],
      [["0x10", "--in", program], /There is no function at 0x10/],
      [["root", "--in", "missing"], /missing does not exist here/],
      [["root", "--in", "program.c"], /is not an ELF file/],
      [["root", "--in", program, "--depth", "many"], /--depth takes a whole number/],
      [["root"], /--in build\/program/],
      [[], /Name one function/],
    ] as const) {
      const { status, stderr, stdout } = run(args);
      expect(status).toBe(2);
      expect(stderr).toMatch(sentence);
      expect(stdout).toBe("");
    }
  });

  it("tells what it did not read without a disassembler, and still has what the linker kept", () => {
    const kept = built(BUILDS[2]!);
    mkdirSync(join(folder, "empty"), { recursive: true });
    const { status, stdout } = run(["root", "--in", kept, "--json"], { ...process.env, PATH: join(folder, "empty") });
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as ReachReport;
    expect(report.unread).toContain("root");
    expect(namesOf(report, "variable")).toEqual(expect.arrayContaining(["table", "names"]) as string[]);
    const { stdout: text } = run(["root", "--in", kept], { ...process.env, PATH: join(folder, "empty") });
    expect(text).toContain("could not be disassembled");
  });

  it("has what the object files tell without a disassembler", () => {
    execFileSync("gcc", ["-O2", "-ffunction-sections", "-fdata-sections", "-c", "program.c"], { cwd: folder });
    execFileSync("gcc", ["-o", "from-objects", "program.o"], { cwd: folder });
    mkdirSync(join(folder, "empty"), { recursive: true });
    const args = ["root", "--in", "from-objects", "--objects", "program.o", "--json"];
    const { status, stdout } = run(args, { ...process.env, PATH: join(folder, "empty") });
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as ReachReport;
    const functions = namesOf(report, "function").map((name) => name.replace(/\.cold$| \(\.cold\)$/, ""));
    expect(new Set(functions)).toEqual(new Set(["root", "compare", "dispatch", "beyond"]));
    expect(namesOf(report, "variable")).toEqual(expect.arrayContaining(["table", "names", "handler"]) as string[]);
    expect(report.library.map(({ name }) => name)).toEqual(expect.arrayContaining(["qsort", "puts"]) as string[]);
    // And where there is one, they add nothing.
    const both = reached("root", "--in", "from-objects", "--objects", "program.o");
    const alone = reached("root", "--in", "from-objects");
    expect(new Set(both.objects.map(({ address }) => address))).toEqual(
      new Set(alone.objects.map(({ address }) => address)),
    );
  });

  it("takes LLVM's disassembler where binutils are missing, with the same answer", () => {
    const program = built(BUILDS[0]!);
    const tools = join(folder, "llvm");
    mkdirSync(tools, { recursive: true });
    const llvm = execFileSync("sh", ["-c", "command -v llvm-objdump-14 || command -v llvm-objdump"], {
      encoding: "utf8",
    });
    symlinkSync(llvm.trim(), join(tools, "llvm-objdump"));
    const { stdout } = run(["root", "--in", program, "--json"], { ...process.env, PATH: tools });
    const other = JSON.parse(stdout) as ReachReport;
    const mine = reached("root", "--in", program);
    // ldconfig is not on that path: whether libraries bind late is not known then.
    const places = ({ objects }: ReachReport) =>
      objects.filter(({ kind }) => kind !== "dynamic-table").map(({ address }) => address);
    expect(places(other).sort()).toEqual(places(mine).sort());
  });
});
