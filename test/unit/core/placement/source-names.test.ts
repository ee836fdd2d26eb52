/** Names as demanglers give them, taken apart. */
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { definedName, unwrittenName } from "../../../../src/core/placement/source-names.js";

it.each([
  ["dispatch", "dispatch", [], undefined],
  ["count.0", "count", [], undefined],
  ["uses.count", "count", [], undefined],
  ["uses.count.1", "count", [], undefined],
  ["f.constprop.0", "f", [], undefined],
  ["f.isra.0.cold", "f", [], undefined],
  ["write@@GLIBC_2.2.5", "write", [], undefined],
  ["audio::Mixer::callback(float*, unsigned int)", "callback", ["audio", "Mixer"], 2],
  ["audio::Mixer::callback(float*) const", "callback", ["audio", "Mixer"], 1],
  ["S::~S()", "~S", ["S"], 0],
  ["(anonymous namespace)::g(int)", "g", ["(anonymous namespace)"], 1],
  ["outer::(anonymous namespace)::value", "value", ["outer", "(anonymous namespace)"], undefined],
  ["int ns::twice<int>(int)", "twice", ["ns"], 1],
  ["std::map<int, std::less<int> >::find(int const&)", "find", ["std", "map"], 1],
  ["S::operator()(int) const", "operator()", ["S"], 1],
  ["S::operator()", "operator()", ["S"], undefined],
  ["S::operator==(S const&) const", "operator==", ["S"], 1],
  ["operator<<(std::ostream&, S const&)", "operator<<", [], 2],
  ["S::operator->() const", "operator->", ["S"], 0],
  ["S::operator bool() const", "operator bool", ["S"], 0],
  ["f(void (*)(int, int), std::pair<int, int>)", "f", [], 2],
  ["uses(int)::counter", "counter", ["uses(int)"], undefined],
  ["f[abi:cxx11](int)", "f", [], 1],
  ["g(int) [clone .cold]", "g", [], 1],
  [
    "<shapes::inner::Shape as core::fmt::Display>::fmt",
    "fmt",
    ["<shapes::inner::Shape as core::fmt::Display>"],
    undefined,
  ],
])("%s is %s in %j with %s parameters", (given, name, qualifiers, parameters) => {
  expect(definedName(given)).toMatchObject({ name, qualifiers, parameters });
});

it("c++filt's names of a real library are taken apart to what their mangled names hold", () => {
  const library = execFileSync("sh", ["-c", "ldconfig -p | sed -n 's/.*libstdc++.so.6 .*=> //p' | head -1"], {
    encoding: "utf8",
  }).trim();
  const mangled = execFileSync("nm", ["-D", "--defined-only", library], { encoding: "utf8", maxBuffer: 1 << 26 })
    .split("\n")
    .flatMap((line) => /^\S+ [TW] (_ZN\w+)(?:@@.*)?$/.exec(line)?.[1] ?? []);
  const readable = execFileSync("c++filt", { input: mangled.join("\n"), encoding: "utf8", maxBuffer: 1 << 26 }).split(
    "\n",
  );
  const wrong = mangled.filter((symbol, index) => {
    const { name, qualifiers } = definedName(readable[index]!);
    // A constructor has its class's name, which may be abbreviated.
    return /^\w+$/.test(name) && name !== qualifiers.at(-1) && !symbol.includes(name);
  });
  expect(mangled.length).toBeGreaterThan(1000);
  expect(wrong).toEqual([]);
});

it("what no source writes is told from its name", () => {
  expect(
    ["vtable for B", "typeinfo name for B", "guard variable for f()::x", "non-virtual thunk to B::f()"].map(
      unwrittenName,
    ),
  ).toEqual(Array(4).fill({ code: "compiler-made" }));
  expect(unwrittenName('"event %d"')).toEqual({ code: "literal" });
  expect(unwrittenName("main::{lambda(int)#1}::operator()(int) const")).toEqual({ code: "lambda" });
  expect(unwrittenName("ring::main::{closure#0}")).toEqual({ code: "lambda" });
  expect(unwrittenName("vtable_of")).toBeUndefined();
});
