/**
 * Reach against what programs really touch: functions of programs and libraries that nobody here wrote, each run in
 * freshly mapped pages (test/support/touched-pages.c), after which the kernel's pagemap says which came in.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EVERY_CALL, reach } from "../../../../src/core/reach/reach.js";
import type { ReachedObject } from "../../../../src/core/reach/reached.js";
import { rootsNamed } from "../../../../src/core/reach/roots.js";
import { reachedPages } from "../../../../src/core/report/reach-report.js";
import { openReachFiles, type ReachFiles } from "../../../../src/host/reach-files.js";

const LONG = 300_000;
const PAGE = 4096;
/** Their files are on every Debian; the others where somebody installed them. */
const ALL = process.env["FAULTLINE_LONG_TESTS"] === "1";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-reach-programs-"));
  const source = "test/support/touched-pages.c";
  // What the oracle itself looks up must not look it up in the file that is watched.
  const options = ["-O1", "-Wall", "-Wextra", "-Werror", "-Wl,-z,now"];
  execFileSync("gcc", [...options, "-shared", "-fPIC", "-o", join(folder, "touched.so"), source]);
  execFileSync("gcc", [...options, "-o", join(folder, "calls"), "test/support/library-calls.c", source]);
  writeFileSync(join(folder, "input"), "one line\nanother line\n".repeat(5000));
}, LONG);

beforeEach(async () => {
  // Each test is one long computation: the runner wants to hear from us in between.
  await sleep(20);
});

afterAll(() => {
  for (const files of opened.values()) files.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Touched {
  readonly name: string;
  /** Link-time address. */
  readonly function: string;
  readonly pages: readonly number[];
}

function answersIn(text: string): readonly Touched[] {
  return text.split("\n").flatMap((line) => {
    const [name, address, ...pages] = line.split(" ");
    if (name === undefined || address === undefined || !/^[0-9a-f]+$/.test(address)) return [];
    return [{ name, function: `0x${address}`, pages: pages.map((page) => parseInt(page, 16)) }];
  });
}

interface Reached {
  readonly objects: readonly ReachedObject[];
  readonly unknownCalls: number;
  readonly unread: readonly string[];
}

/** Opened once: many functions of one file are asked for. */
const opened = new Map<string, ReachFiles>();

function reached(address: string, file: string, candidates: boolean): Reached {
  const files = opened.get(file) ?? openReachFiles(file);
  opened.set(file, files);
  const found = reach(files.file, rootsNamed(files.file, address), { depth: EVERY_CALL, candidates });
  // Data that only a pointer could lead to is no excuse here: nobody hands main any.
  const objects = found.objects.filter(({ kind, via }) => via?.how !== "candidate" || kind === "function");
  return { objects, unknownCalls: found.unknown.length, unread: found.unread };
}

function pagesOf(objects: readonly ReachedObject[]): ReadonlySet<number> {
  return new Set([...reachedPages(objects, PAGE)].map((page) => page * PAGE));
}

/**
 * Every page touched is reached; what is not comes from a call through a pointer that is listed, to a function that is
 * listed as one it could lead to. Says how many pages needed that.
 */
function expectCovered({ name, function: address, pages }: Touched, file: string): number {
  expect(pages.length).toBeGreaterThan(0);
  const direct = reached(address, file, false);
  expect(direct.unread).toEqual([]);
  const known = pagesOf(direct.objects);
  const missing = pages.filter((page) => !known.has(page));
  if (missing.length === 0) return 0;
  expect(direct.unknownCalls, `${name}: ${hex(missing).join(", ")} without an unknown call`).toBeGreaterThan(0);
  const followed = pagesOf(reached(address, file, true).objects);
  expect(hex(missing.filter((page) => !followed.has(page))), name).toEqual([]);
  return missing.length;
}

function hex(pages: readonly number[]): readonly string[] {
  return pages.map((page) => page.toString(16));
}

interface Library {
  readonly name: string;
  readonly functions: number;
  /** Those that have no calls through pointers: nothing excuses a page that is missing. */
  readonly closed: readonly string[];
}

const LIBRARIES: readonly Library[] = [
  { name: "zlib", functions: 7, closed: ["adler32", "crc32", "crc32_combine", "compressBound", "zlibVersion"] },
  { name: "lzma", functions: 7, closed: ["lzma_crc32", "lzma_check_size", "lzma_stream_buffer_bound"] },
  { name: "sqlite", functions: 10, closed: ["sqlite3_complete", "sqlite3_strglob", "sqlite3_compileoption_used"] },
];

describe("functions of libraries", () => {
  it.each(LIBRARIES.filter(({ name }) => ALL || name !== "sqlite"))(
    "$name: what each of its functions touches is reached",
    { timeout: LONG },
    ({ name, functions, closed }) => {
      const text = execFileSync(join(folder, "calls"), [name], {
        encoding: "utf8",
        env: { ...process.env, LD_BIND_NOW: "1" },
      });
      const file = realpathSync(/^LIBRARY (.+)$/m.exec(text)![1]!);
      const answers = answersIn(text);
      expect(answers).toHaveLength(functions);
      for (const answer of answers) {
        const beyond = expectCovered(answer, file);
        if (closed.includes(answer.name)) expect(beyond, answer.name).toBe(0);
      }
      // The set is no excuse either: a function that calls little reaches little.
      const pages = Math.ceil(readFileSync(file).length / PAGE);
      const least = reached(answers[0]!.function, file, false);
      expect(pagesOf(least.objects).size).toBeLessThan(pages / 4);
      // And without one kind of object pages would be missing.
      const some = answers.find((answer) => answer.name === closed[1])!;
      const all = reached(some.function, file, false).objects;
      const touched = (objects: readonly ReachedObject[]) => some.pages.every((page) => pagesOf(objects).has(page));
      expect(touched(all)).toBe(true);
      expect(touched(all.filter(({ section }) => section !== ".text"))).toBe(false);
    },
  );
});

interface Run {
  readonly program: string;
  readonly arguments: readonly string[];
}

const RUNS: readonly Run[] = [
  { program: "/bin/gzip", arguments: ["-c", "input"] },
  { program: "/bin/sed", arguments: ["-n", "/another/p", "input"] },
  { program: "/usr/bin/sort", arguments: ["-r", "input"] },
  { program: "/bin/grep", arguments: ["-c", "an.ther", "input"] },
  { program: "/bin/ls", arguments: ["-l", "/"] },
  { program: "/usr/bin/find", arguments: ["/etc", "-maxdepth", "1"] },
  ...(ALL
    ? [
        { program: "/usr/bin/xz", arguments: ["-0", "-c", "input"] },
        { program: "/bin/tar", arguments: ["cf", "/dev/null", "input"] },
        { program: "/bin/bash", arguments: ["-c", "for i in 1 2 3; do echo $i; done"] },
        { program: "/usr/bin/perl", arguments: ["-e", "print join ',', sort map { $_ * 2 } 1..9"] },
        { program: "/usr/bin/python3.11", arguments: ["-S", "-c", "print(sorted({'a': 1, 'b': 2.5}))"] },
        {
          program: "/usr/bin/sqlite3",
          arguments: [":memory:", "create table t(a); insert into t values(1); select * from t"],
        },
        { program: "/usr/bin/redis-server", arguments: ["--version"] },
        { program: "/usr/bin/git", arguments: ["--version"] },
        { program: "/usr/bin/openssl", arguments: ["dgst", "-sha256", "input"] },
      ].filter(({ program }) => existsSync(program))
    : []),
];

describe("whole programs, stripped, from main to exit", () => {
  it.each(RUNS)("$program: what the run touches is reached", { timeout: LONG }, ({ program, arguments: words }) => {
    // Libraries that look their functions up late read the program's tables to do so: not what this is about.
    const environment = { ...process.env, LD_BIND_NOW: "1", LC_ALL: "C" };
    const file = realpathSync(program);
    const oracle = { LD_PRELOAD: join(folder, "touched.so"), WATCH_MAIN: "1", TOUCHED_FD: "3" };
    const { status, output } = spawnSync(file, words, {
      cwd: folder,
      env: { ...environment, ...oracle },
      stdio: ["ignore", "ignore", "inherit", "pipe"],
      encoding: "utf8",
      timeout: LONG,
    });
    expect(status).toBe(0);
    const [answer] = answersIn(output[3] ?? "");
    expect(answer?.name).toBe("main");
    expectCovered(answer!, file);
  });
});
