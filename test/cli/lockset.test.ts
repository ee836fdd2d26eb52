import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LockSet, LockSetObservation } from "../../src/core/memlock/lock-set.js";
import { compileSupport, installFaultline, type Installed } from "../support/faultline.js";

const isRoot = process.geteuid?.() === 0;
const NOBODY = 65534;
const AS_NOBODY = isRoot
  ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
  : [];
const PAGE = 4096;
const LONG = 120_000;
let faultline: Installed;
let mappedFile: string;
let example: string;
const folders: string[] = [];
const running: ChildProcess[] = [];

beforeAll(async () => {
  faultline = await installFaultline();
  mappedFile = compileSupport("mapped-file", faultline.folder);
  example = newFolder();
  cpSync("examples/input-thread", example, {
    recursive: true,
    filter: (path) => !/\/(build|\.faultline)$/.test(path),
  });
  execFileSync("make", ["-s", "-C", example]);
}, LONG);

afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  faultline.remove();
});

/** Everybody's to use: some tests run as nobody. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "faultline-lockset-"));
  chmodSync(folder, 0o777);
  folders.push(folder);
  return folder;
}

interface Answer {
  readonly status: number | null;
  readonly set: LockSet;
  readonly said: string;
}

function lockset(folder: string, options: readonly string[], wrapper: readonly string[] = []): Answer {
  const argv = [...wrapper, process.execPath, faultline.cli, "lockset", "--json", ...options];
  const { status, stdout, stderr } = spawnSync(argv[0]!, argv.slice(1), { cwd: folder, encoding: "utf8" });
  return { status, set: (stdout === "" ? undefined : JSON.parse(stdout)) as LockSet, said: stderr };
}

/** What was observed, as it is kept beside the trace. */
function observationOf({ tracePath }: LockSet): LockSetObservation {
  const kept = JSON.parse(readFileSync(join(tracePath!, "lockset.json"), "utf8")) as { evidence: LockSetObservation };
  return kept.evidence;
}

/** A folder with a program that touches one page of a file itself, and has the kernel touch another. */
function fileProject(): { folder: string; file: string } {
  const folder = newFolder();
  const file = join(folder, "data");
  const content = Buffer.alloc(64 * PAGE, 7);
  content.write("done\n", 5 * PAGE);
  writeFileSync(file, content);
  if (isRoot) chownSync(file, NOBODY, NOBODY);
  execFileSync("sync", [file]);
  const project = {
    program: mappedFile,
    arguments: [file],
    stimuli: [{ name: "byte", bytes: "0a" }],
    intervals: [{ name: "one byte", from: { stimulus: "byte" }, to: { output: "done\n" } }],
  };
  writeFileSync(join(folder, "faultline.json"), JSON.stringify(project));
  return { folder, file };
}

/** Numbers, within the file, of the pages that stayed in the set. */
function pagesOfFile(set: LockSet, file: string): number[] {
  const { maps, pages } = observationOf(set);
  const [start, end] = maps
    .split("\n")
    .filter((line) => line.endsWith(` ${file}`))
    .flatMap((line) => line.split(" ")[0]!.split("-"))
    .map((address) => Number.parseInt(address, 16) / PAGE)
    .sort((a, b) => a - b)
    .filter((_, index, all) => index === 0 || index === all.length - 1);
  return pages
    .filter(({ dropped, page }) => !dropped && page >= start! && page < end!)
    .map(({ page }) => page - start!);
}

describe.each([
  ["root", [] as readonly string[]],
  ["nobody", AS_NOBODY],
] as const)("as %s", (who, wrapper) => {
  it.runIf(who === "nobody" || isRoot)(
    "the example's set is small, takes no fault, and none of its pages can be left out",
    { timeout: LONG },
    () => {
      const { status, set } = lockset(example, ["--intervals", "20", "-o", join(newFolder(), "trace")], wrapper);
      expect(set).toMatchObject({ verdict: "irreducible", faultsAfter: 0 });
      expect(status).toBe(0);
      expect(set.pages).toBeGreaterThan(20);
      expect(set.whole!.virtualBytes).toBeGreaterThan(100 * set.bytes);
      const observed = observationOf(set);
      expect(observed.leftOneOut).toBe(true);
      expect(observed.rounds.at(-1)).toMatchObject({ faults: 0, newPages: 0 });
      expect(set.parts.map(({ name }) => name)).toContain(join(example, "build/input-thread"));
      const unprivileged = set.gaps.some(({ code }) => code === "no-kernel-events");
      expect(unprivileged).toBe(who === "nobody");
    },
  );

  it.runIf(who === "nobody" || isRoot)(
    "a page that only the kernel reads is found, and neighbours that came in with it are not kept",
    { timeout: LONG },
    () => {
      const { folder, file } = fileProject();
      const { status, set } = lockset(folder, ["--intervals", "20"], wrapper);
      expect(pagesOfFile(set, file)).toEqual([2, 5]);
      expect(set).toMatchObject({ verdict: "irreducible", faultsAfter: 0 });
      expect(status).toBe(0);
    },
  );
});

it.runIf(isRoot)(
  "linked with its set as C, the example locks itself and is proved fault-free",
  { timeout: LONG },
  () => {
    const folder = newFolder();
    cpSync(example, folder, { recursive: true, filter: (path) => !path.includes(".faultline") });
    const { status } = lockset(folder, ["--c", "lockset.c"]);
    expect(status).toBe(0);
    const source = join(folder, "input-thread.c");
    const call = "if (faultline_lock(0) != 0) { fputs(faultline_error(), stderr); exit(1); }";
    const text = readFileSync(source, "utf8")
      .replace("#include", '#include "faultline.h"\n#include')
      .replace("lock_memory(options.lock);", `${call} lock_memory(options.lock);`);
    writeFileSync(source, text);
    const sources = ["input-thread.c", "pointer.c", "lockset.c"].map((name) => join(folder, name));
    const program = join(folder, "build/input-thread");
    execFileSync("gcc", ["-O2", "-g", "-Iruntime", "-pthread", "-o", program, ...sources, "-lm"]);
    const argv = [faultline.cli, "prove", "--json", "--quiet"];
    const proof = spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8" });
    expect(JSON.parse(proof.stdout)).toMatchObject({ verdict: "fault-free", intervals: 20, faults: 0, doubts: [] });
    expect(proof.status).toBe(0);
  },
);

/** 64 pages of a buffer are touched for the first time within the first 512 events; the set is found before. */
it.runIf(isRoot && /^SwapTotal:\s+0 kB/m.test(readFileSync("/proc/meminfo", "utf8")))(
  "pages that turn up late are tried alone as well: a buffer's first touch is no reason to lock it",
  { timeout: LONG },
  () => {
    const { set } = lockset(example, ["--warm-up", "400", "--intervals", "10"]);
    expect(set).toMatchObject({ verdict: "irreducible", faultsAfter: 0 });
    expect(set.parts.filter(({ region }) => region !== "image")).toEqual([]);
    expect(set.droppedPages).toBeGreaterThan(3);
  },
);

it("a limit that is too small is no crash: what is left faults, and the answer is no", { timeout: LONG }, () => {
  const limited = [...AS_NOBODY, "prlimit", `--memlock=${4 * PAGE}`, "--"];
  const { status, set } = lockset(
    example,
    ["--intervals", "5", "--warm-up", "5", "-o", join(newFolder(), "trace")],
    limited,
  );
  expect(set.verdict).toBe("faults");
  expect(set.pages).toBeLessThanOrEqual(4);
  expect(set.faultsAfter).toBeGreaterThan(0);
  expect(status).toBe(1);
});

it("a process that runs already is left running, and unlocked again", { timeout: LONG }, async () => {
  const folder = newFolder();
  for (const name of ["events", "acks"]) execFileSync("mkfifo", ["-m", "666", join(folder, name)]);
  const project = {
    stimuli: [{ name: "motion", command: [join(example, "build/send-events"), "1"], to: "events" }],
    intervals: [{ name: "one event", from: { stimulus: "motion" }, to: { output: "done\n", on: "acks" } }],
  };
  writeFileSync(join(folder, "faultline.json"), JSON.stringify(project));
  const program = join(example, "build/input-thread");
  const child = spawn("sh", ["-c", 'exec 8<>events 9<>acks; exec "$@"', "sh", program, "--ack", "acks", "events"], {
    cwd: folder,
    stdio: "ignore",
  });
  running.push(child);
  await once(child, "spawn");
  const { set } = lockset(folder, ["--pid", String(child.pid), "--intervals", "3", "--warm-up", "5"]);
  expect(set.pid).toBe(child.pid);
  expect(set.pages).toBeGreaterThan(20);
  expect(readFileSync(`/proc/${child.pid}/status`, "utf8")).toMatch(/^VmLck:\s+0 kB$/m);
  expect(child.exitCode).toBeNull();
});

it("the result is a text that people can read, and the trace belongs to its owner alone", { timeout: LONG }, () => {
  const { folder } = fileProject();
  const argv = [process.execPath, faultline.cli, "lockset", "--intervals", "3", "--quiet"];
  const { stdout, status } = spawnSync(argv[0]!, argv.slice(1), { cwd: folder, encoding: "utf8" });
  expect(stdout).toContain("irreducible for the observed intervals");
  expect(status).toBe(0);
  const path = execFileSync("sh", ["-c", "echo .faultline/traces/*/lockset.json"], { cwd: folder, encoding: "utf8" });
  expect(statSync(join(folder, path.trim())).mode & 0o77).toBe(0);
});
