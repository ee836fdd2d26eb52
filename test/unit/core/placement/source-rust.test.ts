/** Rust items placed by #[link_section]: in their section when rustc compiled them, the text as before when taken back. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { editedText } from "../../../../src/core/base/text-edit.js";
import type { SourceAnswer } from "../../../../src/core/placement/source-answer.js";
import { placementEdit, removalEdit } from "../../../../src/core/placement/source-edit.js";
import { answers, joined, sectionsOf, unlikeBefore, type Built } from "../../../support/placed-source.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-rust-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function compile(name: string, text: string, edition = "2021"): Built {
  const source = join(folder, name);
  writeFileSync(source, text);
  const object = `${source}.out`;
  const options = [
    "--edition",
    edition,
    "-g",
    "-C",
    "opt-level=1",
    "-C",
    "symbol-mangling-version=v0",
    "--crate-name",
    "shapes",
  ];
  execFileSync("rustc", [...options, source, "-o", object], { stdio: ["ignore", "ignore", "pipe"] });
  return { compiler: "rustc", source, text, object };
}

const SHAPES = `//! Shapes of Rust /* with a { in a comment */.
macro_rules! wrapped { ($($item:item)*) => { $($item)* } }
use std::sync::atomic::{AtomicU32, Ordering};

/// A table.
pub static TABLE: [u32; 4] = [1, 2, 3, 4];
static COUNTER: AtomicU32 = AtomicU32::new(7);
static mut ZEROES: [u64; 16] = [0; 16];
const LIMIT: u32 = 5;
pub(crate) static NAME: &str = r#"a "quoted } name"#;

#[inline(never)]
#[allow(dead_code)]
pub fn plain(a: u32) -> u32 {
    static CALLS: AtomicU32 = AtomicU32::new(3);
    CALLS.fetch_add(a, Ordering::Relaxed) + TABLE[(a & 3) as usize]
}

pub extern "C" fn foreign(a: u32) -> u32 { a * 3 + COUNTER.fetch_add(1, Ordering::Relaxed) }

mod inner {
    pub struct Shape<'a> { pub side: &'a u32 }
    impl<'a> Shape<'a> {
        /// A method with a lifetime.
        pub fn area<'b>(&self, by: &'b u32) -> u32 { super::plain(*self.side) * *by }
        pub unsafe fn zero(&self, at: usize) -> u64 { unsafe { super::ZEROES[at] += 1; super::ZEROES[at] } }
    }
    impl std::fmt::Display for Shape<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{}", self.side) }
    }
}

fn generic<T: Into<u32>>(a: T) -> u32 { a.into() + LIMIT }
fn by_impl(f: impl Fn(u32) -> u32) -> u32 { f(3) }
struct Of<T>(T);
impl<T: Copy + Into<u32>> Of<T> { #[inline(never)] fn get(&self) -> u32 { self.0.into() } }
trait Area { #[inline(never)] fn twice(&self) -> u32 { self.one() * 2 } fn one(&self) -> u32; }
impl Area for u32 { #[inline(never)] fn one(&self) -> u32 { *self } }
#[derive(Clone, Debug)]
pub struct Derived { list: Vec<u32> }
impl std::fmt::Display for Derived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{:?}", self.list) }
}
pub(crate) unsafe extern "C" fn callback(a: u32) -> u32 { a * 13 }
#[inline(always)]
pub(in crate) const fn constant(a: u32) -> u32 { a * 17 }
fn r#match((a, b): (u32, u32)) -> u32 { a * b }
impl Of<u64> { #[inline(never)] fn only(&self) -> u64 { self.0 * 3 } }
static POINTERS: [&str; 2] = ["a", "b"];
static mut COUNT: u32 = 3;
static OWN: Cell = Cell(std::cell::UnsafeCell::new(4));
struct Cell(std::cell::UnsafeCell<u32>);
unsafe impl Sync for Cell {}
wrapped! { static WRAPPED: AtomicU32 = AtomicU32::new(5); }
macro_rules! make { ($name:ident) => { #[inline(never)] fn $name(a: u32) -> u32 { a * 11 } }; }
make!(made);
thread_local! { static LOCAL: std::cell::Cell<u32> = const { std::cell::Cell::new(1) }; }
#[unsafe(link_section = "mine")]
pub static ELSEWHERE: AtomicU32 = AtomicU32::new(9);

fn main() {
    let side = std::env::args().count() as u32;
    let shape = inner::Shape { side: &side };
    let closure = |a: u32| a * side;
    let sum = plain(side) + foreign(side) + shape.area(&side) + generic(side) + by_impl(closure) + Of(side).get()
        + side.twice() + made(side) + LOCAL.with(|l| l.get()) + ELSEWHERE.fetch_add(1, Ordering::Relaxed);
    let derived = Derived { list: vec![sum] };
    let kept: [*const (); 2] = [constant as *const (), r#match as *const ()];
    println!("{derived} {:?} {kept:?} {} {}", derived.clone(), Of(u64::from(side)).only(), unsafe { callback(side) });
    unsafe { COUNT += 1; *OWN.0.get() += COUNT; }
    println!("{} {}", POINTERS[(side & 1) as usize], WRAPPED.fetch_add(1, Ordering::Relaxed));
    println!("{sum} {shape} {} {}", unsafe { shape.zero(side as usize) }, NAME);
}
`;
const PLACED = [
  "shapes::plain",
  "shapes::foreign",
  "<shapes::inner::Shape>::area",
  "<shapes::inner::Shape>::zero",
  "<shapes::inner::Shape as core::fmt::Display>::fmt",
  "shapes::TABLE",
  "shapes::COUNTER",
  "shapes::ZEROES",
  "shapes::plain::CALLS",
  "<u32 as shapes::Area>::one",
  "<shapes::Derived as core::fmt::Display>::fmt",
  "shapes::callback",
  "shapes::constant",
  "shapes::match",
  "<shapes::Of<u64>>::only",
  "shapes::POINTERS",
  "shapes::COUNT",
  "shapes::OWN",
];

describe.each(["2021", "2024"])("edition %s", (edition) => {
  const options = { unsafeAttributes: edition === "2024" };

  it("places functions, methods and statics, and they lie in their sections", () => {
    const built = compile(`shapes${edition}.rs`, SHAPES, edition);
    const all = answers(built, PLACED, options);
    expect(all.filter(({ answer }) => !("ok" in answer) || !answer.ok)).toEqual([]);
    expect(unlikeBefore(built, all)).toEqual([]);
    const placed = editedText(SHAPES, joined(all.map(({ answer }) => answer as SourceAnswer)));
    expect(placed).toContain(
      edition === "2024" ? '#[unsafe(link_section = "locked_text")]' : '#[link_section = "locked_text"]',
    );
    const sections = sectionsOf(compile(`placed${edition}.rs`, placed, edition).object);
    const inLocked = [...sections].filter(([, section]) => section.startsWith("locked_")).map(([name]) => name);
    for (const { place } of all) expect(sections.get(place!.symbol)).toBe(`locked_${place!.definition.kind}`);
    expect(inLocked.filter((name) => !name.startsWith("__"))).toHaveLength(PLACED.length);
  });
});

it("what cannot be placed is told with its reason", () => {
  const built = compile("refused.rs", SHAPES);
  const lineOf = (what: string): number => SHAPES.slice(0, SHAPES.indexOf(what)).split("\n").length;
  const codes = (symbol: string): unknown => {
    const { answer } = answers(built, [symbol])[0]!;
    return "ok" in answer ? (answer.ok ? answer : answer.refusal) : answer;
  };
  expect(codes("<shapes::Of<u32>>::get")).toEqual({ code: "template", line: lineOf("fn get") });
  expect(codes("<u32 as shapes::Area>::twice")).toEqual({ code: "template", line: lineOf("fn twice") });
  expect(codes("shapes::made")).toEqual({ code: "macro", macro: "make!", line: lineOf("fn $name") });
  expect(codes("shapes::WRAPPED")).toEqual({ code: "macro", macro: "wrapped!", line: lineOf("static WRAPPED") });
  expect(codes("<shapes::Derived as core::fmt::Debug>::fmt")).toEqual({ code: "compiler-made" });
  expect(codes("<shapes::Derived as core::clone::Clone>::clone")).toEqual({ code: "compiler-made" });
  expect(codes("shapes::ELSEWHERE")).toMatchObject({ code: "other-section", section: "mine" });
});

it.each([
  ["pub const LIMIT: u32 = 5;", "LIMIT", "rodata", { code: "constant", line: 1 }],
  ["async fn later() -> u32 { 1 }", "later", "text", { code: "async", line: 1 }],
  ["fn many<const N: usize>(a: [u32; N]) -> u32 { a[0] }", "many", "text", { code: "template", line: 1 }],
  ["fn by(f: impl Fn()) { f() }", "by", "text", { code: "template", line: 1 }],
  [
    'unsafe extern "C" { fn elsewhere(); static there: u32; }',
    "elsewhere",
    "text",
    { code: "declaration-only", line: 1 },
  ],
  ['unsafe extern "C" { fn elsewhere(); static there: u32; }', "there", "data", { code: "declaration-only", line: 1 }],
  ["trait T { fn needed(&self); }", "needed", "text", { code: "template", line: 1 }],
  ["thread_local! { static LOCAL: u32 = 1; }", "LOCAL", "data", { code: "thread-local" }],
  ["#[thread_local] static LOCAL: u32 = 1;", "LOCAL", "data", { code: "thread-local" }],
  [
    "lazy_static! { static ref X: u32 = 1; }\nmy! { static MADE: u32 = 1; }",
    "MADE",
    "data",
    { code: "macro", macro: "my!", line: 2 },
  ],
  ["fn f() {}\n#[cfg(no)]\nfn f() {}", "f", "text", { code: "several", lines: [1, 3] }],
] as const)("%s is refused", (text, name, kind, refusal) => {
  const definition = { displayName: name, line: 0, column: 0, kind, currentSection: undefined, threadLocal: false };
  const options = {
    language: "rust",
    section: `locked_${kind}`,
    compiler: "rustc",
    style: "macro",
    changed: true,
    unsafeAttributes: false,
  } as const;
  expect(placementEdit(text, definition, options)).toEqual({ ok: false, refusal });
});

it("of functions of one name the one of the type and trait is meant, also where lines have moved", () => {
  const heads = [
    "impl A",
    "impl<'a, T: Fn(u32) -> u32> std::ops::Add<T> for B<'a>",
    "impl fmt::Display for inner::A",
    "impl fmt::Debug for &'static A",
    "impl<T> fmt::Debug for [T; 3]",
    "impl<T: Clone> fmt::LowerHex for T",
  ];
  const text = heads.map((head) => `${head} { fn f(&self) {} }\n`).join("") + "fn f() {}\n";
  const lines = [
    ["<x::A>::f", 1],
    ["x::A::f", 1],
    ["<x::B as core::ops::arith::Add<u32>>::f", 2],
    ["<x::inner::A as core::fmt::Display>::f", 3],
    ["<&x::A as core::fmt::Debug>::f", 4],
    ["<[u32; 3] as core::fmt::Debug>::f", 5],
    ["<u32 as core::fmt::LowerHex>::f", 6],
  ] as const;
  const answer = (displayName: string) =>
    removalEdit(
      text,
      { displayName, line: 0, column: 0, kind: "text", currentSection: undefined, threadLocal: false },
      { language: "rust", changed: true },
    );
  for (const [name, line] of lines) expect(answer(name)).toEqual({ ok: false, refusal: { code: "not-placed", line } });
  expect(answer("<x::C>::f")).toEqual({ ok: false, refusal: { code: "changed", line: 0 } });
  expect(answer("f")).toMatchObject({ refusal: { code: "several" } });
});
