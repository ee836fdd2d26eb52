/** runtime/faultline.h: compiled by every compiler here in every way, and held to the kernel's own account of locks. */
import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  COMPILERS,
  compile,
  compileAside,
  source,
  SOURCES,
  WARNINGS,
  WITHOUT_RIGHTS,
  type Compiler,
} from "../../support/runtime/compilers.js";

const C = ["c99", "c11", "c17"];
const CPP = ["c++11", "c++14", "c++17", "c++20"];
const LEVELS = ["-O0", "-O1", "-O2", "-O3"];
/** Enough for all that is locked here, and no more than anybody may set. */
const AMPLE = 8 << 20;

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "faultline-header-"));
  chmodSync(scratch, 0o755);
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

/** How a program may be put together. */
const LINKS: readonly (readonly string[])[] = [
  ["-fPIE", "-pie"],
  ["-fno-pie", "-no-pie"],
  ["-static"],
  ["-flto"],
  ["-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"],
];

interface Way {
  readonly compiler: Compiler;
  readonly std: string;
  readonly level: string;
  readonly link: readonly string[];
  readonly linker: string;
}

/** Every compiler with every standard; levels, links and linkers take turns, so that each meets each compiler. */
function ways(all: boolean): readonly Way[] {
  return COMPILERS.flatMap((compiler) =>
    [...C, ...CPP].flatMap((std, row) =>
      all
        ? LEVELS.flatMap((level) =>
            LINKS.flatMap((link) => compiler.linkers.map((linker) => ({ compiler, std, level, link, linker }))),
          )
        : [
            {
              compiler,
              std,
              level: LEVELS[row % LEVELS.length]!,
              link: LINKS[row % LINKS.length]!,
              linker: compiler.linkers[row % compiler.linkers.length]!,
            },
          ],
    ),
  );
}

/** Builds a shared object that locks its own sections, and has a program load it and call it. */
function inSharedObject(c: string, link: readonly string[]): string {
  const library = join(scratch, "libeverything.so");
  const both = [join(SOURCES, "everything.c"), join(SOURCES, "another-file.c")];
  compile(c, ["-O2", "-fPIC", "-shared", ...WARNINGS, "-Dmain=in_library", ...both, ...link, "-o", library]);
  const main = join(scratch, "main.c");
  writeFileSync(
    main,
    `#include <dlfcn.h>
int main(int count, char **arguments) {
  void *library = dlopen(arguments[1], RTLD_NOW);
  int (*run)(int, char **) = library ? (int (*)(int, char **))dlsym(library, "in_library") : 0;
  return run ? run(count, arguments) : 5;
}
`,
  );
  const program = join(scratch, "everything");
  compile(c, ["-O2", main, "-o", program]);
  expectRight(program, library);
  return library;
}

function expectRight(program: string, ...args: string[]): void {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
}

describe("compiled", () => {
  // Minutes of work: FAULTLINE_FULL_MATRIX=1 makes every combination.
  const all = process.env["FAULTLINE_FULL_MATRIX"] === "1";
  it.concurrent.each(
    ways(all).map((way, index) => ({
      way,
      index,
      name: [way.compiler.c, way.std, way.level, ...way.link, way.linker].filter((part) => part !== "").join(" "),
    })),
  )("locks, unlocks and marks: $name", async ({ way, index }) => {
    const cpp = way.std.startsWith("c++");
    const program = join(scratch, `everything-${index}`);
    await compileAside(cpp ? way.compiler.cpp : way.compiler.c, [
      `-std=${way.std}`,
      way.level,
      ...WARNINGS,
      ...(cpp ? ["-Wold-style-cast"] : []),
      ...way.link,
      ...(way.linker === "" ? [] : [`-fuse-ld=${way.linker}`]),
      ...source("everything.c", cpp),
      join(SOURCES, "another-file.c"),
      "-o",
      program,
    ]);
    // Rejects when the program ends with other than 0, and then says what the program said.
    const { stdout } = await promisify(execFile)(program);
    expect(stdout).toBe("");
  });

  it.each(COMPILERS.map(({ c }) => c))("into a shared object, by %s, it locks the object's own sections", (c) => {
    inSharedObject(c, []);
  });

  it.each(COMPILERS.flatMap(({ c, linkers }) => linkers.map((linker) => [c, linker])))(
    "without any section, by %s %s, there is nothing to lock",
    (c, linker) => {
      const program = join(scratch, "no-sections");
      const use = linker === "" ? [] : [`-fuse-ld=${linker}`];
      compile(c, ["-O2", ...WARNINGS, "-Wl,--gc-sections", ...use, join(SOURCES, "no-sections.c"), "-o", program]);
      expect(spawnSync(program).status).toBe(0);
    },
  );
});

/** Type, address and size of the locked sections, by readelf. */
function lockedSections(file: string): ReadonlyMap<string, { type: string; address: number; bytes: number }> {
  const listed = execFileSync("readelf", ["-SW", file], { encoding: "utf8" });
  const rows = listed.matchAll(/ (locked_\w+) +(\w+) +([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+) /g);
  return new Map(
    [...rows].map(([, name = "", type = "", address = "", bytes = ""]) => [
      name,
      { type, address: parseInt(address, 16), bytes: parseInt(bytes, 16) },
    ]),
  );
}

describe("with locked-sections.ld", () => {
  const SCRIPT = "-Wl,-T,runtime/locked-sections.ld";
  const PAGE = 4096;

  /** Every linker that takes it, once. */
  const TOOLS = COMPILERS.flatMap(({ c, linkers }) =>
    linkers
      .filter((linker) => linker !== "gold" && (c === "gcc" || linker !== ""))
      .map((linker) => ({ c, linker, name: `${c} ${linker === "" ? "ld" : linker}` })),
  );
  const use = (linker: string): string[] => (linker === "" ? [] : [`-fuse-ld=${linker}`]);

  function expectOwnPages(file: string): void {
    const sections = lockedSections(file);
    expect(sections.get("locked_bss")!.type).toBe("NOBITS");
    for (const name of ["locked_text", "locked_data", "locked_bss"]) {
      const { address, bytes } = sections.get(name)!;
      expect([name, address % PAGE, bytes % PAGE]).toEqual([name, 0, 0]);
    }
    const segments = readelf(file);
    expect(segments).not.toMatch(/ RWE /);
  }

  it.each(TOOLS)("by $name, programs lock pages of their own, and zeroes take no space", ({ c, linker }) => {
    for (const link of [
      ["-fPIE", "-pie", "-ffunction-sections", "-Wl,--gc-sections"],
      ["-fno-pie", "-no-pie"],
    ]) {
      const program = join(scratch, "everything");
      const sources = [join(SOURCES, "everything.c"), join(SOURCES, "another-file.c")];
      compile(c, ["-O2", ...link, ...use(linker), ...sources, SCRIPT, "-o", program]);
      expectRight(program);
      expectOwnPages(program);
    }
  });

  it.each(TOOLS)("by $name, shared objects do", ({ c, linker }) => {
    const library = inSharedObject(c, [...use(linker), SCRIPT]);
    expectOwnPages(library);
    expect(readelf(library)).toContain("GNU_RELRO");
  });

  it.each(TOOLS)("by $name, a program without sections has nothing to lock", ({ c, linker }) => {
    const program = join(scratch, "no-sections");
    compile(c, ["-O2", ...use(linker), join(SOURCES, "no-sections.c"), SCRIPT, "-o", program]);
    expectRight(program);
  });

  it("without it, zeroes take space in the file", () => {
    const program = join(scratch, "everything");
    compile("gcc", ["-O2", join(SOURCES, "everything.c"), join(SOURCES, "another-file.c"), "-o", program]);
    expect(lockedSections(program).get("locked_bss")!.type).toBe("PROGBITS");
  });
});

/** Ranges of each mapping and how it is locked, as the kernel tells it to others. */
function locksOf(pid: number): string[] {
  const found: string[] = [];
  let range = "";
  for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
    range = /^[0-9a-f]+-[0-9a-f]+/.exec(line)?.[0] ?? range;
    const flags = line.startsWith("VmFlags:") ? line.split(" ") : [];
    if (flags.includes("lo") || flags.includes("lf")) found.push(`${range} ${flags.includes("lf") ? "on fault" : ""}`);
  }
  return found;
}

interface Answer {
  readonly result: number;
  readonly errno: number;
  readonly sentence: string;
  /** Before the lock, after it, and after it was taken back. */
  readonly locks: readonly (readonly string[])[];
}

/** Runs a scenario with a limit (bytes), as a user without rights. */
async function scenario(name: string, limit: number, ...more: string[]): Promise<Answer> {
  return scenarioWith(() => {}, name, limit, ...more);
}

/** `meanwhile` is called when everything is loaded and nothing is locked yet. */
async function scenarioWith(meanwhile: () => void, name: string, limit: number, ...more: string[]): Promise<Answer> {
  const program = join(scratch, "scenario");
  const [command = "", ...args] = ["prlimit", `--memlock=${limit}`, ...WITHOUT_RIGHTS, program, name, ...more];
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const locks: string[][] = [];
  const said: string[] = [];
  for (let step = 0; step < 3; step++) {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${name} ended early`);
    said.push(line.value);
    locks.push(locksOf(child.pid!));
    if (step === 0) meanwhile();
    child.stdin.write("on\n");
  }
  await once(child, "close");
  expect(child.exitCode).toBe(0);
  expect(said[2]).toBe("0");
  const [, result, errno, sentence = ""] = /^(-?\d+) (\d+) (.*)$/.exec(said[1]!)!;
  return { result: Number(result), errno: Number(errno), sentence, locks };
}

const ENOMEM = 12;

describe("all or nothing", () => {
  const EPERM = 1;
  const EACCES = 13;
  const KB = 1024;

  beforeAll(() => {
    compile("gcc", ["-O2", join(SOURCES, "scenario.c"), "-o", join(scratch, "scenario")]);
  });

  /** What the program locks when it may: the exact limit. */
  async function bytesNeeded(): Promise<number> {
    const { locks } = await scenario("", AMPLE);
    return locks[1]!.reduce((sum, text) => {
      const [start = "", end = ""] = text.split(" ")[0]!.split("-");
      return sum + parseInt(end, 16) - parseInt(start, 16);
    }, 0);
  }

  it("with room, everything is locked, and nothing after it was taken back", async () => {
    const { result, locks } = await scenario("", 8 * KB * KB);
    expect(result).toBe(0);
    expect(locks[1]!.length).toBeGreaterThan(0);
    expect([locks[0], locks[2]]).toEqual([[], []]);
  });

  it("with exactly the room it needs, everything is locked", async () => {
    expect((await scenario("", await bytesNeeded())).result).toBe(0);
  });

  it("with a page too little, nothing is, and the sentence names the limit and what is needed", async () => {
    const needed = await bytesNeeded();
    const { result, errno, sentence, locks } = await scenario("", needed - 4096);
    expect([result, errno]).toEqual([-1, ENOMEM]);
    expect(sentence).toContain(`RLIMIT_MEMLOCK is ${needed / KB - 4} kB`);
    expect(sentence).toContain(`raise it to ${needed / KB} kB`);
    expect(locks).toEqual([[], [], []]);
  });

  it("with no room at all, nothing is, and the sentence names the limit", async () => {
    const { result, errno, sentence, locks } = await scenario("", 0);
    expect([result, errno]).toEqual([-1, EPERM]);
    expect(sentence).toMatch(/RLIMIT_MEMLOCK is 0 kB/);
    expect(locks).toEqual([[], [], []]);
  });

  it("with a hole in a section, nothing is", async () => {
    const { result, errno, sentence, locks } = await scenario("hole", AMPLE);
    expect([result, errno]).toEqual([-1, ENOMEM]);
    expect(sentence).toMatch(/^4 of the \d+ kB of locked_bss are not mapped/);
    expect(locks).toEqual([[], [], []]);
  });

  it("with a page nobody may touch, nothing is", async () => {
    const { result, errno, sentence, locks } = await scenario("no access", AMPLE);
    expect([result, errno]).toEqual([-1, EACCES]);
    expect(sentence).toMatch(/locked_bss .*PROT_NONE/);
    expect(locks).toEqual([[], [], []]);
  });

  it.each(["locked before", "locked on fault before"])(
    "what was %s stays as it was, also after a failure",
    async (name) => {
      const whole = await scenario(name, AMPLE);
      expect(whole.result).toBe(0);
      expect(whole.locks[0]!.length).toBeGreaterThan(0);
      expect(whole.locks[1]).not.toEqual(whole.locks[0]);
      expect(whole.locks[2]).toEqual(whole.locks[0]);
      const refused = await scenario(name, (await bytesNeeded()) - 4096);
      expect(refused.result).toBe(-1);
      expect(refused.locks[1]).toEqual(refused.locks[0]!.map((text) => expect.stringMatching(tail(text)) as string));
      expect(refused.locks[2]).toEqual(refused.locks[1]);
    },
  );

  /** The same range; where the program lies differs from run to run, but not within one. */
  const tail = (text: string): RegExp => new RegExp(`^${text}$`);

  it.each([
    ["2", "what is mapped now"],
    ["6", "what is mapped now and later"],
    ["18", "what is mapped now, and later on fault"],
    ["12", "what is mapped now on fault, and later"],
    ["8", "what is mapped now on fault"],
  ])("mlockall with flags %s locks %s", async (flags, name) => {
    const { result, locks } = await scenario(`all ${flags}`, AMPLE);
    expect(result).toBe(0);
    const onFault = locks[1]!.filter((text) => text.endsWith("on fault"));
    expect(locks[1]!.length).toBeGreaterThan(10);
    // What is mapped later on fault is not there yet.
    expect(onFault.length > 0).toBe(name.startsWith("what is mapped now on fault"));
  });

  it("mlockall beyond the limit locks nothing, and the sentence names the limit", async () => {
    const { result, errno, sentence, locks } = await scenario("all 2", 256 * KB);
    expect([result, errno]).toEqual([-1, ENOMEM]);
    expect(sentence).toMatch(/RLIMIT_MEMLOCK is 256 kB/);
    expect(locks[1]).toEqual([]);
  });
});

describe("a generated lock set", () => {
  const buildId = (file: string): string =>
    /Build ID: ([0-9a-f]+)/.exec(execFileSync("readelf", ["-n", file], { encoding: "utf8" }))![1]!;

  /** A library with pages to lock, and a program whose lock set names some of them. */
  function build(folder: string, set: { readonly image?: string; readonly buildId?: string } = {}): string {
    mkdirSync(folder);
    const library = join(folder, "libpages.so");
    writeFileSync(join(folder, "pages.c"), "const char pages[1 << 16] __attribute__((aligned(4096))) = {1};\n");
    compile("gcc", ["-shared", "-fPIC", "-Wl,--build-id", join(folder, "pages.c"), "-o", library]);
    const address = /^([0-9a-f]+) R pages$/m.exec(nm(library))![1]!;
    writeFileSync(
      join(folder, "set.c"),
      `#include "faultline.h"
static const struct faultline_range ranges[] = {
  {"${set.image ?? "libpages.so"}", "${set.buildId ?? buildId(library)}", 0x${address}, 3 * 4096},
};
const struct faultline_lock_set faultline_generated_lock_set = {ranges, 1};
`,
    );
    compile("gcc", ["-O2", ...WARNINGS, "-c", join(folder, "set.c"), "-o", join(folder, "set.o")]);
    compile("gcc", ["-O2", join(SOURCES, "scenario.c"), join(folder, "set.o"), "-o", join(scratch, "scenario")]);
    return library;
  }

  it("is locked with the sections, in the library it names", async () => {
    const library = build(join(scratch, "right"));
    const { result, sentence, locks } = await scenario("library", AMPLE, library);
    expect([result, sentence]).toEqual([0, ""]);
    const sizes = locks[1]!.map((text) => text.split(/[- ]/).map((part) => parseInt(part, 16)));
    expect(sizes.some(([start, end]) => end! - start! === 3 * 4096)).toBe(true);
    expect(locks[2]).toEqual([]);
  });

  it("of another build is refused by name", async () => {
    const library = build(join(scratch, "rebuilt"), { buildId: "00".repeat(20) });
    const { result, sentence, locks } = await scenario("library", AMPLE, library);
    expect(result).toBe(-1);
    expect(sentence).toMatch(/^libpages\.so is another build/);
    expect(locks).toEqual([[], [], []]);
  });

  it("of a library that is not loaded is refused by name", async () => {
    const library = build(join(scratch, "absent"), { image: "libabsent.so", buildId: "00".repeat(20) });
    const { result, sentence } = await scenario("library", AMPLE, library);
    expect(result).toBe(-1);
    expect(sentence).toMatch(/^libabsent\.so of the lock set is not loaded/);
  });

  it("in a file that has become shorter locks nothing", async () => {
    const library = build(join(scratch, "shorter"));
    const { result, errno, sentence, locks } = await scenarioWith(
      // One page of the three stays.
      () => truncateSync(library, fileOffset(library, "pages") + 4096),
      "library",
      AMPLE,
      library,
    );
    expect([result, errno]).toEqual([-1, ENOMEM]);
    expect(sentence).toMatch(/^lock set \(12 kB\) cannot be locked/);
    expect(locks).toEqual([[], [], []]);
  });

  /** Where a symbol's bytes lie in the file, by readelf. */
  function fileOffset(file: string, symbol: string): number {
    const address = parseInt(new RegExp(`^([0-9a-f]+) R ${symbol}$`, "m").exec(nm(file))![1]!, 16);
    for (const [, ...fields] of readelf(file).matchAll(/^ *LOAD +(0x\w+) (0x\w+) 0x\w+ (0x\w+)/gm)) {
      const [offset = 0, start = 0, bytes = 0] = fields.map(Number);
      if (start <= address && address < start + bytes) return offset + address - start;
    }
    throw new Error(`${symbol} lies in no segment`);
  }

  const nm = (file: string): string => execFileSync("nm", [file], { encoding: "utf8" });
  it("in a static library is linked in when it is required", async () => {
    const folder = join(scratch, "static");
    const library = build(folder);
    execFileSync("ar", ["rc", join(folder, "libset.a"), join(folder, "set.o")]);
    const link = (...args: string[]): void => {
      compile("gcc", ["-O2", ...WARNINGS, ...args, "-o", join(scratch, "scenario")]);
    };
    const scenarioFile = join(SOURCES, "scenario.c");
    const lockedBytes = async (): Promise<readonly number[]> => {
      const { result, locks } = await scenario("library", AMPLE, library);
      expect(result).toBe(0);
      const ends = locks[1]!.map((text) => text.split(/[- ]/).map((part) => parseInt(part, 16)));
      return ends.map(([start, end]) => end! - start!);
    };
    link(scenarioFile, join(folder, "libset.a"));
    expect(await lockedBytes()).not.toContain(3 * 4096);
    link("-DFAULTLINE_LOCK_SET_REQUIRED", scenarioFile, join(folder, "libset.a"));
    expect(await lockedBytes()).toContain(3 * 4096);
    expect(() => link("-DFAULTLINE_LOCK_SET_REQUIRED", scenarioFile)).toThrow(/faultline_generated_lock_set/);
  });
});

const readelf = (file: string): string => execFileSync("readelf", ["-lW", file], { encoding: "utf8" });
