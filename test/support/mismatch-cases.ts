/** Placements that did not come true, each made so by real compilers and linkers; the line of the definition ends with HERE. */
import { expect } from "vitest";
import type { Mismatch } from "../../src/core/placement/verify.js";
import { CLANG, CLANGPP } from "./placed-source.js";

export interface MismatchCase {
  /** What made it so. */
  readonly construct: string;
  readonly files: Readonly<Record<string, string>>;
  /** Makes "program", in the folder of the files. */
  readonly build: readonly (readonly string[])[];
  /** f in locked_text where nothing else is said. */
  readonly symbol?: string;
  readonly kind?: "rodata" | "data" | "bss";
  readonly expected: readonly Mismatch[];
  /** Where linkers or debug information tell no line. */
  readonly nowhere?: true;
}

const TAG = '__attribute__((section("locked_text")))';
const KEPT = "__attribute__((noinline))";
const MAIN = "int f(int);\nint main(int c, char **v) { (void)v; return f(c); }\n";
const PLAIN = `${KEPT} int f(int x) { return x * 3; } // HERE\n`;
const O2 = ["-O2", "-g"];
const SPLIT = ["-ffunction-sections", "-fdata-sections"];
const elsewhere = (section = ".text"): readonly Mismatch[] => [{ code: "elsewhere", section }];
/** By gcc, of everything that is there. */
const gcc = (...options: readonly string[]) => [["gcc", ...O2, ...options, "-o", "program"]];
const script = (body: string): string => `SECTIONS { locked_text : { ${body} } } INSERT AFTER .text;\n`;
const locked = (body: string) => ({ "locked.ld": script(body) });
const BY_SCRIPT = ["-Wl,-T,locked.ld"];

const COLD = `void abort(void);
__attribute__((cold, noinline)) void complain(int x) { if (x > 100) abort(); }
int f(int x) { // HERE
  if (__builtin_expect(x > 1000, 0)) { complain(x); complain(x + 1); complain(x + 2); }
  return x * 7;
}
`;
const PARTLY = `int work(int *, int);
int f(int *p, int x) { // HERE
  if (!p) return 0;
  for (int i = 0; i < x; i++) p[i] += work(p, i) * work(p, i + 1);
  for (int i = 0; i < x; i++) p[i] -= work(p, i) * work(p, i + 2);
  return work(p, x);
}
int main(int c, char **v) { int a[9] = {0}; return f(c > 1 ? a : 0, c) + f(c > 2 ? a : 0, c + 1) + (v != 0); }
`;
const WORK = "int work(int *p, int x) { return p[x & 7] + x; }\n";
const CONSTANT = `static ${KEPT} int f(int x, int y) { volatile int z = x; return z * y; } // HERE
int main(int c, char **v) { (void)v; return f(c, 3) + f(c + 1, 3); }
`;
const COPIED = `__attribute__((noinline)) int f(int x, int y) { // HERE
  volatile int z = x;
  for (int i = 0; i < y; i++) z += i * y;
  return z * y;
}
int other(int x) { return f(x, 3) + f(x + 1, 3); }
`;
const SHARED = (tag: string, name: string): string =>
  `template <class T> ${tag} ${KEPT} T f(T x) { return x * 3; }\nint ${name}(int x) { return f(x); }\n`;

export const MISMATCH_CASES: readonly MismatchCase[] = [
  {
    construct: "a function that every caller has a copy of",
    files: {
      "a.c": `static int f(int x) { volatile int z = x; return z * 3; } // HERE\nint main(int c, char **v) { (void)v; return f(c) + f(c + 1); }\n`,
    },
    build: gcc("a.c"),
    expected: [{ code: "inlined", calls: 2 }],
  },
  {
    construct: "a function that clang put into its only caller",
    files: {
      "a.c": `static int f(int x) { return x * 3; } // HERE\nint main(int c, char **v) { (void)v; return f(c); }\n`,
    },
    build: [[CLANG, ...O2, "a.c", "-o", "program"]],
    expected: [{ code: "inlined", calls: 1 }],
  },
  {
    construct: "always_inline, without optimising",
    files: {
      "a.c": `__attribute__((always_inline)) static inline int f(int x) { return x * 3; } // HERE\nint main(int c, char **v) { (void)v; return f(c); }\n`,
    },
    build: [["gcc", "-O0", "-g", "a.c", "-o", "program"]],
    expected: [{ code: "inlined", calls: 1 }],
  },
  {
    construct: "a member that was inlined everywhere",
    files: {
      "a.cc": `struct S { int a = 1; int f(int b) { volatile int z = a; return z * b; } }; // HERE\nint main(int c, char **) { S s; return s.f(c); }\n`,
    },
    build: [["g++", ...O2, "a.cc", "-o", "program"]],
    symbol: "S::f",
    expected: [{ code: "inlined", calls: 1 }],
  },
  {
    construct: "a function that link-time optimisation put into a caller of another file",
    files: { "a.c": "int f(int x) { return x * 3; } // HERE\n", "b.c": MAIN },
    build: gcc("-flto", "a.c", "b.c"),
    expected: [{ code: "inlined", calls: 1 }],
  },
  {
    construct: "a function of Rust that was inlined",
    files: {
      "a.rs":
        "fn f(x: usize) -> usize { // HERE\n  let mut sum = 0;\n  for i in 0..x { sum += std::hint::black_box(i * x); }\n  sum\n}\nfn main() { std::process::exit(f(std::env::args().count()) as i32) }\n",
    },
    build: [["rustc", "--edition", "2021", "-O", "-g", "a.rs", "-o", "program"]],
    symbol: "a::f",
    expected: [{ code: "inlined", calls: 1 }],
  },
  {
    construct: "a tagged function that nothing refers to, collected by GNU ld",
    files: { "a.c": `${TAG} ${KEPT} int f(int x) { return x * 3; } // HERE\nint main(void) { return 0; }\n` },
    build: gcc(...SPLIT, "-Wl,--gc-sections", "a.c"),
    expected: [{ code: "dropped" }],
  },
  {
    construct: "a tagged function that nothing refers to, collected by lld",
    files: { "a.c": `${TAG} ${KEPT} int f(int x) { return x * 3; } // HERE\nint main(void) { return 0; }\n` },
    build: [[CLANG, ...O2, ...SPLIT, "-fuse-ld=lld", "-Wl,--gc-sections", "a.c", "-o", "program"]],
    expected: [{ code: "dropped" }],
  },
  {
    construct: "a tagged function that nothing refers to, collected by gold",
    files: { "a.c": `${TAG} ${KEPT} int f(int x) { return x * 3; } // HERE\nint main(void) { return 0; }\n` },
    build: gcc(...SPLIT, "-fuse-ld=gold", "-Wl,--gc-sections", "a.c"),
    expected: [{ code: "dropped" }],
  },
  {
    construct: "a variable that nothing refers to, collected",
    files: { "a.c": "int f = 3; // HERE\nint main(void) { return 0; }\n" },
    build: gcc(...SPLIT, "-Wl,--gc-sections", "a.c"),
    kind: "data",
    expected: [{ code: "dropped" }],
  },
  {
    construct: "/DISCARD/ in the script",
    files: {
      "a.c": `${PLAIN}int main(void) { return 0; }\n`,
      "locked.ld": "SECTIONS { /DISCARD/ : { *(.text.f) } } INSERT AFTER .text;\n",
    },
    build: gcc(...SPLIT, "a.c", ...BY_SCRIPT),
    expected: [{ code: "dropped" }],
  },
  {
    construct: "COMDAT: the linker took the untagged copy of another object",
    files: {
      "a.cc": SHARED("", "other").replace("\n", " // HERE\n"),
      "b.cc": SHARED('__attribute__((section(".text.locked_text")))', "g"),
      "c.cc": "int g(int), other(int);\nint main(int c, char **) { return g(c) + other(c); }\n",
    },
    build: [[CLANGPP, ...O2, "-fuse-ld=lld", "c.cc", "a.cc", "b.cc", "-o", "program"]],
    expected: [{ code: "other-copy", section: ".text" }],
  },
  {
    construct: "a weak definition that was overridden by a plain one",
    files: {
      "a.c": `__attribute__((weak, section("locked_text"))) int f(int x) { return x * 3; }\nint g(int x) { return f(x) + x; }\n`,
      "b.c": `${KEPT} int f(int x) { return x * 5; } // HERE\n`,
      "c.c": "int f(int), g(int);\nint main(int c, char **v) { (void)v; return f(c) + g(c); }\n",
    },
    build: gcc("a.c", "b.c", "c.c"),
    expected: elsewhere(),
  },
  {
    construct: "the cold half, where objcopy renamed the hot one",
    files: { "a.c": COLD, "b.c": MAIN },
    build: [
      ["gcc", ...O2, ...SPLIT, "-c", "a.c"],
      ["objcopy", "--rename-section", ".text.f=locked_text", "a.o"],
      ["gcc", "-g", "a.o", "b.c", "-o", "program"],
    ],
    expected: [{ code: "part-outside", name: "f.cold", section: ".text" }],
  },
  {
    construct: "the cold half, which the script's pattern leaves out",
    files: { "a.c": COLD, "b.c": MAIN, ...locked("*(.text.f)") },
    build: gcc(...SPLIT, "a.c", "b.c", ...BY_SCRIPT),
    expected: [{ code: "part-outside", name: "f.cold", section: ".text" }],
  },
  {
    construct: "the part that gcc split off for partial inlining",
    files: { "a.c": PARTLY, "b.c": WORK, ...locked("*(.text.f)") },
    build: gcc(...SPLIT, "-fno-ipa-cp", "-fno-ipa-sra", "-fno-ipa-icf", "a.c", "b.c", ...BY_SCRIPT),
    expected: [{ code: "part-outside", name: "f.part.0", section: ".text" }],
  },
  {
    construct: "only the copy for a constant argument is left",
    files: { "a.c": CONSTANT },
    build: gcc("a.c"),
    expected: [{ code: "renamed", name: "f.constprop.0", section: ".text" }],
  },
  {
    construct: "only the copy with fewer arguments is left",
    files: {
      "a.c": `struct s { int a, b; };\nstatic ${KEPT} int f(struct s *p, int unused) { (void)unused; volatile int z = p->a; return z; } // HERE\nint main(int c, char **v) { (void)v; struct s s = {c, 2}; return f(&s, c) + f(&s, c + 1); }\n`,
    },
    build: gcc("a.c"),
    expected: [
      { code: "renamed", name: expect.stringMatching(/^f\.(constprop\.\d+\.)?isra\.\d+$/) as string, section: ".text" },
    ],
  },
  {
    construct: "a copy for a constant argument, beside the function that was placed",
    files: {
      "a.c": COPIED,
      "b.c": "int f(int, int), other(int);\nint main(int c, char **v) { (void)v; return f(c, c) + other(c); }\n",
      ...locked("*(.text.f)"),
    },
    build: gcc(...SPLIT, "-fipa-cp-clone", "a.c", "b.c", ...BY_SCRIPT),
    expected: [{ code: "copy-outside", name: "f.constprop.0", section: ".text" }],
  },
  {
    construct: "two static functions of one name, renamed by link-time optimisation",
    files: {
      "a.c": `static ${KEPT} int f(int x) { volatile int z = x; return z * 3; } // HERE\nint g(int x) { return f(x) + f(x + 1); }\n`,
      "b.c": `static ${KEPT} int f(int x) { volatile int z = x; return z * 5; }\nint g(int);\nint main(int c, char **v) { (void)v; return f(c) + f(c + 2) + g(c); }\n`,
      ...locked("*(.text.f)"),
    },
    build: gcc("-flto", ...SPLIT, "-flto-partition=max", "a.c", "b.c", ...BY_SCRIPT),
    expected: [
      { code: "renamed", name: "f.lto_priv.1", section: ".text" },
      { code: "renamed", name: "f.lto_priv.0", section: ".text" },
    ],
  },
  {
    construct: "a static variable that ThinLTO made global under another name",
    files: {
      "a.c": "static int f = 3; // HERE\nint g(int x) { return f += x; }\nint h(void) { return f; }\n",
      "b.c": "int g(int), h(void);\nint main(int c, char **v) { (void)v; return g(c) + h(); }\n",
    },
    build: [
      [CLANG, ...O2, "-flto=thin", "-fuse-ld=lld", "-Wl,-mllvm,-import-instr-limit=100", "a.c", "b.c", "-o", "program"],
    ],
    kind: "data",
    expected: [{ code: "renamed", name: expect.stringMatching(/^f\.llvm\.\d+$/) as string, section: ".data" }],
  },
  {
    construct: "a tag with a slip of the pen",
    files: {
      "a.c": `__attribute__((section("loked_text"), noinline)) int f(int x) { return x * 3; } // HERE\n${MAIN}`,
    },
    build: gcc("a.c"),
    expected: elsewhere("loked_text"),
  },
  {
    construct: "a pattern that matches nothing",
    files: { "a.c": PLAIN + MAIN, ...locked("*(.text.ff)") },
    build: gcc(...SPLIT, "a.c", ...BY_SCRIPT),
    expected: elsewhere(),
  },
  {
    construct: "a comma that belongs to the pattern",
    files: { "a.c": PLAIN + MAIN, ...locked("*(.text.f,.text.f.*)") },
    build: gcc(...SPLIT, "a.c", ...BY_SCRIPT),
    expected: elsewhere(),
  },
  {
    construct: "no sections of functions to match",
    files: { "a.c": PLAIN + MAIN, ...locked("*(.text.f)") },
    build: gcc("a.c", ...BY_SCRIPT),
    expected: elsewhere(),
  },
  {
    construct: "link-time optimisation without sections of functions",
    files: { "a.c": PLAIN + MAIN, ...locked("*(.text.f)") },
    build: [
      ["gcc", ...O2, "-flto", ...SPLIT, "-c", "a.c"],
      ["gcc", ...O2, "-flto", "-fno-function-sections", "a.o", ...BY_SCRIPT, "-o", "program"],
    ],
    expected: elsewhere(),
  },
  {
    construct: "a statement of the script that takes it before",
    files: {
      "a.c": PLAIN + MAIN,
      "locked.ld": `SECTIONS { before : { *(.text.f) } } INSERT AFTER .text;\n${script("*(.text.f)")}`,
    },
    build: gcc(...SPLIT, "a.c", ...BY_SCRIPT),
    expected: elsewhere("before"),
  },
  {
    construct: "a script that puts the tag into .text",
    files: {
      "a.c": `${TAG} ${KEPT} int f(int x) { return x * 3; } // HERE\n${MAIN}`,
      "locked.ld": "SECTIONS { .text.all : { *(.text .text.* locked_text) } } INSERT BEFORE .fini;\n",
    },
    build: gcc("a.c", ...BY_SCRIPT),
    expected: elsewhere(".text.all"),
  },
  {
    construct: "built before it was placed",
    files: { "a.c": PLAIN + MAIN },
    build: gcc("a.c"),
    expected: elsewhere(),
  },
  {
    construct: "one of two static functions of one name has no tag",
    files: {
      "a.c": `static ${TAG} ${KEPT} int f(int x) { return x * 3; }\nint g(int x) { return f(x); }\n`,
      "b.c": `static ${KEPT} int f(int x) { return x * 5; } // HERE\nint g(int);\nint main(int c, char **v) { (void)v; return f(c) + g(c); }\n`,
    },
    build: gcc("a.c", "b.c"),
    expected: elsewhere(),
  },
  {
    construct: "a template that gcc compiled: it ignores the tag",
    files: {
      "a.cc": `template <class T> ${TAG} ${KEPT} T f(T x) { return x * 3; } // HERE\nint main(int c, char **) { return f(c); }\n`,
    },
    build: [["g++", ...O2, "a.cc", "-o", "program"]],
    expected: elsewhere(),
  },
  {
    construct: "a generic function of Rust",
    files: {
      "a.rs":
        "#[inline(never)]\nfn f<T: std::ops::Add<Output = T> + Copy>(x: T) -> T { x + x } // HERE\nfn main() { std::process::exit(f(std::env::args().count()) as i32) }\n",
    },
    build: [["rustc", "--edition", "2021", "-O", "-g", "a.rs", "-o", "program"]],
    symbol: "a::f",
    expected: elsewhere(),
  },
  {
    construct: "an alias of a function that was not placed",
    files: {
      "a.c": `${KEPT} int real(int x) { return x * 3; } // HERE\nint f(int x) __attribute__((alias("real")));\n${MAIN}`,
    },
    build: gcc("a.c"),
    expected: elsewhere(),
  },
  {
    construct: "an ifunc: its resolver is placed, what it chooses is not",
    files: {
      "a.c": `static int one(int x) { return x * 3; }\n${TAG} static int (*pick(void))(int) { return one; } // HERE\nint f(int) __attribute__((ifunc("pick")));\n${MAIN}`,
    },
    build: gcc("a.c"),
    expected: [{ code: "ifunc" }],
  },
  {
    construct: "an absolute symbol: a number that happens to lie in the section",
    files: {
      "a.c": `${TAG} ${KEPT} int g(int x) { return x * 3; }\nint main(int c, char **v) { (void)v; return g(c); }\n`,
      "locked.ld": "f = 0x500000;\n",
    },
    build: gcc("-no-pie", "-Wl,--section-start=locked_text=0x500000", "-Wl,--defsym=f=0x500000", "a.c"),
    expected: [{ code: "unknown" }],
    nowhere: true,
  },
  {
    construct: "a function of a shared library, asked of the program",
    files: { "a.c": PLAIN.replace(" // HERE", ""), "b.c": MAIN.replace("\n", " // HERE\n") },
    build: [
      ["gcc", ...O2, "-fPIC", "-shared", "a.c", "-o", "liba.so"],
      ["gcc", ...O2, "b.c", "./liba.so", "-o", "program"],
    ],
    expected: [{ code: "declaration-only" }],
  },
  {
    construct: "a function of a shared library that has an address in the program",
    files: {
      "a.c": PLAIN.replace(" // HERE", ""),
      "b.c": "int f(int); // HERE\nint (*volatile p)(int) = f;\nint main(int c, char **v) { (void)v; return p(c); }\n",
    },
    build: [
      ["gcc", ...O2, "-fPIC", "-shared", "a.c", "-o", "liba.so"],
      ["gcc", ...O2, "-no-pie", "-fno-pie", "b.c", "./liba.so", "-o", "program"],
    ],
    expected: [{ code: "declaration-only" }],
  },
  {
    construct: "a variable of a shared library, copied into the program's .bss",
    files: {
      "a.c": '__attribute__((section("locked_data"))) int f = 3;\n',
      "b.c": "extern int f; // HERE\nint main(int c, char **v) { (void)v; return f + c; }\n",
    },
    build: [
      ["gcc", ...O2, "-fPIC", "-shared", "a.c", "-o", "liba.so"],
      ["gcc", ...O2, "-no-pie", "-fno-pie", "b.c", "./liba.so", "-o", "program"],
    ],
    kind: "data",
    expected: elsewhere(".bss"),
  },
  {
    construct: "a common symbol, which has no section of its own",
    files: {
      "a.c": "int f; // HERE\nint main(int c, char **v) { (void)v; return f += c; }\n",
      "locked.ld": "SECTIONS { locked_bss (NOLOAD) : { *(.bss.f) } } INSERT AFTER .bss;\n",
    },
    build: gcc(...SPLIT, "-fcommon", "a.c", ...BY_SCRIPT),
    kind: "bss",
    expected: elsewhere(".bss"),
  },
  {
    construct: "a constant that holds addresses, in a program that is loaded anywhere",
    files: {
      "a.c":
        "static int x;\nconst int *const f[] = {&x, &x, 0}; // HERE\nint main(int c, char **v) { (void)v; return *f[c & 1]; }\n",
      "locked.ld": "SECTIONS { locked_rodata : { *(.rodata.f) } } INSERT AFTER .rodata;\n",
    },
    build: gcc(...SPLIT, "-fPIE", "-pie", "a.c", ...BY_SCRIPT),
    kind: "rodata",
    expected: elsewhere(".data.rel.ro"),
  },
  {
    construct: "identical code folded by lld",
    files: {
      "a.c": `int f(int x) { return x * 37 + 1; } // HERE\nint g(int x) { return x * 37 + 1; }\n`,
      "b.c": "int f(int), g(int);\nint main(int c, char **v) { (void)v; return f(c) + g(c + 1); }\n",
    },
    build: [
      [CLANG, ...O2, ...SPLIT, "-fno-ipa-icf", "-fuse-ld=lld", "-Wl,--icf=all", "a.c", "b.c", "-o", "program"].filter(
        (one) => one !== "-fno-ipa-icf",
      ),
    ],
    expected: elsewhere(),
  },
  {
    construct: "identical code folded by gold",
    files: {
      "a.c": `int f(int x) { return x * 37 + 1; } // HERE\n`,
      "a2.c": `int g(int x) { return x * 37 + 1; }\n`,
      "b.c": "int f(int), g(int);\nint main(int c, char **v) { (void)v; return f(c) + g(c + 1); }\n",
    },
    build: gcc(...SPLIT, "-fuse-ld=gold", "-Wl,--icf=all", "a.c", "a2.c", "b.c"),
    expected: elsewhere(),
  },
  {
    construct: "a function written in assembler",
    files: {
      "a.S":
        '.text\n.globl f\n.type f, @function\nf: # HERE\n  leal (%rdi,%rdi,2), %eax\n  ret\n.size f, .-f\n.section .note.GNU-stack,"",@progbits\n',
      "b.c": MAIN,
    },
    build: gcc("a.S", "b.c"),
    expected: elsewhere(),
    nowhere: true,
  },
  {
    construct: "a variable whose value is known",
    files: { "a.c": "static int f = 5; // HERE\nint main(int c, char **v) { (void)v; return c + f; }\n" },
    build: gcc("a.c"),
    kind: "data",
    expected: [{ code: "optimised-away" }],
  },
  {
    construct: "a const of Rust",
    files: {
      "a.rs": "const F: usize = 3; // HERE\nfn main() { std::process::exit((std::env::args().count() * F) as i32) }\n",
    },
    build: [["rustc", "--edition", "2021", "-O", "-g", "a.rs", "-o", "program"]],
    symbol: "a::F",
    kind: "rodata",
    expected: [{ code: "unknown" }],
    nowhere: true,
  },
  {
    construct: "a thread's own variable",
    files: { "a.c": "_Thread_local int f = 3; // HERE\nint main(int c, char **v) { (void)v; return f += c; }\n" },
    build: gcc("a.c"),
    kind: "data",
    expected: [{ code: "thread-local" }],
  },
  {
    construct: "an orphan behind the end symbol",
    files: {
      "a.c": `${TAG} ${KEPT} int f(int x) { return x * 3; } // HERE\n${KEPT} int g(int x) { return x * 5; }\nint main(int c, char **v) { (void)v; return f(c) + g(c); }\n`,
      ...locked("__locked_text_start = .; *(.text.g) __locked_text_end = .;"),
    },
    build: gcc(...SPLIT, "a.c", ...BY_SCRIPT),
    expected: [{ code: "after-end", end: "__locked_text_end" }],
  },
  {
    construct: "a statement behind the end symbol",
    files: { "a.c": PLAIN + MAIN, ...locked("__start_locked_text = .; __stop_locked_text = .; *(.text.f)") },
    build: gcc(...SPLIT, "a.c", ...BY_SCRIPT),
    expected: [{ code: "after-end", end: "__stop_locked_text" }],
  },
  {
    construct: "an end symbol in its middle",
    files: { "a.c": PLAIN + MAIN, ...locked("__locked_text_start = .; *(.text.f) __locked_text_end = . - 1;") },
    build: gcc(...SPLIT, "a.c", ...BY_SCRIPT),
    expected: [{ code: "after-end", end: "__locked_text_end" }],
  },
  {
    construct: "a start symbol behind it",
    files: { "a.c": PLAIN + MAIN, ...locked("*(.text.f) __locked_text_start = .; *(.text.g) __locked_text_end = .;") },
    build: gcc(...SPLIT, "a.c", ...BY_SCRIPT),
    expected: [{ code: "before-start", start: "__locked_text_start" }],
  },
  {
    construct: "a name that nobody gave",
    files: { "a.c": PLAIN + MAIN },
    build: gcc("a.c"),
    symbol: "mistyped",
    expected: [{ code: "unknown" }],
    nowhere: true,
  },
  {
    construct: "a stripped file",
    files: { "a.c": `${TAG} ${KEPT} int f(int x) { return x * 3; }\n${MAIN}` },
    build: gcc("-s", "a.c"),
    expected: [{ code: "unknown" }],
    nowhere: true,
  },
  {
    construct: "an inlined function, without debug information",
    files: { "a.c": `static int f(int x) { return x * 3; }\nint main(int c, char **v) { (void)v; return f(c); }\n` },
    build: [["gcc", "-O2", "a.c", "-o", "program"]],
    expected: [{ code: "unknown" }],
    nowhere: true,
  },
];
