/** `faultline record --report`: the same report as `faultline report`, read while it is recorded. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compileSupport, installFaultline, type Installed } from "../support/faultline.js";

let faultline: Installed;
let scratch: string;
let storm: string;

beforeAll(async () => {
  faultline = await installFaultline();
  scratch = mkdtempSync(join(tmpdir(), "faultline-record-report-"));
  storm = compileSupport("storm", scratch);
});

afterAll(() => {
  faultline.remove();
  rmSync(scratch, { recursive: true, force: true });
});

function run(argv: readonly string[]) {
  const [program = "", ...args] = argv;
  return spawnSync(program, args, { cwd: scratch, encoding: "utf8", maxBuffer: 1 << 28 });
}

const cli = (...args: string[]) => [process.execPath, faultline.cli, ...args];

it.each([
  ["a storm of faults", () => [storm, "200000"]],
  ["two hundred processes", () => ["sh", "-c", "for i in $(seq 200); do /bin/true; done"]],
  ["a program that is over at once", () => ["true"]],
])("prints what `faultline report` prints of the same trace: %s", (name, program) => {
  const trace = join(scratch, name.replaceAll(" ", "-"));
  const recorded = run(cli("record", "--report", "-o", trace, "--", ...program()));
  expect(recorded.status).toBe(0);
  const { stdout } = run(cli("report", trace));
  expect(stdout).toMatch(/^Page faults of/);
  expect(recorded.stdout).toBe(stdout);
  // What the report says is not said twice.
  expect(recorded.stderr).toMatch(/^faultline: Trace: \S+ \(.*\)\n$/);
});

it("prints the pages that came in where perf events are refused", () => {
  const refusing = compileSupport("no-perf", scratch);
  const trace = join(scratch, "pages");
  const recorded = run([refusing, ...cli("record", "--report", "-o", trace, "--", "true")]);
  expect(recorded.status).toBe(0);
  expect(recorded.stdout).toMatch(/pages came in/);
  expect(recorded.stdout).toBe(run(cli("report", trace)).stdout);
});

it("ends as the program did", () => {
  expect(run(cli("record", "--report", "-o", join(scratch, "seven"), "--", "sh", "-c", "exit 7")).status).toBe(7);
});
