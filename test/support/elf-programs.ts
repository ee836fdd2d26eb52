/** Builds the programs the image tests look into, with the compilers of this machine, once for each source and command. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CACHE = join(process.cwd(), ".cache", "elf");

export interface Program {
  readonly source: "c" | "cpp" | "rust" | "switch" | "bare" | "aliases";
  /** Compiler and its options, without source and output. */
  readonly command: readonly string[];
  /** Commands run on the result, which is `{}`. */
  readonly after?: readonly (readonly string[])[];
}

/** Path of the built program. */
export function build({ source, command, after = [] }: Program): string {
  const { extension, text } = SOURCES[source];
  const key = createHash("sha256")
    .update(JSON.stringify([text, command, after]))
    .digest("hex")
    .slice(0, 16);
  const output = join(CACHE, `${source}-${key}`);
  if (existsSync(output)) return output;
  mkdirSync(CACHE, { recursive: true });
  // The source's path is part of the debug information, so it must not change between runs.
  const sourceFile = join(CACHE, `program-${createHash("sha256").update(text).digest("hex").slice(0, 8)}.${extension}`);
  if (!existsSync(sourceFile)) writeFileSync(sourceFile, text);
  const unfinished = `${output}.${process.pid}`;
  const [compiler = "", ...options] = command;
  execFileSync(compiler, [...options, sourceFile, "-o", unfinished], {
    cwd: CACHE,
    stdio: ["ignore", "ignore", "pipe"],
  });
  for (const [tool = "", ...args] of after)
    execFileSync(
      tool,
      args.map((arg) => arg.replace("{}", unfinished)),
      { cwd: CACHE, stdio: ["ignore", "ignore", "pipe"] },
    );
  renameSync(unfinished, output);
  rmSync(`${unfinished}.o`, { force: true });
  return output;
}

const C = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static const int table[64] = {1, 2, 3};
int counter;
static int hidden = 7;
_Thread_local int perThread = 3;
const char *names[] = {"alpha", "beta", "gamma"};
static inline int square(int x) { return x * x + table[x & 63]; }
static inline int sum(int n) { int r = 0; for (int i = 0; i < n; i++) r += square(i); return r; }
__attribute__((noinline)) int dispatch(int op, int v) {
  switch (op) {
  case 0: return sum(v);
  case 1: puts("one"); return v * 3;
  case 2: return printf("two %d\\n", v);
  case 3: return v << 4;
  case 4: counter += v; return counter;
  case 5: return strlen(names[v % 3]);
  case 6: abort();
  default: return -1;
  }
}
int main(int argc, char **argv) {
  int s = 0;
  for (int i = 0; i < argc * 5; i++) s += dispatch(i % 6, i) + hidden++ + perThread;
  char *p = malloc(100);
  memset(p, s, 100);
  printf("%d %c\\n", s, p[3]);
  return sum(argc);
}
`;

const CPP = `#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>
namespace shapes {
struct Shape { virtual ~Shape(); virtual double area() const = 0; };
Shape::~Shape() {}
template <typename T, int N> struct Box : Shape {
  T v[N];
  double area() const override { T s{}; for (auto x : v) s += x; return s; }
};
namespace { struct Hidden { int x; int operator()(int a) const { return a * x; } }; }
template <class F> int apply(F f, int n) { int s = 0; for (int i = 0; i < n; i++) s += f(i); return s; }
}
static std::map<std::string, std::vector<int>> registry;
int use(const std::string &k) {
  auto &v = registry[k];
  v.push_back(k.size());
  std::sort(v.begin(), v.end(), [](int a, int b) { return a > b; });
  return v.back();
}
int main(int argc, char **argv) {
  shapes::Box<float, 3> b;
  for (auto &x : b.v) x = argc;
  std::unique_ptr<shapes::Shape> p = std::make_unique<shapes::Box<double, 7>>();
  int t = shapes::apply([&](int i) { return i * argc; }, 10) + shapes::apply(shapes::Hidden{3}, argc);
  std::function<int(int)> f = [t](int q) { return q + t; };
  for (int i = 0; i < argc; i++) t += use(argv[i]);
  try { if (t == 12345) throw std::runtime_error("x"); } catch (std::exception &e) { std::cout << e.what(); }
  std::cout << b.area() + p->area() + f(t) << std::endl;
}
`;

const RUST = `use std::collections::HashMap;
trait Speak { fn speak(&self) -> String; }
struct Dog(u32);
struct Cat { name: String }
impl Speak for Dog { fn speak(&self) -> String { format!("woof {}", self.0) } }
impl Speak for Cat { fn speak(&self) -> String { self.name.chars().rev().collect() } }
#[inline(never)]
fn total(v: &[u64]) -> u64 { v.iter().map(|x| x.wrapping_mul(3)).filter(|x| x % 2 == 0).sum() }
fn main() {
    let mut m: HashMap<String, Vec<u64>> = HashMap::new();
    for a in std::env::args() { m.entry(a.clone()).or_default().push(a.len() as u64); }
    let z: Vec<Box<dyn Speak>> = vec![Box::new(Dog(3)), Box::new(Cat { name: "tom".into() })];
    for s in &z { println!("{}", s.speak()); }
    let mut all: Vec<u64> = m.values().flatten().copied().collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    println!("{}", total(&all));
}
`;

const SWITCH = `#include <stdio.h>
int g;
__attribute__((noinline)) int choose(int x, int v) {
  switch (x) {
${Array.from({ length: 40 }, (_, n) => `  case ${n}: g ^= v * ${n * 7 + 3};${n % 5 === 0 ? ` puts("case ${n}");` : ""} return g + ${n * n};`).join("\n")}
  default: return v % 11;
  }
}
int main(int argc, char **argv) { return choose(argc, argc * 3); }
`;

/** Needs no library, so that it links for machines of which there is only a compiler. */
const BARE = `int g;
static int table[4] = {1, 2, 3, 4};
int *pointer = table;
static inline int square(int x) { return x * x + table[x & 3]; }
int sum(int n) { int s = 0; for (int i = 0; i < n; i++) s += square(i); g = s; return s; }
int both(int n) { return sum(n) + square(n); }
`;

/** Several names for one variable. */
const ALIASES = `static int local_first = 1;
extern int global_name __attribute__((alias("local_first")));
extern int weak_name __attribute__((weak, alias("local_first")));
static int plain_local[3] = {1, 2, 3};
extern int plain_weak[3] __attribute__((weak, alias("plain_local")));
int main(void) { return local_first + plain_local[1]; }
`;

const SOURCES = {
  c: { extension: "c", text: C },
  cpp: { extension: "cc", text: CPP },
  rust: { extension: "rs", text: RUST },
  switch: { extension: "c", text: SWITCH },
  bare: { extension: "c", text: BARE },
  aliases: { extension: "c", text: ALIASES },
} as const;
