/** `faultline report` as a person and a program see it, on real traces of ours and of perf. */
import { execFileSync, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { closeSync, cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Report, SampleRow } from "../../src/core/report/report.js";
import { installFaultline, type Installed } from "../support/faultline.js";
import { buildPerfProgram } from "../support/perf-programs.js";

let faultline: Installed;
let scratch: string;
let example: string;
let trace: string;

beforeAll(async () => {
  faultline = await installFaultline();
  scratch = mkdtempSync(join(tmpdir(), "faultline-report-"));
  example = join(scratch, "input-thread");
  cpSync("examples/input-thread", example, { recursive: true });
  execFileSync("make", ["-s", "-C", example, "clean", "all"]);
  trace = join(scratch, "trace");
  expect(run(["record", "-o", trace, "--", "build/input-thread"]).status).toBe(0);
});

afterAll(() => {
  faultline.remove();
  rmSync(scratch, { recursive: true, force: true });
});

function run(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [faultline.cli, ...args], {
    cwd: options.cwd ?? example,
    encoding: "utf8",
    env: options.env ?? process.env,
    maxBuffer: 1 << 28,
  });
}

function reportOf(path: string, ...more: string[]): Report {
  const { status, stdout, stderr } = run(["report", path, "--json", ...more]);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout) as Report;
}

describe("as JSON", () => {
  it("keeps to its schema, with samples and without", () => {
    const schema = JSON.parse(readFileSync("schemas/report.schema.json", "utf8")) as object;
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
    for (const data of [reportOf(trace), reportOf(trace, "--samples")]) {
      validate(data);
      expect(validate.errors ?? []).toEqual([]);
    }
  });

  it("adds up: every table counts every fault once", () => {
    const { faults, lines, objects, pages, regions, threads, samples } = reportOf(trace, "--samples");
    expect(faults.total).toBeGreaterThan(50);
    expect(faults.minor + faults.major).toBe(faults.total);
    expect(faults.user + faults.kernel).toBe(faults.total);
    for (const rows of [lines, objects, pages, regions, threads]) {
      expect(rows.reduce((sum, row) => sum + row.faults, 0)).toBe(faults.total);
    }
    for (const line of lines) expect(line.threads?.reduce((sum, row) => sum + row.faults, 0)).toBe(line.faults);
    expect(samples).toHaveLength(faults.total);
  });

  it("agrees with the counters the recorder kept in the kernel", () => {
    const { faults, completeness } = reportOf(trace);
    const { faults: counted } = JSON.parse(readFileSync(join(trace, "run.json"), "utf8")) as {
      faults: { minor: number; major: number };
    };
    expect({ minor: faults.minor, major: faults.major }).toMatchObject({ minor: counted.minor, major: counted.major });
    expect(completeness).toMatchObject({ complete: true, lost: 0, refused: 0 });
  });

  it("has the tuples perf script prints of the same file", () => {
    expect(tuplesOf(reportOf(trace, "--samples"))).toEqual(perfTuples(join(trace, "perf.data"), "page-faults"));
  });

  it("has the tuples perf script prints of a file perf wrote", () => {
    const data = join(scratch, "perf.data");
    execFileSync(
      "perf",
      ["record", "-q", "-e", "page-faults", "-c", "1", "-d", "-o", data, "--", "build/input-thread"],
      {
        cwd: example,
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
    expect(tuplesOf(reportOf(data, "--samples"))).toEqual(perfTuples(data, "page-faults"));
  });
});

describe("as text", () => {
  it("shows the hottest source lines with what they cost and touched", () => {
    const { stdout, status } = run(["report", trace]);
    expect(status).toBe(0);
    expect(stdout).toContain("Page faults of build/input-thread");
    expect(stdout).toContain("Complete: no record was lost.");
    expect(stdout).toMatch(/^pointer\.c$/m);
    expect(stdout).toMatch(/│ in remember_motion/);
    expect(stdout).toMatch(/touched history \(variable\)/);
    expect(stdout).toMatch(/^ +\d+ [░▒▓█] .* \d+ faults? · /m);
    expect(stdout).not.toContain("\u001b");
  });

  it.each(["line", "function", "object", "section", "region", "page", "thread"])("has a table by %s", (by) => {
    const { stdout, status, stderr } = run(["report", trace, "--by", by, "--top", "5"]);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toMatch(/faults/);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(130);
  });

  it("takes the newest trace of the workspace when none is named", () => {
    expect(run(["record", "--", "build/input-thread"]).status).toBe(0);
    expect(run(["report"]).stdout).toContain("Page faults of build/input-thread");
  });
});

describe("what it does not know, it says", () => {
  it("does not name the code of a program that was built again", () => {
    const copy = join(scratch, "rebuilt");
    cpSync(example, copy, { recursive: true });
    const old = join(scratch, "old-trace");
    expect(run(["record", "-o", old, "--", "build/input-thread"], { cwd: copy }).status).toBe(0);
    writeFileSync(join(copy, "pointer.c"), `${readFileSync(join(copy, "pointer.c"), "utf8")}\nint added_later = 1;\n`);
    execFileSync("make", ["-s", "-C", copy]);
    const { completeness, lines } = reportOf(old);
    const program = join(copy, "build/input-thread");
    expect(completeness.notes).toContainEqual({
      code: "file-changed",
      message: expect.stringMatching(
        /input-thread changed since the trace \(build id [0-9a-f]+ instead of [0-9a-f]+\)/,
      ),
    });
    expect(lines.filter(({ image, line }) => image === program && line > 0)).toEqual([]);
  });

  it("names the path of a source it looked for, and finds it through the source map", () => {
    const moved = join(scratch, "moved");
    cpSync(example, moved, { recursive: true });
    const program = join(moved, "build/input-thread");
    const output = join(scratch, "moved-trace");
    expect(run(["record", "-o", output, "--", program], { cwd: "/" }).status).toBe(0);
    const sources = join(scratch, "sources");
    execFileSync("mv", [join(moved, "pointer.c"), `${moved}.c`]);
    expect(run(["report", output], { cwd: "/" }).stdout).toContain("pointer.c:");
    execFileSync("mkdir", [sources]);
    execFileSync("mv", [`${moved}.c`, join(sources, "pointer.c")]);
    const recorded = reportOf(output).lines.find(({ file }) => file.endsWith("pointer.c"))?.file ?? "";
    const from = recorded.slice(0, -"/pointer.c".length);
    writeFileSync(join(sources, "faultline.json"), JSON.stringify({ sourceMap: { [from]: "." } }));
    const mapped = run(["report", output], { cwd: sources });
    expect(mapped.stdout).toMatch(/^pointer\.c$/m);
  });

  it.each([
    ["nothing there", "/nonexistent/trace", "There is no trace at /nonexistent/trace"],
    ["a folder without a trace", "/usr", "There is no trace at"],
    ["a file that is no trace", "/bin/sh", "is not a perf.data that can be read"],
    ["a device", "/dev/null", "is not a regular file"],
  ])("answers %s with one sentence and exit 2", (_case, path, sentence) => {
    const { status, stderr, stdout } = run(["report", path]);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("tells what is wrong with the project file, and shows the trace all the same", () => {
    const project = join(scratch, "bad-project");
    mkdirSync(project);
    writeFileSync(join(project, "faultline.json"), '{"sourceMap": 5}');
    const { status, stdout, stderr } = run(["report", trace], { cwd: project });
    expect(status).toBe(0);
    expect(stdout).toContain("Page faults of");
    expect(stderr).toBe('faultline: faultline.json: "sourceMap" must be an object; it is left out.\n');
  });

  it.each([[["report"]], [["report", "--json"]]])("tells that its output could not be written: %j", (args) => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [faultline.cli, ...args, trace], {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    closeSync(full);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^faultline: .*ENOSPC.*\n$/);
  });

  it("says that a perf.data holds no page faults, rather than that there were none", () => {
    const data = join(scratch, "clock.data");
    spawnSync("perf", ["record", "-q", "-e", "cpu-clock", "-o", data, "--", "true"]);
    const { completeness } = reportOf(data);
    expect(completeness.complete).toBe(false);
    expect(completeness.notes.map(({ code }) => code)).toContain("no-fault-events");
  });

  it("refuses options it does not have", () => {
    expect(run(["report", "--by", "moon", trace])).toMatchObject({ status: 2 });
    expect(run(["report", "--frobnicate"]).stderr).toContain("--frobnicate");
    expect(run(["report", "--top", "none", trace]).stderr).toContain("whole number");
    expect(run(["dance"]).stderr).toContain('no command "dance"');
  });
});

describe("a trace of samples", () => {
  it("is not called complete: perf leaves most faults out unless -c 1 is given", () => {
    const data = join(scratch, "sampled.data");
    execFileSync("perf", ["record", "-q", "-e", "page-faults", "-d", "-o", data, "--", "build/input-thread"], {
      cwd: example,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const { completeness } = reportOf(data);
    expect(completeness.complete).toBe(false);
    expect(completeness.notes.map(({ code }) => code)).toContain("sampled");
    expect(unwrapped(run(["report", data]).stdout)).toContain("perf record -c 1");
  });
});

describe("faults that never complete", () => {
  it("are counted apart", () => {
    const program = buildPerfProgram(scratch, "refused");
    const output = join(scratch, "refused-trace");
    const { signal, status } = run(["record", "-o", output, "--", program, "7"]);
    expect(signal ?? status).toBe("SIGSEGV");
    const { faults } = reportOf(output);
    expect(faults.refused).toBe(8);
    expect(unwrapped(run(["report", output]).stdout)).toContain("8 more never completed");
  });
});

/** Sentences are broken where the terminal ends. */
function unwrapped(text: string): string {
  return text.replace(/\s+/g, " ");
}

type Tuple = readonly [time: number, tid: number, ip: string, address: string];

function tuplesOf({ samples = [] }: Report): readonly Tuple[] {
  return samples.map((sample: SampleRow): Tuple => [sample.time, sample.tid, sample.ip, sample.address]).sort(byTime);
}

/** What perf itself reads: `tid time: event: address ip`. */
function perfTuples(data: string, event: string): readonly Tuple[] {
  const output = execFileSync("perf", ["script", "-i", data, "--ns", "-F", "tid,time,event,addr,ip"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return output
    .split("\n")
    .flatMap((line): Tuple[] => {
      const match = /^\s*(\d+)\s+(\d+)\.(\d{9}):\s+(\S+):\s+([0-9a-f]+)\s+([0-9a-f]+)/.exec(line);
      if (match === null || match[4] !== event) return [];
      const [, tid, seconds, nanoseconds, , address, ip] = match;
      return [[Number(seconds) * 1e9 + Number(nanoseconds), Number(tid), `0x${ip ?? ""}`, `0x${address ?? ""}`]];
    })
    .sort(byTime);
}

function byTime(a: Tuple, b: Tuple): number {
  return a[0] - b[0] || a[1] - b[1] || (a[3] < b[3] ? -1 : 1);
}
