import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { asCaller, callerBehindSudo, withRightsOf, type Caller } from "../../../src/recorder/elevation.js";

const CALLER: Caller = {
  uid: 65_534,
  gid: 65_534,
  groups: [4, 24],
  environment: {},
  name: "nobody",
  workingDirectory: "/",
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-elevation-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it("root without sudo has no caller behind it", () => {
  const before = process.env["SUDO_UID"];
  try {
    delete process.env["SUDO_UID"];
    expect(callerBehindSudo()).toBeUndefined();
    process.env["SUDO_UID"] = "0";
    expect(callerBehindSudo()).toBeUndefined();
    process.env["SUDO_UID"] = "65534; rm";
    expect(callerBehindSudo()).toBeUndefined();
  } finally {
    if (before === undefined) delete process.env["SUDO_UID"];
    else process.env["SUDO_UID"] = before;
  }
});

it("argv for the caller runs as the caller, without capabilities, with no_new_privs off", () => {
  const [program, ...args] = asCaller(
    ["sh", "-c", "id; grep -E 'CapEff|CapInh|CapAmb|NoNewPrivs' /proc/self/status"],
    CALLER,
  );
  expect(execFileSync(program!, args, { encoding: "utf8" })).toBe(
    "uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup),4(adm),24(cdrom)\n" +
      "CapInh:\t0000000000000000\nCapEff:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t0\n",
  );
});

it("a program's own words that look like options stay its own", () => {
  const [program, ...args] = asCaller(["echo", "--reuid=0", "--"], CALLER);
  expect(execFileSync(program!, args, { encoding: "utf8" })).toBe("--reuid=0 --\n");
});

it("work with the caller's rights makes files of the caller's and opens none of root's", () => {
  chmodSync(folder, 0o777);
  const secret = join(folder, "secret");
  writeFileSync(secret, "root's", { mode: 0o600 });
  const made = join(folder, "made");
  withRightsOf(CALLER, () => {
    writeFileSync(made, "");
    expect(() => readFileSync(secret)).toThrow("EACCES");
  });
  expect(statSync(made)).toMatchObject({ uid: 65_534, gid: 65_534 });
  expect(readFileSync(secret, "utf8")).toBe("root's");
});

it("rights come back after an error, all of them", () => {
  const status = (): string =>
    /^Uid:.*\nGid:.*\nFDSize:.*\nGroups:.*$/m.exec(readFileSync("/proc/thread-self/status", "utf8"))![0];
  const before = status().replace(/FDSize:.*/, "");
  expect(() =>
    withRightsOf(CALLER, () => {
      throw new Error("inside");
    }),
  ).toThrow("inside");
  expect(status().replace(/FDSize:.*/, "")).toBe(before);
});
