/** Each shape of declaration: placed by an attribute, in its section afterwards, and the text as before when taken back. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { editedText } from "../../../../src/core/base/text-edit.js";
import type { SourceAnswer } from "../../../../src/core/placement/source-answer.js";
import { answers, CLANG, CLANGPP, compile, joined, sectionsOf, unlikeBefore } from "../../../support/placed-source.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-source-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const C = `/* A file about shapes. */

#include <stddef.h>
#ifdef NEVER
#include <never.h>
#endif

#define EXPORT __attribute__((visibility("default")))
#define ALIGNED(n) __attribute__((aligned(n)))
#define BEGIN_DECLS
#define UNUSED(x) (void)(x)
struct point { int x, y; };
typedef int number;
extern int declared_before;
static int defined_below(int);
int plain_function(int a) { return a + declared_before; }
static int static_function(int a) { return a * 3 + defined_below(a); }
static inline int inline_function(int a) { return a * 5; }
__attribute__((noinline, hot)) static int with_attribute(int a) { return a * 7; }
static int
gnu_style (int a)
{
  return a * 11;
}
number
gnu_type (number a) { return a * 13; }
int old_style(a, b) int a; char b; { return a + b; }
int
old_style_pointer (name, next, block)
  char *name;
  int (*next)(int);
  char block[4];
{
  return name[0] + next(block[0]);
}
int (*array_result(int a))[3] { static int three[3]; three[0] = a; return &three; }
EXPORT int exported(int a) { return a * 17; }
ALIGNED(32)
static int on_next_line(int a) { return a * 19; }
BEGIN_DECLS
int after_macro(int a) { return a * 23; }
static int defined_below(int a) { return a * 29; }
int *pointer_result(int *a) { return a + 1; }
int (*function_result(int a))(int) { UNUSED(a); return static_function; }
struct point struct_result(struct point p) { return p; }
int (parenthesised)(int a) { return a * 31; }
#if defined(__GNUC__)
static
#endif
int under_condition(int a) { return a * 37; }
#ifdef NEVER
int branches(int a, int b) {
#else
int branches(int a) {
#endif
  return a * 41;
}
#ifdef NEVER
int heads(long a)
#else
int heads(int a)
#endif
{ return a * 43; }
int declared_before = 1;
int zero;
static int counter = 2;
static int first = 3, second = 4, *third = &counter, fourth[4] = {1, 2, 3, 4};
static int zero_first, zero_second;
const int constant = 5;
static const char text[] = "}{ not a brace";
static const char *const names[] = {"a", "b"};
int (*callback)(int) = static_function;
int (*callbacks[2])(int) = {plain_function, static_function};
static struct { int a; int b[3]; } anonymous_type = {1, {2}};
static struct tagged { int a; } tagged_value = {1}, tagged_other = {2};
_Alignas(64) static int aligned_variable = 6;
static int aligned_later __attribute__((aligned(32))) = 7;
volatile unsigned long long many_words = 8;
int matrix[3][3] = {{1, 2, 3}};
extern int extern_defined;
int extern_defined = 9;
static int conditional = sizeof(int) > 2 ? 10 : 11, after_conditional = 12;
const volatile int *pointer_to_const = &counter;
int uses(int n) {
  static int local = 13;
  static int local_zero;
  local_zero += n;
  local += first + second + *third + fourth[n & 3] + zero_first + zero_second + text[n & 7] + names[n & 1][0];
  local += anonymous_type.b[n & 1] + tagged_value.a + tagged_other.a + aligned_variable + aligned_later + conditional;
  local += after_conditional + inline_function(n) + with_attribute(n) + gnu_style(n) + on_next_line(n) + under_condition(n);
  first = second = fourth[n & 3] = zero_first = zero_second = n; third += n; counter++;
  anonymous_type.a = tagged_value.a = tagged_other.a = aligned_variable = aligned_later = conditional = after_conditional = n;
  return local + counter;
}
int (*const keeps_inline)(int) = inline_function;
int main(void) { return uses(1) + keeps_inline(2); }
`;
const C_TEXT =
  "plain_function static_function inline_function with_attribute gnu_style gnu_type old_style old_style_pointer array_result exported on_next_line after_macro defined_below pointer_result function_result struct_result parenthesised under_condition branches heads uses".split(
    " ",
  );
const C_DATA =
  "declared_before counter first second third fourth callback callbacks anonymous_type tagged_value tagged_other aligned_variable aligned_later many_words matrix extern_defined conditional after_conditional pointer_to_const local".split(
    " ",
  );
const C_BSS = ["zero", "zero_first", "zero_second", "local_zero"];
const C_RODATA = ["constant", "text"];
const C_ALL = [...C_TEXT, ...C_DATA, ...C_BSS, ...C_RODATA];

const COMPILERS: readonly (readonly string[])[] = [
  ["gcc", "-O1", "-fPIE", "-std=gnu11"],
  ["gcc", "-O2", "-fPIC", "-std=gnu99", "-fno-inline"],
  [CLANG, "-O0", "-fPIE", "-std=gnu11", "-Wno-deprecated-non-prototype", "-Wno-strict-prototypes"],
];

describe.each(COMPILERS.map((command) => [command.join(" "), command] as const))("C, %s", (_, command) => {
  it("places every shape of declaration, and all of them lie in their sections", () => {
    const built = compile(folder, "shapes.c", C, command);
    const all = answers(built, C_ALL);
    expect(all.filter(({ answer }) => !("ok" in answer) || !answer.ok)).toEqual([]);
    const edits = joined(all.map(({ answer }) => answer as SourceAnswer));
    const after = compile(folder, "shapes-placed.c", editedText(C, edits), command);
    const sections = sectionsOf(after.object);
    const outside = all.filter(({ symbol, place }) => {
      const name = [...sections.keys()].find(
        (one) => one === symbol || new RegExp(`^(?:uses\\.)?${symbol}(?:\\.\\d+)?$`).test(one),
      );
      return sections.get(name ?? "") !== `locked_${place!.definition.kind}`;
    });
    expect(outside.map(({ symbol, place }) => `${symbol} ${place!.definition.kind}`)).toEqual([]);
    const inLocked = [...sections]
      .filter(([, section]) => section.startsWith("locked_"))
      .map(([name]) => name.replace(/^uses\.|\.\d+$/g, ""))
      .filter((name) => !name.startsWith("__"));
    expect(inLocked.sort()).toEqual([...C_ALL].sort());
  });

  it("leaves the text as it was when each is taken back", () => {
    const built = compile(folder, "shapes.c", C, command);
    expect(unlikeBefore(built, answers(built, C_ALL))).toEqual([]);
  });
});

const CPP = `// Shapes of C++.
// Of which there are more.

#pragma once_more
#include <cstddef>
#include <map>
#include <type_traits>

#define API __attribute__((visibility("default")))

extern "C" {
int c_linkage(int a) { return a * 3; }
}
extern "C" int c_linkage_alone(int a) { return a * 5; }
extern "C" int c_variable;
int c_variable = 2;
namespace outer {
namespace {
int anonymous_variable = 3;
int anonymous_function(int a) { return a * anonymous_variable++; }
}
inline namespace inner {
int nested(int a) { return anonymous_function(a); }
}
enum class Kind : unsigned char { one, two };
class Base {
public:
  virtual ~Base();
  virtual int area() const = 0;
};
class Shape final : public Base {
public:
  explicit Shape(int side);
  ~Shape() override;
  int area() const override;
  static int count(int by);
  Shape &operator+=(const Shape &other);
  bool operator()(int a) const noexcept;
  operator int() const;
  template <class T> int scaled(T by) const;
  int overloaded(int a);
  int overloaded(int a, int b);
  static int members;
  static const int limits[4];
private:
  int side_ = 1;
};
Base::~Base() {}
Shape::Shape(int side) : side_{side} {}
Shape::~Shape() {}
int Shape::area() const { return side_ * side_; }
int Shape::count(int by) { return members += by; }
Shape &Shape::operator+=(const Shape &other) { side_ += other.side_; return *this; }
bool Shape::operator()(int a) const noexcept { return a > side_; }
Shape::operator int() const { return side_; }
int Shape::overloaded(int a) { return a + side_; }
int Shape::overloaded(int a, int b) { return a + b + side_; }
int Shape::members = 4;
const int Shape::limits[4] = {1, 2, 3, 4};
template <class T> T twice(T a) { return a + a; }
template <> long twice<long>(long a) { return a * 2; }
} // namespace outer
[[nodiscard]] int with_attribute(int a) { return a * 7; }
[[gnu::used]] static int used_static(int a) { return a * 11; }
API auto trailing(int a) -> decltype(a + 1) { return a * 13; }
constexpr int table[8] = {1, 2, 3, 5, 8, 13, 21, 34};
alignas(64) static int aligned = 5;
int braced{6}, parenthesised(7), plain = 8;
std::map<int, int> *map_pointer = nullptr;
std::integral_constant<int, (3 > 2)> *constant_pointer = nullptr;
int outer::Kind_value = 0;
static int (outer::Shape::*member_pointer)(int) = &outer::Shape::overloaded;
auto &reference = braced;
static struct Local { int a = 9; int get() const { return a; } } local_struct;
int named_attribute [[gnu::cold]] (int a) { return a * 19; }
int array_reference_of[3];
int (&array_reference(int a))[3] { array_reference_of[0] = a; return array_reference_of; }
int operator""_times(unsigned long long a) { return static_cast<int>(a) * 23; }
struct To { operator int *() const; };
To::operator int *() const { return nullptr; }
struct Own { void *operator new(std::size_t size); void operator delete(void *block); };
void *Own::operator new(std::size_t size) { return __builtin_malloc(size); }
void Own::operator delete(void *block) { __builtin_free(block); }
int try_block(int a) try { return a * 17; } catch (...) { return 0; }
const char raw[] = R"x(int hidden = 1; }{ )x";
int digits = 1'000'000;
int uses(int n) {
  static int counter = 10;
  outer::Shape shape{n};
  shape += shape;
  counter += shape(n) + int(shape) + shape.overloaded(n) + shape.overloaded(n, n) + outer::Shape::count(n);
  counter += outer::Shape::limits[n & 3] + table[n & 7] + aligned + (shape.*member_pointer)(n) + local_struct.get();
  aligned = n; member_pointer = nullptr; local_struct.a = n;
  return counter + outer::nested(n) + static_cast<int>(outer::twice<long>(n)) + with_attribute(n) + raw[n & 7];
}
int main() { return uses(2); }
`.replace(/^int outer::Kind_value.*\n/m, "");
/** By their readable name, where one is needed; the mangled name is looked up in what readelf prints. */
const CPP_TEXT: Readonly<Record<string, string>> = {
  c_linkage: "c_linkage",
  c_linkage_alone: "c_linkage_alone",
  "outer::(anonymous namespace)::anonymous_function(int)": "_ZN5outer12_GLOBAL__N_118anonymous_functionEi",
  "outer::inner::nested": "_ZN5outer5inner6nestedEi",
  "outer::Shape::Shape": "_ZN5outer5ShapeC2Ei",
  "outer::Shape::~Shape": "_ZN5outer5ShapeD2Ev",
  "outer::Shape::area": "_ZNK5outer5Shape4areaEv",
  "outer::Shape::count": "_ZN5outer5Shape5countEi",
  "outer::Shape::operator+=(outer::Shape const&)": "_ZN5outer5ShapepLERKS0_",
  "outer::Shape::operator()(int) const": "_ZNK5outer5ShapeclEi",
  "outer::Shape::operator int() const": "_ZNK5outer5ShapecviEv",
  "outer::Shape::overloaded(int)": "_ZN5outer5Shape10overloadedEi",
  "outer::Shape::overloaded(int, int)": "_ZN5outer5Shape10overloadedEii",
  "long outer::twice<long>(long)": "_ZN5outer5twiceIlEET_S1_",
  with_attribute: "_Z14with_attributei",
  used_static: "_ZL11used_statici",
  trailing: "_Z8trailingi",
  named_attribute: "_Z15named_attributei",
  array_reference: "_Z15array_referencei",
  'operator"" _times(unsigned long long)': "_Zli6_timesy",
  "To::operator int*() const": "_ZNK2TocvPiEv",
  "Own::operator new(unsigned long)": "_ZN3OwnnwEm",
  "Own::operator delete(void*)": "_ZN3OwndlEPv",
  try_block: "_Z9try_blocki",
  uses: "_Z4usesi",
};
const CPP_VARIABLES: Readonly<Record<string, string>> = {
  c_variable: "c_variable",
  "outer::(anonymous namespace)::anonymous_variable": "_ZN5outer12_GLOBAL__N_118anonymous_variableE",
  "outer::Shape::members": "_ZN5outer5Shape7membersE",
  "outer::Shape::limits": "_ZN5outer5Shape6limitsE",
  table: "_ZL5table",
  aligned: "_ZL7aligned",
  braced: "braced",
  parenthesised: "parenthesised",
  plain: "plain",
  map_pointer: "map_pointer",
  constant_pointer: "constant_pointer",
  member_pointer: "_ZL14member_pointer",
  local_struct: "_ZL12local_struct",
  raw: "_ZL3raw",
  digits: "digits",
  "uses(int)::counter": "_ZZ4usesiE7counter",
};
const CPP_ALL = { ...CPP_TEXT, ...CPP_VARIABLES };

const CPP_COMPILERS: readonly (readonly string[])[] = [
  ["g++", "-O1", "-fPIE", "-std=c++17", "-fno-inline"],
  ["g++", "-O2", "-fPIC", "-std=c++20"],
  [CLANGPP, "-O0", "-fPIE", "-std=c++17"],
  [CLANGPP, "-O0", "-gdwarf-4", "-std=c++20"],
];

const INLINE_C = `#define HOT_INLINE static inline
static inline int static_inline(int a) { return a * 3; }
inline static int inline_static(int a) { return a * 5; }
static __inline__ int gnu_spelling(int a) { return a * 7; }
HOT_INLINE int by_macro(int a) { return a * 11; }
inline int c99_inline(int a) { return a * 13; }
extern int c99_inline(int a);
extern inline int extern_inline(int a);
inline int extern_inline(int a) { return a * 17; }
int plain(int a) { return a * 19; }
int (*const kept[])(int) = {static_inline, inline_static, gnu_spelling, by_macro, c99_inline, extern_inline, plain};
int main(int n, char **words) { (void)words; return kept[n & 3](n); }
`;
const INLINE_CPP = `static inline int static_inline(int a) { return a * 3; }
namespace {
inline int unnamed_inline(int a) { return a * 5; }
constexpr int unnamed_constant(int a) { return a * 7; }
}
static constexpr int static_constant(int a) { return a * 11; }
int plain(int a) { return a * 13; }
int (*const kept[])(int) = {static_inline, unnamed_inline, unnamed_constant, static_constant, plain};
int main(int n, char **) { return kept[n & 3](n); }
`;
const STRICT = ["-O2", "-fPIE", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function"];

it.each([
  ["inline.c", INLINE_C, 6, ["gcc", "-std=gnu11", ...STRICT]],
  ["inline.c", INLINE_C, 6, [CLANG, "-std=gnu11", ...STRICT]],
  ["inline.cc", INLINE_CPP, 2, ["g++", "-std=c++17", ...STRICT]],
  ["inline.cc", INLINE_CPP, 2, [CLANGPP, "-std=c++17", ...STRICT]],
] as const)(
  "inline functions of %s lie in the section with those that are not, and nothing warns",
  (name, text, inline, command) => {
    const built = compile(folder, name, text, command);
    const functions = [...text.matchAll(/\b(\w+)\(int a\) \{/g)].map(([, symbol = ""]) => symbol);
    const all = answers(
      built,
      functions.map((symbol) => (symbol.startsWith("unnamed") ? `(anonymous namespace)::${symbol}(int)` : symbol)),
    );
    expect(all.filter(({ answer }) => !("ok" in answer) || !answer.ok)).toEqual([]);
    expect(unlikeBefore(built, all)).toEqual([]);
    const hinted = all.filter(({ answer }) => "ok" in answer && answer.ok && answer.hint === "inlined-calls");
    expect(hinted).toHaveLength(command[0] === "gcc" ? inline : 0);
    for (const style of ["macro", "attribute"] as const) {
      const again = answers(
        built,
        all.map(({ symbol }) => symbol),
        { style },
      );
      const placed = editedText(text, joined(again.map(({ answer }) => answer as SourceAnswer)));
      expect(placed.match(/FAULTLINE_CODE_INLINE /g) ?? []).toHaveLength(style === "attribute" ? 0 : inline);
      const sections = sectionsOf(compile(folder, `placed-${name}`, placed, command).object);
      expect(all.map(({ place }) => sections.get(place!.symbol))).toEqual(functions.map(() => "locked_text"));
    }
  },
);

describe.each(CPP_COMPILERS.map((command) => [command.join(" "), command] as const))("C++, %s", (_, command) => {
  it("places every shape of declaration, and all of them lie in their sections", () => {
    const built = compile(folder, "shapes.cc", CPP, command);
    const all = answers(built, Object.keys(CPP_ALL));
    expect(all.filter(({ answer }) => !("ok" in answer) || !answer.ok)).toEqual([]);
    const edits = joined(all.map(({ answer }) => answer as SourceAnswer));
    const after = compile(folder, "shapes-placed.cc", editedText(CPP, edits), command);
    const sections = sectionsOf(after.object);
    const outside = all.filter(
      ({ symbol, place }) => sections.get(CPP_ALL[symbol]!) !== `locked_${place!.definition.kind}`,
    );
    expect(outside.map(({ symbol, place }) => `${symbol} ${place!.definition.kind}`)).toEqual([]);
    expect(unlikeBefore(built, all)).toEqual([]);
  });
});

describe("several declarators, one after the other", () => {
  const main = "int main(void) { return first + second++ + third[1]; }\n";
  const MARKS = [
    ["a macro", "FAULTLINE_DATA "],
    ["an attribute", '__attribute__((section("locked_data"))) '],
  ] as const;

  it.each(MARKS)("%s at the end of the first is not the second's", (_, mark) => {
    const text = `#include "faultline.h"\nstatic int first ${mark}= 1, second = 2, third[4] = {3};\n${main}`;
    const built = compile(folder, "declarators.c", text.replace(mark, ""), ["gcc", "-O0"]);
    const [second, third] = answers({ ...built, text }, ["second", "third"], { changed: true });
    const placed = editedText(text, joined([second!.answer, third!.answer] as SourceAnswer[]));
    const sections = sectionsOf(compile(folder, "declarators-placed.c", placed, ["gcc", "-O0"]).object);
    expect(["first", "second", "third"].map((name) => sections.get(name))).toEqual(Array(3).fill("locked_data"));
  });

  it.each(MARKS)("%s in front of the first is for all", (_, mark) => {
    const text = `#include "faultline.h"\nstatic ${mark}int first = 1, second = 2, third[4] = {3};\n${main}`;
    const built = compile(folder, "declarators.c", text.replace(mark, ""), ["gcc", "-O0"]);
    const found = answers({ ...built, text }, ["first", "second", "third"], { changed: true });
    expect(found.map(({ answer }) => answer)).toMatchObject(Array(3).fill({ ok: false, refusal: { code: "already" } }));
  });
});
