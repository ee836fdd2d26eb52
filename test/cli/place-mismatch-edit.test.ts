/** `faultline place SYMBOL…` of what cannot be placed: the right reason at the right line, and nothing is changed. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { installFaultline, type Installed } from "../support/faultline.js";
import { MISMATCH_CASES } from "../support/mismatch-cases.js";
import { REFUSAL_CASES, type RefusalCase } from "../support/refusal-cases.js";

let faultline: Installed;
let scratch: string;
let folder: string;

beforeAll(async () => {
  faultline = await installFaultline();
});
afterAll(() => faultline.remove());
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "faultline-refused-"));
  folder = join(scratch, "project");
});
afterEach(() => {
  rmSync(scratch, { recursive: true, force: true });
});

interface Answer {
  readonly applied: boolean;
  readonly refusals: readonly { readonly code: string; readonly line?: number; readonly message: string }[];
  readonly error?: { readonly message: string };
}

it.each(REFUSAL_CASES.map((one) => [one.construct, one] as const))("%s", (_, one) => {
  prepare(one);
  const before = contents();
  const { symbol = "f", options = [] } = one;
  const args = [faultline.cli, "place", symbol, ...options, "--json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  expect(status, stderr).toBe(1);
  const { applied, refusals, error } = JSON.parse(stdout) as Answer;
  const [refusal] = refusals;
  expect(error === undefined ? refusal?.code : "not-compiled").toBe(one.code);
  expect(error?.message ?? refusal?.message).toMatch(one.says);
  if (marked(one) > 0) expect(refusal?.line).toBe(marked(one));
  expect(applied).toBe(false);
  expect(contents()).toEqual(before);
});

it("more than forty constructs in all, each once, with all reasons there are", () => {
  const refused = REFUSAL_CASES.map(({ construct, code }) => `${code}: ${construct}`);
  const missed = MISMATCH_CASES.map(({ construct, expected }) => `${expected[0]?.code ?? ""}: ${construct}`);
  const all = new Set([...refused, ...missed]);
  expect([new Set(refused).size, new Set(missed).size]).toEqual([refused.length, missed.length]);
  expect(all.size).toBeGreaterThan(40);
  const reasons = (cases: readonly string[]) => [...new Set(cases.map((one) => one.replace(/:.*/, "")))].sort();
  expect(reasons(missed)).toEqual(MISMATCHES);
  expect(reasons(refused)).toEqual(REFUSALS);
});

const MISMATCHES = [
  ...["after-end", "before-start", "copy-outside", "declaration-only", "dropped", "elsewhere", "ifunc", "inlined"],
  ...["optimised-away", "other-copy", "part-outside", "renamed", "thread-local", "unknown"],
];
const REFUSALS = [
  ...["alias", "ambiguous", "automatic", "changed", "compiler-made", "constant", "declaration-only", "file", "inline"],
  ...["inlined", "kind", "lambda", "macro", "no-debug-information", "not-compiled", "not-placed", "optimised-away"],
  ...["other-section", "relocated-constant", "several", "template", "thread-local", "unknown"],
];

/** Sources are older than the program, those that were changed since newer. */
function prepare({ files, build, changed = {}, after = "true" }: RefusalCase): void {
  mkdirSync(folder);
  for (const [name, text] of Object.entries({ ...files, "faultline.json": '{ "program": "program" }\n' })) {
    writeFileSync(join(folder, name), text);
    utimesSync(join(folder, name), 1_700_000_000, 1_700_000_000);
  }
  for (const [program = "", ...args] of build) execFileSync(program, args, { cwd: folder, stdio: "pipe" });
  const later = Date.now() / 1000 + 10;
  for (const [name, text] of Object.entries(changed)) {
    writeFileSync(join(folder, name), text);
    utimesSync(join(folder, name), later, later);
  }
  execFileSync("sh", ["-c", after], { cwd: folder });
}

/** Of all files, with what is beside the folder. */
function contents(): Readonly<Record<string, string>> {
  const names = readdirSync(scratch, { recursive: true, encoding: "utf8" }).sort();
  const files = names
    .map((name) => [name, join(scratch, name)] as const)
    .filter(([, path]) => lstatSync(path).isFile());
  return Object.fromEntries(files.map(([name, path]) => [name, readFileSync(path, "latin1")]));
}

function marked({ files, changed }: RefusalCase): number {
  const texts = Object.values({ ...files, ...changed });
  return Math.max(0, ...texts.map((text) => text.split("\n").findIndex((line) => line.endsWith("HERE")) + 1));
}
