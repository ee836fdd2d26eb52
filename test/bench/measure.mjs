// What all benches share: programs to run, medians of interleaved rounds, tables.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const cli = join(root, "dist/cli.js");
export const scratch = mkdtempSync(join(tmpdir(), "faultline-bench-"));
export const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
export const BEGIN_AND_ENDS = "page-faults,minor-faults,major-faults";
export const ENDS = "minor-faults,major-faults";

process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

/** Medians over ROUNDS rounds. */
export function interleaved(variants, measure) {
  const samples = interleavedRounds(variants, measure);
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, medianOf(values)]));
}

/**
 * What each variant measured, round by round: every round runs each once, to and fro, so that drift hits all alike.
 * One round is not counted.
 */
export function interleavedRounds(variants, measure) {
  const samples = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    const turn = Object.entries(variants);
    for (const [name, variant] of round % 2 === 0 ? turn : turn.toReversed()) {
      const value = measure(variant);
      if (round > 0) samples[name].push(value);
    }
  }
  return samples;
}

/** Median of the ratios within each round: what the machine does to one round it does to both. */
export function pairedRatio(over, under) {
  return median(over.map((value, round) => value / under[round]));
}

/** Of numbers, or field by field of records of numbers. */
function medianOf(values) {
  if (typeof values[0] === "number") return median(values);
  return Object.fromEntries(Object.keys(values[0]).map((key) => [key, median(values.map((value) => value[key]))]));
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function wallSeconds(argv, input) {
  const start = performance.now();
  run(argv, input);
  return (performance.now() - start) / 1000;
}

/** Output is thrown away; `input` is a descriptor for stdin. */
export function run([program, ...args], input = "ignore") {
  const options = { stdio: [input, "ignore", "pipe"], cwd: scratch, maxBuffer: 1 << 26 };
  const { status, error, stderr } = spawnSync(program, args, options);
  if (error !== undefined) fail(`${program}: ${error.message}`);
  if (status !== 0) fail(`${program} ${args.join(" ")}: exit ${status}\n${stderr}`);
}

export function perfRecord(events, data, argv, ...options) {
  return ["perf", "record", "-q", ...options, "-e", events, "-c", "1", "-d", "-m", "1024", "-o", data, "--", ...argv];
}

/** A program of test/bench, compiled. */
export function compiled(name) {
  const program = join(scratch, name);
  run(["gcc", "-O2", "-g", "-Wall", "-o", program, join(root, `test/bench/${name}.c`)]);
  return program;
}

export function table(title, text, head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [`## ${title}`, "", text, "", line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
}

export const inSeconds = (value) => `${value.toFixed(3)} s`;

export function fail(sentence) {
  process.stderr.write(`bench: ${sentence}\n`);
  process.exit(1);
}
