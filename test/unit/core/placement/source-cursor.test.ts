/** What the cursor is in, from the text alone. */
import { expect, it } from "vitest";
import type { SourceLanguage } from "../../../../src/core/placement/source-answer.js";
import { definitionAt } from "../../../../src/core/placement/source-cursor.js";

/** The position is where "|" stands. */
function at(text: string, language: SourceLanguage): string | undefined {
  const found = definitionAt(text.replace("|", ""), language, text.indexOf("|"));
  return found && `${found.kind} ${[...found.qualifiers, found.name].join("::")} ${found.line}`;
}

it.each([
  ["in a body", "int f(void) {\n  re|turn 1;\n}", "function f 1"],
  ["on an empty line of a body", "int f(void) {\n|\n  return 1;\n}", "function f 1"],
  ["at a name", "static int cou|nter = 3;", "variable counter 1"],
  ["at a type", "static i|nt counter = 3;", "variable counter 1"],
  ["at one of several", "int a, b|, c;", "variable b 1"],
  ["at a function's name", "static int ro|tate(int x)\n{ return x; }", "function rotate 1"],
  ["in a nested block", "void g(int n) { while (n) { if (n) { n-|-; } } }", "function g 1"],
  ["at a local variable", "void g(void) { int lo|cal = 1; }", "function g 1"],
  ["at a static of a function", "void g(void) { static int lo|cal = 1; }", "variable local 1"],
  ["in the value of a global", "static int t[] = { 1, 2|, 3 };", "variable t 1"],
  ["after an attribute", "__attribute__((noinline)) static int f(int x) {\n  return x|;\n}", "function f 1"],
  ["K&R", "int old(a, b) int a; char b; {\n  return a|;\n}", "function old 1"],
])("C: %s", (_, text, expected) => {
  expect(at(text, "c")).toBe(expected);
});

it.each([
  ["at a declaration", "int f(in|t x);"],
  ["at a type", "typedef int num|ber;"],
  ["at a member", "struct s { int mem|ber; };"],
  ["between functions", "int f(void) { return 1; }\n|\nint g(void) { return 2; }"],
  ["in nothing", "|"],
  ["in a broken text", "int f( { } ) | [ }"],
])("C: nothing %s", (_, text) => {
  expect(at(text, "c")).toBeUndefined();
});

it.each([
  ["a member outside of its class", "void audio::Mixer::call(int n) {\n  n+|+;\n}", "function audio::Mixer::call 1"],
  [
    "a member in its class",
    "namespace a { struct S { int get() const { return x|; } int x; }; }",
    "function a::S::get 1",
  ],
  ["a constructor with members", "S::S(int n) : a(n), b(n) {\n  run(|);\n}", "function S::S 1"],
  ["a destructor", "S::~S() {\n  stop|();\n}", "function S::~S 1"],
  ["an operator", "bool operator==(const S &a, const S &b) {\n  return tr|ue;\n}", "function operator== 1"],
  ["a template", "template <class T> T twice(T x) {\n  return x +| x;\n}", "function twice 1"],
  ["the head of a function", "const Table<float, 65536>& sine() {|\n  return t;\n}", "function sine 1"],
  ["a parameter", "void call(Block& bl|ock) {\n}", "function call 1"],
  ["a lambda in a function", "void f() { auto g = [](int x) { return x|; }; }", "function f 1"],
  [
    "a static of a function made by a constructor",
    "void f() {\n  static T<int, 3> ta|ble(3, g());\n}",
    "variable table 2",
  ],
  [
    "a constructor of a class with a base",
    "class D final : public S {\n  explicit D|(int n) {}\n};",
    "function D::D 2",
  ],
  ["a nameless namespace", "namespace { int hid|den = 1; }", "variable hidden 1"],
])("C++: %s", (_, text, expected) => {
  expect(at(text, "c++")).toBe(expected);
});

it.each([
  ["the last base of a class", "class D : private A, public Sta|ge {\n};"],
  ["a member of a class with a base", "struct D : Stage {\n  int me|mber;\n};"],
])("C++: nothing at %s", (_, text) => {
  expect(at(text, "c++")).toBeUndefined();
});

it.each([
  ["a function", "pub fn run(n: u32) -> u32 {\n    n +| 1\n}", "function run 1"],
  ["a static", "static mut COU|NT: u32 = 0;", "variable COUNT 1"],
  ["a static's line", "sta|tic COUNT: u32 = 0;", "variable COUNT 1"],
  ["a method", "impl S {\n    fn on_tick(&mut self) {\n        self.n|();\n    }\n}", "function on_tick 2"],
  ["a module's function", "mod a {\n    fn b() {|}\n}", "function a::b 2"],
  ["an inner function", "fn outer() { fn inner() { x(|) } }", "function inner 1"],
])("Rust: %s", (_, text, expected) => {
  expect(at(text, "rust")).toBe(expected);
});

it("any text is answered, wherever the cursor is", () => {
  const text = 'namespace a { template<class T struct S { S(: x(1 { f(); } int q = { ; } extern "C" { static';
  for (const language of ["c", "c++", "rust"] as const)
    for (let length = 0; length <= text.length; length++)
      for (let offset = 0; offset <= length; offset += 3) definitionAt(text.slice(0, length), language, offset);
  expect(definitionAt(text, "c", text.length + 100)).toBeUndefined();
});
