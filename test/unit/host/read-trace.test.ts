/** Trace folders may come from anywhere: what is not what it should be is told, and nothing hangs. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTrace } from "../../../src/host/read-trace.js";
import { UserError } from "../../../src/host/user-error.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-read-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What may lie where a file should be. */
const IMPOSTORS: Readonly<Record<string, (path: string) => void>> = {
  "a named pipe": (path) => execFileSync("mkfifo", [path]),
  "a folder": (path) => {
    mkdirSync(path);
  },
  "a device": (path) => {
    symlinkSync("/dev/zero", path);
  },
  "a file of a terabyte": (path) => {
    writeFileSync(path, "");
    truncateSync(path, 2 ** 40);
  },
};

describe.each(Object.entries(IMPOSTORS))("%s", (_what, make) => {
  it("in run.json's place is told", () => {
    writeFileSync(join(folder, "perf.data"), "");
    make(join(folder, "run.json"));
    expect(() => openTrace(folder)).toThrow(UserError);
    expect(() => openTrace(folder)).toThrow(/run\.json/);
  });

  it("in pages.json's place is told", () => {
    writeFileSync(join(folder, "run.json"), '{"version":1,"mode":"pagemap"}');
    make(join(folder, "pages.json"));
    expect(() => openTrace(folder)).toThrow(UserError);
    expect(() => openTrace(folder)).toThrow(/pages\.json/);
  });
});
