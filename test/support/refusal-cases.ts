/** What cannot be placed, each refused before anything is changed; the line that is told ends with HERE. */
import { CLANGPP } from "./placed-source.js";

export interface RefusalCase {
  readonly construct: string;
  readonly files: Readonly<Record<string, string>>;
  /** Makes "program". */
  readonly build: readonly (readonly string[])[];
  /** Texts that are other ones since the build. */
  readonly changed?: Readonly<Record<string, string>>;
  /** For a shell, after all that. */
  readonly after?: string;
  /** f where nothing else is said. */
  readonly symbol?: string;
  readonly options?: readonly string[];
  readonly code: string;
  readonly says: RegExp;
}

const MAIN = "int main(void) { return f(); }\n";
const gcc = (...options: readonly string[]) => [["gcc", "-O1", "-g", ...options, "-o", "program"]];
const gpp = [["g++", "-O0", "-g", "-std=c++17", "a.cc", "-o", "program"]];
const rustc = [["rustc", "--edition", "2021", "-O", "-g", "a.rs", "-o", "program"]];
const A = "a.c";

export const REFUSAL_CASES: readonly RefusalCase[] = [
  {
    construct: "a thread's own variable",
    files: { [A]: "_Thread_local int f = 1;\nint main(void) { return f; }\n" },
    build: gcc(A),
    code: "thread-local",
    says: /thread-local/,
  },
  {
    construct: "a thread's own variable, by the script",
    files: { [A]: "_Thread_local int f = 1;\nint main(void) { return f; }\n" },
    build: gcc(A),
    options: ["--script"],
    code: "thread-local",
    says: /thread-local/,
  },
  {
    construct: "a macro that makes a function",
    files: { [A]: `#define HANDLER(name) int name(void)\nHANDLER(f) { return 1; } // HERE\n${MAIN}` },
    build: gcc(A),
    code: "macro",
    says: /HANDLER/,
  },
  {
    construct: "a macro that makes a table",
    files: {
      [A]: "#define TABLE(x) int x##_table[4] = {1}\nTABLE(sine); // HERE\nint main(int c, char **v) { (void)v; return sine_table[c]; }\n",
    },
    build: gcc(A),
    symbol: "sine_table",
    code: "macro",
    says: /TABLE/,
  },
  {
    construct: "only declared since the build",
    files: { [A]: `int f(void) { return 1; }\n${MAIN}` },
    build: gcc("-fno-inline", A),
    changed: { [A]: `int f(void); // HERE\n${MAIN}` },
    code: "declaration-only",
    says: /declare/,
  },
  {
    construct: "gone since the build",
    files: { [A]: `int f(void) { return 1; }\n${MAIN}` },
    build: gcc("-fno-inline", A),
    changed: { [A]: "int main(void) { return 1; }\n" },
    code: "changed",
    says: /build again/,
  },
  {
    construct: "automatic since the build",
    files: { [A]: "int g(void) {\n  static int f = 1;\n  return f++;\n}\nint main(void) { return g() + g(); }\n" },
    build: gcc("-O0", A),
    changed: { [A]: "int g(void) {\n  int f = 1; // HERE\n  return f++;\n}\nint main(void) { return g() + g(); }\n" },
    code: "automatic",
    says: /./,
  },
  {
    construct: "several since the build, in branches of the preprocessor",
    files: { [A]: `int f(void) { return 1; }\n${MAIN}` },
    build: gcc("-fno-inline", A),
    changed: { [A]: `#ifdef X\nint f(void) { return 2; }\n#else\nint f(void) { return 1; }\n#endif\n${MAIN}` },
    code: "several",
    says: /lines 2, 4/,
  },
  {
    construct: "several of one name, in two files",
    files: {
      [A]: "static int f = 3;\nint g(int x) { return f += x; }\n",
      "b.c": "static int f = 5;\nint g(int);\nint main(int c, char **v) { (void)v; return f += g(c); }\n",
    },
    build: gcc(A, "b.c"),
    code: "ambiguous",
    says: /a\.c:f.*b\.c:f/,
  },
  {
    construct: "a source outside of the project",
    files: { [A]: MAIN.replace("int main", "int f(void);\nint main") },
    build: [
      [
        "sh",
        "-c",
        'mkdir -p ../"$(basename "$PWD")"-far && echo "int f(void) { return 1; }" > ../"$(basename "$PWD")"-far/far.c',
      ],
      ["sh", "-c", 'gcc -O1 -g a.c ../"$(basename "$PWD")"-far/far.c -o program'],
    ],
    code: "file",
    says: /outside of the project/,
  },
  {
    construct: "a link that leads out of the project",
    files: { [A]: MAIN.replace("int main", "int f(void);\nint main") },
    build: [
      [
        "sh",
        "-c",
        'mkdir -p ../"$(basename "$PWD")"-far && echo "int f(void) { return 1; }" > ../"$(basename "$PWD")"-far/far.c && ln -s ../"$(basename "$PWD")"-far/far.c b.c',
      ],
      ["gcc", "-O1", "-g", A, "b.c", "-o", "program"],
    ],
    code: "file",
    says: /outside of the project/,
  },
  {
    construct: "a pipe in the source's place",
    files: { [A]: `int f(void) { return 1; }\n${MAIN}` },
    build: gcc("-fno-inline", A),
    after: "rm a.c; mkfifo a.c",
    code: "file",
    says: /no source file that could be changed/,
  },
  {
    construct: "a source that is not here any more",
    files: { [A]: `int f(void) { return 1; }\n${MAIN}` },
    build: gcc("-fno-inline", A),
    after: "rm a.c",
    code: "file",
    says: /a\.c/,
  },
  {
    construct: "a template that gcc compiles",
    files: {
      "a.cc": "template <class T> T f(T a) { return a + 1; } // HERE\nint main(int n, char **) { return f(n); }\n",
    },
    build: gpp,
    code: "template",
    says: /place it by the linker script/,
  },
  {
    construct: "an inline function that gcc compiles",
    files: { "a.cc": "inline int f(int a) { return a * 3; } // HERE\nint main(int n, char **) { return f(n); }\n" },
    build: gpp,
    code: "inline",
    says: /place it by the linker script/,
  },
  {
    construct: "an inline variable",
    files: { "a.cc": "inline int f = 4; // HERE\nint main() { return f++; }\n" },
    build: gpp,
    code: "inline",
    says: /inline/,
  },
  {
    construct: "a lambda",
    files: { "a.cc": "int main(int n, char **) { auto f = [](int a) { return a * 3; }; return f(n); }\n" },
    build: gpp,
    symbol: "main::{lambda(int)#1}::operator()(int) const",
    code: "lambda",
    says: /./,
  },
  {
    construct: "a copy constructor that nobody wrote",
    files: {
      "a.cc": "#include <string>\nstruct S { std::string s; };\nint main() { S s; S t = s; return t.s.size(); }\n",
    },
    build: gpp,
    symbol: "S::S(S const&)",
    code: "compiler-made",
    says: /./,
  },
  {
    construct: "a table of virtual functions, by clang",
    files: {
      "a.cc":
        "struct B { virtual ~B() = default; virtual int f() { return 1; } };\nB b;\nint main() { return b.f(); }\n",
    },
    build: [[CLANGPP, "-O0", "-g", "a.cc", "-o", "program"]],
    symbol: "vtable for B",
    code: "compiler-made",
    says: /./,
  },
  {
    construct: "a constant that holds addresses, of a program that is loaded anywhere",
    files: {
      [A]: "static int x;\nconst int *const f[] = {&x, &x, 0}; // HERE\nint main(int c, char **v) { (void)v; return *f[c & 1]; }\n",
    },
    build: gcc("-fPIE", "-pie", A),
    code: "relocated-constant",
    says: /./,
  },
  {
    construct: "an alias",
    files: { [A]: `int real(void) { return 1; }\nint f(void) __attribute__((alias("real")));\n${MAIN}` },
    build: gcc(A),
    code: "alias",
    says: /./,
  },
  {
    construct: "an ifunc",
    files: {
      [A]: `static int one(void) { return 1; }\nstatic int (*pick(void))(void) { return one; }\nint f(void) __attribute__((ifunc("pick")));\n${MAIN}`,
    },
    build: gcc(A),
    code: "alias",
    says: /./,
  },
  {
    construct: "a section of its own already",
    files: { [A]: `__attribute__((section("mine"))) int f(void) { return 1; } // HERE\n${MAIN}` },
    build: gcc("-fno-inline", A),
    code: "other-section",
    says: /mine/,
  },
  {
    construct: "a section that another declaration has made of another kind",
    files: {
      [A]: `__attribute__((section("locked_text"))) int data = 1;\nint f(void) { return data; }\n${MAIN}`,
    },
    build: gcc("-fno-inline", A),
    code: "not-compiled",
    says: /section type conflict|does not compile/,
  },
  {
    construct: "an attribute that the text forbids",
    files: { [A]: `#pragma GCC poison section\nint f(void) { return 1; }\n${MAIN}` },
    build: gcc("-fno-inline", A),
    code: "not-compiled",
    says: /poisoned/,
  },
  {
    construct: "no debug information",
    files: { [A]: `int f(void) { return 1; }\n${MAIN}` },
    build: [["gcc", "-O1", "-fno-inline", A, "-o", "program"]],
    code: "no-debug-information",
    says: /-g/,
  },
  {
    construct: "a function written in assembler",
    files: {
      "a.S":
        '.text\n.globl f\n.type f, @function\nf:\n  movl $1, %eax\n  ret\n.size f, .-f\n.section .note.GNU-stack,"",@progbits\n',
      "b.c": MAIN.replace("int main", "int f(void); // HERE\nint main"),
    },
    build: gcc("a.S", "b.c"),
    code: "declaration-only",
    says: /./,
  },
  {
    construct: "a stripped program",
    files: { [A]: `int f(void) { return 1; }\n${MAIN}` },
    build: gcc("-s", "-fno-inline", A),
    code: "unknown",
    says: /not stripped/,
  },
  {
    construct: "a name that nobody gave",
    files: { [A]: `int f(void) { return 1; }\n${MAIN}` },
    build: gcc(A),
    symbol: "mistyped",
    code: "unknown",
    says: /mistyped/,
  },
  {
    construct: "a variable whose value is known",
    files: { [A]: "static int f = 7;\nint main(int n, char **v) { (void)v; return n * f; }\n" },
    build: gcc("-O2", A),
    code: "optimised-away",
    says: /value is known/,
  },
  {
    construct: "a function as data",
    files: { [A]: `int f(void) { return 1; }\n${MAIN}` },
    build: gcc("-fno-inline", A),
    options: ["--kind", "data"],
    code: "kind",
    says: /text/,
  },
  {
    construct: "an inlined function, by the script",
    files: {
      [A]: "static int f(int x) { volatile int z = x; return z; }\nint main(int c, char **v) { (void)v; return f(c); }\n",
    },
    build: gcc("-O2", A),
    options: ["--script"],
    code: "inlined",
    says: /inlined into all of its callers/,
  },
  {
    construct: "nothing placed that could be removed",
    files: { [A]: `int f(void) { return 1; } // HERE\n${MAIN}` },
    build: gcc("-fno-inline", A),
    options: ["--remove"],
    code: "not-placed",
    says: /not placed/,
  },
  {
    construct: "a const of Rust",
    files: {
      "a.rs": "const F: usize = 3; // HERE\nfn main() { std::process::exit((std::env::args().count() * F) as i32) }\n",
    },
    build: rustc,
    symbol: "a.rs:F",
    options: ["--kind", "rodata"],
    code: "constant",
    says: /each use is a copy|const/,
  },
  {
    construct: "a generic function of Rust",
    files: {
      "a.rs":
        "#[inline(never)]\nfn f<T: std::ops::Add<Output = T> + Copy>(x: T) -> T { x + x } // HERE\nfn main() { std::process::exit(f(std::env::args().count()) as i32) }\n",
    },
    build: rustc,
    symbol: "a::f",
    code: "template",
    says: /./,
  },
];
