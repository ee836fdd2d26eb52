import { execFileSync, spawn, spawnSync, type SpawnSyncReturns } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodePages } from "../../src/core/trace/pages.js";
import { compileSupport, installFaultline, type Installed } from "../support/faultline.js";

const { EACCES, ENOSYS, EPERM } = constants.errno;
const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

let faultline: Installed;
let noPerf: string;
/** Writable by every user. */
let work: string;

beforeAll(async () => {
  faultline = await installFaultline();
  noPerf = compileSupport("no-perf", faultline.folder);
  work = mkdtempSync(join(tmpdir(), "faultline-refusal-"));
  chmodSync(work, 0o777);
});

afterAll(() => {
  faultline.remove();
  rmSync(work, { recursive: true, force: true });
});

function run(prefix: readonly string[], ...args: readonly string[]): SpawnSyncReturns<string> {
  const [program, ...rest] = [...prefix, process.execPath, faultline.cli, ...args];
  const env = { ...process.env, PATH: "/usr/bin:/bin:/usr/sbin:/sbin" };
  return spawnSync(program!, rest, { cwd: work, env, encoding: "utf8", timeout: 30_000 });
}

const users: readonly [string, readonly string[]][] = [
  ["root", []],
  ["nobody", NOBODY],
];

it.each(
  users.flatMap(([user, as]) =>
    [
      { errno: EPERM, says: /refuses perf events/ },
      { errno: EACCES, says: /refuses perf events/ },
      { errno: ENOSYS, says: /refuses perf events/ },
    ].map((one) => ({ user, as, ...one })),
  ),
)(
  "as $user, a filter that answers $errno is told with its remedy, and the pages are recorded",
  ({ user, as, errno, says }) => {
    const folder = join(work, `filtered-${user}-${errno}`);
    const { status, stdout, stderr } = run(
      [...as, noPerf, "--errno", String(errno)],
      ...["record", "-o", folder, "--", "sh", "-c", "echo done; exit 3"],
    );
    expect({ status, stdout }).toEqual({ status: 3, stdout: "done\n" });
    expect(stderr).toMatch(says);
    expect(stderr).toContain("shown are the pages that came in");
    const record = JSON.parse(readFileSync(join(folder, "run.json"), "utf8")) as { mode: string; blind: unknown[] };
    expect(record.mode).toBe("pagemap");
    expect(record.blind).toContainEqual({ kind: "no-perf-events", reason: "seccomp" });
    const { pages, problems } = decodePages(readFileSync(join(folder, "pages.json"), "utf8"));
    expect(problems).toEqual([]);
    expect(pages?.processes.at(-1)?.mappings.length).toBeGreaterThan(5);
  },
);

it("the filter's remedy is the one of the container we are in", () => {
  const { stderr } = run([noPerf], "record", "-o", join(work, "container"), "--", "true");
  if (existsSync("/.dockerenv")) expect(stderr).toContain("    docker run --security-opt seccomp=unconfined …\n");
  else expect(stderr).toMatch(/^faultline: (A|The) system-call filter/);
});

it.each(users)("as %s, a program that is not there is one sentence and exit 127", (_, as) => {
  const { status, stderr } = run(as, "record", "--", "no-such-program-anywhere");
  expect({ status, stderr }).toEqual({
    status: 127,
    stderr:
      "faultline: There is no program no-such-program-anywhere in PATH: give its path, such as ./no-such-program-anywhere.\n",
  });
});

it("a folder of PATH that may not be searched does not make a missing program a forbidden one", () => {
  const closed = join(work, "closed");
  mkdirSync(closed, { mode: 0o700 });
  const { status, stderr } = run(["env", `PATH=${closed}:/usr/bin`, ...NOBODY], "record", "--", "no-such-program");
  expect(status).toBe(127);
  expect(stderr).toMatch(/^faultline: There is no program no-such-program in PATH/);
});

it.each(users)("as %s, a file that may not be executed is one sentence, its remedy and exit 126", (user, as) => {
  const file = join(work, `plain-${user}`);
  writeFileSync(file, "#!/bin/sh\n", { mode: 0o644 });
  const { status, stderr } = run(as, "record", "--", file);
  expect({ status, stderr }).toEqual({
    status: 126,
    stderr: `faultline: ${file} may not be executed: name a program, or make this one executable (chmod +x).
  Make it executable:
    chmod +x ${file}
`,
  });
});

it.each([["perf events", []] as const, ["the pagemap", ["no-perf"]] as const])(
  "a process that is gone is one sentence, with %s",
  (_, [filter]) => {
    const gone = Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));
    const { status, stderr } = run(
      filter === undefined ? [] : [noPerf],
      "record",
      "-o",
      join(work, "gone"),
      "--pid",
      String(gone),
    );
    expect(status).toBe(2);
    expect(stderr).toContain(
      `There is no process ${gone} any more: look its number up again (pgrep -a NAME), or catch its next start with --wait NAME.\n`,
    );
  },
);

it.each([["perf events", []] as const, ["the pagemap", ["no-perf"]] as const])(
  "somebody else's process is refused with its owner, with %s",
  (_, [filter]) => {
    const folder = join(work, `other-${String(filter)}`);
    const { status, stderr } = run(
      [...NOBODY, ...(filter === undefined ? [] : [noPerf])],
      ...["record", "-o", folder, "--pid", "1"],
    );
    if (filter !== undefined) expect(existsSync(folder)).toBe(false);
    expect(status).toBe(2);
    expect(stderr).toContain("Process 1 belongs to root, and you may trace only your own: run the trace elevated.\n");
  },
);

it("rings over the budget of an ordinary user are told with the size that fits", () => {
  const { status, stderr } = run(
    ["prlimit", "--memlock=0:0", ...NOBODY],
    ...["record", "--ring", "16384", "-o", join(work, "rings"), "--", "true"],
  );
  expect(status).toBe(2);
  expect(stderr).toMatch(/^faultline: Rings of 16384 pages do not fit .*\n {2}With a smaller ring: add --ring \d+\n/);
});

it("too few open files for all threads are told with the limit", () => {
  const target = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"], { stdio: "ignore" });
  try {
    const { status, stderr } = run(
      ["prlimit", "--nofile=64:64"],
      ...["record", "-o", join(work, "files"), "--pid", String(target.pid)],
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^faultline: The trace needs more open files than the 64 allowed here, .*\n {2}For this trace only:\n {4}sudo prlimit --nofile=65536:65536 \S+ \S+cli.js record -o /,
    );
  } finally {
    target.kill();
  }
});

it("too few open files for the events of a launch are told, and the program is not started", () => {
  const folder = join(work, "few");
  // What the rings need and a little more: the events do not fit.
  const needed = (limit: number): SpawnSyncReturns<string> =>
    run(["prlimit", `--nofile=${limit}:${limit}`], "record", "-o", folder, "--", "echo", "started");
  const results = [24, 26, 28, 30].map(needed).filter(({ stdout }) => stdout === "");
  expect(results.length).toBeGreaterThan(1);
  for (const { status, stdout, stderr } of results) {
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^faultline: The trace needs more open files than the \d+ allowed here/);
  }
});

it("tracepoints are refused to an ordinary user with a way to have them", () => {
  const { status, stderr } = run(NOBODY, "record", "--access", "-o", join(work, "access"), "--", "true");
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /^faultline: --access needs the kernel's tracepoints, which are root's: .*\n {2}For this trace/,
  );
});

it("a program with a setuid bit is recorded as far as the kernel lets, and named", () => {
  const folder = join(work, "bin");
  mkdirSync(folder);
  const program = join(folder, "id");
  copyFileSync("/usr/bin/id", program);
  chmodSync(program, 0o4755);
  const { status, stdout, stderr } = run(NOBODY, "record", "-o", join(work, "setuid"), "--", program, "-u");
  expect({ status, stdout }).toEqual({ status: 0, stdout: "0\n" });
  expect(stderr).toContain(`${program} runs with more rights than its caller`);
});
