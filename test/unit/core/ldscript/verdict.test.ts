/** Planted mistakes: the verdict and the line are those of the linker itself. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Dialect } from "../../../../src/core/ldscript/dialect.js";
import { parse } from "../../../../src/core/ldscript/parse.js";
import { GNU_SCRIPT, LLD_SCRIPT, mutation, randomly } from "./scripts.js";

/** Scripts a linker that it gives a verdict on; more with FAULTLINE_FUZZ. */
const SCRIPTS = Math.max(320, Number(process.env["FAULTLINE_FUZZ"] ?? "0") / 50);

let folder: string;
let lld: string | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-ldscript-"));
  writeFileSync(join(folder, "f.c"), "int x; void f(void) {}\n");
  spawnSync("gcc", ["-c", "-o", join(folder, "f.o"), join(folder, "f.c")]);
  lld = ["ld.lld-19", "ld.lld"].find((name) => spawnSync(name, ["--version"]).status === 0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Verdict {
  readonly rejected: boolean;
  readonly line: number | undefined;
}

/** Undefined where the linker stopped for another reason than syntax, before it had read all. */
function gnuVerdict(path: string): Verdict | undefined {
  const { stderr } = spawnSync("ld", ["-T", path], { encoding: "latin1" });
  if (stderr.includes("EOF in comment")) return { rejected: true, line: undefined };
  const [, line] = /:(\d+): (?:syntax error|unknown phdr|PHDRS syntax)/.exec(stderr) ?? [];
  // Line 0 is the end of the file.
  if (line !== undefined) return { rejected: true, line: line === "0" ? undefined : Number(line) };
  const isRead = /no input files|cannot find (?!linker)/.test(stderr);
  return isRead ? { rejected: false, line: undefined } : undefined;
}

function lldVerdict(path: string): Verdict | undefined {
  const args = [join(folder, "f.o"), "-T", path, "-o", "/dev/null", "--noinhibit-exec"];
  const { stderr } = spawnSync(lld!, args, { encoding: "latin1" });
  if (/unable to find|cannot find linker|invalid glob|symbol not found/.test(stderr)) return undefined;
  const [, line] = /error: \S+\.ld:(\d+): (?:.*\n>>> |unclosed)/.exec(stderr) ?? [];
  // A value that cannot be known ends the reading too.
  if (line === undefined && /error: \S+\.ld:\d+: /.test(stderr)) return undefined;
  return { rejected: line !== undefined, line: line === undefined ? undefined : Number(line) };
}

function compare(script: string, dialect: Dialect, verdict: (path: string) => Verdict | undefined) {
  const random = randomly(4711);
  const path = join(folder, "script.ld");
  let compared = 0;
  let rejected = 0;
  for (let round = 0; compared < SCRIPTS && round < 2 * SCRIPTS; round++) {
    const text = mutation(script, random);
    writeFileSync(path, text, "latin1");
    const theirs = verdict(path);
    if (theirs === undefined) continue;
    const first = parse(text, "script", dialect).problems.find(({ severity }) => severity === "error");
    const ours = { rejected: first !== undefined, line: theirs.line === undefined ? undefined : first?.line };
    expect(ours, text).toEqual(theirs);
    compared += 1;
    if (theirs.rejected) rejected += 1;
  }
  return { compared, rejected };
}

it("is GNU ld's, by line", () => {
  const { compared, rejected } = compare(GNU_SCRIPT, { name: "gnu", version: 240 }, gnuVerdict);
  expect(compared).toBe(SCRIPTS);
  expect(rejected).toBeGreaterThan(SCRIPTS * 0.5);
}, 600_000);

it("is lld's, by line", () => {
  expect(lld, "lld is needed: apt install lld-19").toBeDefined();
  const { compared, rejected } = compare(LLD_SCRIPT, { name: "lld", version: 19 }, lldVerdict);
  expect(compared).toBe(SCRIPTS);
  expect(rejected).toBeGreaterThan(SCRIPTS * 0.5);
}, 600_000);
