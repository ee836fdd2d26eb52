import { describe, expect, it } from "vitest";
import type { Image } from "../../../../src/core/image/image.js";
import { openImageFile } from "../../../../src/host/images.js";
import { nm } from "../../../support/elf-oracles.js";
import { build, type Program } from "../../../support/elf-programs.js";

const C: Program = { source: "c", command: ["gcc", "-g", "-O2"] };
const PROGRAMS: readonly (readonly [string, Program])[] = [
  ["C", C],
  ["C, not PIE", { source: "c", command: ["gcc", "-g", "-O2", "-no-pie"] }],
  ["C, static", { source: "c", command: ["gcc", "-g", "-O2", "-static"] }],
  ["C by clang and lld", { source: "c", command: ["clang-19", "-g", "-O2", "-fuse-ld=lld"] }],
  ["C for aarch64", { source: "c", command: ["aarch64-linux-gnu-gcc", "-g", "-O2"] }],
  ["C++", { source: "cpp", command: ["g++", "-g", "-O2"] }],
  ["C++ for aarch64", { source: "cpp", command: ["aarch64-linux-gnu-g++", "-g", "-O2"] }],
  ["Rust", { source: "rust", command: ["rustc", "-g", "-O"] }],
];

describe.each(PROGRAMS)("%s", (_, program) => {
  const file = build(program);
  const image = open(file);

  it("every address of a sized data symbol has a name nm gives", () => {
    const data = nm(file).filter(({ size, kind }) => size > 0 && /[bBdDrRvVuGgSs]/.test(kind) && kind !== "U");
    expect(data.length).toBeGreaterThan(1);
    const known = new Set(data.map(({ address, name }) => `${address} ${name}`));
    // Thread-local variables have offsets for addresses.
    const fixed = data.filter(({ address }) => image.sectionAt(address) !== undefined && address > 0x100);
    const wrong = fixed.flatMap(({ address, size, name }) => {
      const addresses = [address, address + Math.floor(size / 2), address + size - 1];
      return addresses.flatMap((at) => {
        const object = image.objectAt(at);
        return known.has(`${object?.address} ${object?.symbol}`)
          ? []
          : [`${at.toString(16)} of ${name} is ${object?.kind} ${object?.name}`];
      });
    });
    expect(wrong).toEqual([]);
  });

  it("no byte of an allocated section is without an object", () => {
    for (const section of image.sections) {
      if (!section.flags.allocated || (section.flags.tls && section.nobits)) continue;
      const step = section.size > 10_000 ? 13 : 1;
      for (let at = section.address; at < section.address + section.size; at += step) {
        const object = image.objectAt(at);
        expect(object?.name, at.toString(16)).toMatch(/./);
        expect(object?.name).not.toBe("unknown");
        expect(object!.address, `${at.toString(16)} ${object!.name}`).toBeLessThanOrEqual(at);
        if (object!.size > 0) expect(object!.address + object!.size).toBeGreaterThan(at);
      }
    }
  });
});

describe("a C program", () => {
  const image = open(build(C));

  it("names its slots, stubs, literals and tables", () => {
    const found = [...objectsOf(image)];
    const of = (kind: string): string[] => found.filter((object) => object.kind === kind).map(({ name }) => name);
    expect(of("plt-stub")).toEqual(expect.arrayContaining(["puts@plt", "printf@plt", "strlen@plt", "abort@plt"]));
    expect(of("got-slot")).toEqual(
      expect.arrayContaining([
        "puts@got",
        "printf@got",
        "strlen@got",
        "abort@got",
        "&_DYNAMIC (GOT)",
        "link map (GOT)",
      ]),
    );
    expect(of("string")).toEqual(
      expect.arrayContaining(['"one"', '"two %d\\n"', '"%d %c\\n"', '"alpha"', '"beta"', '"gamma"']),
    );
    expect(of("jump-table")).toEqual(["jump table of dispatch"]);
    expect(of("unwind-table")).toEqual(expect.arrayContaining([".eh_frame", ".eh_frame_hdr"]));
    expect(of("dynamic-table")).toEqual(
      expect.arrayContaining([".dynsym", ".dynstr", ".gnu.hash", ".dynamic", ".interp"]),
    );
    expect(of("relocations")).toEqual([".rela.dyn", ".rela.plt"]);
    expect(of("tls-template")).toEqual(["perThread"]);
    expect(of("variable")).toEqual(expect.arrayContaining(["counter", "hidden", "names", "table"]));
  });

  it("says where functions and variables are declared", () => {
    const declared = (name: string): string | undefined => {
      const symbol = image.symbols().find((candidate) => candidate.name === name);
      const at = symbol && image.declarationAt(symbol.address);
      return at && `${at.file.replace(/.*\//, "").replace(/-[0-9a-f]+/, "")}:${at.line}`;
    };
    expect(["main", "dispatch", "counter", "hidden", "names", "table"].map(declared)).toEqual([
      "program.c:23",
      "program.c:11",
      "program.c:5",
      "program.c:6",
      "program.c:8",
      "program.c:4",
    ]);
    expect(image.declarationAt(0)).toBeUndefined();
  });

  it("calls what surrounds its sections headers and padding", () => {
    expect(image.objectAt(0)).toMatchObject({ kind: "dynamic-table", name: "ELF and program headers" });
    const rodata = image.sections.find(({ name }) => name === ".rodata")!;
    const last = image.sections.filter(({ flags }) => flags.allocated && !flags.write).at(-1)!;
    expect(rodata.flags.write).toBe(false);
    expect(image.objectAt(last.address + last.size + 8)).toMatchObject({
      kind: "padding",
      name: `padding after ${last.name}`,
    });
    expect(image.objectAt(2 ** 40)).toBeUndefined();
  });

  it("finds the address of a byte of the file through its segment", () => {
    const data = image.sections.find(({ name }) => name === ".data")!;
    expect(image.addressOfFileOffset(data.fileOffset)).toBe(data.address);
    expect(image.addressOfFileOffset(2 ** 40)).toBeUndefined();
  });
});

it("jump tables are found whole in what each compiler makes of a switch", () => {
  const size = (command: readonly string[]): number => {
    const tables = [...objectsOf(open(build({ source: "switch", command })))].filter(
      ({ kind }) => kind === "jump-table",
    );
    expect(tables.map(({ name }) => name)).toContain("jump table of choose");
    return tables.find(({ name }) => name === "jump table of choose")!.size;
  };
  expect(size(["gcc", "-O2"])).toBe(160);
  expect(size(["gcc", "-O2", "-no-pie", "-fno-pie"])).toBe(320);
  expect(size(["gcc", "-O0"])).toBe(160);
  expect(size(["clang-19", "-O2"])).toBe(160);
  expect(size(["aarch64-linux-gnu-gcc", "-O2"])).toBe(80);
  expect(size(["aarch64-linux-gnu-gcc", "-O0"])).toBe(160);
});

it("C++ tables are named after their class", () => {
  const names = [...objectsOf(open(build({ source: "cpp", command: ["g++", "-g", "-O2"] })))];
  const tables = names.filter(({ kind }) => kind === "vtable").map(({ name }) => name);
  expect(tables).toEqual(
    expect.arrayContaining([
      "vtable for shapes::Shape",
      "typeinfo for shapes::Shape",
      "vtable for shapes::Box<double, 7>",
    ]),
  );
});

it("a file stripped of everything, section headers too, still names its exported functions", () => {
  const strip = [["llvm-strip-19", "--strip-all", "--strip-sections", "{}"]];
  const image = open(build({ source: "c", command: ["gcc", "-O2", "-rdynamic"], after: strip }));
  const whole = open(build({ source: "c", command: ["gcc", "-O2", "-rdynamic"] }));
  expect(image.sections).toEqual([]);
  expect(image.buildId).toBe(whole.buildId);
  const dispatch = whole.symbols().find(({ name }) => name === "dispatch")!;
  expect(image.symbolAt(dispatch.address + 3)).toMatchObject({ name: "dispatch", address: dispatch.address });
  expect(image.framesAt(dispatch.address + 3)).toMatchObject([{ function: "dispatch", line: 0 }]);
  expect(image.objectAt(dispatch.address)).toMatchObject({ kind: "function", name: "dispatch" });
  expect(image.debug).toEqual({ symbols: "dynsym", lines: false, file: undefined });
});

it("of several names at one address the global one is given, then the weak one", () => {
  const image = open(build({ source: "aliases", command: ["gcc", "-O2"] }));
  const at = (name: string) => image.symbols().find((symbol) => symbol.name === name)!.address;
  expect(at("local_first")).toBe(at("weak_name"));
  expect(image.symbolAt(at("local_first"))?.name).toBe("global_name");
  expect(image.symbolAt(at("plain_local") + 8)?.name).toBe("plain_weak");
  expect(image.objectAt(at("plain_local") + 11)).toMatchObject({ kind: "variable", name: "plain_weak", size: 12 });
});

function* objectsOf(image: Image) {
  for (const { address, size, flags, nobits } of image.sections) {
    if (!flags.allocated || (flags.tls && nobits)) continue;
    for (let at = address; at < address + size;) {
      const object = image.objectAt(at)!;
      yield object;
      at = Math.max(at + 1, object.kind === "section" ? 0 : object.address + object.size);
    }
  }
}

function open(file: string): Image {
  const opened = openImageFile(file);
  if (!opened.ok) throw new Error(opened.message);
  return opened.image;
}
