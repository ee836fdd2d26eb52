/** Placements in linked files: every reason made real by a compiler and a linker, and told. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Placement } from "../../../../src/core/placement/placement.js";
import { verifyPlacements, type Verification } from "../../../../src/core/placement/verify.js";
import { openImageFile } from "../../../../src/host/images.js";
import { CLANG } from "../../../support/placed-source.js";

const PAGE = 4096;
let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "faultline-placement-"));
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

let built = 0;

/** Compiles each source to an object file, links them, and gives the path. */
function build(
  sources: readonly string[],
  options: { cpp?: boolean; compile?: string[]; link?: string[] } = {},
): string {
  const { cpp = false, compile = [], link = [] } = options;
  const compiler = cpp ? "g++" : "gcc";
  const output = join(scratch, `program-${(built += 1)}`);
  const objects = sources.map((text, index) => {
    const file = `${output}-${index}.${cpp ? "cc" : "c"}`;
    writeFileSync(file, text);
    execFileSync(compiler, ["-O2", "-g", ...compile, "-c", file, "-o", `${file}.o`]);
    return `${file}.o`;
  });
  execFileSync(compiler, ["-O2", ...objects, ...link, "-o", output], { stdio: ["ignore", "ignore", "pipe"] });
  return output;
}

const code = (symbol: string, section = "locked_text"): Placement => ({ symbol, kind: "text", section, by: "source" });

function verify(program: string, ...placements: Placement[]): readonly Verification[] {
  const opened = openImageFile(program);
  if (!opened.ok) throw new Error(opened.message);
  const found = verifyPlacements(opened.image, placements, PAGE);
  opened.close();
  return found;
}

const codes = (verification: Verification | undefined): string[] =>
  verification?.mismatches.map((mismatch) => mismatch.code) ?? [];

const LOCKED = '__attribute__((section("locked_text"), noinline))';
const MAIN = "int main(int c, char **v) { (void)v; return f(c); }\n";

describe("verified", () => {
  it("a tagged function is where nm finds it, with the pages it lies on", () => {
    const program = build([`${LOCKED} int f(int x) { return x * 3; }\n${MAIN}`]);
    const [found] = verify(program, code("f"));
    expect(found!.mismatches).toEqual([]);
    const nm = execFileSync("nm", ["-S", program], { encoding: "utf8" });
    const [, address, size] = /^([0-9a-f]+) ([0-9a-f]+) T f$/m.exec(nm)!;
    expect(found!.placed).toEqual([
      { name: "f", address: parseInt(address!, 16), size: parseInt(size!, 16), pages: 1 },
    ]);
    expect(found!.declaration).toMatchObject({ line: 1 });
  });

  it.each([
    ["ns::f", "without parameters"],
    ["ns::f(int)", "with parameters"],
    ["_ZN2ns1fEi", "as the symbol table has it"],
  ])("a C++ function is found as %s, %s", (symbol) => {
    const program = build([`namespace ns { ${LOCKED} int f(int x) { return x * 3; } }\nusing ns::f;\n${MAIN}`], {
      cpp: true,
    });
    expect(verify(program, code(symbol))[0]!.mismatches).toEqual([]);
  });

  it("variables of each kind, and zeroes that take room in the file are said to", () => {
    const program = build([
      `__attribute__((section("locked_data"))) int state = 1;
__attribute__((section("locked_rodata"))) const int table[3000] = {1};
__attribute__((section("locked_bss"))) int zeroes[64];
int f(int x) { return state + table[x] + zeroes[x]; }
${MAIN}`,
    ]);
    const found = verify(
      program,
      { symbol: "state", kind: "data", section: "locked_data", by: "source" },
      { symbol: "table", kind: "rodata", section: "locked_rodata", by: "source" },
      { symbol: "zeroes", kind: "bss", section: "locked_bss", by: "source" },
    );
    expect(found.map(codes)).toEqual([[], [], []]);
    expect(found.map(({ takesFileSpace }) => takesFileSpace)).toEqual([false, false, true]);
    expect(found[1]!.placed[0]!.pages).toBeGreaterThanOrEqual(3);
  });

  it.each([
    ["gcc", "c", "int f(int x) { static int count = 1; return count += x; }\n"],
    ["clang", "c", "int f(int x) { static int count = 1; return count += x; }\n"],
    [
      "g++",
      "cc",
      "struct T { T(int n) : a(n) {} int a; };\nint f(int x) { static T count(x); return count.a += x; }\n",
    ],
  ])("a variable of a function is found by its name alone: %s", (compiler, ending, text) => {
    const tagged = text.replace("static", 'static __attribute__((section("locked_data")))');
    const placement: Placement = { symbol: "count", kind: "data", section: "locked_data", by: "source" };
    for (const [source, expected] of [
      [tagged, []],
      [text, ["elsewhere"]],
    ] as const) {
      const program = join(scratch, `variable-${compiler}`);
      writeFileSync(`${program}.${ending}`, source + MAIN.replace(", char **v) { (void)v;", ", char **) {"));
      const command = compiler === "clang" ? CLANG : compiler;
      execFileSync(command, ["-O1", "-g", `${program}.${ending}`, "-o", program], { stdio: "pipe" });
      expect(codes(verify(program, placement)[0])).toEqual(expected);
    }
  });

  it("two static functions of one name must both be inside", () => {
    const file = (name: string, tag: string) =>
      `static ${tag} __attribute__((noinline)) int same(int x) { return x * __LINE__ + 3; }\nint ${name}(int x) { return same(x); }\n`;
    const tag = '__attribute__((section("locked_text")))';
    const both = build([
      file("one", tag),
      file("f", tag),
      `int one(int), f(int);\nint main(int c) { return one(c) + f(c); }\n`,
    ]);
    expect(verify(both, code("same"))[0]!.mismatches).toEqual([]);
    expect(verify(both, code("same"))[0]!.placed).toHaveLength(2);
    const one = build([
      file("one", tag),
      file("f", ""),
      `int one(int), f(int);\nint main(int c) { return one(c) + f(c); }\n`,
    ]);
    expect(verify(one, code("same"))[0]!.mismatches).toEqual([{ code: "elsewhere", section: ".text" }]);
  });
});

describe("not verified", () => {
  it("a function without the tag stayed elsewhere", () => {
    const program = build([`__attribute__((noinline)) int f(int x) { return x * 3; }\n${MAIN}`]);
    expect(verify(program, code("f"))[0]!.mismatches).toEqual([{ code: "elsewhere", section: ".text" }]);
  });

  it("a function that went into all of its callers was inlined", () => {
    const program = build([`static int g(int x) { return x * 3; }\nint f(int x) { return g(x) + g(x + 1); }\n${MAIN}`]);
    expect(verify(program, code("g"))[0]).toMatchObject({
      mismatches: [{ code: "inlined" }],
      placed: [],
      declaration: { line: 1 },
    });
  });

  it("a variable whose value is known was optimised away", () => {
    const program = build([`static int hidden = 5;\nint f(int x) { return x + hidden; }\n${MAIN}`]);
    const placement: Placement = { symbol: "hidden", kind: "data", section: "locked_data", by: "source" };
    expect(codes(verify(program, placement)[0])).toEqual(["optimised-away"]);
  });

  it("a function that nothing refers to was dropped", () => {
    const program = build([`${LOCKED} int unused(int x) { return x * 5; }\nint f(int x) { return x; }\n${MAIN}`], {
      compile: ["-ffunction-sections"],
      link: ["-Wl,--gc-sections"],
    });
    expect(codes(verify(program, code("unused"))[0])).toEqual(["dropped"]);
  });

  it("of a function in two object files the linker took the one without the tag", () => {
    const file = (tag: string, name: string) =>
      `template <class T> ${tag} __attribute__((noinline)) T shared(T x) { return x * 3; }
int ${name}(int x) { return shared(x); }\n`;
    const program = build(
      [
        `int f(int);\nint other(int);\nint main(int c, char **) { return f(c) + other(c); }\n`,
        file("", "other"),
        file('__attribute__((section(".text.locked_copy")))', "f"),
      ],
      { cpp: true, compile: ["-ffunction-sections"] },
    );
    const [found] = verify(program, code("shared", "locked_copy"));
    expect(found!.placed).toEqual([]);
    expect(["other-copy", "elsewhere"]).toContain(found!.mismatches[0]!.code);
  });

  it("the unlikely half of a function was left outside", () => {
    const source = `void abort(void);
__attribute__((cold, noinline)) void complain(int x) { if (x > 100) abort(); }
int f(int x) { if (__builtin_expect(x > 1000, 0)) { complain(x); complain(x + 1); complain(x + 2); } return x * 7; }
${MAIN}`;
    // As a linker script would: the hot half is renamed, the cold one forgotten.
    const program = build([source], { compile: ["-ffunction-sections"] });
    const objects = `${program}-0.c.o`;
    execFileSync("objcopy", ["--rename-section", ".text.f=locked_text", objects]);
    execFileSync("gcc", [objects, "-o", program]);
    const [found] = verify(program, code("f"));
    expect(found!.mismatches).toEqual([{ code: "part-outside", name: "f.cold", section: ".text" }]);
    expect(found!.placed.map(({ name }) => name)).toEqual(["f"]);
  });

  it("only a copy for constant arguments is left, under another name", () => {
    const source = `static __attribute__((noinline)) int g(int x, int y) { volatile int z = x; return z * y; }
int f(int x) { return g(x, 3) + g(x + 1, 3); }\n${MAIN}`;
    const program = build([source]);
    const [found] = verify(program, code("g"));
    expect(found!.mismatches).toEqual([{ code: "renamed", name: "g.constprop.0", section: ".text" }]);
  });

  it("a thread-local variable cannot be placed", () => {
    const program = build([`_Thread_local int mine = 3;\nint f(int x) { return mine++ + x; }\n${MAIN}`]);
    const placement: Placement = { symbol: "mine", kind: "data", section: "locked_data", by: "source" };
    expect(codes(verify(program, placement)[0])).toEqual(["thread-local"]);
  });

  it("what nobody compiled is unknown", () => {
    const program = build([`int f(int x) { return x; }\n${MAIN}`]);
    expect(codes(verify(program, code("mistyped"))[0])).toEqual(["unknown"]);
  });

  it("an orphan after the end symbol is not locked", () => {
    const script = join(scratch, "bounds.ld");
    writeFileSync(
      script,
      `SECTIONS { locked_text : { __locked_text_start = .; *(.text.g) __locked_text_end = .; *(.text.f) } } INSERT AFTER .text;\n`,
    );
    const program = build(
      [
        `__attribute__((noinline)) int g(int x) { return x * 5; }\n__attribute__((noinline)) int f(int x) { return g(x) * 3; }\n${MAIN}`,
      ],
      { compile: ["-ffunction-sections"], link: [`-Wl,-T,${script}`] },
    );
    const [f, g] = verify(program, code("f"), code("g"));
    expect(f!.mismatches).toEqual([{ code: "after-end", end: "__locked_text_end" }]);
    expect(g!.mismatches).toEqual([]);
  });

  it("a stripped file tells of nothing", () => {
    const program = build([`${LOCKED} int f(int x) { return x * 3; }\n${MAIN}`]);
    execFileSync("strip", [program]);
    expect(codes(verify(program, code("f"))[0])).toEqual(["unknown"]);
  });
});
