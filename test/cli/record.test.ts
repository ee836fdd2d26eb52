import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../src/core/report/report.js";
import { installFaultline, type Installed } from "../support/faultline.js";

const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
let installed: Installed;
let folder: string;

beforeAll(async () => {
  installed = await installFaultline();
  folder = mkdtempSync(join(tmpdir(), "faultline-record-"));
  chmodSync(folder, 0o755);
  for (const name of ["storm", "threads"]) {
    const built = spawnSync("gcc", ["-O", "-Wall", "-pthread", "-o", join(folder, name), `test/support/${name}.c`]);
    expect(built.stderr.toString()).toBe("");
  }
});

afterAll(() => {
  installed.remove();
  rmSync(folder, { recursive: true, force: true });
});

interface Summary {
  readonly folder: string;
  readonly faults: { total: number; minor: number; major: number; refused?: number; lost: number };
  readonly rusage: { minor: number; major: number };
  readonly blind: readonly { kind: string }[];
}

function record(args: readonly string[], environment: NodeJS.ProcessEnv = {}, prefix: readonly string[] = []) {
  const [program = "", ...rest] = [...prefix, process.execPath, installed.cli, "record", ...args];
  return spawnSync(program, rest, { cwd: folder, encoding: "utf8", env: { ...process.env, ...environment } });
}

function summaryOf(stdout: string): Summary {
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Summary;
}

function perfLines(trace: string, ...fields: readonly string[]): string[] {
  const { stdout, status } = spawnSync("perf", ["script", "-i", join(trace, "perf.data"), ...fields], {
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  expect(status).toBe(0);
  return stdout.split("\n").filter((line) => line !== "");
}

function eventsIn(trace: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of perfLines(trace, "-F", "event")) {
    const name = line.trim().replace(/:$/, "");
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe.each([
  ["views of the rings", "0"],
  ["copies of the ring's words", "1"],
])("with %s", (_way, copying) => {
  it("every fault that was counted is in the file, and perf reads it", () => {
    const { stdout, status } = record(["--json", "-o", `all-${copying}`, "./storm", "50000"], {
      FAULTLINE_COPY_RINGS: copying,
    });
    expect(status).toBe(0);
    const { faults } = summaryOf(stdout);
    expect(faults.lost).toBe(0);
    expect(faults.minor).toBeGreaterThan(50_000);
    const counted = eventsIn(join(folder, `all-${copying}`));
    expect(counted["page-faults"]).toBe(faults.total);
    expect(counted["minor-faults"]).toBe(faults.minor);
    expect(counted["major-faults"] ?? 0).toBe(faults.major);
    const report = spawnSync("perf", ["report", "--stdio", "-i", join(folder, `all-${copying}`, "perf.data")]);
    expect(report.status).toBe(0);
  });
});

it("perf stat inside the trace counts what the trace holds", () => {
  const { stderr } = record([
    "-o",
    "stat",
    "perf",
    "stat",
    "-x,",
    "-o",
    "stat.csv",
    "-e",
    "minor-faults,major-faults",
    "--",
    "sh",
    "-c",
    "ls /; ls /etc | wc -l",
  ]);
  expect(stderr).toContain(" 0 lost");
  const perf = readFileSync(join(folder, "stat.csv"), "utf8").split("\n");
  const wanted = perf.flatMap((line) => (line.includes("-faults") ? [Number(line.split(",")[0])] : []));
  expect(faultsBelowFirstChild(join(folder, "stat"))).toEqual(wanted);
});

/** Completed faults of the first process that perf stat started, from its exec on, and of its children. */
function faultsBelowFirstChild(trace: string): [number, number] {
  const parents = new Map<number, number>();
  const counted: [number, number] = [0, 0];
  let top: number | undefined;
  let first: number | undefined;
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && first !== undefined && (pid === first || isBelow(parents.get(pid)));
  for (const line of perfLines(trace, "--show-task-events", "-F", "pid,tid,time,event")) {
    const fork = /FORK\((\d+):\d+\):\((\d+):/.exec(line);
    if (fork !== null && fork[1] !== fork[2]) parents.set(Number(fork[1]), Number(fork[2]));
    const exec = Number(/COMM exec: .*:(\d+)\/\d+/.exec(line)?.[1] ?? NaN);
    if (exec > 0 && top === undefined) top = exec;
    else if (exec > 0 && parents.get(exec) === top) first ??= exec;
    const [, pid, kind] = /^\s*(\d+)\/\d+ .*: +(minor|major)-faults/.exec(line) ?? [];
    if (isBelow(Number(pid ?? NaN))) counted[kind === "minor" ? 0 : 1]++;
  }
  return counted;
}

it("--light records ends only and says that service times are missing", () => {
  const { stdout } = record(["--light", "--json", "-o", "light", "./storm", "1000"]);
  const { faults, blind } = summaryOf(stdout);
  expect(faults.refused).toBeUndefined();
  expect(blind.map(({ kind }) => kind)).toContain("service-time");
  const counted = eventsIn(join(folder, "light"));
  expect(counted["page-faults"]).toBeUndefined();
  expect(counted["minor-faults"]).toBe(faults.minor);
});

it.each([
  ["the begin", [], "page-faults"],
  ["the end where there is no begin", ["--light"], "minor-faults"],
])("--callchains gives %s a chain", (_what, light, event) => {
  record(["--callchains", ...light, "-o", "chains", "./storm", "10"]);
  const text = perfLines(join(folder, "chains"), "-F", "event,ip,sym").join("\n");
  expect(text).toMatch(new RegExp(`${event}: *\\n\\s+[0-9a-f]+ main\\n`));
});

it("--access adds the error code of each fault, in a file perf can decode", () => {
  record(["--access", "-o", "access", "./storm", "10"]);
  const lines = perfLines(join(folder, "access"), "-F", "event,trace");
  expect(lines.filter((line) => /page_fault_user.*error_code=0x[0-9a-f]+/.test(line)).length).toBeGreaterThan(10);
});

it("a fault that is refused is counted apart, and the program's signal is ours", () => {
  const { stdout, signal } = record(["--json", "-o", "refused", "./storm", "100", "crash"]);
  expect(signal).toBe("SIGSEGV");
  expect(summaryOf(stdout).faults.refused).toBe(1);
});

it("a storm with the smallest rings loses records and says how many", () => {
  const { stdout } = record(["--ring", "1", "--json", "-o", "lossy", "./storm", "200000"]);
  const { faults } = summaryOf(stdout);
  const kept = Object.values(eventsIn(join(folder, "lossy"))).reduce((sum, count) => sum + count, 0);
  const begins = faults.total + (faults.refused ?? 0);
  expect(faults.lost).toBeGreaterThan(0);
  // Lost side-band records (mappings, names) are counted as lost too.
  expect(kept + faults.lost).toBeGreaterThanOrEqual(begins + faults.total);
  expect(kept + faults.lost - begins - faults.total).toBeLessThan(100);
});

describe("the target", () => {
  it("exits with its own code", () => {
    expect(record(["-o", "code", "sh", "-c", "exit 7"]).status).toBe(7);
  });

  it("is found like a shell finds it, or refused with the shell's code", () => {
    expect(record(["no-such-program"])).toMatchObject({
      status: 127,
      stderr: expect.stringMatching(/^faultline: .*no-such-program/),
    });
    expect(record(["/etc/passwd"]).status).toBe(126);
    expect(record(["/tmp"]).status).toBe(126);
    writeFileSync(join(folder, "no-first-line"), 'echo "ran with $1"\n', { mode: 0o755 });
    expect(record(["-o", "script", "./no-first-line", "3"]).stdout).toBe("ran with 3\n");
    expect(readdirSync(join(folder)).includes(".faultline") && traces().includes("no-such-program")).toBe(false);
  });

  it("has the environment, files, signals and limits it would have had", () => {
    const script = join(folder, "surroundings.sh");
    writeFileSync(
      script,
      [
        "env | sort | grep -v '^_='",
        "for fd in 0 3 4 5; do readlink /proc/$$/fd/$fd; done",
        "grep -E '^Sig(Blk|Ign|Cgt)' /proc/$$/status",
        "pwd; ulimit -Sn; nice; cat /proc/$$/oom_score_adj; ps -o pgid= -p $$ | wc -l",
      ].join("\n"),
    );
    const run = (command: string) =>
      spawnSync("bash", ["-c", `ulimit -Sn 777; exec 4</etc/passwd 5</dev/null; ${command} </etc/hosts`], {
        cwd: folder,
        encoding: "utf8",
        env: { ...process.env, ODD: "a\nb" },
      }).stdout;
    const us = `env ELECTRON_RUN_AS_NODE=1 ${process.execPath} ${installed.cli} record -o same`;
    const plain = run(`bash ${script}`);
    expect(plain).toContain("777\n");
    expect(plain).toContain("/etc/passwd\n");
    expect(run(`${us} bash ${script} 2>/dev/null`)).toBe(plain);
  });

  it("may be a thousand short-lived children, or end at once", () => {
    const many = record(["--json", "-o", "many", "sh", "-c", "i=0; while [ $i -lt 1000 ]; do (:) ; i=$((i+1)); done"]);
    const { faults } = summaryOf(many.stdout);
    expect(faults.lost).toBe(0);
    expect(eventsIn(join(folder, "many"))["minor-faults"]).toBe(faults.minor);
    expect(faults.minor).toBeGreaterThan(10_000);
    expect(record(["-o", "at-once", "/bin/true"]).status).toBe(0);
  });

  it("is told SIGTERM through us, and ended when its time is over", async () => {
    const child = start(["-o", "term", "sh", "-c", "trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done"]);
    await once(child.stdout!, "data");
    child.kill("SIGTERM");
    expect((await once(child, "exit"))[0]).toBe(9);
    expect(record(["--for", "0.3", "-o", "time", "sleep", "60"]).signal).toBe("SIGTERM");
  });
});

function traces(): string {
  const path = join(folder, ".faultline", "traces");
  return existsSync(path) ? readdirSync(path).join(" ") : "";
}

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [installed.cli, "record", ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
}

describe("a running process", () => {
  it("is recorded with all its threads for a while, and left as it was", async () => {
    const target = spawn(join(folder, "threads"), ["200"]);
    await sleep(500);
    const { stdout, status } = record(["--pid", String(target.pid), "--for", "1", "--json", "-o", "attached"]);
    expect(status).toBe(0);
    const { faults, rusage } = summaryOf(stdout);
    expect(faults.lost).toBe(0);
    const tids = new Set(perfLines(join(folder, "attached"), "-F", "tid"));
    expect(tids.size).toBeGreaterThanOrEqual(200);
    // The counters are read a moment before and after the events are on.
    expect(faults.minor).toBeLessThanOrEqual(rusage.minor);
    expect(faults.minor).toBeGreaterThan(0.8 * rusage.minor);
    const events = eventsIn(join(folder, "attached"));
    expect(events["minor-faults"]).toBe(faults.minor);
    const mappings = perfLines(join(folder, "attached"), "--show-mmap-events").filter((line) => line.includes("MMAP2"));
    expect(mappings.some((line) => /<[0-9a-f]{40}>.*r-xp .*\/threads$/.test(line))).toBe(true);
    expect(target.exitCode).toBeNull();
    target.kill();
  });

  it("ends the recording when it ends, or Ctrl-C does", async () => {
    const short = spawn("sleep", ["1"]);
    expect(record(["--pid", String(short.pid), "-o", "ended"]).status).toBe(0);
    const long = spawn("sleep", ["60"]);
    const child = start(["--pid", String(long.pid), "-o", "interrupted"]);
    await until(() => existsSync(join(folder, "interrupted", "run.json")));
    child.kill("SIGINT");
    expect((await once(child, "exit"))[0]).toBe(0);
    long.kill();
  });

  it("that is gone is refused in one sentence", () => {
    const { pid } = spawnSync("true");
    const { status, stderr } = record(["--pid", String(pid), "-o", "gone"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^faultline: There is no process/);
  });

  it("is waited for by its name", async () => {
    const child = start(["--wait", "threads", "--for", "0.5", "--json", "-o", "waited"]);
    await once(child.stderr!, "data");
    const target = spawn(join(folder, "threads"), ["3"]);
    const text = String((await once(child.stdout!, "data"))[0]);
    expect(summaryOf(text).faults.minor).toBeGreaterThan(30);
    target.kill();
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !condition(); await sleep(5)) expect(Date.now()).toBeLessThan(end);
}

describe("what may happen to a recording", () => {
  it("the recorder is killed at any moment: both tools open what was written", async () => {
    for (let round = 0; round < 20; round++) {
      const trace = join(folder, `killed-${round}`);
      const child = start(["-o", trace, "./storm", "120000"], { FAULTLINE_COPY_RINGS: String(round % 2) });
      await until(() => existsSync(join(trace, "perf.data")));
      await sleep((round * 13) % 180);
      child.kill("SIGKILL");
      await once(child, "exit");
      const bytes = statSync(join(trace, "perf.data")).size;
      const lines = perfLines(trace, "-F", "tid,time,ip,addr");
      // 56 bytes a sample: the file is samples but for its header and mappings, and the drain it was killed in.
      expect(lines.length).toBeGreaterThan((bytes - 2 ** 20) / 57);
      const report = spawnSync("perf", ["report", "--stdio", "-i", join(trace, "perf.data")], { encoding: "utf8" });
      if (lines.length > 0) expect(report.status).toBe(0);
      rmSync(trace, { recursive: true, force: true });
    }
  });

  it.runIf(process.getuid?.() === 0)(
    "the disk is full: one sentence, the target runs on, nothing written is lost",
    () => {
      const mount = join(folder, "small");
      mkdirSync(mount);
      expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "none", mount]).status).toBe(0);
      try {
        const { status, stdout, stderr } = record(["--json", "-o", "small/t", "./storm", "300000"]);
        expect(status).toBe(0);
        expect(stderr.match(/ENOSPC/g)).toHaveLength(1);
        const { faults, rusage } = summaryOf(stdout);
        expect(rusage.minor).toBeGreaterThan(300_000);
        const kept = perfLines(join(mount, "t"), "-F", "tid").length;
        expect(kept).toBeGreaterThan(10_000);
        // Begins are switched off before ends: the few between the two have an end only.
        expect(2 * faults.total + (faults.refused ?? 0) - kept - faults.lost).toBeLessThan(500);
        expect(kept + faults.lost).toBeLessThanOrEqual(2 * faults.total + (faults.refused ?? 0));
      } finally {
        spawnSync("umount", [mount]);
      }
    },
  );

  it.runIf(process.getuid?.() === 0)("a disk without room for anything is told before the program starts", () => {
    onDiskWith(0, (trace) => {
      const { status, stderr } = record(["-o", trace, "touch", "started"]);
      expect(status).toBe(2);
      expect(stderr).toMatch(/^faultline: The trace cannot be written to .*ENOSPC.*\n$/);
      expect(existsSync(join(folder, "started"))).toBe(false);
    });
  });

  it.runIf(process.getuid?.() === 0).each([3, 6, 12, 24, 40])(
    "a disk with room for %i pages: what found room is shown, and that it is not all",
    (pages) => {
      onDiskWith(pages, (trace) => {
        const { status, stderr } = record(["-o", trace, "./storm", "2000"]);
        expect(stderr).not.toMatch(/^ +at /m);
        if (status === 2) return;
        expect(status).toBe(0);
        expect(readdirSync(trace)).not.toContain("run.json.new");
        const { faults, completeness } = report(trace);
        expect(faults.total).toBeLessThan(2000);
        expect(completeness.complete).toBe(false);
        if (existsSync(join(trace, "run.json"))) expect(faults.lost).toBeGreaterThan(1000);
      });
    },
  );

  it("a recorder that was killed is told by the report", async () => {
    const trace = join(folder, "killed-idle");
    const child = start(["-o", trace, "sleep", "5"]);
    await until(() => existsSync(join(trace, "run.json")));
    child.kill("SIGKILL");
    await once(child, "exit");
    const { completeness } = report(trace);
    expect(completeness.complete).toBe(false);
    expect(completeness.notes.map(({ code }) => code)).toContain("interrupted");
  });
});

/** A file system of that many free pages, as a folder to record into. */
function onDiskWith(pages: number, work: (trace: string) => void): void {
  const mount = mkdtempSync(join(folder, "full-"));
  expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", mount]).status).toBe(0);
  try {
    writeFileSync(join(mount, "fill"), Buffer.alloc(2 ** 20 - pages * 4096));
    work(join(mount, "t"));
  } finally {
    spawnSync("umount", [mount]);
  }
}

it("who reads along with --live may leave: program and recording go on", () => {
  const trace = join(folder, "left");
  const line = `"$0" "$1" record --live -o left -- sh -c './storm 3000 >/dev/null; sleep 0.5; ./storm 3000 >/dev/null' 2>&1 | head -1`;
  const { status } = spawnSync("bash", ["-o", "pipefail", "-c", line, process.execPath, installed.cli], {
    cwd: folder,
  });
  expect(status).toBe(0);
  const { faults, completeness } = report(trace);
  expect(faults.total).toBeGreaterThan(6000);
  expect(completeness.complete).toBe(true);
});

function report(trace: string): Pick<Report, "faults" | "completeness"> {
  const { stdout } = spawnSync(process.execPath, [installed.cli, "report", trace, "--json"], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(stdout) as Report;
}

describe("without privilege", () => {
  it("user-mode faults are recorded, and what is missing is said", () => {
    const home = mkdtempSync(join(tmpdir(), "faultline-nobody-"));
    chownSync(home, 65534, 65534);
    try {
      const { status, stdout, stderr } = record(["--json", "-o", join(home, "t"), "./storm", "1000"], {}, NOBODY);
      expect(status).toBe(0);
      expect(stderr).toContain("inside system calls are not shown");
      const { faults, blind } = summaryOf(stdout);
      expect(faults.minor).toBeGreaterThan(1000);
      expect(blind).toContainEqual({ kind: "kernel-mode", reason: "unprivileged" });
      expect(statSync(join(home, "t")).mode & 0o777).toBe(0o700);
      expect(record(["--access", "true"], {}, NOBODY)).toMatchObject({ status: 2 });
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});

describe("the command line", () => {
  it.each([
    [["--bogus"], "--bogus"],
    [["--ring", "3", "true"], "power of two"],
    [["--for", "soon", "true"], "number of seconds"],
    [["--for", "-1", "true"], "--for"],
    [["--", ""], "name is empty"],
    [["--pid", "x"], "--pid"],
    [["--pid", "1", "true"], "one thing"],
    [["-o", "/proc/x", "true"], "/proc/x"],
    [["-o", "/etc", "true"], "no trace folder"],
    [["-o", "/etc/passwd/x", "true"], "not a folder"],
  ])("refuses %j in one sentence", (args, sentence) => {
    const { status, stderr } = record(args);
    expect(status).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("takes the program from faultline.json when none is named", () => {
    const project = join(folder, "project");
    mkdirSync(join(project, "work"), { recursive: true });
    const content = {
      program: "sh",
      arguments: ["-c", 'echo "$GREETING from $(basename "$PWD"), ${TERM-no terminal}"'],
      environment: { GREETING: "hello", TERM: null },
      workingDirectory: "work",
    };
    writeFileSync(join(project, "faultline.json"), JSON.stringify(content));
    const { stdout, stderr } = spawnSync(process.execPath, [installed.cli, "record", "-o", resolve(folder, "named")], {
      cwd: project,
      encoding: "utf8",
    });
    expect(stdout).toBe("hello from work, no terminal\n");
    expect(stderr).toContain("faultline.json: sh -c");
  });

  it("shows no control character that a project file brings along", () => {
    const project = join(folder, "hostile-project");
    mkdirSync(project);
    const run = (content: string): string => {
      writeFileSync(join(project, "faultline.json"), content);
      return spawnSync(process.execPath, [installed.cli, "record"], { cwd: project, encoding: "utf8" }).stderr;
    };
    for (const content of [
      "\u001b]0;title\u0007",
      '{"program": "\\u001b[31mevil"}',
      '{"environment": {"\\u001b[2J": 5}}',
    ]) {
      const stderr = run(content);
      expect(stderr).toContain("\\u{1b}");
      expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    }
  });

  it("puts traces where git does not see them, and keeps names of variables only", () => {
    expect(record(["true"], { SECRET_TOKEN: "do-not-store" }).status).toBe(0);
    expect(readFileSync(join(folder, ".faultline", ".gitignore"), "utf8")).toBe("*\n");
    const [trace = ""] = readdirSync(join(folder, ".faultline", "traces"));
    expect(trace).toMatch(/^\d{8}T\d{6}Z-true$/);
    const run = readFileSync(join(folder, ".faultline", "traces", trace, "run.json"), "utf8");
    expect(run).toContain("SECRET_TOKEN");
    expect(run).not.toContain("do-not-store");
  });
});
