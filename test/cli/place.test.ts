/** `faultline place --verify` on the example, whose author forgot some. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { installFaultline, type Installed } from "../support/faultline.js";

let faultline: Installed;
let example: string;

beforeAll(async () => {
  faultline = await installFaultline();
  example = mkdtempSync(join(tmpdir(), "faultline-place-"));
  cpSync("examples/input-thread", example, { recursive: true });
  execFileSync("make", ["-s", "-C", example, "clean", "all"]);
});

afterAll(() => {
  faultline.remove();
  rmSync(example, { recursive: true, force: true });
});

function place(placements: unknown, ...args: string[]) {
  const file = join(example, "faultline.json");
  const project = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...project, placements }));
  const what = args.includes("--script") ? [] : ["--verify"];
  return spawnSync(process.execPath, [faultline.cli, "place", ...what, ...args], { cwd: example, encoding: "utf8" });
}

it("says which came true, where they are, and exits 0", () => {
  const { status, stdout } = place([
    { symbol: "dispatch", kind: "text" },
    { symbol: "gain", kind: "rodata" },
    { symbol: "cursor_x", kind: "data" },
  ]);
  expect(stdout).toMatch(/All 3 placements are verified/);
  expect(stdout).toMatch(/✓ dispatch {2}text, input_code {2}pointer\.c:\d+/);
  expect(status).toBe(0);
});

it("says why those that did not come true did not, and exits 1", () => {
  const { status, stdout } = place([
    { symbol: "rotate", kind: "text" },
    { symbol: "clamp", kind: "text" },
    { symbol: "events_of_this_thread", kind: "data" },
    { symbol: "mistyped", kind: "text" },
  ]);
  expect(stdout).toMatch(/0 of 4 placements are verified/);
  expect(stdout).toMatch(/✗ rotate.*\n.*It is in \.text/);
  expect(stdout).toMatch(/✗ clamp.*\n.*It was inlined into all of its callers/);
  expect(stdout).toMatch(/✗ events_of_this_thread.*\n.*thread-local/);
  expect(stdout).toMatch(/✗ mistyped.*\n.*Nothing in the file has this name/);
  expect(status).toBe(1);
});

it("gives the same as JSON", () => {
  const { stdout } = place([{ symbol: "rotate", kind: "text" }], "--json");
  const { placements } = JSON.parse(stdout) as { placements: { mismatches: unknown[] }[] };
  expect(placements[0]!.mismatches).toEqual([{ code: "elsewhere", section: ".text" }]);
});

it("has a sentence where there is nothing to verify", () => {
  const { status, stderr } = place([]);
  expect(stderr).toMatch(/has no placements/);
  expect(status).toBe(2);
});

it("writes a script that makes the forgotten ones come true", () => {
  const placements = [
    { symbol: "rotate", kind: "text", section: "locked_text", by: "script" },
    { symbol: "sine_table", kind: "rodata", section: "locked_rodata", by: "script" },
    { symbol: "pressure_curve", kind: "data", section: "locked_data", by: "script" },
    { symbol: "history", kind: "bss", section: "locked_bss", by: "script" },
  ];
  expect(place(placements).stdout).toMatch(/0 of 4 placements are verified/);
  const written = place(placements, "--script");
  expect(written.stderr).toMatch(/locked-sections\.ld: 4 placements/);
  expect(written.status).toBe(0);
  execFileSync("make", [
    "-s",
    "-C",
    example,
    "clean",
    "all",
    "CFLAGS=-O2 -g -ffunction-sections -fdata-sections",
    "LDFLAGS=-Wl,-T,locked-sections.ld",
  ]);
  const { stdout, status } = place(placements);
  expect(stdout).toMatch(/All 4 placements are verified/);
  expect(status).toBe(0);
});

it("leaves a script that somebody wrote as it is", () => {
  const own = join(example, "locked-sections.ld");
  writeFileSync(own, "SECTIONS { .mine : { *(.mine) } } INSERT AFTER .text;\n");
  const { stderr, status } = place(
    [{ symbol: "rotate", kind: "text", section: "locked_text", by: "script" }],
    "--script",
  );
  expect(status).toBe(2);
  expect(stderr).toMatch(/was written by somebody else/);
  expect(readFileSync(own, "utf8")).toContain(".mine");
});
