import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sourceEvidence } from "../../../../src/extension/editor/source-evidence.js";

let folder: string;
let file: string;
const TEXT = "int main(void) { return 0; }\n";
const md5s = new Set([createHash("md5").update(TEXT).digest("hex")]);
const NOTHING: ReadonlySet<string> = new Set();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fl-evidence-"));
  mkdirSync(join(folder, "src"));
  file = join(folder, "src/main.c");
  writeFileSync(file, TEXT);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it("tells whether the file holds what was compiled, where that is known", async () => {
  expect(await sourceEvidence(file, md5s)).toMatchObject({ contents: "as-compiled" });
  expect(await sourceEvidence(file, NOTHING)).toMatchObject({ contents: "unknown" });
  writeFileSync(file, `${TEXT}\n`);
  expect(await sourceEvidence(file, md5s)).toMatchObject({ contents: "other", source: statSync(file).mtimeMs });
});

it("tells nothing of what is not here, or no file", async () => {
  const nothing = { contents: "unknown", source: undefined, arrivedAt: undefined };
  expect(await sourceEvidence(join(folder, "gone.c"), md5s)).toEqual(nothing);
  expect(await sourceEvidence(join(folder, "src"), md5s)).toEqual(nothing);
});

it("a copied tree came with its folder; a file written later, or kept from before, did not", async () => {
  const copy = join(folder, "copy");
  cpSync(join(folder, "src"), copy, { recursive: true });
  const arrived = await sourceEvidence(join(copy, "main.c"), NOTHING);
  expect(arrived.arrivedAt).toBe(statSync(copy).birthtimeMs);
  const hour = Date.now() / 1000 + 3600;
  utimesSync(join(copy, "main.c"), hour, hour);
  expect(await sourceEvidence(join(copy, "main.c"), NOTHING)).toMatchObject({ arrivedAt: undefined });
  utimesSync(join(copy, "main.c"), 1e9, 1e9);
  expect(await sourceEvidence(join(copy, "main.c"), NOTHING)).toMatchObject({ arrivedAt: undefined });
});
