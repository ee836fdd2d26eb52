import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Proof } from "../../src/core/memlock/proof.js";
import { AS_NOBODY, CampaignSession, IS_ROOT, NOBODY } from "../support/campaign-session.js";
import { compileSupport } from "../support/faultline.js";

const LONG = 60_000;
let session: CampaignSession;
let renamer: string;
let noPerf: string;
let example: string;

beforeAll(async () => {
  session = await CampaignSession.open();
  renamer = compileSupport("renamer", session.faultline.folder);
  noPerf = compileSupport("no-perf", session.faultline.folder);
  example = session.example;
}, LONG);

afterAll(() => {
  session.close();
});

interface Answer {
  readonly status: number | null;
  readonly proof: Proof;
  readonly said: string;
}

/** A program that locks all of itself has nothing to warm up for but what happens once. */
function prove(folder: string, options: readonly string[], wrapper: readonly string[] = []): Answer {
  const { status, result, said } = session.run<Proof>("prove", folder, ["--warm-up", "10", ...options], wrapper);
  return { status, proof: result, said };
}

/** A folder whose project is the program that locks all of itself. */
function renamerProject(argv: readonly string[], stimulus: object, to: object = { output: "done\n" }): string {
  const folder = session.newFolder();
  const project = {
    program: renamer,
    arguments: argv,
    stimuli: [{ name: "byte", ...stimulus }],
    intervals: [{ name: "one byte", from: { stimulus: "byte" }, to }],
  };
  writeFileSync(join(folder, "faultline.json"), JSON.stringify(project));
  return folder;
}

const BYTE = { bytes: "0a" };

describe.runIf(IS_ROOT)("a program of which everything is locked", () => {
  it("is proved fault-free, and a reviewer finds the evidence beside the trace", { timeout: LONG }, () => {
    const { status, proof } = prove(renamerProject(["0"], BYTE), ["--intervals", "5"]);
    expect(proof).toMatchObject({
      verdict: "fault-free",
      intervals: 5,
      faults: 0,
      counters: { events: 0, minor: 0, major: 0, lost: 0 },
      doubts: [],
    });
    expect(status).toBe(0);
    expect(proof.coverage.needed).toBeGreaterThan(0);
    expect(proof.evidence.locked!.residentBytes).toBeGreaterThan(0);
    const kept = JSON.parse(readFileSync(join(proof.evidence.tracePath!, "proof.json"), "utf8")) as Proof;
    expect(kept).toEqual(JSON.parse(JSON.stringify(proof)));
  });

  it("stays fault-free while its own memory cgroup is reclaimed all the time", { timeout: LONG }, () => {
    const { status, proof, said } = prove(renamerProject(["100"], BYTE), ["--intervals", "3", "--pressure"]);
    if (status === 2) {
      expect(said).toContain("memory cgroup"); // A machine that lets nobody make one says so.
      return;
    }
    expect(proof).toMatchObject({ verdict: "fault-free", faults: 0 });
    expect(proof.evidence.intervals[0]!.eviction!.means).toMatch(/^process_madvise, memory\./);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain("libraries-");
  });

  it("is not when nothing was evicted", { timeout: LONG }, () => {
    const { status, proof } = prove(renamerProject(["0"], BYTE), ["--intervals", "3", "--no-evict"]);
    expect(proof).toMatchObject({ verdict: "unproved", doubts: [{ code: "not-evicted", intervals: 3 }] });
    expect(status).toBe(1);
  });

  it("is not when perf is refused, although the other counter saw no fault", { timeout: LONG }, () => {
    const { status, proof } = prove(renamerProject(["0"], BYTE), ["--intervals", "3"], [noPerf]);
    expect(proof).toMatchObject({ verdict: "unproved", faults: 0, doubts: [{ code: "no-events", intervals: 3 }] });
    expect(status).toBe(1);
  });

  it("is not when records were dropped", { timeout: LONG }, () => {
    const { status, proof } = prove(renamerProject(["50000"], BYTE), ["--intervals", "2", "--ring", "1"]);
    expect(proof).toMatchObject({ verdict: "unproved", faults: 0, doubts: [{ code: "lost-records" }] });
    expect(proof.counters.lost).toBeGreaterThan(0);
    expect(status).toBe(1);
  });

  it("is not when the stimulus waits in the pipe while the program goes on by itself", { timeout: LONG }, () => {
    const { status, proof } = prove(renamerProject(["0", "never-reads"], BYTE), ["--intervals", "2"]);
    expect(proof).toMatchObject({ verdict: "unproved", faults: 0 });
    expect(proof.doubts).toContainEqual({ code: "not-taken", intervals: 2 });
    expect(status).toBe(1);
  });

  it("is not when the stimulus gives nothing and no thread runs", { timeout: LONG }, () => {
    const nothing = { command: ["true"] };
    const { status, proof } = prove(renamerProject(["0"], nothing, { quietMs: 5 }), ["--intervals", "2"]);
    expect(proof).toMatchObject({ verdict: "unproved", doubts: [{ code: "nothing-ran", intervals: 2 }] });
    expect(status).toBe(1);
  });

  it("is not when it sleeps through the interval, although letting it go wakes it up", { timeout: LONG }, () => {
    const options = ["--after", "0.1", "--for", "0.1", "--intervals", "2", "--", renamer, "0"];
    const { status, proof } = prove(session.newFolder(), options);
    expect(proof).toMatchObject({ verdict: "unproved", doubts: [{ code: "nothing-ran", intervals: 2 }] });
    expect(status).toBe(1);
  });

  it("may go on by itself: it is held while it is evicted", { timeout: LONG }, () => {
    const options = ["--after", "0.1", "--for", "0.1", "--intervals", "2", "--", renamer, "3", "never-reads"];
    const { status, proof } = prove(session.newFolder(), options);
    expect(proof).toMatchObject({ verdict: "fault-free", intervals: 2, faults: 0 });
    expect(status).toBe(0);
  });

  it("is not when the end of the interval is never seen", { timeout: LONG }, () => {
    const folder = renamerProject(["0"], BYTE, { output: "finished\n" });
    const { status, proof } = prove(folder, ["--timeout", "0.5"]);
    expect(proof).toMatchObject({ verdict: "unproved", doubts: [{ code: "no-end", intervals: 1 }] });
    expect(status).toBe(1);
  });
});

it(
  "nobody, too, can prove a program of which everything is locked; what they cannot see is named",
  { timeout: LONG },
  () => {
    const folder = renamerProject(["0"], BYTE);
    const { status, proof, said } = prove(folder, ["--intervals", "5", "--progress-json"], AS_NOBODY);
    expect(proof).toMatchObject({ verdict: "fault-free", faults: 0, gaps: [{ code: "no-kernel-events" }] });
    expect(status).toBe(0);
    // By which the editor knows that it may offer more.
    expect(said).toContain('{"progress":{"kind":"limited"}}\n');
  },
);

describe.runIf(IS_ROOT)("the input thread", () => {
  it("takes faults that both counters see, and perf's file holds each of them", { timeout: LONG }, () => {
    const { status, proof } = prove(example, ["--intervals", "4", "--warm-up", "8"]);
    expect(proof.verdict).toBe("faults");
    expect(status).toBe(1);
    expect(proof.faults).toBeGreaterThan(20);
    expect(proof.counters.events).toBe(proof.counters.minor! + proof.counters.major!);
    const script = spawnSync("perf", ["script", "-i", join(proof.evidence.tracePath!, "perf.data"), "-F", "event"], {
      encoding: "utf8",
    });
    if (script.error === undefined) {
      const begins = script.stdout.split("\n").filter((line) => line.trim() === "page-faults:");
      expect(begins.length).toBe(proof.faults);
    }
    for (const { coverage, eviction } of proof.evidence.intervals) {
      expect(eviction).toMatchObject({ means: "process_madvise" });
      expect(coverage.verified).toBe(coverage.needed);
    }
  });

  it("leaves no process, no copy of a library and no folder behind", () => {
    const { proof } = prove(example, ["--intervals", "1", "--warm-up", "1"]);
    expect(existsSync(`/proc/${proof.pid}`)).toBe(false);
    const left = readdirSync(join(example, ".faultline/traces")).filter((name) => name.startsWith("libraries-"));
    expect(left).toEqual([]);
  });

  it("may run already, gets its events by FIFO, and goes on afterwards", { timeout: LONG }, async () => {
    const { folder, child } = await session.startExample();
    const { proof } = prove(folder, ["--pid", String(child.pid), "--intervals", "3", "--warm-up", "4"]);
    expect(proof).toMatchObject({ verdict: "faults", intervals: 3, pid: child.pid });
    expect(child.exitCode).toBeNull();
  });
});

it("says what is missing in one sentence, and exits 2", () => {
  const folder = session.newFolder();
  expect(prove(folder, [])).toMatchObject({ status: 2, said: expect.stringContaining("There is no program") });
  writeFileSync(join(folder, "faultline.json"), JSON.stringify({ program: "build/thing", build: ["make"] }));
  expect(prove(folder, [])).toMatchObject({ status: 2, said: expect.stringContaining("build it (make)") });
  expect(prove(folder, ["--intervals", "none"])).toMatchObject({ status: 2 });
  expect(prove(folder, ["--pid", String(process.pid), "--", "true"])).toMatchObject({ status: 2 });
});

it.runIf(IS_ROOT)("behind sudo the result goes into a file that is the caller's", { timeout: LONG }, () => {
  const folder = renamerProject(["0"], BYTE);
  const file = join(folder, "proof.txt");
  const options = ["prove", "--quiet", "--progress-json", "--warm-up", "10", "--intervals", "2", "--save", file];
  const { status, stdout, stderr } = spawnSync(process.execPath, [session.faultline.cli, ...options], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, SUDO_UID: String(NOBODY), SUDO_GID: String(NOBODY), SUDO_USER: "nobody" },
  });
  expect([status, stdout]).toEqual([0, ""]);
  expect(stderr).not.toContain('"limited"');
  expect(readFileSync(file, "utf8")).toContain("Fault-free: 2 intervals");
  const { uid, mode } = statSync(file);
  expect([uid, mode & 0o777]).toEqual([NOBODY, 0o600]);
});
