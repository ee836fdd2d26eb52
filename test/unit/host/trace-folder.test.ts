import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTraceFolder, MAX_KEPT_BYTES, MAX_KEPT_TRACES, openTraceFolder } from "../../../src/host/trace-folder.js";
import { UserError } from "../../../src/host/user-error.js";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "faultline-folders-"));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute));

it("a trace has a private folder of its own, named by time and program", () => {
  const traces = join(root, ".faultline", "traces");
  const first = createTraceFolder(traces, "/usr/bin/a b;c", at(0));
  const second = createTraceFolder(traces, "/usr/bin/a b;c", at(0));
  expect(first.path).toBe(join(traces, "20260101T000000Z-a_b_c"));
  expect(second.path).toBe(join(traces, "20260101T000000Z-a_b_c-2"));
  expect(statSync(first.path).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(root, ".faultline", ".gitignore"), "utf8")).toBe("*\n");
});

it("old traces make room by number", () => {
  for (let minute = 0; minute < MAX_KEPT_TRACES + 5; minute++) createTraceFolder(root, "p", at(minute));
  const kept = readdirSync(root).filter((name) => name.endsWith("-p"));
  expect(kept).toHaveLength(MAX_KEPT_TRACES);
  expect(kept).not.toContain("20260101T000000Z-p");
  expect(kept).toContain("20260101T005400Z-p");
});

it("old traces make room by size, the newest stays whatever its size, strangers stay always", () => {
  const old = createTraceFolder(root, "old", at(0));
  const newest = createTraceFolder(root, "newest", at(1));
  for (const { perfData } of [old, newest]) {
    writeFileSync(perfData, "");
    truncateSync(perfData, MAX_KEPT_BYTES);
  }
  mkdirSync(join(root, "notes"));
  writeFileSync(join(root, "notes", "mine.txt"), "");
  createTraceFolder(root, "next", at(2));
  expect(existsSync(old.path)).toBe(false);
  expect(existsSync(newest.path)).toBe(true);
  expect(existsSync(join(root, "notes", "mine.txt"))).toBe(true);
});

it("a named folder is emptied of its trace, and of nothing else", () => {
  const folder = openTraceFolder(join(root, "deep", "named"));
  writeFileSync(folder.perfData, "old");
  expect(readdirSync(openTraceFolder(folder.path).path)).toEqual([]);
  writeFileSync(join(folder.path, "thesis.txt"), "");
  expect(() => openTraceFolder(folder.path)).toThrow(UserError);
  expect(existsSync(join(folder.path, "thesis.txt"))).toBe(true);
});
