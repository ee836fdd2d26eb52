import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileSupport, installFaultline, type Installed } from "../support/faultline.js";

const NOBODY = 65_534;
/** As a login gives them, and one a user gets only by logging in again. */
const GROUPS = "65534,4,24";

/**
 * In a mount namespace of its own sudo trusts nobody, so that the machine's rules stay as they are; then everything is
 * done by nobody: $1 is the folder to stand in, the rest the command.
 */
const AS_NOBODY = `
mount -t tmpfs -o mode=0750 none /etc/sudoers.d &&
echo 'nobody ALL=(ALL) NOPASSWD: SETENV: ALL' > /etc/sudoers.d/test && chmod 0440 /etc/sudoers.d/test &&
cd "$1" && shift &&
exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --groups=${GROUPS} "$@"`;

let faultline: Installed;
let noPerf: string;
let work: string;

beforeAll(async () => {
  faultline = await installFaultline();
  noPerf = compileSupport("no-perf", faultline.folder);
  work = mkdtempSync(join(tmpdir(), "faultline-elevated-"));
  chownSync(work, NOBODY, NOBODY);
});

afterAll(() => {
  faultline.remove();
  rmSync(work, { recursive: true, force: true });
});

function asNobody(...command: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync("unshare", ["-m", "sh", "-c", AS_NOBODY, "sh", work, ...command], {
    encoding: "utf8",
    timeout: 30_000,
    env: { PATH: "/usr/bin:/bin", HOME: "/home/somebody", MINE: "kept, by nobody's wish", LANG: "C.UTF-8" },
  });
}

function recordElevated(prefix: readonly string[], ...args: readonly string[]): SpawnSyncReturns<string> {
  // The shell stays: sudo itself no longer knows which groups its caller had.
  const kept = ["sh", "-c", 'sudo "$@"; exit $?', "sh"];
  return asNobody(...kept, ...prefix, process.execPath, faultline.cli, "record", ...args);
}

describe.each([
  ["perf events", (): string[] => []],
  ["the pagemap", (): string[] => [noPerf]],
])("elevated, by %s", (how, prefix) => {
  const folder = (name: string): string => join(work, `${name}-${how.replace(" ", "-")}`);

  it("id prints the caller, groups and all", () => {
    const untraced = asNobody("id");
    const traced = recordElevated(prefix(), "-o", folder("id"), "--", "id");
    expect(traced.stderr).toMatch(/Trace: /);
    expect({ out: traced.stdout, status: traced.status }).toEqual({ out: untraced.stdout, status: 0 });
    expect(traced.stdout).toContain("uid=65534(nobody)");
    expect(traced.stdout).toContain("4(adm)");
  });

  it("capabilities, no_new_privs and the working directory are the caller's", () => {
    const command = ["sh", "-c", "grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status; pwd"];
    const filter = prefix();
    // Under a filter the untraced one is too; only root could put it there without no_new_privs.
    const untraced = asNobody(
      "sudo",
      ...filter,
      "setpriv",
      `--reuid=${NOBODY}`,
      `--regid=${NOBODY}`,
      "--clear-groups",
      ...command,
    );
    const traced = recordElevated(filter, "-o", folder("caps"), "--", ...command);
    expect(traced.stdout).toBe(untraced.stdout);
    expect(traced.stdout).toContain("CapEff:\t0000000000000000\n");
    expect(traced.stdout.trim().split("\n").at(-1)).toBe(work);
  });

  it("the environment is the caller's, not the one sudo made", () => {
    const { stdout } = recordElevated(["TYPED=here too", ...prefix()], "-o", folder("env"), "--", "env");
    const names = Object.fromEntries(stdout.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)));
    expect(names).toMatchObject({ MINE: "kept, by nobody's wish", HOME: "/home/somebody", TYPED: "here too" });
    expect(Object.keys(names).filter((name) => name.startsWith("SUDO_"))).toEqual([]);
  });

  it("the trace belongs to the caller, and to nobody else", () => {
    const path = folder("owner");
    recordElevated(prefix(), "-o", path, "--", "true");
    const { uid, gid, mode } = statSync(path);
    expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: NOBODY, gid: NOBODY, mode: 0o700 });
    const files = readdirSync(path);
    expect(files).toContain("run.json");
    for (const name of files) expect(statSync(join(path, name)), name).toMatchObject({ uid: NOBODY, gid: NOBODY });
    expect(asNobody("cat", join(path, "run.json")).status).toBe(0);
  });

  it("what the target writes is the caller's too", () => {
    const file = join(work, `written-${how.replace(" ", "-")}`);
    recordElevated(prefix(), "-o", folder("writes"), "--", "touch", file);
    expect(statSync(file).uid).toBe(NOBODY);
  });

  it("a link in the caller's folder does not lead root to write elsewhere", () => {
    const secret = mkdtempSync(join(tmpdir(), "faultline-secret-"));
    try {
      chmodSync(secret, 0o700);
      const link = folder("link");
      symlinkSync(join(secret, "trace"), link);
      const { status, stderr } = recordElevated(prefix(), "-o", link, "--", "true");
      expect(status).toBe(2);
      expect(stderr).toMatch(/^faultline: Cannot .*\((EACCES|EEXIST)\)/m);
      expect(readdirSync(secret)).toEqual([]);
    } finally {
      rmSync(secret, { recursive: true });
    }
  });

  it("a program only root may execute stays out of reach", () => {
    const program = join(work, `rootly-${how.replace(" ", "-")}.sh`);
    writeFileSync(program, "#!/bin/sh\nid\n");
    chmodSync(program, 0o700);
    chownSync(program, 0, 0);
    const { status, stdout, stderr } = recordElevated(prefix(), "-o", folder("rootly"), "--", program);
    expect({ status, stdout }, stderr).toEqual({ status: 126, stdout: "" });
  });

  it("the exit code is the target's", () => {
    expect(recordElevated(prefix(), "-o", folder("exit"), "--", "sh", "-c", "exit 42").status).toBe(42);
  });
});

it("without a shell of the caller's the groups are those of the account, never root's", () => {
  const args = ["record", "-o", join(work, "bare"), "--", "id"];
  const { stdout } = asNobody("sudo", process.execPath, faultline.cli, ...args);
  expect(stdout).toBe("uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)\n");
});

it("elevated, faults in system calls are recorded and not told as missing", () => {
  const path = join(work, "kernel");
  const { stderr } = recordElevated([], "-o", path, "--", "head", "-c", "1000000", "/dev/zero");
  expect(stderr).not.toContain("inside system calls");
  expect(JSON.parse(readFileSync(join(path, "run.json"), "utf8"))).toMatchObject({ userOnly: false });
});

it("a setuid program started by an elevated trace's target keeps its rights", () => {
  const { stdout } = recordElevated([], "-o", join(work, "nested"), "--", "sudo", "id", "-u");
  expect(stdout).toBe("0\n");
});

it("without -o the default folder is made as the caller", () => {
  const home = join(work, "home");
  mkdirSync(home);
  chownSync(home, NOBODY, NOBODY);
  asNobody("sh", "-c", `cd ${home} && sudo ${process.execPath} ${faultline.cli} record -- true`);
  expect(existsSync(join(home, ".faultline", "traces"))).toBe(true);
  for (const name of readdirSync(home, { recursive: true, encoding: "utf8" })) {
    expect(statSync(join(home, name)).uid, name).toBe(NOBODY);
  }
});
