import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { blindSpotSentence } from "../../../src/core/report/blind-spots.js";
import { english } from "../../../src/core/report/translate.js";
import type { BlindSpot } from "../../../src/core/trace/run.js";
import { blindSpots, type BlindFacts } from "../../../src/recorder/blind-spots.js";

const NOBODY = 65_534;
const USUAL: BlindFacts = {
  userOnly: "no",
  program: "/bin/true",
  events: ["page-faults", "minor-faults", "major-faults"],
  pageSize: 4096,
  uid: NOBODY,
  gid: NOBODY,
  groups: [],
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-blind-"));
  chmodSync(folder, 0o755);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function program(name: string, mode: number, owner = 0, group = 0): string {
  const path = join(folder, name);
  copyFileSync("/bin/true", path);
  chownSync(path, owner, group);
  chmodSync(path, mode);
  return path;
}

const kinds = (facts: Partial<BlindFacts>): string[] => blindSpots({ ...USUAL, ...facts }).map(({ kind }) => kind);

it("an ordinary program in a full recording hides only what the kernel brings in for itself", () => {
  expect(blindSpots(USUAL)).toEqual([{ kind: "get-user-pages" }]);
});

it("what was left out is told with who left it out", () => {
  expect(blindSpots({ ...USUAL, userOnly: "unprivileged" })).toContainEqual({
    kind: "kernel-mode",
    reason: "unprivileged",
  });
  expect(blindSpots({ ...USUAL, userOnly: "asked" })).toContainEqual({ kind: "kernel-mode", reason: "asked" });
});

it("without begins there are no service times", () => {
  expect(kinds({ events: ["minor-faults", "major-faults"] })).toContain("service-time");
  expect(kinds({ events: ["page-faults:u", "minor-faults:u"] })).not.toContain("service-time");
});

it("pages of another size are told", () => {
  expect(blindSpots({ ...USUAL, pageSize: 65_536 })).toContainEqual({ kind: "page-size", pageSize: 65_536 });
});

it("setuid counts where it changes the user, and only there", () => {
  const rootly = program("setuid-root", 0o4755);
  expect(blindSpots({ ...USUAL, program: rootly })).toContainEqual({ kind: "setuid", path: rootly });
  expect(kinds({ program: rootly, uid: 0 })).not.toContain("setuid");
  expect(kinds({ program: program("setuid-other", 0o4755, NOBODY), uid: 0 })).toContain("setuid");
});

it("setgid counts with group execution, as the kernel has it", () => {
  expect(kinds({ program: program("setgid", 0o2755) })).toContain("setuid");
  expect(kinds({ program: program("setgid-own", 0o2755, 0, NOBODY) })).not.toContain("setuid");
  expect(kinds({ program: program("locking", 0o2745) })).not.toContain("setuid");
});

it("file capabilities count for users, not for root, who has them all", () => {
  const capable = program("capable", 0o755);
  execFileSync("setcap", ["cap_net_raw+ep", capable]);
  expect(kinds({ program: capable })).toContain("setuid");
  expect(kinds({ program: capable, uid: 0 })).not.toContain("setuid");
  execFileSync("setcap", ["cap_net_raw+i", capable]);
  expect(kinds({ program: capable })).not.toContain("setuid");
});

it.each([
  [0o711, 0, 0, [], true],
  [0o750, 0, NOBODY, [], false],
  [0o710, 0, 7, [7], true],
  [0o740, 0, 7, [7], false],
  [0o144, NOBODY, 0, [], true],
])(
  "a program of mode %o, owner %i, group %i is judged as the kernel would for groups %j",
  (mode, owner, group, groups, is) => {
    const path = program(`mode-${mode.toString(8)}-${group}`, mode, owner, group);
    expect(kinds({ program: path, groups }).includes("unreadable")).toBe(is);
  },
);

it.each([
  ["plain", 0o755, 0, undefined],
  ["setuid", 0o4755, 0, undefined],
  ["setuid to oneself", 0o4755, NOBODY, undefined],
  ["setgid", 0o2755, 0, undefined],
  ["setgid without group execution", 0o2745, 0, undefined],
  ["capable", 0o755, 0, "cap_net_raw+ep"],
  ["capable if inherited", 0o755, 0, "cap_net_raw+i"],
  ["unreadable", 0o711, 0, undefined],
] as const)("the kernel stops recording where we say so: %s", (name, mode, owner, capabilities) => {
  const path = program(`kernel-${name.replaceAll(" ", "-")}`, mode, owner);
  if (capabilities !== undefined) execFileSync("setcap", [capabilities, path]);
  const perf = ["perf", "stat", "-x,", "-e", "minor-faults:u", path];
  const counted = spawnSync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", ...perf], {
    encoding: "utf8",
  });
  const isBlind = kinds({ program: path }).some((kind) => kind === "setuid" || kind === "unreadable");
  expect(Number(counted.stderr.split(",")[0]) === 0, counted.stderr).toBe(isBlind);
});

it("a script is judged by its interpreter", () => {
  const interpreter = program("interpreter", 0o4755);
  const script = join(folder, "script");
  writeFileSync(script, `#! ${interpreter} -x\n`, { mode: 0o755 });
  expect(blindSpots({ ...USUAL, program: script })).toContainEqual({ kind: "setuid", path: interpreter });
});

it("a script whose interpreters go in a circle does not hang", () => {
  const script = join(folder, "circle");
  writeFileSync(script, `#!${script}\n`, { mode: 0o755 });
  expect(kinds({ program: script })).toEqual(["get-user-pages"]);
});

it("a named pipe in the program's place does not hang", () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  expect(kinds({ program: pipe })).toContain("get-user-pages");
});

it("a program that is not there has no spots of its own", () => {
  expect(kinds({ program: "no-such-program-anywhere" })).toEqual(["get-user-pages"]);
});

it.each<[BlindSpot, string]>([
  [
    { kind: "kernel-mode", reason: "unprivileged" },
    "Faults taken inside system calls are not shown: that needs an elevated trace (sudo) or kernel.perf_event_paranoid at 1 or lower.",
  ],
  [{ kind: "kernel-mode", reason: "asked" }, "Faults taken inside system calls are not shown, as --user-only asked."],
  [
    { kind: "get-user-pages" },
    "Pages the kernel brought in for itself (mlock, MAP_POPULATE, O_DIRECT, futexes) raise no event; they are in the process's own counters only.",
  ],
  [
    { kind: "setuid", path: "/usr/bin/sudo" },
    "/usr/bin/sudo runs with more rights than its caller (setuid, setgid or file capabilities): the kernel stops recording there, so its faults are missing.",
  ],
  [
    { kind: "unreadable", path: "./app" },
    "./app may be run but not read: the kernel stops recording there, so its faults are missing; allow reading it (chmod +r) to see them.",
  ],
  [{ kind: "page-size", pageSize: 65_536 }, "Pages of this machine have 64 kB: one fault stands for that much memory."],
  [
    { kind: "no-perf-events", reason: "seccomp" },
    "Perf events are refused here (by a system-call filter): shown are the pages that came in and stayed to the end, without instructions, times or the number of faults.",
  ],
  [
    { kind: "no-perf-events", reason: "paranoid" },
    "Perf events are refused here (by kernel.perf_event_paranoid): shown are the pages that came in and stayed to the end, without instructions, times or the number of faults.",
  ],
  [{ kind: "service-time" }, "Service times are unknown: only the ends of faults were recorded (--light)."],
  [{ kind: "paused", milliseconds: 2500 }, "The recording was paused for 2.5 s: faults taken then are missing."],
  [{ kind: "interrupted" }, "The recording was cut short: what came after its last moment is missing."],
])("%o is one sentence", (spot, sentence) => {
  expect(blindSpotSentence(spot, english)).toBe(sentence);
});
