import { expect, it } from "vitest";
import { mentionsIn } from "../../../../../src/core/ldscript/search/build-texts.js";
import { linkCommand } from "../../../../../src/core/ldscript/search/link-command.js";
import { readLinkMap } from "../../../../../src/core/ldscript/search/link-map.js";
import { mutation, randomly } from "../scripts.js";

const found = (path: string, text: string) =>
  (mentionsIn(path, text) ?? []).map(({ scripts, program, line }) => ({ scripts, program, line }));

it.each([
  ["-T x.ld", ["x.ld"]],
  ["-Tx.ld", ["x.ld"]],
  ["-T=x.ld", ["x.ld"]],
  ["--script=x.ld", ["x.ld"]],
  ["--script x.ld", ["x.ld"]],
  ["-dT x.ld", ["x.ld"]],
  ["--default-script=x.ld", ["x.ld"]],
  ["-Wl,-T,x.ld", ["x.ld"]],
  ["-Wl,-T -Wl,x.ld", ["x.ld"]],
  ["-Wl,-Tx.ld,-Map=m.map", ["x.ld"]],
  ["-Wl,--script=x.ld", ["x.ld"]],
  ["-Xlinker -T -Xlinker x.ld", ["x.ld"]],
  ["-C link-arg=-Tx.ld", ["x.ld"]],
  ["-Clink-args='-T x.ld'", ["x.ld"]],
  ["main.o x.ld", ["x.ld"]],
  ["-T a.ld -T b.ld", ["a.ld", "b.ld"]],
  ["-Ttext=0x1000 -Tdata 0x2000 -Tbss=0 -Ttext-segment=0x400000", []],
  ["-static -Tlike/this", ["like/this"]],
])("a link with %s names %j", (options, scripts) => {
  const [only] = found("/p/build/CMakeFiles/app.dir/link.txt", `/usr/bin/cc ${options} main.o -o app`);
  expect(only).toMatchObject({ scripts, program: "app" });
});

it("knows what a link reads and writes, and what is no link", () => {
  expect(
    linkCommand("cc -fuse-ld=lld a.o -L lib -Llib2 liba.a -lx -Wl,-Map,app.map -z now -o out/app".split(" ")),
  ).toEqual({
    scripts: [],
    output: "out/app",
    map: "app.map",
    inputs: ["a.o", "liba.a", "-lx"],
    folders: ["lib", "lib2"],
    linker: "lld",
  });
  expect(linkCommand(["cc", "-c", "-T", "x.ld", "a.c"])).toBeUndefined();
  expect(linkCommand(["/usr/bin/ar", "qc", "libx.a", "a.o"])).toBeUndefined();
});

it("reads Makefiles, with their variables and rules", () => {
  const text = [
    "OBJS = main.o \\",
    "  a.o",
    "SCRIPT := board/stm32.ld",
    "LDFLAGS += -nostdlib -T $(SCRIPT)",
    "# LDFLAGS = -T old.ld",
    "firmware.elf: $(OBJS)",
    "\t@$(CC) $(LDFLAGS) -Wl,-Map=$@.map $^ -o $@",
    "tool: tool.o",
    "\tgcc tool.o -o tool",
    "main.o: main.c",
    "\t$(CC) -c $<",
  ].join("\n");
  expect(mentionsIn("/p/Makefile", text)).toMatchObject([
    {
      scripts: ["board/stm32.ld"],
      program: "firmware.elf",
      line: 3,
      command: { inputs: ["main.o", "a.o"], map: "firmware.elf.map" },
    },
    { scripts: [], program: "tool" },
  ]);
  expect(found("/p/Makefile", "LDFLAGS = -Wl,-T,x.ld\napp: a.o b.o\n")).toEqual([
    { scripts: ["x.ld"], program: "app", line: 1 },
  ]);
  expect(found("/p/flags.mk", "LDFLAGS = -Wl,-T,x.ld\n")).toEqual([{ scripts: ["x.ld"], program: undefined, line: 1 }]);
  expect(
    found("/p/Makefile", "S = $(S)\nLDFLAGS = -T $(S)x.ld\nA=$(B)\nB=$(A)\napp: a.o\n\tcc $(A) $^ -o app\n"),
  ).toEqual([
    { scripts: [], program: "app", line: 1 },
    { scripts: ["x.ld"], program: undefined, line: 2 },
  ]);
});

it("reads CMakeLists.txt", () => {
  const text = `
set(SCRIPT \${CMAKE_CURRENT_SOURCE_DIR}/one.ld)
add_executable(app main.c) # target_link_options(app PRIVATE -T no.ld)
target_link_options(app PRIVATE -static "LINKER:-T,\${SCRIPT}")
target_link_options(two PRIVATE "SHELL:-T \${PROJECT_SOURCE_DIR}/two.ld")
target_link_options(three PRIVATE $<$<CONFIG:Release>:-Tthree.ld>)
target_link_libraries(four PRIVATE m -T four.ld)
set_target_properties(five PROPERTIES LINK_FLAGS "-nostdlib -T five.ld" LINK_DEPENDS x.c)
set_target_properties(six PROPERTIES LINK_DEPENDS \${CMAKE_SOURCE_DIR}/ld/six.ld)
add_link_options(-Wl,-T,seven.ld)
set(CMAKE_EXE_LINKER_FLAGS "\${CMAKE_EXE_LINKER_FLAGS} -T eight.ld")
`;
  expect(found("/p/CMakeLists.txt", text)).toEqual([
    { scripts: ["one.ld"], program: "app", line: 2 },
    { scripts: ["two.ld"], program: "two", line: 5 },
    { scripts: ["three.ld"], program: "three", line: 6 },
    { scripts: ["four.ld"], program: "four", line: 7 },
    { scripts: ["five.ld"], program: "five", line: 8 },
    { scripts: ["ld/six.ld"], program: "six", line: 9 },
    { scripts: ["seven.ld"], program: undefined, line: 10 },
    { scripts: ["eight.ld"], program: undefined, line: 11 },
  ]);
});

it("reads meson.build", () => {
  const text = `project('p', 'c')
script = meson.current_source_dir() / 'one.ld'
executable('a', 'main.c', link_args: ['-static', '-Wl,-T,@0@'.format(script)], link_depends: files('one.ld'))
executable('b', 'main.c', link_args: ['-T', meson.project_source_root() / 'ld' / 'two.ld'])
executable('c', 'main.c', link_args: '-Wl,-T,' + join_paths(meson.current_source_dir(), 'three.ld'))
executable('d', 'main.c', link_depends: 'four.ld')
add_project_link_arguments('-Tfive.ld', language: 'c')
`;
  expect(found("/p/meson.build", text)).toEqual([
    { scripts: ["one.ld"], program: "a", line: 2 },
    { scripts: ["ld/two.ld"], program: "b", line: 4 },
    { scripts: ["three.ld"], program: "c", line: 5 },
    { scripts: ["four.ld"], program: "d", line: 6 },
    { scripts: ["five.ld"], program: undefined, line: 7 },
  ]);
});

it("reads what Cargo is told", () => {
  expect(
    found(
      "/p/.cargo/config.toml",
      '[target.x]\nrustflags = [\n  "-C", "link-arg=-Tlink.x",\n  "-Clink-arg=-Wl,-T,b.ld"\n]\n',
    ),
  ).toEqual([{ scripts: ["link.x", "b.ld"], program: undefined, line: 3 }]);
  expect(found("/p/.cargo/config.toml", '[build]\nrustflags = "-C link-arg=-Tlink.x"\n')).toMatchObject([
    { scripts: ["link.x"] },
  ]);
  expect(
    found("/p/build.rs", 'fn main() {\n  println!("cargo:rustc-link-arg-bins=-T{}/locked.ld", dir);\n}\n'),
  ).toEqual([{ scripts: ["locked.ld"], program: undefined, line: 2 }]);
  expect(found("/p/target/debug/build/p-1/output", "cargo::rustc-link-arg-bin=app=-Wl,-T,/p/x.ld\n")).toEqual([
    { scripts: ["/p/x.ld"], program: "app", line: 1 },
  ]);
});

it("says nothing of files that are none of a build", () => {
  expect(mentionsIn("/p/main.c", "// -T x.ld")).toBeUndefined();
  expect(mentionsIn("/p/compile_commands.json", "{ broken")).toEqual([]);
});

it("never fails on what is broken", () => {
  const texts: readonly (readonly [string, string])[] = [
    ["/p/Makefile", "A = $(B:.c=.o) $(patsubst %.c,%.o,$(S))\napp: a.o\n\t$(CC) -T $(S) $^ -o $@\n"],
    ["/p/CMakeLists.txt", 'set(A "x;y")\ntarget_link_options(app PRIVATE "LINKER:-T,${A}")\n'],
    ["/p/meson.build", "executable('a', link_args: ['-T', meson.x() / 'a.ld', '@0@'.format(b)])\n"],
    ["/p/build.ninja", "build app: c_LINKER a.o | x.ld\n LINK_ARGS = -Wl,-T,x$ y.ld\n"],
    ["/p/.cargo/config.toml", 'rustflags = ["-C", "link-arg=-Tx.ld"]\n'],
  ];
  const random = randomly(6);
  for (const [path, text] of texts) {
    for (let end = 0; end < text.length; end++) mentionsIn(path, text.slice(0, end));
    for (let count = 0; count < 2000; count++) mentionsIn(path, mutation(text, random));
  }
  const map = "Linker script and memory map\n\n.text  0x1000 0x20\n .text.a\n      0x1000   0x10 a.o\n";
  for (let count = 0; count < 2000; count++) readLinkMap(`\n${mutation(map, random)}`);
});
