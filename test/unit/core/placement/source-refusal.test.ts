/** Why the source cannot place something: each reason made real by a compiler, with the right one told at the right line. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SourceOptions } from "../../../../src/core/placement/source-answer.js";
import { sourceRefusalText } from "../../../../src/core/report/source-refusals.js";
import { english } from "../../../../src/core/report/translate.js";
import { answers, CLANG, CLANGPP, compile } from "../../../support/placed-source.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-refusal-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What is answered for a symbol of a program; lines count from the text's first. */
function refusal(
  language: "c" | "cpp",
  text: string,
  symbol: string,
  { command = [], options = {} }: { command?: readonly string[]; options?: Partial<SourceOptions> } = {},
): unknown {
  const compiler = command[0] ?? (language === "c" ? "gcc" : "g++");
  const built = compile(folder, `refused.${language === "c" ? "c" : "cc"}`, text, [
    compiler,
    ...(command.length > 1 ? command.slice(1) : ["-O0", "-fPIE"]),
  ]);
  const { answer } = answers(built, [symbol], options)[0]!;
  if ("ok" in answer) return answer.ok ? answer : answer.refusal;
  return answer;
}

describe("C", () => {
  it.each([
    ["_Thread_local int t = 1;\nint main(void) { return t; }", "t"],
    ["static __thread int t = 1;\nint main(void) { return t; }", "t"],
    ["__thread int t;\nint main(void) { return t; }", "t"],
  ])("a thread's own variable has no place: %s", (text, symbol) => {
    expect(refusal("c", text, symbol)).toEqual({ code: "thread-local" });
  });

  it("what is nowhere is unknown, and what has no debug information has no known place", () => {
    expect(refusal("c", "int main(void) { return 0; }", "nothing")).toEqual({ code: "unknown" });
    const text = "int known = 1;\nint main(void) { return known; }";
    expect(refusal("c", text, "known", { command: ["gcc", "-O0", "-g0", "-Wl,--strip-debug"] })).toEqual({
      code: "no-debug-information",
    });
  });

  it.each([
    ["other_name", 'int f(int a) __asm__("other_name");\nint f(int a) { return a; }\nint main(void) { return f(1); }'],
    ["other_name", 'int v __asm__("other_name") = 3;\nint main(void) { return v; }'],
  ])("%s: an asm label, which the source calls otherwise: %s", (symbol, text) => {
    for (const compiler of ["gcc", CLANG])
      expect(refusal("c", text, symbol, { command: [compiler, "-O0"] })).toEqual({ code: "renamed" });
  });

  it("a variable whose value is known has been optimised away", () => {
    const text = "static const int seven = 7;\nint main(int n, char **v) { (void)v; return n * seven; }";
    expect(refusal("c", text, "seven", { command: ["gcc", "-O2"] })).toEqual({ code: "optimised-away" });
  });

  it.each([
    [
      "#define HANDLER(name) int name(int a)\nHANDLER(made) { return a; }\nint main(void) { return made(1); }",
      "made",
      "HANDLER",
    ],
    [
      "#define TABLE(x) int x##_table[4] = {1}\nTABLE(sine);\nint main(void) { return sine_table[0]; }",
      "sine_table",
      "TABLE",
    ],
    [
      "#define DEFINE_STATE(type, name) static type name = 1\nDEFINE_STATE(int, state);\nint main(void) { return state++; }",
      "state",
      "DEFINE_STATE",
    ],
    ["#define BODY { return 1; } int main(void) { return f(); }\nint f(void) BODY\n", "f", "BODY"],
    ["#define BEGIN {\nint f(void) BEGIN return 1; }\nint main(void) { return f(); }", "f", "BEGIN"],
    [
      "#define PAIR(a) int a##_first = 1; int a##_second = 2;\nPAIR(of)\nint main(void) { return of_second; }",
      "of_second",
      "PAIR",
    ],
  ])("%s: a macro makes it", (text, symbol, macro) => {
    expect(refusal("c", text, symbol)).toEqual({ code: "macro", macro, line: 2 });
  });

  it.each([
    [
      'int real(void) { return 1; }\nint other(void) __attribute__((alias("real")));\nint main(void) { return other(); }',
      "other",
    ],
    [
      'static int one(void) { return 1; }\nstatic int (*pick(void))(void) { return one; }\nint chosen(void) __attribute__((ifunc("pick")));\nint main(void) { return chosen(); }',
      "chosen",
    ],
  ])("%s: another name of something else", (text, symbol) => {
    expect(refusal("c", text, symbol)).toEqual({ code: "alias", line: 0 });
  });

  it("what is placed is placed already, by the macro, by the attribute, or by its section", () => {
    const header = '#include "faultline.h"\n';
    const main = "\nint main(void) { return f(); }";
    expect(refusal("c", `${header}FAULTLINE_CODE int f(void) { return 1; }${main}`, "f")).toMatchObject({
      code: "already",
    });
    const spelled = '__attribute__((section("locked_text"))) int f(void) { return 1; }';
    expect(refusal("c", spelled + main, "f")).toMatchObject({ code: "already", line: 1 });
    const hidden = `#define MINE __attribute__((section("locked_text")))\nMINE int f(void) { return 1; }`;
    expect(refusal("c", hidden + main, "f")).toMatchObject({ code: "already" });
  });

  it.each([
    ['__attribute__((section("mine"))) int f(void) { return 1; }\nint main(void) { return f(); }', "f", "mine"],
    ['int v __attribute__((section(".mine"))) = 1;\nint main(void) { return v; }', "v", ".mine"],
    [
      '#define INIT __attribute__((section(".init.text")))\nINIT int f(void) { return 1; }\nint main(void) { return f(); }',
      "f",
      ".init.text",
    ],
  ])("%s: it has been put elsewhere", (text, symbol, section) => {
    expect(refusal("c", text, symbol)).toMatchObject({ code: "other-section", section });
  });

  it.each([["gcc"], [CLANG]])("a constant that holds addresses fits neither constants nor data: %s", (compiler) => {
    const text =
      "static int x;\nconst int *const pointers[] = {&x, &x};\nint main(int n, char **v) { (void)v; return *pointers[n & 1]; }";
    expect(refusal("c", text, "pointers", { command: [compiler, "-O0", "-fPIE", "-pie"] })).toEqual({
      code: "relocated-constant",
      line: 2,
    });
    expect(refusal("c", text, "pointers", { command: [compiler, "-O0", "-no-pie", "-fno-pie"] })).toMatchObject({
      ok: true,
    });
  });

  it("a text that is newer counts only where the name is defined once", () => {
    const text = "int a = 1;\nint b(void) { return a; }\nint main(void) { return b(); }";
    const built = compile(folder, "newer.c", text, ["gcc", "-O0"]);
    const moved = { ...built, text: `\n\n${text}` };
    expect(answers(moved, ["a"], { changed: true })[0]!.answer).toMatchObject({ ok: true, line: 3 });
    const gone = { ...built, text: text.replace("int a = 1;", "") };
    expect(answers(gone, ["a"], { changed: true })[0]!.answer).toEqual({
      ok: false,
      refusal: { code: "changed", line: 1 },
    });
    const twice = { ...built, text: `${text}\n#ifdef OTHER\nint b(void) { return 2; }\n#endif\n` };
    expect(answers(twice, ["b"], { changed: true })[0]!.answer).toEqual({
      ok: false,
      refusal: { code: "several", lines: [2, 5] },
    });
    expect(answers(twice, ["b"], { changed: false })[0]!.answer).toMatchObject({ ok: true, line: 2 });
  });

  it.each([
    [
      "static inline __attribute__((always_inline)) int f(int a) { return a; }\nint (*keep)(int) = f;\nint main(void) { return keep(1); }",
      {},
    ],
    [
      "#define FORCE static inline __attribute__((__always_inline__))\nFORCE int f(int a) { return a; }\nint (*keep)(int) = f;\nint main(void) { return keep(1); }",
      {},
    ],
    ["static inline int f(int a) { return a * 3; }\nint main(int n, char **v) { (void)v; return f(n); }", {}],
    ["inline int f(int a) { return a * 3; }\nint main(int n, char **v) { (void)v; return f(n); }", { clang: true }],
    [
      "extern inline __attribute__((gnu_inline)) int f(int a) { return a; }\nint main(int n, char **v) { (void)v; return f(n); }",
      {},
    ],
  ])("%s: every call is inlined", (text, { clang = false }: { clang?: boolean }) => {
    for (const compiler of clang ? ["gcc", CLANG] : ["gcc"])
      expect(refusal("c", text, "f", { command: [compiler, "-O2"] })).toMatchObject({ code: "inlined-only" });
  });

  it("clang takes noinline with inline: what was inlined gets code of its own", () => {
    const text = "static inline int f(int a) { return a * 3; }\nint main(int n, char **v) { (void)v; return f(n); }";
    expect(refusal("c", text, "f", { command: [CLANG, "-O2"] })).toMatchObject({ ok: true });
  });

  it("what became automatic since the build has no section any more", () => {
    const text = "int count(void) {\n  static int calls = 1;\n  return calls++;\n}\nint main(void) { return count(); }";
    const built = compile(folder, "automatic.c", text, ["gcc", "-O0"]);
    for (const other of ["auto int calls", "register int calls", "int calls"]) {
      const now = { ...built, text: text.replace("static int calls", other) };
      expect(answers(now, ["calls"])[0]!.answer).toEqual({ ok: false, refusal: { code: "automatic", line: 2 } });
    }
  });

  it("what is only declared since the build is defined elsewhere", () => {
    const text = "int far(void) { return 1; }\nint value = 2;\nint main(void) { return far() + value; }";
    const built = compile(folder, "declared.c", text, ["gcc", "-O0"]);
    const now = { ...built, text: text.replace("{ return 1; }", ";").replace("int value = 2", "extern int value") };
    expect(answers(now, ["far"])[0]!.answer).toEqual({ ok: false, refusal: { code: "declaration-only", line: 1 } });
    expect(answers(now, ["value"])[0]!.answer).toEqual({ ok: false, refusal: { code: "declaration-only", line: 2 } });
  });

  it("a string or a number has no name", () => {
    expect(refusal("c", 'int main(void) { return "text"[0]; }', "main", {})).toMatchObject({ ok: true });
    const built = compile(folder, "literal.c", "int a = 1;\nint main(void) { return a; }", ["gcc", "-O0"]);
    const { place } = answers(built, ["a"])[0]!;
    const literal = { ...place!, definition: { ...place!.definition, displayName: '"event %d"' } };
    expect(sourceRefusalText({ code: "literal" }, literal.definition.displayName, english)).toMatch(/is a literal/);
  });
});

describe("C++", () => {
  const inline = "inline int f(int a) { return a * 3; }\nint main(int n, char **) { return f(n); }";
  const method =
    "struct S { int a = 1; int get(int b) { return a + b; } };\nint main(int n, char **) { S s; return s.get(n); }";
  const template = "template <class T> T f(T a) { return a + 1; }\nint main(int n, char **) { return f(n); }";

  it("gcc does not mix what each object file has with others, and ignores the attribute on templates; clang does neither", () => {
    const clang = { command: [CLANGPP, "-O0"] };
    expect(refusal("cpp", inline, "f(int)")).toEqual({ code: "inline", line: 1 });
    expect(refusal("cpp", inline, "f(int)", clang)).toMatchObject({ ok: true });
    expect(refusal("cpp", method, "S::get")).toEqual({ code: "inline", line: 1 });
    expect(refusal("cpp", method, "S::get", clang)).toMatchObject({ ok: true });
    expect(refusal("cpp", template, "int f<int>(int)")).toEqual({ code: "template", line: 1 });
    expect(refusal("cpp", template, "int f<int>(int)", clang)).toMatchObject({ ok: true });
  });

  it.each([
    [
      "template <class T> struct B { T a; T get() const; };\ntemplate <class T> T B<T>::get() const { return a; }\nint main(int n, char **) { B<int> b{n}; return b.get(); }",
      "B<int>::get",
      { code: "template", line: 2 },
    ],
    [
      "template <class T> struct B { static T count; };\ntemplate <class T> T B<T>::count = 1;\nint main() { return B<int>::count; }",
      "B<int>::count",
      { code: "template", line: 2 },
    ],
    [
      "template <class T> struct B { static int all() { return 3; } };\nint main() { return B<int>::all(); }",
      "B<int>::all",
      { code: "template", line: 1 },
    ],
    [
      "struct S { inline static int shared = 4; };\nint main() { return S::shared++; }",
      "S::shared",
      { code: "inline", line: 1 },
    ],
    ["inline int shared = 4;\nint main() { return shared++; }", "shared", { code: "inline", line: 1 }],
    [
      "inline int f() { static int calls = 3; return calls++; }\nint main() { return f(); }",
      "f()::calls",
      { code: "inline", line: 1 },
    ],
    [
      "struct S { int f() { static int calls = 3; return calls++; } };\nint main() { return S().f(); }",
      "S::f()::calls",
      { code: "inline", line: 1 },
    ],
    [
      "template <class T> T f() { static T calls = 3; return calls++; }\nint main() { return f<int>(); }",
      "int f<int>()::calls",
      { code: "template", line: 1 },
    ],
    ["int f(auto a) { return a + 1; }\nint main(int n, char **) { return f(n); }", "f", { code: "template", line: 1 }],
    [
      "constexpr int f(int a) { return a * 3; }\nint main(int n, char **) { return f(n); }",
      "f(int)",
      { code: "inline", line: 1 },
    ],
    ["thread_local int t = 1;\nint main() { return t; }", "t", { code: "thread-local" }],
    [
      "struct S { static thread_local int t; };\nthread_local int S::t = 1;\nint main() { return S::t; }",
      "S::t",
      { code: "thread-local" },
    ],
    [
      "int main(int n, char **) { auto f = [](int a) { return a * 3; }; return f(n); }",
      "main::{lambda(int)#1}::operator()(int) const",
      { code: "lambda" },
    ],
    [
      "struct B { virtual ~B() = default; virtual int f() { return 1; } };\nB b;\nint main() { return b.f(); }",
      "vtable for B",
      { code: "compiler-made" },
    ],
  ])("%s: %s", (text, symbol, expected) => {
    const found = refusal("cpp", text, symbol, { command: ["g++", "-O0", "-std=c++20"] });
    expect(found).toMatchObject(expected);
  });

  it("what is inline but this file's own can be placed", () => {
    const text =
      "static inline int f(int a) { return a * 3; }\nnamespace { inline int g(int a) { return a * 5; } }\nint main(int n, char **) { return f(n) + g(n); }";
    expect(refusal("cpp", text, "f(int)")).toMatchObject({ ok: true });
    expect(refusal("cpp", text, "(anonymous namespace)::g(int)")).toMatchObject({ ok: true });
  });

  it("what lies where the linker put a mark of its own is no other name of that", () => {
    const text =
      "struct P { int x, y; };\nP p = {1, 2};\nauto [first, second] = p;\nint main() { return first + second; }";
    const found = refusal("cpp", text, "_ZDC5first6secondE", { command: ["g++", "-O0", "-std=c++17"] });
    expect(found).toEqual({ code: "no-debug-information" });
  });

  it("what the compiler wrote itself has no definition to place", () => {
    const text = "#include <string>\nstruct S { std::string s; };\nint main() { S s; S t = s; return t.s.size(); }";
    expect(refusal("cpp", text, "S::~S")).toEqual({ code: "compiler-made" });
    expect(refusal("cpp", text, "S::S(S const&)")).toEqual({ code: "compiler-made" });
  });
});

it("gcc and clang indeed refuse, or ignore, what is refused here", () => {
  const conflict = (text: string, name: string, compiler = "g++"): string => {
    try {
      compile(folder, name, text, [compiler, "-O0", "-fPIE", "-c"]);
      return "";
    } catch (error) {
      return String((error as { stderr?: unknown }).stderr);
    }
  };
  const code = '__attribute__((section("s")))';
  expect(
    conflict(
      `${code} int f() { return 1; }\n${code} inline int g() { return 2; }\nint h() { return f() + g(); }`,
      "mixed.cc",
    ),
  ).toMatch(/section type conflict/);
  expect(
    conflict(`int x;\n${code} int y = 1;\n${code} const int *const p[] = {&x};\nconst int *const *q = p;`, "relro.cc"),
  ).toMatch(/section type conflict/);
  const relocated = `static int x;\n${code} int y = 1;\n${code} const int *const p[] = {&x};\nconst int *const *q = p;`;
  expect(conflict(relocated, "relro-clang.cc", CLANGPP)).toMatch(/section type conflict/);
  const local = `${code} int y = 1;\ninline int f() { ${code} static int n = 3; return n++; }\nint g() { return f(); }`;
  expect(conflict(local, "local.cc")).toMatch(/section type conflict/);
  // Worse than refused: the second goes into the first one's group, and away with it where another file's is taken.
  const inlines = `${code} inline int a(int x) { return x; }\n${code} inline int b(int x) { return x; }\nint c() { return a(1) + b(2); }`;
  expect(conflict(inlines, "inlines.cc")).toBe("");
  const groups = execFileSync("readelf", ["-gW", join(folder, "inlines.cc.g++.out")], { encoding: "utf8" });
  expect(groups.match(/^COMDAT group section/gm)).toHaveLength(1);
  compile(
    folder,
    "template.cc",
    `template <class T> ${code} T f(T a) { return a; }\nint g() { return f(1); }\nint main() { return g(); }`,
    ["g++", "-O0"],
  );
  const sections = execFileSync("readelf", ["-SW", join(folder, "template.cc.g++.out")], { encoding: "utf8" });
  expect(sections).not.toMatch(/\] s /);
});
