import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { asCaller, callerBehindSudo, giveTo, withRightsOf, type Caller } from "../../../src/recorder/elevation.js";

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

it("a tree is given as a whole, links themselves and not what they lead to", () => {
  const tree = join(folder, "tree");
  mkdirSync(join(tree, "inner"), { recursive: true });
  writeFileSync(join(tree, "inner", "file"), "");
  const outside = join(folder, "outside");
  writeFileSync(outside, "");
  symlinkSync(outside, join(tree, "link"));
  giveTo(tree, CALLER);
  for (const path of [tree, join(tree, "inner"), join(tree, "inner", "file"), join(tree, "link")]) {
    expect(lstatSync(path).uid, path).toBe(65_534);
  }
  expect(statSync(outside).uid).toBe(0);
});

it("a link in the tree's place is given itself, what it leads to is left alone", () => {
  const target = join(folder, "target");
  mkdirSync(target);
  writeFileSync(join(target, "file"), "");
  const link = join(folder, "link");
  symlinkSync(target, link);
  giveTo(link, CALLER);
  expect(statSync(target).uid).toBe(0);
  expect(statSync(join(target, "file")).uid).toBe(0);
});

it("what is not root's own inside the tree is nobody's to give", () => {
  const tree = join(folder, "tree");
  mkdirSync(tree);
  const file = join(tree, "file");
  writeFileSync(file, "");
  chownSync(file, 1, 1);
  giveTo(tree, CALLER);
  expect(statSync(file).uid).toBe(1);
  expect(existsSync(file)).toBe(true);
});
