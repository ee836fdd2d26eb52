import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { MapModel } from "../../src/core/report/map-model.js";
import type { Report } from "../../src/core/report/report.js";
import { ThreadAnalysis } from "../../src/extension/analysis/thread-analysis.js";
import { compileSupport } from "../support/faultline.js";

let folder: string;
let dist: string;
let storm: string;
let trace: string;
let analysis: ThreadAnalysis;
const log: string[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-analysis-"));
  execFileSync(process.execPath, ["scripts/build.mjs", `--into=${folder}`]);
  dist = join(folder, "dist");
  execFileSync("ln", ["-s", resolve("node_modules"), join(dist, "node_modules")]);
  storm = compileSupport("storm", folder);
  trace = record("trace", "2000");
  analysis = start();
});

afterAll(() => {
  analysis.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function start(sentences: Readonly<Record<string, string>> = {}): ThreadAnalysis {
  return new ThreadAnalysis({
    script: join(dist, "analysis.js"),
    cli: join(dist, "cli.js"),
    sentences,
    placeOf: () => ({ here: folder, otherSources: [] }),
    log: (text) => log.push(text),
  });
}

function record(name: string, faults: string): string {
  const path = join(folder, name);
  execFileSync(process.execPath, [join(dist, "cli.js"), "record", "-o", path, "--", storm, faults], {
    stdio: "ignore",
  });
  return path;
}

it("neither the extension nor its thread has koffi in it", () => {
  for (const name of ["extension.js", "analysis.js"]) {
    const text = readFileSync(join(dist, name), "utf8");
    expect(text.length).toBeGreaterThan(10_000);
    expect(text).not.toMatch(/koffi|koromix/i);
  }
  expect(readFileSync(join(dist, "cli.js"), "utf8")).toContain("koffi");
});

it("the report is the one the command line prints", async () => {
  const printed = execFileSync(process.execPath, [join(dist, "cli.js"), "report", trace, "--json"], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const report = await analysis.report(trace);
  expect(JSON.parse(JSON.stringify(report))).toEqual(JSON.parse(printed) as Report);
  expect(report.faults.total).toBeGreaterThan(2000);
});

it("the map counts the faults of the report, on a trace and when asked first", async () => {
  const report = await analysis.report(trace);
  const map = await analysis.map(trace);
  const sum = map.processes.reduce((total, { faults }) => total + faults, 0);
  expect(sum).toBe(report.faults.total);
  const other = start();
  expect(await other.map(trace)).toEqual(map);
  other.dispose();
});

it("the layout has the sections and symbols that readelf and nm print", async () => {
  const layout = await analysis.layout(storm);
  const sections = execFileSync("readelf", ["-SW", storm], { encoding: "utf8" }).matchAll(/^ {2}\[ *\d+\] (\.\S+)/gm);
  expect(layout.sections.map(({ name }) => name)).toEqual([...sections].map(([, name]) => name));
  const nm = execFileSync("nm", [storm], { encoding: "utf8" });
  const main = layout.symbols.find(({ name }) => name === "main");
  expect(main?.section).toBe(".text");
  expect(main?.address).toBe(parseInt(/^([0-9a-f]+) T main$/m.exec(nm)?.[1] ?? "", 16));
  expect(layout.pageSize).toBe(Number(execFileSync("getconf", ["PAGESIZE"], { encoding: "utf8" })));
});

it("the page is the command line's", async () => {
  const page = await analysis.html(trace);
  expect(page).toMatch(/^<!doctype html>/);
  await expect(analysis.html(join(folder, "nothing"))).rejects.toThrow(/^There is no trace at /);
});

it("what cannot be read is told in one sentence, and nothing is logged about it", async () => {
  const text = join(folder, "text");
  writeFileSync(text, "no ELF, no trace");
  log.length = 0;
  await expect(analysis.report(join(folder, "gone"))).rejects.toThrow(/^There is no trace at .*gone/);
  await expect(analysis.report(text)).rejects.toThrow(/is not a perf\.data that can be read/);
  await expect(analysis.layout(text)).rejects.toThrow(/is not an ELF file/);
  await expect(analysis.layout(folder)).rejects.toThrow(/is not a regular file/);
  mkdirSync(join(folder, "empty"), { recursive: true });
  await expect(analysis.report(join(folder, "empty"))).rejects.toThrow(/There is no trace at/);
  expect(log).toEqual([]);
});

it("a trace that was written anew is read anew", async () => {
  const path = record("again", "100");
  const first = await analysis.report(path);
  record("again", "900");
  const second = await analysis.report(path);
  expect(second.faults.total).toBeGreaterThan(first.faults.total + 700);
});

it("sentences come in the editor's language", async () => {
  const notes = (await analysis.report(trace)).completeness.notes;
  const message = notes[0]?.message ?? "";
  expect(message).not.toBe("");
  const other = start({ [message]: "übersetzt" });
  expect((await other.report(trace)).completeness.notes[0]?.message).toBe("übersetzt");
  other.dispose();
});

it("a question taken back is settled at once, and the others are answered", async () => {
  const large = record("large", "300000");
  const cancel = new AbortController();
  const running = analysis.report(large, cancel.signal);
  const waiting = new AbortController();
  const dropped = analysis.report(large, waiting.signal);
  const next = analysis.layout(storm);
  running.catch(() => undefined);
  dropped.catch(() => undefined);
  await sleep(20);
  waiting.abort();
  await expect(dropped).rejects.toThrow("Cancelled.");
  const first = Promise.race([next.then(() => "answered"), running.catch(() => "taken back")]);
  cancel.abort();
  await expect(running).rejects.toThrow("Cancelled.");
  expect(await first).toBe("taken back");
  expect((await next).symbols.length).toBeGreaterThan(0);
  await expect(analysis.report(trace, AbortSignal.abort())).rejects.toThrow("Cancelled.");
});

it("a large report holds nobody up", async () => {
  const large = join(folder, "large");
  await analysis.report(trace);
  let report: Report | undefined;
  let map: MapModel | undefined;
  const longest = await longestTurn(async () => {
    report = await analysis.report(large);
    map = await analysis.map(large);
  });
  expect(report?.pages.length).toBeGreaterThan(60_000);
  expect(map?.processes[0]?.pages.address.length).toBeGreaterThan(60_000);
  // Read in one go, this report takes a few hundred milliseconds.
  expect(longest).toBeLessThan(100);
});

it("a look ahead at a program, or at what is none, changes no answer", async () => {
  const other = start();
  const before = log.length;
  for (const path of [storm, "/etc/passwd", folder, join(folder, "missing"), undefined]) other.prepare(path);
  expect(await other.report(trace)).toEqual(await analysis.report(trace));
  expect(log.slice(before)).toEqual([]);
  other.dispose();
});

it("when it is closed, questions are refused", async () => {
  const other = start();
  const open = other.report(trace);
  other.dispose();
  await expect(open).rejects.toThrow("Faultline was closed.");
  await expect(other.report(trace)).rejects.toThrow("Faultline was closed.");
});

/** The longest turn of this thread's event loop while the work is done: milliseconds of processor time, whatever else runs here. */
async function longestTurn(work: () => Promise<void>): Promise<number> {
  let longest = 0;
  let over = false;
  let before = processorTime();
  const turn = () => {
    const now = processorTime();
    longest = Math.max(longest, now - before);
    before = now;
    if (!over) setTimeout(turn, 1);
  };
  turn();
  await work();
  turn();
  over = true;
  return longest;
}

/** Of the main thread, which the tests run on: Documentation/scheduler/sched-stats.rst. */
function processorTime(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
}
