/** Real builds: what the script places is missing before the edit of the build's file and there after it. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { changeBetween, editedText } from "../../../src/core/base/text-edit.js";
import { plannedBuild, readText, type PlannedBuild } from "../../../src/host/build-file.js";

const scratch = mkdtempSync(join(tmpdir(), "faultline-build-"));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const SCRIPT = "locked-sections.ld";
const INSERT = (function_: string) => `SECTIONS { .locked_text : ALIGN(CONSTANT(COMMONPAGESIZE)) {
  __locked_text_start = .;
  KEEP(*(.text.${function_}))
  . = ALIGN(CONSTANT(COMMONPAGESIZE));
  __locked_text_end = .; } } INSERT AFTER .text;
`;
const MAIN = `int hot(int); int main(int n, char **v) { (void)v; return hot(n) - 3; }\n`;
const HOT = `__attribute__((noinline)) int hot(int n) { return n * 3; }\n`;

interface Build {
  readonly files: Readonly<Record<string, string>>;
  readonly program: string;
  /** Each a program and its arguments. */
  readonly commands: readonly (readonly [string, ...string[]])[];
  /** Build files that the edit is in. */
  readonly edited: string;
}

const C_FILES = { "main.c": MAIN, "hot.c": HOT };
const make = (makefile: string, files: Build["files"] = C_FILES, program = "prog"): Build => ({
  files: { ...files, Makefile: makefile },
  program,
  commands: [["make", "-B"]],
  edited: "Makefile",
});
const cmake = (text: string, more: Partial<Build> = {}): Build => ({
  files: { ...C_FILES, "CMakeLists.txt": text, ...more.files },
  program: more.program ?? "build/prog",
  commands: [
    ["cmake", "-B", "build", "-S", "."],
    ["cmake", "--build", "build"],
  ],
  edited: more.edited ?? "CMakeLists.txt",
});
const meson = (text: string, more: Partial<Build> = {}): Build => ({
  files: { ...C_FILES, "meson.build": text, ...more.files },
  program: more.program ?? "build/prog",
  commands: [
    ["sh", "-c", "test -d build || meson setup build"],
    ["ninja", "-C", "build"],
  ],
  edited: more.edited ?? "meson.build",
});
const cargo = (files: Build["files"]): Build => ({
  files: { "Cargo.toml": '[package]\nname = "prog"\nversion = "0.1.0"\nedition = "2021"\n', ...files },
  program: "target/debug/prog",
  commands: [["cargo", "build", "--offline", "--quiet"]],
  edited: "build.rs",
});
const RUST = `#[no_mangle]\n#[inline(never)]\npub extern "C" fn hot(n: i32) -> i32 { n * 3 }\nfn main() { std::process::exit(hot(std::env::args().count() as i32) - 3) }\n`;
const CMAKE_HEAD = "cmake_minimum_required(VERSION 3.13)\nproject(prog C)\n";

const BUILDS: Readonly<Record<string, Build>> = {
  "a makefile with one rule": make(
    "CFLAGS ?= -O2 -g\nBUILD = build\n\nall: $(BUILD)/prog\n\n$(BUILD)/prog: main.c hot.c Makefile\n\t@mkdir -p $(BUILD)\n\t$(CC) $(CFLAGS) $(LDFLAGS) -o $@ main.c hot.c\n",
    C_FILES,
    "build/prog",
  ),
  "a makefile with objects and $^": make(
    "CFLAGS = -O2 -Wall # as ever\nOBJS := main.o hot.o\n\nprog: $(OBJS)\n\t$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)\n\n%.o: %.c\n\t$(CC) $(CFLAGS) -c -o $@ $<\n",
  ),
  "a makefile of make's own rules": make(
    "CFLAGS := -O1 \\\n  -g\nLDFLAGS = -rdynamic\nprog: main.o hot.o\n\t$(LINK.o) $^ -o $@\n",
  ),
  "a makefile with two programs and a conditional": make(
    "CFLAGS += -O2\nifdef DEBUG\nCFLAGS += -g\nendif\nLIBS = -lm\nall: other prog\nother: other.c\n\t$(CC) $(CFLAGS) -o $@ $<\nprog: main.o hot.o\n\t$(CC) -o $@ main.o hot.o $(LIBS)\n.c.o:\n\t$(CC) $(CFLAGS) -c $<\n",
    { ...C_FILES, "other.c": "int main(void) { return 0; }\n" },
  ),
  "a makefile with line ends of Windows": make(
    "CFLAGS = -O2\nprog: main.c hot.c\n\t$(CC) $(CFLAGS) -o $@ main.c hot.c #\n"
      .replaceAll("\n", "\r\n")
      .replaceAll("-o $@ main.c hot.c #\r\n", "-o $@ main.c hot.c #\r\n"),
  ),
  "a makefile with link-time optimisation": make(
    "CFLAGS = -O2 -flto\nLDFLAGS = -flto\nprog: main.o hot.o\n\t$(CC) $(CFLAGS) $(LDFLAGS) -o $@ main.o hot.o\n",
  ),
  "a makefile of a Rust program": make(
    "RUSTC ?= rustc\nRUSTFLAGS ?= -O -g\nprog: main.rs\n\t$(RUSTC) --edition 2021 $(RUSTFLAGS) -o $@ main.rs\n",
    { "main.rs": RUST },
  ),
  CMake: cmake(`${CMAKE_HEAD}# the program\nadd_executable(prog main.c hot.c) # two files\ninstall(TARGETS prog)\n`),
  "CMake with a static library, a name of its own and capitals": cmake(
    `${CMAKE_HEAD}SET(NAME app)\nADD_LIBRARY(core STATIC hot.c)\nIF(TRUE)\n  ADD_EXECUTABLE(\${NAME}\n    main.c)\nENDIF()\nTARGET_LINK_LIBRARIES(\${NAME} PRIVATE core)\nSET_TARGET_PROPERTIES(\${NAME} PROPERTIES OUTPUT_NAME prog)\n`,
  ),
  "CMake in a subdirectory": cmake(`${CMAKE_HEAD}add_subdirectory(src)\n`, {
    files: {
      "src/CMakeLists.txt": "add_executable(${PROJECT_NAME} ../main.c ../hot.c)\n".replace("${PROJECT_NAME}", "prog"),
    },
    program: "build/src/prog",
    edited: "src/CMakeLists.txt",
  }),
  Meson: meson("project('prog', 'c')\nexecutable('prog', 'main.c', 'hot.c')\n"),
  "Meson with arguments and a library": meson(
    "project('prog', 'c')\nargs = ['-O1']\ncore = static_library('core', 'hot.c')\nexecutable(\n  meson.project_name(),\n  'main.c', # the only one\n  c_args: args,\n  link_args: ['-rdynamic'],\n  link_with: core,\n)\n",
  ),
  "Meson in a subdirectory": meson("project('prog', 'c')\nsubdir('src')\n", {
    files: { "src/meson.build": "name = 'prog'\nexecutable(name, '../main.c', '../hot.c', c_args : [])\n" },
    program: "build/src/prog",
    edited: "src/meson.build",
  }),
  "Cargo without a build script": cargo({ "src/main.rs": RUST }),
  "Cargo with a build script, and a dependency that has one": cargo({
    "Cargo.toml":
      '[package]\nname = "prog"\nversion = "0.1.0"\nedition = "2021"\nbuild = "tools/make.rs"\n[dependencies]\ndep = { path = "../dep" }\n',
    "src/main.rs": RUST,
    "tools/make.rs": '// fn main() {}\nfn main() {\n    println!("cargo:rerun-if-changed=src");\n}\n',
    "../dep/Cargo.toml": '[package]\nname = "dep"\nversion = "0.1.0"\nedition = "2021"\n',
    "../dep/src/lib.rs": "",
    "../dep/build.rs": "fn main() {}\n",
  }),
};

describe.each(Object.entries(BUILDS))("%s", (name, { files, program, commands, edited: usual }) => {
  const tools = [...new Set(commands.map(([tool]) => tool)), ...(usual === "meson.build" ? ["meson"] : [])];
  const missing = [...tools, ...(name.includes("Rust") ? ["rustc"] : [])].filter(
    (tool) => spawnSync("which", [tool]).status !== 0,
  );

  it.skipIf(missing.length > 0)(
    `passes the script after the edit, and is as before when that is taken back${missing.length > 0 ? ` (no ${missing.join(", ")} here)` : ""}`,
    () => {
      const folder = join(scratch, name.replaceAll(/\W+/g, "-"), "project");
      for (const [path, text] of Object.entries({ ...files, [SCRIPT]: INSERT("hot") })) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      const plan = () => plannedBuild(folder, join(folder, program), join(folder, SCRIPT));
      build(folder, commands);
      expect(hasSection(join(folder, program))).toBe(false);
      const before = plan();
      expect(before?.refusal).toBeUndefined();
      expect(before?.edits).not.toEqual([]);
      const after = apply(before!);
      build(folder, commands);
      expect(inSection(join(folder, program)), after).toBe(true);
      expect(plan()?.edits).toEqual([]);
      expect(readText(join(folder, edited(name, usual)))).toBe(after);
      const back = changeBetween(after, before?.text ?? "")!;
      expect(editedText(after, [back])).toBe(before?.text ?? "");
    },
  );
});

/** What the one with a script of its own name edits. */
function edited(name: string, usual: string): string {
  return name.includes("build script, and") ? "tools/make.rs" : usual;
}

function apply({ path, text = "", edits }: PlannedBuild): string {
  const after = editedText(text, edits);
  writeFileSync(path, after);
  return after;
}

function build(cwd: string, commands: Build["commands"]): void {
  for (const [tool, ...args] of commands) execFileSync(tool, args, { cwd, stdio: "pipe" });
}

function hasSection(program: string): boolean {
  return / \.locked_text /.test(execFileSync("readelf", ["-SW", program], { encoding: "utf8" }));
}

/** By the symbols at the section's two ends. */
function inSection(program: string): boolean {
  const table = execFileSync("nm", [program], { encoding: "utf8" });
  const at = (name: string) => parseInt(new RegExp(`^([0-9a-f]+) \\w ${name}$`, "m").exec(table)?.[1] ?? "", 16);
  return hasSection(program) && at("__locked_text_start") <= at("hot") && at("hot") < at("__locked_text_end");
}

describe("what is refused", () => {
  const refused = (files: Build["files"], program: string, script = SCRIPT) => {
    const folder = mkdtempSync(join(scratch, "refused-"));
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
    const plan = plannedBuild(folder, join(folder, program), join(folder, script));
    for (const [path, text] of Object.entries(files)) expect(readFileSync(join(folder, path), "utf8")).toBe(text);
    expect(plan?.edits ?? []).toEqual([]);
    return plan?.refusal;
  };

  it.each([
    ["a makefile without variables for flags", { Makefile: "prog: main.c\n\tcc -O2 -o prog main.c\n" }, "no-flags"],
    [
      "a makefile that makes something else",
      { Makefile: "CFLAGS = -O2\nother: main.c\n\t$(CC) -o $@ $<\n" },
      "no-program",
    ],
    [
      "flags that link a library too",
      { Makefile: "LDFLAGS = -s\nlib.so: a.o\n\t$(CC) -shared $(LDFLAGS) -o $@ $^\n" },
      "shared",
    ],
    ["a makefile of configure", { Makefile: "LDFLAGS =\nprog: main.o\n", "Makefile.in": "" }, "generated"],
    [
      "CMake that makes something else",
      { "CMakeLists.txt": "# add_executable(prog x.c)\nadd_executable(other x.c)\n" },
      "no-program",
    ],
    [
      "Meson that makes something else",
      { "meson.build": "project('x', 'c')\nexecutable('other', 'x.c')\n" },
      "no-program",
    ],
    [
      "Meson in a language without such flags",
      { "meson.build": "project('x', 'vala')\nexecutable('prog', 'x.vala')\n" },
      "no-flags",
    ],
    ["a workspace of Cargo without a package", { "Cargo.toml": '[workspace]\nmembers = ["a"]\n' }, undefined],
    ["no build file", { "main.c": "" }, undefined],
  ] as const)("%s", (_, files, refusal) => {
    expect(refused(files, "prog")).toBe(refusal);
  });

  it("a script whose name a shell would take apart", () => {
    expect(refused({ Makefile: "CFLAGS =\nprog: a.o\n" }, "prog", "my $(script).ld")).toBe("script-name");
  });
});
