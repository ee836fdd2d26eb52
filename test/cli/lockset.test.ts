import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LockSet, LockSetObservation } from "../../src/core/memlock/lock-set.js";
import { AS_NOBODY, CampaignSession, IS_ROOT, NOBODY } from "../support/campaign-session.js";
import { compileSupport } from "../support/faultline.js";

const PAGE = 4096;
const LONG = 120_000;
let session: CampaignSession;
let mappedFile: string;
let example: string;

beforeAll(async () => {
  session = await CampaignSession.open();
  mappedFile = compileSupport("mapped-file", session.faultline.folder);
  example = session.example;
}, LONG);

afterAll(() => {
  session.close();
});

interface Answer {
  readonly status: number | null;
  readonly set: LockSet;
}

function lockset(folder: string, options: readonly string[], wrapper: readonly string[] = []): Answer {
  const { status, result } = session.run<LockSet>("lockset", folder, options, wrapper);
  return { status, set: result };
}

/** What was observed, as it is kept beside the trace. */
function observationOf({ tracePath }: LockSet): LockSetObservation {
  const kept = JSON.parse(readFileSync(join(tracePath!, "lockset.json"), "utf8")) as { evidence: LockSetObservation };
  return kept.evidence;
}

/** A folder with a program that touches one page of a file itself, and has the kernel touch another. */
function fileProject(): { folder: string; file: string } {
  const folder = session.newFolder();
  const file = join(folder, "data");
  const content = Buffer.alloc(64 * PAGE, 7);
  content.write("done\n", 5 * PAGE);
  writeFileSync(file, content);
  if (IS_ROOT) chownSync(file, NOBODY, NOBODY);
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
  it.runIf(who === "nobody" || IS_ROOT)(
    "the example's set is small, takes no fault, and none of its pages can be left out",
    { timeout: LONG },
    () => {
      const { status, set } = lockset(
        example,
        ["--intervals", "20", "-o", join(session.newFolder(), "trace")],
        wrapper,
      );
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

  it.runIf(who === "nobody" || IS_ROOT)(
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

/** 64 pages of a buffer are touched for the first time within the first 512 events; the set is found before. */
it.runIf(IS_ROOT && /^SwapTotal:\s+0 kB/m.test(readFileSync("/proc/meminfo", "utf8")))(
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
    ["--intervals", "5", "--warm-up", "5", "-o", join(session.newFolder(), "trace")],
    limited,
  );
  expect(set.verdict).toBe("faults");
  expect(set.pages).toBeLessThanOrEqual(4);
  expect(set.faultsAfter).toBeGreaterThan(0);
  expect(status).toBe(1);
});

it("a process that runs already is left running, and unlocked again", { timeout: LONG }, async () => {
  const { folder, child } = await session.startExample();
  const { set } = lockset(folder, ["--pid", String(child.pid), "--intervals", "3", "--warm-up", "5"]);
  expect(set.pid).toBe(child.pid);
  expect(set.pages).toBeGreaterThan(20);
  expect(readFileSync(`/proc/${child.pid}/status`, "utf8")).toMatch(/^VmLck:\s+0 kB$/m);
  expect(child.exitCode).toBeNull();
});

it("the result is a text that people can read, and the trace belongs to its owner alone", { timeout: LONG }, () => {
  const { folder } = fileProject();
  const argv = [process.execPath, session.faultline.cli, "lockset", "--intervals", "3", "--quiet"];
  const { stdout, status } = spawnSync(argv[0]!, argv.slice(1), { cwd: folder, encoding: "utf8" });
  expect(stdout).toContain("irreducible for the observed intervals");
  expect(status).toBe(0);
  const [trace, ...others] = readdirSync(join(folder, ".faultline/traces"));
  // Named after the program, not after what starts it in a namespace of its own.
  expect(trace).toMatch(/-mapped-file$/);
  expect(others).toEqual([]);
  expect(statSync(join(folder, ".faultline/traces", trace!, "lockset.json")).mode & 0o77).toBe(0);
});

it("a stripped program that is locked whole has no empty list of what to place", { timeout: LONG }, () => {
  const { folder } = fileProject();
  execFileSync("strip", ["-o", join(folder, "stripped"), mappedFile]);
  const argv = [session.faultline.cli, "lockset", "--quiet", "--intervals", "3"];
  const stdoutOf = (program: string): string =>
    spawnSync(process.execPath, [...argv, "-o", join(session.newFolder(), "trace")], {
      cwd: projectOf(program),
      encoding: "utf8",
    }).stdout;
  const projectOf = (program: string): string => {
    const project = JSON.parse(readFileSync(join(folder, "faultline.json"), "utf8")) as object;
    writeFileSync(join(folder, "faultline.json"), JSON.stringify({ ...project, program }));
    return folder;
  };
  expect(stdoutOf(mappedFile)).toContain("Place functions and variables");
  const stripped = stdoutOf(join(folder, "stripped"));
  expect(stripped).toContain("the program itself, whole");
  expect(stripped).not.toContain("Place functions and variables");
});
