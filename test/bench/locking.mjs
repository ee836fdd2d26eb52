// What finding a lock set takes, and what it saves against mlockall and against locking whole mappings.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cli, fail, median, root, scratch, table } from "./measure.mjs";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const PORT = 7392;

const LOOP = `import sys
state = {"n": 0, "names": []}

def step(line):
    state["n"] += 1
    state["names"] = [line.upper() for _ in range(10)]
    return sum(len(name) for name in state["names"])

for line in sys.stdin:
    print("done", step(line), flush=True)
`;

/** The flags of faultline lock --all. */
const FLAG_SETS = ["current", "current,future", "current,future,on-fault"];

export async function locking() {
  const sets = [];
  const flags = [];
  for (const program of programs()) {
    const runs = Array.from({ length: ROUNDS }, () => search(program));
    sets.push([program.name, ...searchCells(runs)]);
    const whole = runs.at(-1).mappings;
    const locked = [];
    for (const flagSet of FLAG_SETS) locked.push(await lockedBy(program, flagSet));
    flags.push([program.name, kib(median(runs.map(({ set }) => set.bytes))), kib(whole), ...locked.map(bothSizes)]);
  }
  return [
    table(
      "Finding a lock set",
      `\`faultline lockset\` as root, medians of ${ROUNDS}; the time is from start to answer, the last clean intervals included. "After" is the most faults in them.`,
      ["program", "seconds", "rounds", "intervals run", "pages", "verdict", "after"],
      sets,
    ),
    table(
      "Bytes locked for zero faults",
      "The lock set; the mappings it has pages of, locked whole; mlockall by its flags, a second after the start (before the first event: a program that allocates in threads then has less than later): in memory / charged against RLIMIT_MEMLOCK (VmLck). Only what is in memory takes memory from others, but what is charged must fit the limit.",
      ["program", "lock set", "whole mappings", ...FLAG_SETS.map((set) => `mlockall ${set}`)],
      flags,
    ),
    table(
      "Evicting",
      `Pages of a mapped file taken out of memory and verified in pagemap, medians of ${ROUNDS}.`,
      ["size", "seconds", "seconds a GB"],
      [eviction()],
    ),
  ].join("\n");
}

function programs() {
  const example = join(scratch, "input-thread");
  cpSync(join(root, "examples/input-thread"), example, {
    recursive: true,
    filter: (path) => !/\/(build|\.faultline)$/.test(path),
  });
  execFileSync("make", ["-s", "-C", example]);
  const get = hex("GET key\r\n");
  const server = ["redis-server", "--port", String(PORT), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const periodic = ["cyclictest", "-t1", "-i", "10000", "-q", "-D", "600"];
  return [
    { name: "examples/input-thread, one event", folder: example, start: ["build/input-thread", "--ack", "-", "-"] },
    {
      name: "redis-server, one GET",
      start: server,
      folder: project(server, {
        stimuli: [{ name: "get", bytes: get, to: `tcp:127.0.0.1:${PORT}` }],
        intervals: [{ name: "one GET", from: { stimulus: "get" }, to: { output: "\r\n", on: "answer" } }],
      }),
    },
    {
      name: "python3, one iteration of a loop",
      start: ["/usr/bin/python3", "loop.py"],
      folder: project(["/usr/bin/python3", "loop.py"], {
        stimuli: [{ name: "line", bytes: hex("hello\n") }],
        intervals: [{ name: "one iteration", from: { stimulus: "line" }, to: { output: "done" } }],
      }),
    },
    {
      name: "cyclictest, 100 ms of it",
      start: periodic,
      folder: project(periodic, { intervals: [{ name: "100 ms", from: { afterMs: 500 }, to: { afterMs: 600 } }] }),
    },
  ].filter(({ start: [program] }) => program.includes("/") || spawnSync("which", [program]).status === 0);
}

function project([program, ...args], description) {
  const folder = mkdtempSync(join(scratch, "program-"));
  writeFileSync(join(folder, "faultline.json"), JSON.stringify({ program, arguments: args, ...description }));
  writeFileSync(join(folder, "loop.py"), LOOP);
  return folder;
}

function search({ name, folder }) {
  rmSync(join(folder, ".faultline"), { recursive: true, force: true });
  const begun = performance.now();
  const argv = [cli, "lockset", "--json", "--quiet"];
  const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8" });
  const seconds = (performance.now() - begun) / 1000;
  if (stdout === "") fail(`${name}: ${stderr}`);
  const set = JSON.parse(stdout);
  const { evidence } = JSON.parse(readFileSync(join(set.tracePath, "lockset.json"), "utf8"));
  const intervals = evidence.intervals.reduce((sum, { runs }) => sum + runs, 0);
  return { set, seconds, intervals, mappings: wholeMappings(evidence) };
}

function searchCells(runs) {
  const middle = (value) => median(runs.map(value));
  const verdicts = [...new Set(runs.map(({ set }) => set.verdict))].join(", ");
  return [
    middle(({ seconds }) => seconds).toFixed(1),
    String(middle(({ set }) => set.rounds.length)),
    String(middle(({ intervals }) => intervals)),
    String(middle(({ set }) => set.pages)),
    verdicts,
    String(Math.max(...runs.map(({ set }) => set.faultsAfter))),
  ];
}

/** What mlockall in the running program locks: in memory, and charged. */
async function lockedBy({ name, folder, start: [program, ...args] }, flagSet) {
  const child = spawn(program, args, { cwd: folder, stdio: ["pipe", "ignore", "inherit"] });
  try {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const pid = String(child.pid);
    const argv = [cli, "lock", "--pid", pid, "--all", flagSet, "--yes", "--json"];
    const { status, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
    if (status !== 0) fail(`${name}, ${flagSet}: ${stderr}`);
    const charged = /^VmLck:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return { resident: residentLocked(pid), charged: Number(charged[1]) * 1024 };
  } finally {
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("close", resolve));
  }
}

/** Rss of the mappings that are locked. */
function residentLocked(pid) {
  let resident = 0;
  let bytes = 0;
  for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
    const rss = /^Rss:\s+(\d+) kB/.exec(line);
    if (rss !== null) resident = Number(rss[1]) * 1024;
    if (/^VmFlags:.* lo( |$)/.test(line)) bytes += resident;
  }
  return bytes;
}

/** Bytes of the mappings that hold a page of the set. Locking splits mappings: pieces of one file with the same rights were one. */
function wholeMappings({ maps, pages, pageSize }) {
  const kept = pages.filter(({ dropped }) => !dropped).map(({ page }) => page * pageSize);
  const merged = new Map();
  for (const line of maps.split("\n")) {
    const [, start, end, mode, path] = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+ *(.*)$/.exec(line) ?? [];
    if (start === undefined) continue;
    const [from, to] = [Number.parseInt(start, 16), Number.parseInt(end, 16)];
    const key = path === "" ? start : `${path} ${mode}`;
    const known = merged.get(key) ?? { bytes: 0, hit: false };
    merged.set(key, { bytes: known.bytes + to - from, hit: known.hit || kept.some((at) => at >= from && at < to) });
  }
  return [...merged.values()].filter(({ hit }) => hit).reduce((sum, { bytes }) => sum + bytes, 0);
}

function eviction() {
  const [file, program] = [join(scratch, "gigabyte"), join(scratch, "mapped-file")];
  execFileSync("gcc", ["-O", "-o", program, join(root, "test/support/mapped-file.c")]);
  const make = 'head -c 20480 /dev/zero > "$1"; printf "done\\n" >> "$1"; truncate -s 1G "$1"; sync "$1"';
  execFileSync("sh", ["-c", make, "sh", file]);
  const folder = project([program, file], {
    stimuli: [{ name: "byte", bytes: "0a" }],
    intervals: [{ name: "one byte", from: { stimulus: "byte" }, to: { output: "done\n" } }],
  });
  const argv = [cli, "prove", "--json", "--quiet", "--intervals", "1", "--warm-up", "1"];
  const runs = Array.from({ length: ROUNDS }, () => {
    const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8" });
    if (stdout === "") fail(stderr);
    const { before, after, milliseconds } = JSON.parse(stdout).evidence.intervals[0].eviction;
    return { bytes: (before - after) * 4096, seconds: milliseconds / 1000 };
  });
  rmSync(file, { force: true });
  const [bytes, seconds] = [median(runs.map((run) => run.bytes)), median(runs.map((run) => run.seconds))];
  return [`${(bytes / 1e9).toFixed(2)} GB`, seconds.toFixed(2), (seconds / (bytes / 1e9)).toFixed(2)];
}

function bothSizes({ resident, charged }) {
  return `${kib(resident)} / ${kib(charged)}`;
}

function kib(bytes) {
  return `${Math.round(bytes / 1024).toLocaleString("en-US")} kB`;
}

function hex(text) {
  return Buffer.from(text)
    .toString("hex")
    .replace(/..(?=.)/g, "$& ");
}
