/** Real builds by make, CMake, Meson and Cargo, and what the linkers say of them in their maps. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SymbolNames } from "../../../src/core/placement/symbol-names.js";
import { openImageFile } from "../../../src/host/images.js";
import { findScripts } from "../../../src/host/ldscript-search.js";
import { linkedInputs } from "../../../src/host/linked-inputs.js";
import { decidingScript, placedSymbols, takenByStatement } from "../../../src/host/ldscript-where.js";

let folder: string;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "faultline-search-")));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isHere = (tool: string) => spawnSync(tool, ["--version"]).status === 0;
const LLD = ["ld.lld-19", "ld.lld"].find(isHere);

const SCRIPT = `MEMORY { RAM (rwx) : ORIGIN = 0x400000, LENGTH = 16M }
SECTIONS {
  . = ORIGIN(RAM) + SIZEOF_HEADERS;
  .fast : { __fast_start = .; *(.text.fast) KEEP(*(.text.fast*)) __fast_end = .; } > RAM
  .text : {
    *(.text .text.*)
  } > RAM
  .rodata : { *(.rodata .rodata.*) } > RAM
  .data : { *a.c.o(.data.*) *(.data .data.*) } > RAM
  .bss : { *(.bss .bss.*) *(COMMON) } > RAM
  /DISCARD/ : { *(.comment) *(.eh_frame) *(.note.*) }
}
`;
const SOURCES = {
  "a.c":
    "int counter = 3;\nstatic int step(int x) { return x * counter; }\n__attribute__((noinline)) int fast(int x) { return step(x) + 1; }\n",
  "main.c":
    "extern int fast(int);\nint zero;\nstatic int table[100];\nint step = 1;\nint main(void) { table[1] = zero + step; return fast(2) + table[1]; }\nvoid _start(void) { main(); for (;;) ; }\n",
  "board.ld": SCRIPT,
};

function project(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries({ ...SOURCES, ...files })) {
    mkdirSync(join(path, file, ".."), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  return path;
}

const run = (cwd: string, command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

const search = (root: string, program: string) =>
  findScripts({ folders: [root], anywhere: false, program: join(root, program), mayRun: true });

/** The chosen scripts' names, and the files that name them for this program. */
function chosen(root: string, program: string) {
  const { chosen: scripts } = search(root, program);
  return scripts.map(({ path, reasons, fit }) => ({
    script: path.slice(root.length + 1),
    by: reasons.filter(({ about }) => about !== "other").map(({ file }) => file.slice(root.length + 1)),
    fit: fit.kind,
  }));
}

/** Output section, statement and line of a symbol, by the objects or the map. */
function where(root: string, program: string, symbol: string, source?: string) {
  const found = search(root, program);
  const opened = openImageFile(join(root, program));
  if (!opened.ok) throw new Error(opened.message);
  const symbols = new SymbolNames(opened.image).find(symbol).own;
  const linked = linkedInputs(found);
  const placed = placedSymbols(
    found,
    linked,
    decidingScript(found)!,
    symbols,
    (address) => opened.image.sectionAt(address)?.name,
    source,
  );
  opened.close();
  return { from: linked?.from.kind, placed };
}

const FLAGS = "-ffunction-sections -fdata-sections -fno-pie";
const MAKE = {
  Makefile: `CFLAGS = ${FLAGS}
SCRIPT = board.ld
LDFLAGS = -nostdlib -static -no-pie -Wl,-T,$(SCRIPT)
all: out/app tool
out/app: main.c.o a.c.o
	mkdir -p out
	$(CC) $(LDFLAGS) $^ -o $@
tool: a.c.o tool.o
	$(CC) $^ -o $@
%.c.o: %.c
	$(CC) $(CFLAGS) -c $< -o $@
`,
  "tool.c": "extern int fast(int);\nint main(void) { return fast(1); }\n",
};

it("finds the script of a program that make links, and none for one that is linked without", () => {
  const root = project("make", MAKE);
  run(root, "make", "-s");
  expect(chosen(root, "out/app")).toEqual([{ script: "board.ld", by: ["Makefile"], fit: "explains" }]);
  const tool = search(root, "tool");
  expect(tool.chosen).toEqual([]);
  expect(tool.builtIn?.path).toBe("ld -pie --verbose");
  expect(tool.builtIn?.text).toContain(run(root, "ld", "-pie", "--verbose").split(/={20,}\n/)[1]);
  // What is not built is named by what the files say.
  const { scripts } = findScripts({ folders: [root], anywhere: false, program: undefined, mayRun: false });
  expect(scripts[0]).toMatchObject({
    path: join(root, "board.ld"),
    reasons: [{ line: 2, program: join(root, "out/app") }],
  });
});

it("says by the objects what the linker says in its map", () => {
  const root = join(folder, "make");
  expect(where(root, "out/app", "fast")).toMatchObject({
    from: "command",
    placed: [
      {
        ...{ file: "a.c.o", section: ".text.fast", output: ".fast", linked: ".fast" },
        statement: { line: 4, column: 33, text: "*(.text.fast)" },
        shadowed: [{ line: 4 }, { line: 6, column: 13 }],
      },
    ],
  });
  for (const symbol of ["fast", "main", "counter", "zero", "table", "_start"]) {
    const { placed } = where(root, "out/app", symbol);
    expect(placed.map(({ output, linked }) => output === linked)).toEqual([true]);
    run(root, "ld", "-T", "board.ld", "-Map", "check.map.txt", "-o", "check", "main.c.o", "a.c.o");
    const [{ file, section, statement }] = placed as [(typeof placed)[number]];
    expect(statementInMap(readFileSync(join(root, "check.map.txt"), "utf8"), file, section)).toBe(
      statement?.text.replace(/^KEEP \((.*)\)$/, "$1"),
    );
  }
});

/** GNU ld prints each statement, and below it what it took. */
function statementInMap(map: string, file: string, section: string): string | undefined {
  let statement: string | undefined;
  const body = map.slice(map.indexOf("Linker script and memory map"));
  for (const line of body.replace(/^( \.\S*)\n +(?=0x)/gm, "$1 ").split("\n")) {
    if (/^ \*?\S*\(/.test(line)) statement = line.trim();
    else if (line.startsWith(` ${section} `) && line.endsWith(` ${file}`)) return statement;
  }
  return undefined;
}

it("tells the symbols of one name apart by their source", () => {
  const root = project("statics", MAKE);
  writeFileSync(join(root, "a.c"), `${SOURCES["a.c"]}static int hidden __attribute__((used)) = 5;\n`);
  writeFileSync(join(root, "main.c"), `${SOURCES["main.c"]}static int hidden __attribute__((used));\n`);
  run(root, "make", "-s");
  const outputs = (source: string) => new Set(where(root, "out/app", "hidden", source).placed.map(({ file }) => file));
  expect(outputs("a.c")).toEqual(new Set(["a.c.o"]));
  expect(outputs("main.c")).toEqual(new Set(["main.c.o"]));
});

it("uses the map where there is one, also when the objects are gone", () => {
  const root = project("map", MAKE);
  run(root, "make", "-s", "LDFLAGS=-nostdlib -static -no-pie -Wl,-T,board.ld -Wl,-Map=app.map");
  const before = where(root, "out/app", "table");
  run(root, "sh", "-c", "rm -f *.o");
  const after = where(root, "out/app", "table");
  expect(after).toEqual(before);
  expect(after).toMatchObject({ from: "map", placed: [{ section: ".bss.table", size: 400, output: ".bss" }] });
  // Of another link nothing is taken from it.
  writeFileSync(
    join(root, "app.map"),
    readFileSync(join(root, "app.map"), "utf8").replaceAll("0x00000000004", "0x00000000005"),
  );
  expect(where(root, "out/app", "table")).toEqual({ from: undefined, placed: [] });
});

it("says what a statement took, with the sizes of the map", () => {
  const root = project("taken", MAKE);
  run(root, "make", "-s", "LDFLAGS=-nostdlib -static -no-pie -Wl,-T,board.ld -Wl,-Map=app.map");
  const found = search(root, "out/app");
  const script = decidingScript(found)!;
  const taken = (text: string) => takenByStatement(found, linkedInputs(found), script, SCRIPT.indexOf(text));
  const sections = run(root, "readelf", "-SW", "out/app");
  const size = (name: string) =>
    Number.parseInt(new RegExp(` \\${name} +\\w+ +\\w+ +\\w+ +(\\w+)`).exec(sections)![1]!, 16);
  expect(taken("*(.text.fast)")).toMatchObject({
    ...{ count: 1, size: size(".fast"), shadowed: 0, length: 13 },
    largest: [{ file: "a.c.o", section: ".text.fast", size: size(".fast") }],
  });
  expect(taken(".text.*)")).toMatchObject({ shadowed: 1 });
  expect(
    taken(".text.*)")
      ?.largest.map(({ section }) => section)
      .sort(),
  ).toEqual([".text._start", ".text.main", ".text.step"]);
  expect(taken("__fast_start")).toBeUndefined();
});

const CMAKE = {
  "CMakeLists.txt": `cmake_minimum_required(VERSION 3.13)
project(app C)
set(CMAKE_C_FLAGS "${FLAGS}")
set(SCRIPT \${CMAKE_CURRENT_SOURCE_DIR}/board.ld)
add_executable(app main.c a.c)
target_link_options(app PRIVATE -nostdlib -static -no-pie "LINKER:-T,\${SCRIPT}")
add_executable(other main.c a.c)
target_link_options(other PRIVATE -nostartfiles -no-pie)
`,
};

it.skipIf(!isHere("cmake") || !isHere("make"))("finds it in what CMake writes for make", () => {
  const root = project("cmake-make", CMAKE);
  run(root, "cmake", "-G", "Unix Makefiles", "-S", ".", "-B", "build");
  run(root, "cmake", "--build", "build");
  expect(chosen(root, "build/app")).toEqual([
    { script: "board.ld", by: ["CMakeLists.txt", "build/CMakeFiles/app.dir/link.txt"], fit: "explains" },
  ]);
  expect(search(root, "build/other").chosen).toEqual([]);
  expect(where(root, "build/app", "counter").placed).toMatchObject([
    { file: "CMakeFiles/app.dir/a.c.o", section: ".data.counter", statement: { line: 9, text: "*a.c.o(.data.*)" } },
  ]);
});

it.skipIf(!isHere("cmake") || !isHere("ninja"))("finds it in what CMake writes for ninja", () => {
  const root = project("cmake-ninja", CMAKE);
  run(root, "cmake", "-G", "Ninja", "-S", ".", "-B", "build");
  run(root, "cmake", "--build", "build");
  expect(chosen(root, "build/app")).toEqual([
    { script: "board.ld", by: ["CMakeLists.txt", "build/build.ninja"], fit: "explains" },
  ]);
  expect(search(root, "build/other").chosen).toEqual([]);
  expect(where(root, "build/app", "main").placed).toMatchObject([{ statement: { line: 6, column: 13 } }]);
});

it.skipIf(!isHere("meson") || !isHere("ninja"))("finds it in what Meson writes", () => {
  const root = project("meson", {
    "meson.build": `project('app', 'c')
script = meson.current_source_dir() / 'board.ld'
executable('app', 'main.c', 'a.c', c_args: ['-ffunction-sections', '-fno-pie'], pie: false,
  link_args: ['-nostdlib', '-static', '-no-pie', '-Wl,-T,@0@'.format(script)], link_depends: files('board.ld'))
`,
  });
  run(root, "meson", "setup", "build");
  run(root, "ninja", "-C", "build");
  expect(chosen(root, "build/app")).toEqual([
    { script: "board.ld", by: ["meson.build", "build/build.ninja"], fit: "explains" },
  ]);
  expect(where(root, "build/app", "fast").placed).toMatchObject([{ output: ".fast", linked: ".fast" }]);
});

it.skipIf(!isHere("cargo"))("finds it in what a crate's build script says and has said", () => {
  const root = project("crate", {
    "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n',
    "src/main.rs":
      '#[unsafe(no_mangle)]\n#[inline(never)]\npub extern "C" fn fast(x: u32) -> u32 { x + 1 }\nfn main() { println!("{}", fast(std::env::args().count() as u32)); }\n'.replace(
        "unsafe(no_mangle)",
        "no_mangle",
      ),
    "build.rs":
      'fn main() {\n    println!("cargo:rustc-link-arg-bins=-Wl,-T,{}/locked.ld", std::env::var("CARGO_MANIFEST_DIR").unwrap());\n    println!("cargo:rustc-link-arg-bins=-Wl,-Map=app.map");\n}\n',
    "locked.ld":
      "SECTIONS { .locked_text : { __locked_start = .; *(.text.fast) __locked_end = .; } } INSERT AFTER .text;\n",
  });
  run(root, "cargo", "build", "-q", "--offline");
  const [only, ...others] = chosen(root, "target/debug/app");
  expect(others).toEqual([]);
  expect(only?.script).toBe("locked.ld");
  expect(only?.by).toHaveLength(2);
  expect(only?.by).toContain("build.rs");
  const { from, placed } = where(root, "target/debug/app", "fast");
  expect(from).toBe("map");
  expect(placed).toMatchObject([
    { section: ".text.fast", output: ".locked_text", linked: ".locked_text", statement: { line: 1 } },
  ]);
});

it("chooses by the program's layout where nothing names a script", () => {
  const other = SCRIPT.replaceAll("__fast_", "__quick_").replace(".fast :", ".quick :");
  const root = project("bare", { "other.ld": other, "reversed.ld": SCRIPT.replaceAll("__fast_", "__slow_") });
  run(root, "gcc", ...FLAGS.split(" "), "-c", "main.c", "a.c");
  run(root, "ld", "-T", "board.ld", "-o", "one", "main.o", "a.o");
  run(root, "ld", "-T", "other.ld", "-o", "two", "main.o", "a.o");
  run(root, "gcc", "-nostartfiles", "-o", "three", "main.o", "a.o", "-no-pie");
  expect(chosen(root, "one")).toEqual([{ script: "board.ld", by: [], fit: "explains" }]);
  expect(chosen(root, "two")).toEqual([{ script: "other.ld", by: [], fit: "explains" }]);
  expect(chosen(root, "three")).toEqual([]);
  expect(where(root, "one", "main")).toMatchObject({ from: "beside", placed: [{ output: ".text", linked: ".text" }] });
});

it.skipIf(LLD === undefined)("agrees with lld's map, and knows that lld has no script of its own", () => {
  const root = project("lld", { "board.ld": SCRIPT.replace("*(.comment)", "") });
  run(root, "gcc", ...FLAGS.split(" "), "-c", "main.c", "a.c");
  run(root, LLD!, "-T", "board.ld", "-Map", "app.map", "-o", "app", "main.o", "a.o");
  run(root, LLD!, "-o", "plain", "main.o", "a.o");
  expect(search(root, "app").dialect.name).toBe("lld");
  expect(chosen(root, "app")[0]?.script).toBe("board.ld");
  const map = readFileSync(join(root, "app.map"), "utf8").split("\n");
  for (const symbol of ["fast", "main", "table", "zero"]) {
    const { from, placed } = where(root, "app", symbol);
    const [{ file, section, output, linked }] = placed as [(typeof placed)[number]];
    const at = map.findIndex((line) => line.includes(`${file}:(${section})`));
    const head = map.slice(0, at).findLast((line) => /^ *\w+ +\w+ +\w+ +\d+ [.\w]+$/.test(line));
    expect({ from, output, linked }).toEqual({ from: "map", output: head?.split(" ").at(-1), linked: output });
  }
  const plain = search(root, "plain");
  expect([plain.chosen, plain.builtIn, decidingScript(plain)]).toEqual([[], undefined, undefined]);
});

it("shows nothing from outside of the folders, nor through a link out of them, and runs nothing unless it may", () => {
  const outside = project("outside", {});
  const root = join(folder, "inside");
  mkdirSync(root);
  cpSync(join(folder, "make", "out/app"), join(root, "app"));
  writeFileSync(
    join(root, "Makefile"),
    `app: a.o\n\tcc -T ${outside}/board.ld a.o -o app\nb: b.o\n\tcc -T inner.ld b.o -o b\n`,
  );
  symlinkSync(join(outside, "board.ld"), join(root, "inner.ld"));
  const found = (anywhere: boolean) =>
    findScripts({ folders: [root], anywhere, program: join(root, "app"), mayRun: false });
  expect(found(false)).toMatchObject({ scripts: [], chosen: [], builtIn: undefined });
  expect(found(true).chosen.map(({ path }) => path)).toEqual([join(outside, "board.ld")]);
});
