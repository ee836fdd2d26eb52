/** `faultline place --verify` of what did not come true: the right reason at the right line, and readelf says the same. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Verification } from "../../src/core/placement/verify.js";
import { installFaultline, type Installed } from "../support/faultline.js";
import { disagreements } from "../support/linked-truth.js";
import { MISMATCH_CASES, type MismatchCase } from "../support/mismatch-cases.js";

let faultline: Installed;
let folder: string;

beforeAll(async () => {
  faultline = await installFaultline();
});
afterAll(() => faultline.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-mismatch-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it.each(MISMATCH_CASES.map((one) => [one.construct, one] as const))("%s", (_, one) => {
  const { status, verification } = verified(one);
  expect(verification.mismatches).toEqual(one.expected);
  expect(status).toBe(1);
  expect(disagreements(join(folder, "program"), [verification], undefined)).toEqual([]);
  const { file, line } = marked(one);
  const { declaration } = verification;
  if (one.nowhere === true) expect(declaration).toBeUndefined();
  else expect([declaration?.file, declaration?.line]).toEqual([join(folder, file), line]);
});

function verified({ files, build, symbol = "f", kind = undefined }: MismatchCase) {
  const placements = [{ symbol, kind: kind ?? "text" }];
  const all = { ...files, "faultline.json": JSON.stringify({ program: "program", placements }) };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
  for (const [program = "", ...args] of build) execFileSync(program, args, { cwd: folder, stdio: "pipe" });
  const args = [faultline.cli, "place", "--verify", "--json"];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  const { placements: found } = JSON.parse(stdout) as { placements: readonly Verification[] };
  return { status, verification: found[0]! };
}

function marked({ files }: MismatchCase): { readonly file: string; readonly line: number } {
  for (const [file, text] of Object.entries(files)) {
    const line = text.split("\n").findIndex((one) => one.endsWith("HERE")) + 1;
    if (line > 0) return { file, line };
  }
  return { file: "", line: 0 };
}
