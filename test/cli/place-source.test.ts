/** `faultline place SYMBOL…`: sources changed, compiled alone, taken back; refusals that change nothing. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { installFaultline, type Installed } from "../support/faultline.js";
import { sectionsOf } from "../support/placed-source.js";

let faultline: Installed;
let folder: string;

beforeAll(async () => {
  faultline = await installFaultline();
});
afterAll(() => faultline.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-place-source-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const PROJECT = `{
  "program": "program",
  "critical": ["handle"]
}
`;

/** Writes and builds a project; sources are older than the program. */
function project(files: Readonly<Record<string, string>>, command: readonly string[] = ["gcc", "-O1", "-g"]): void {
  for (const [name, text] of Object.entries({ "faultline.json": PROJECT, ...files })) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
    utimesSync(join(folder, name), 1_700_000_000, 1_700_000_000);
  }
  build(Object.keys(files), command);
}

function build(names: readonly string[], [compiler = "", ...options]: readonly string[] = ["gcc", "-O1", "-g"]): void {
  const sources = names.filter((name) => /\.(?:c|cc)$/.test(name));
  execFileSync(compiler, [...options, "-Wno-attributes", "-I", folder, ...sources, "-o", "program"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
}

function place(...args: string[]) {
  return spawnSync(process.execPath, [faultline.cli, "place", ...args], { cwd: folder, encoding: "utf8" });
}

const text = (name: string): string => readFileSync(join(folder, name), "utf8");

const MAIN = `#include <stdio.h>
#include "other.h"

static int table[4] = {1, 2, 3, 4};
static int state;

int handle(int event) {
  state += table[event & 3]++;
  return state;
}

int main(int count, char **words) {
  printf("%s %d %d\\n", words[0], handle(count), other(count));
  return 0;
}
`;
const OTHER = `#include "other.h"

static int state = 5;

int other(int event) { return event + state++; }
`;
const FILES = { "main.c": MAIN, "other.c": OTHER, "other.h": "int other(int event);\n" };

describe("placing", () => {
  it("keeps the file of one of two static ones of a name, and takes the other for nothing", () => {
    project(FILES);
    expect(place("other.c:state").status).toBe(0);
    const once = text("faultline.json");
    expect(JSON.parse(once)).toMatchObject({ placements: [{ symbol: "state", file: "other.c", kind: "data" }] });
    build(Object.keys(FILES));
    expect(place("--verify").stdout).toMatch(/The placement is verified|1 placements? (?:is|are) verified/);
    expect(place("main.c:state").status).toBe(0);
    expect(text("faultline.json")).toContain('"file": "main.c"');
    expect(place("--verify").stdout).toMatch(/1 of 2 placements/);
    expect(place("main.c:state", "--remove").status).toBe(0);
    expect([text("faultline.json"), text("main.c")]).toEqual([once, MAIN]);
    expect(place("other.c:state", "--remove").status).toBe(0);
    expect([text("faultline.json"), text("other.c")]).toEqual([PROJECT, OTHER]);
  });

  it("puts each at its definition, keeps it in faultline.json, and it is verified after the build", () => {
    project(FILES);
    cpSync("runtime/faultline.h", join(folder, "faultline.h"));
    const { status, stdout, stderr } = place("handle", "table", "other");
    expect(stderr).toMatch(/2 source files and faultline\.json changed\. Build, then: faultline place --verify/);
    expect(stdout).toMatch(/✓ handle {2}text, locked_text {2}main\.c:7/);
    expect(status).toBe(0);
    expect(text("main.c")).toBe(
      MAIN.replace('#include "other.h"\n', '#include "other.h"\n#include "faultline.h"\n')
        .replace("static int table", "FAULTLINE_DATA static int table")
        .replace("int handle", "FAULTLINE_CODE int handle"),
    );
    build(Object.keys(FILES));
    const verified = place("--verify");
    expect(verified.stdout).toMatch(/All 3 placements are verified/);
    expect(verified.status).toBe(0);
    expect(sectionsOf(join(folder, "program")).get("handle")).toBe("locked_text");
  });

  it("takes all of it back to the byte, of every file", () => {
    project(FILES);
    cpSync("runtime/faultline.h", join(folder, "faultline.h"));
    expect(place("handle", "table", "other").status).toBe(0);
    const removed = place("handle", "table", "other", "--remove");
    expect(removed.stderr).toMatch(/changed\. Build again\./);
    expect(removed.stdout).toContain(
      '✓ table  main.c:5  "FAULTLINE_DATA static int table[4] = {1, 2, 3, 4};" is now "static int table[4] = {1, 2, 3, 4};"',
    );
    expect(removed.status).toBe(0);
    for (const [name, before] of Object.entries({ ...FILES, "faultline.json": PROJECT }))
      expect(text(name)).toBe(before);
    expect(readdirSync(folder).sort()).toEqual([
      "faultline.h",
      "faultline.json",
      "main.c",
      "other.c",
      "other.h",
      "program",
    ]);
  });

  it("knows a text that is newer than the program: placed again right after it was taken back, of the same kind", () => {
    const bss = MAIN.replace("static int state;", "static int state, zeroes[100];").replace(
      "state +=",
      "zeroes[event & 63]++; state +=",
    );
    project({ ...FILES, "main.c": bss });
    for (let round = 0; round < 2; round++) {
      expect(place("zeroes", "handle").stdout).toMatch(/✓ zeroes {2}bss, locked_bss {2}main\.c:\d+\n✓ handle .*:\d+\n/);
      build(Object.keys(FILES));
      expect(place("--verify").status).toBe(0);
      expect(place("zeroes", "handle").stdout).toMatch(/zeroes .*\(already\)/);
      expect(place("zeroes", "handle", "--remove").stdout).toMatch(
        /✓ zeroes {2}main\.c:5 {2}".*locked_bss.*" is now "static int state, zeroes\[100\];"/,
      );
      expect(text("main.c")).toBe(bss);
    }
  });

  it("forgets what something else than our attribute places, and leaves that in the source", () => {
    const own = MAIN.replace(
      "static int table",
      '#define HOT __attribute__((section("locked_data")))\nHOT static int table',
    );
    project({ ...FILES, "main.c": own });
    expect(place("table").stdout).toMatch(/✓ table .*\(already\)/);
    expect(text("faultline.json")).toContain('"table"');
    expect(place("table", "--remove").stdout).toMatch(/✓ table .*\(not by an attribute here\)/);
    expect(text("faultline.json")).toBe(PROJECT);
    expect(text("main.c")).toBe(own);
    const never = place("handle", "--remove");
    expect(never.stdout).toMatch(/✗ handle in line \d+ is not placed by an attribute/);
    expect(never.status).toBe(1);
  });

  it("places an inline function of C so that nothing warns, and says what gcc may inline", () => {
    const strict = ["gcc", "-O2", "-g", "-Wall", "-Wextra", "-Werror"];
    const inline =
      "static inline int fast(int a) { return a * 3; }\nint (*volatile chosen)(int) = fast;\nint main(int n, char **v) { (void)v; return chosen(n) + fast(n); }\n";
    project({ "main.c": inline }, strict);
    cpSync("runtime/faultline.h", join(folder, "faultline.h"));
    const { status, stdout } = place("fast");
    expect(stdout).toMatch(/✓ fast .*main\.c:1\n {2}fast is inline: what gcc inlines of it lies in the functions/);
    expect(status).toBe(0);
    expect(text("main.c")).toBe(`#include "faultline.h"\n\nFAULTLINE_CODE_INLINE ${inline}`);
    execFileSync(strict[0]!, [...strict.slice(1), "main.c", "-o", "program"], { cwd: folder });
    expect(place("--verify").stdout).toMatch(/All 1 placements are verified|is verified/);
    expect(place("fast", "--remove").status).toBe(0);
    expect(text("main.c")).toBe(inline);
    project({ "main.c": inline.replace("= fast", "= 0").replace("chosen(n) + ", "") }, strict);
    expect(place("fast").stdout).toMatch(
      /✗ Every call of fast in line 1 is inlined, .* place the functions that call it/,
    );
  });

  it("spells the attribute out where the compiler does not find the header", () => {
    project({
      "main.c": "int handle(int a) { return a * 2; }\nint main(int n, char **v) { (void)v; return handle(n); }\n",
    });
    expect(place("handle").status).toBe(0);
    expect(text("main.c")).toMatch(/^__attribute__\(\(section\("locked_text"\), noinline, noclone\)\) int handle/);
  });

  it("says where a dry run would change what, and changes nothing", () => {
    project(FILES);
    const { status, stdout, stderr } = place("handle", "--dry-run");
    expect(stdout).toMatch(/main\.c:7: with "__attribute__/);
    expect(stderr).toMatch(/Nothing was changed \(--dry-run\)/);
    expect(status).toBe(0);
    expect(text("main.c")).toBe(MAIN);
    expect(text("faultline.json")).toBe(PROJECT);
  });

  it("asks which of several is meant, and takes the file's name, or its line, for an answer", () => {
    project(FILES);
    const { status, stdout } = place("state");
    expect(stdout).toMatch(/Several are called state: say which one, .*main\.c:state, .*other\.c:state/);
    expect(status).toBe(1);
    expect(place("other.c:state").status).toBe(0);
    expect(text("other.c")).toMatch(/locked_data.* static int state = 5/);
    expect(text("main.c")).toBe(MAIN);
    const local = "int a(void) { static int n = 1; return n++; }\nint b(void) { static int n = 2; return n++; }\n";
    rmSync(join(folder, "faultline.json"));
    project({ "main.c": `${local}int main(void) { return a() + b(); }\n` });
    expect(place("n").stdout).toMatch(/main\.c:1:n, .*main\.c:2:n/);
    expect(place("main.c:2:n").status).toBe(0);
    expect(text("main.c").split("\n")[1]).toMatch(/\{ __attribute__\(\(section\("locked_data"\)\)\) static int n = 2/);
  });

  it("gives the same as JSON", () => {
    project(FILES);
    const { placements, files, applied } = JSON.parse(place("handle", "--json").stdout) as {
      placements: unknown[];
      files: { path: string; edits: unknown[] }[];
      applied: boolean;
    };
    expect(placements).toEqual([
      {
        wanted: "handle",
        symbol: "handle",
        kind: "text",
        section: "locked_text",
        file: join(folder, "main.c"),
        line: 7,
        already: false,
      },
    ]);
    expect(files).toHaveLength(1);
    expect(applied).toBe(true);
  });

  it("makes a faultline.json where a program is named and none is there", () => {
    project(FILES);
    rmSync(join(folder, "faultline.json"));
    expect(place("handle", "--in", "program").status).toBe(0);
    expect(JSON.parse(text("faultline.json"))).toEqual({ placements: [{ symbol: "handle", kind: "text" }] });
  });

  it("has the linker script place what it is asked to, and takes that back", () => {
    project(FILES, ["gcc", "-O1", "-g", "-ffunction-sections", "-fdata-sections"]);
    const { status, stderr } = place("handle", "table", "--script");
    expect(stderr).toMatch(/locked-sections\.ld: 2 placements/);
    expect(status).toBe(0);
    expect(text("main.c")).toBe(MAIN);
    build(Object.keys(FILES), [
      "gcc",
      "-O1",
      "-g",
      "-ffunction-sections",
      "-fdata-sections",
      "-Wl,-T,locked-sections.ld",
    ]);
    expect(place("--verify").stdout).toMatch(/All 2 placements are verified/);
    expect(place("handle", "table", "--remove").stderr).toMatch(/locked-sections\.ld places nothing any more/);
    expect(text("faultline.json")).toBe(PROJECT);
  });

  it("leaves mode and what is no UTF-8 as they were", () => {
    project(FILES);
    const bytes = Buffer.concat([Buffer.from("/* caf"), Buffer.from([0xe9]), Buffer.from(" */\n"), Buffer.from(MAIN)]);
    writeFileSync(join(folder, "main.c"), bytes);
    chmodSync(join(folder, "main.c"), 0o664);
    build(Object.keys(FILES));
    expect(place("handle").status).toBe(0);
    expect(readFileSync(join(folder, "main.c")).includes(Buffer.from([0x66, 0xe9, 0x20]))).toBe(true);
    expect(statSync(join(folder, "main.c")).mode & 0o777).toBe(0o664);
    expect(place("handle", "--remove").status).toBe(0);
    expect(readFileSync(join(folder, "main.c")).equals(bytes)).toBe(true);
  });
});

describe("nothing is changed", () => {
  const unchanged = (): void => {
    for (const [name, before] of Object.entries(FILES)) expect(text(name)).toBe(before);
    expect(text("faultline.json")).toBe(PROJECT);
  };

  it("where one of several cannot be placed: its reason is told, and the exit is 1", () => {
    project(FILES);
    const { status, stdout } = place("handle", "mistyped");
    expect(stdout).toMatch(/✗ Nothing in the program is called mistyped/);
    expect(stdout).toMatch(/Nothing was changed\./);
    expect(status).toBe(1);
    unchanged();
  });

  it("where the compiler refuses the change, alone as the build does it: its first error is told", () => {
    // A function that is data would make a section of both kinds: the compiler alone knows.
    const conflict = MAIN.replace(
      "static int table[4]",
      '__attribute__((section("locked_text"))) int taken = 1;\nstatic int table[4]',
    );
    project({ ...FILES, "main.c": conflict }, ["gcc", "-O1", "-g"]);
    const database = [
      { directory: folder, file: "main.c", arguments: ["gcc", "-O1", "-g", "-I.", "-o", "main.o", "-c", "main.c"] },
    ];
    writeFileSync(join(folder, "compile_commands.json"), JSON.stringify(database));
    const before = statSync(join(folder, "main.c")).mtimeMs;
    const { status, stdout } = place("handle");
    expect(stdout).toMatch(
      /✗ main\.c does not compile any more, so the change was taken back:\n.*main\.c:\d+:\d+: error: .*section type conflict/,
    );
    expect(status).toBe(1);
    expect(text("main.c")).toBe(conflict);
    expect(statSync(join(folder, "main.c")).mtimeMs).toBe(before);
    expect(text("faultline.json")).toBe(PROJECT);
  });

  it("outside of the project, through a link neither", () => {
    project(FILES);
    const outside = mkdtempSync(join(tmpdir(), "faultline-outside-"));
    try {
      writeFileSync(join(outside, "far.c"), OTHER);
      execFileSync("gcc", ["-g", "-I", folder, "main.c", join(outside, "far.c"), "-o", "program"], { cwd: folder });
      const { status, stdout } = place("other");
      expect(stdout).toMatch(/is outside of the project, and is left alone/);
      expect(status).toBe(1);
      expect(readFileSync(join(outside, "far.c"), "utf8")).toBe(OTHER);
    } finally {
      rmSync(outside, { recursive: true, force: true });
    }
  });

  it("where a pipe stands in a source's place, and nothing waits for it", () => {
    project(FILES);
    rmSync(join(folder, "other.c"));
    execFileSync("mkfifo", [join(folder, "other.c")]);
    const { status, stdout } = place("other");
    expect(stdout).toMatch(/is no source file that could be changed/);
    expect(status).toBe(1);
  });

  it("where faultline.json says something else than a list", () => {
    project({ ...FILES, "faultline.json": '{ "program": "program", "placements": 3 }' });
    const { status, stderr } = place("handle");
    expect(stderr).toMatch(/its placements are no list/);
    expect(status).toBe(2);
    expect(text("main.c")).toBe(MAIN);
  });
});

it("a build that is not known is told, and one that did not work before is no reason to refuse", () => {
  project(FILES);
  // Without its folder of headers it does not compile alone: neither before nor after.
  mkdirSync(join(folder, "include"));
  cpSync(join(folder, "other.h"), join(folder, "include/other.h"));
  execFileSync("gcc", ["-O1", "-g", "-I", "include", "main.c", "other.c", "-o", "program"], { cwd: folder });
  rmSync(join(folder, "other.h"));
  const { status, stderr } = place("handle");
  expect(stderr).toMatch(
    /main\.c was not compiled alone: it did not compile alone before either \(.*other\.h: No such file/,
  );
  expect(status).toBe(0);
  expect(text("main.c")).toMatch(/section\("locked_text"\)/);
});
