/**
 * Reach against what programs touch: of programs that nobody here wrote, functions are called with the program's file
 * evicted, and recorded until they return. Each page of the file that faults is in the reach set, or in that of a function
 * that an unknown call really led to, or is data that a pointer led to and that reach lists as such.
 * FAULTLINE_LONG_TESTS=1 runs all functions, and prints what was found.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CodeRange } from "../../src/core/reach/function-index.js";
import { EVERY_CALL, reach } from "../../src/core/reach/reach.js";
import type { Reach } from "../../src/core/reach/reached.js";
import { reachedPages, type ReachReport } from "../../src/core/report/reach-report.js";
import { pageSizeHere } from "../../src/host/page-size.js";
import { openReachFiles, type ReachFiles } from "../../src/host/reach-files.js";
import { installFaultline, type Installed } from "../support/faultline.js";
import { heldCalls, type HeldCall } from "../support/held-program.js";
import { PROGRAMS_AT_WORK, type FunctionAtWork } from "../support/held-programs.js";

const ALL = process.env["FAULTLINE_LONG_TESTS"] === "1";
const LONG = 300_000;
const PAGE = pageSizeHere();
/** Other processes' memory is evicted, and Linux 6.7 shows each page that is touched. */
const [major = 0, minor = 0] = readFileSync("/proc/sys/kernel/osrelease", "utf8").split(/[.-]/).map(Number);
const canSee = process.geteuid?.() === 0 && process.arch === "x64" && (major > 6 || (major === 6 && minor >= 7));

let faultline: Installed;
let folder: string;
let preload: string;

beforeAll(async () => {
  faultline = await installFaultline();
  folder = mkdtempSync(join(tmpdir(), "faultline-reach-truth-"));
  preload = join(folder, "held-functions.so");
  // What it looks up itself must not be looked up in the program.
  const options = ["-O1", "-Wall", "-Wextra", "-Werror", "-Wl,-z,now", "-shared", "-fPIC"];
  execFileSync("gcc", [...options, "-o", preload, "test/support/held-functions.c"]);
});

afterAll(() => {
  faultline.remove();
  rmSync(folder, { recursive: true, force: true });
});

const PROGRAMS = PROGRAMS_AT_WORK.map((program) => ({
  ...program,
  functions: program.functions.filter(({ long }) => ALL || !long),
}));

it("is about twenty functions of three programs at the least", () => {
  expect(PROGRAMS.length).toBeGreaterThanOrEqual(3);
  expect(PROGRAMS.flatMap(({ functions }) => functions).length).toBeGreaterThanOrEqual(20);
});

describe.runIf(canSee)("what functions of programs touch, evicted and recorded", () => {
  it.each(PROGRAMS)("$path: is reached, or explained", { timeout: LONG }, async ({ functions, ...program }) => {
    const path = realpathSync(program.path);
    const files = openReachFiles(path);
    try {
      const roots = functions.map(({ name }) => rootNamed(files, name));
      const addresses = roots.map(({ address }) => address);
      const held = join(folder, basename(path));
      const calls = await heldCalls(
        { ...program, path, functions: addresses },
        { preload, cli: faultline.cli, folder: held, pageSize: PAGE },
      );
      const found: Explained[] = [];
      for (const [at, call] of calls.entries()) {
        // Each is a long computation: the runner wants to hear from us in between.
        await sleep(20);
        expectWhole(files, call, functions[at]!.name);
        found.push(explain(files, roots[at]!, call, functions[at]!));
      }
      if (ALL) console.log(`${path}\n${found.map(lineOf).join("\n")}`);
      // Everything would hold all of them, and nothing but the function itself does not.
      const filePages = readFileSync(path).length / PAGE;
      expect(Math.min(...found.map(({ reached }) => reached))).toBeLessThan(filePages / 3);
      const alone = (root: CodeRange) => reachedPages(reached(files, [root], 0).objects, PAGE);
      expect(roots.some((root, at) => calls[at]!.faults.some(({ page }) => !alone(root).has(page)))).toBe(true);
      expectSameByCommand(path, functions[0]!.name, found[0]!.reached);
    } finally {
      files.close();
    }
  });
});

function rootNamed(files: ReachFiles, name: string): CodeRange {
  const [address] = files.file.named(name);
  const root = address === undefined ? undefined : files.file.functions.at(address);
  if (root === undefined) throw new Error(`there is no function ${name}`);
  return root;
}

function reached({ file, bindsLazily }: ReachFiles, roots: readonly CodeRange[], depth = EVERY_CALL): Reach {
  return reach(file, roots, { depth, candidates: false, lazyLibraries: bindsLazily() });
}

/** Nothing escaped the recorder: what was executed came in, so that it was evicted before. */
function expectWhole({ file }: ReachFiles, { faults, steps, stayed }: HeldCall, name: string): void {
  expect(stayed, `${name}: pages that were not evicted`).toBe(0);
  const touched = new Set(faults.map(({ page }) => page));
  const executed = steps.flatMap(({ from }) => (file.image.sectionAt(from) === undefined ? [] : [pageOf(from)]));
  expect(hex([...new Set(executed)].filter((page) => !touched.has(page))), `${name}: not recorded`).toEqual([]);
}

interface Explained {
  readonly name: string;
  readonly instructions: number;
  readonly touched: number;
  /** Pages of the reach set. */
  readonly reached: number;
  /** Pages touched that only functions reach which unknown calls led to. */
  readonly byCalls: number;
  /** Pages touched that a pointer led to. */
  readonly byPointers: number;
}

function explain(files: ReachFiles, root: CodeRange, call: HeldCall, { name, handed }: FunctionAtWork): Explained {
  const touched = [...new Set(call.faults.map(({ page }) => page))];
  const alone = reachedPages(reached(files, [root]).objects, PAGE);
  const followed = withTargets(files, root, call);
  expect(followed.unread).toEqual([]);
  expect(strays(files, followed, call), `${name} executed what is not reached`).toEqual([]);
  const known = reachedPages(followed.objects, PAGE);
  const rest = touched.filter((page) => !known.has(page));
  if (handed === undefined) expect(hex(rest), `${name} touched`).toEqual([]);
  const pointed = reachedPages(followed.pointed(), PAGE);
  expect(hex(rest.filter((page) => !pointed.has(page))), `${name}, beyond ${handed}`).toEqual([]);
  for (const { page, instruction } of call.faults)
    if (rest.includes(page)) expectPointer(files, instruction, `${name} at ${instruction.toString(16)}`);
  const missing = touched.filter((page) => !alone.has(page)).length;
  return {
    name,
    instructions: call.instructions,
    touched: touched.length,
    reached: alone.size,
    byCalls: missing - rest.length,
    byPointers: rest.length,
  };
}

/** Reach of the function, and of what the unknown calls on the way really led to. */
function withTargets(files: ReachFiles, root: CodeRange, { steps }: HeldCall): Reach {
  const roots = new Map([[root.address, root]]);
  for (;;) {
    const found = reached(files, [...roots.values()]);
    const sites = new Set(found.unknown.map(({ site }) => site));
    const before = roots.size;
    for (const { from, to } of steps) {
      const target = sites.has(from) ? files.file.functions.at(to) : undefined;
      if (target !== undefined) roots.set(target.address, target);
    }
    if (roots.size === before) return found;
  }
}

/** Functions of the file that were executed and are not in the set. */
function strays({ file }: ReachFiles, { objects }: Reach, { steps }: HeldCall): readonly string[] {
  const known = new Set(objects.map(({ address }) => address));
  const executed = new Set<number>();
  for (const { from } of steps)
    if (file.image.sectionAt(from) !== undefined) executed.add(file.functions.at(from)?.address ?? from);
  return hex([...executed].filter((address) => !known.has(address)));
}

/** The instruction names no place in memory itself: where it looks came in a register. */
function expectPointer({ file }: ReachFiles, instruction: number, message: string): void {
  const range = file.functions.at(instruction);
  const references = range === undefined ? [] : (file.code.referencesOf(range)?.references ?? []);
  expect(
    references.filter(({ site }) => site === instruction),
    message,
  ).toEqual([]);
}

function expectSameByCommand(path: string, name: string, pages: number): void {
  const { stdout, stderr } = spawnSync(process.execPath, [faultline.cli, "reach", name, "--in", path, "--json"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  expect(stderr).toBe("");
  expect((JSON.parse(stdout) as ReachReport).pages).toBe(pages);
}

function lineOf(found: Explained): string {
  const { name, instructions, touched, reached: pages, byCalls, byPointers } = found;
  return `  ${name}: ${instructions} instructions, ${touched} pages of ${pages}; by unknown calls ${byCalls}, by pointers ${byPointers}`;
}

function pageOf(address: number): number {
  return Math.floor(address / PAGE);
}

function hex(numbers: readonly number[]): readonly string[] {
  return numbers.map((number) => number.toString(16));
}
