// Writes docs/lock-sets.md: what lock sets of real programs come to, how long they take to find, and what they save.
// Run from the project's folder after a build: node test/bench/lock-sets.mjs
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join, resolve } from "node:path";

const cli = resolve("dist/cli.js");
const scratch = mkdtempSync(join(tmpdir(), "faultline-lock-sets-"));
const NOBODY = [
  "setpriv",
  "--reuid=65534",
  "--regid=65534",
  "--clear-groups",
  "--inh-caps=-all",
  "--bounding-set=-all",
];

const LOOP = `import sys
state = {"n": 0, "names": []}

def step(line):
    state["n"] += 1
    state["names"] = [line.upper() for _ in range(10)]
    return sum(len(name) for name in state["names"])

for line in sys.stdin:
    print("done", step(line), flush=True)
`;

const programs = [
  { name: "examples/input-thread, one event", folder: example() },
  {
    name: "redis-server, one GET",
    folder: project({
      program: "redis-server",
      arguments: ["--port", "7391", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
      stimuli: [{ name: "get", bytes: hex("GET key\r\n"), to: "tcp:127.0.0.1:7391" }],
      intervals: [{ name: "one GET", from: { stimulus: "get" }, to: { output: "\r\n", on: "answer" } }],
    }),
  },
  {
    name: "python3, one iteration of a loop",
    folder: project(
      {
        program: "python3",
        arguments: ["loop.py"],
        stimuli: [{ name: "line", bytes: hex("hello\n") }],
        intervals: [{ name: "one iteration", from: { stimulus: "line" }, to: { output: "done" } }],
      },
      { "loop.py": LOOP },
    ),
  },
  {
    name: "cyclictest, 100 ms of it",
    rootOnly: true,
    folder: project({
      program: "cyclictest",
      arguments: ["-t1", "-i", "10000", "-q", "-D", "600"],
      intervals: [{ name: "100 ms", from: { afterMs: 500 }, to: { afterMs: 600 } }],
    }),
  },
];

try {
  const rows = programs.flatMap(({ name, folder, rootOnly }) => [
    row(name, "root", folder, []),
    ...(rootOnly === true ? [] : [row(name, "nobody", folder, NOBODY)]),
  ]);
  writeFileSync("docs/lock-sets.md", page(rows, evictionOfOneGigabyte()));
  process.stdout.write(readFileSync("docs/lock-sets.md"));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function row(name, user, folder, wrapper) {
  rmSync(join(folder, ".faultline"), { recursive: true, force: true });
  execFileSync("chmod", ["-R", "a+rwX", folder]);
  const argv = [...wrapper, process.execPath, cli, "lockset", "--json", "--quiet"];
  const begun = performance.now();
  const { stdout, stderr, status } = spawnSync(argv[0], argv.slice(1), { cwd: folder, encoding: "utf8" });
  const seconds = (performance.now() - begun) / 1000;
  if (stdout === "") throw new Error(`${name} as ${user}: ${stderr}`);
  const set = JSON.parse(stdout);
  const { evidence } = JSON.parse(readFileSync(join(set.tracePath, "lockset.json"), "utf8"));
  const runs = evidence.intervals.reduce((sum, { runs: count }) => sum + count, 0);
  return { name, user, status, seconds, runs, set, mappings: wholeMappings(evidence) };
}

/** Seconds until 1 GiB of a file that a program has mapped and touched is out of memory, verified page by page. */
function evictionOfOneGigabyte() {
  const file = join(scratch, "gigabyte");
  const program = join(scratch, "mapped-file");
  execFileSync("gcc", ["-O", "-o", program, "test/support/mapped-file.c"]);
  execFileSync("sh", [
    "-c",
    'head -c 20480 /dev/zero > "$1"; printf "done\\n" >> "$1"; truncate -s 1G "$1"; sync "$1"',
    "sh",
    file,
  ]);
  const folder = project({
    program,
    arguments: [file],
    stimuli: [{ name: "byte", bytes: "0a" }],
    intervals: [{ name: "one byte", from: { stimulus: "byte" }, to: { output: "done\n" } }],
  });
  const argv = [cli, "prove", "--json", "--quiet", "--intervals", "1", "--warm-up", "1"];
  const proof = JSON.parse(spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8" }).stdout);
  const { before, after, milliseconds } = proof.evidence.intervals[0].eviction;
  return { pages: before - after, seconds: milliseconds / 1000 };
}

/** Bytes of the mappings that hold a page of the set: what locking them whole would take. */
function wholeMappings({ maps, pages, pageSize }) {
  const kept = pages.filter(({ dropped }) => !dropped).map(({ page }) => page * pageSize);
  const merged = new Map();
  for (const line of maps.split("\n")) {
    const [, start, end, mode, path] = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+ *(.*)$/.exec(line) ?? [];
    if (start === undefined) continue;
    const [from, to] = [Number.parseInt(start, 16), Number.parseInt(end, 16)];
    // Locking splits mappings: pieces of one file with the same rights were one.
    const key = path === "" ? start : `${path} ${mode}`;
    const known = merged.get(key) ?? { bytes: 0, hit: false };
    merged.set(key, { bytes: known.bytes + to - from, hit: known.hit || kept.some((at) => at >= from && at < to) });
  }
  return [...merged.values()].filter(({ hit }) => hit).reduce((sum, { bytes }) => sum + bytes, 0);
}

function page(rows, eviction) {
  const lines = rows.map(
    ({ name, user, seconds, runs, set, mappings }) =>
      `| ${name} | ${user} | ${set.verdict} | ${set.pages} | ${kib(set.bytes)} | ${set.rounds.length} | ${runs} | ${set.faultsAfter} | ${seconds.toFixed(1)} s | ${kib(mappings)} | ${kib(set.whole.residentBytes)} / ${kib(set.whole.virtualBytes)} | ${gaps(set)} |`,
  );
  return `# Lock sets of real programs

Written by \`node test/bench/lock-sets.mjs\` on ${new Date().toISOString().slice(0, 10)}: Linux ${release()}, ${swap()}, RLIMIT_MEMLOCK ${limit()} for nobody.
Each set was found by \`faultline lockset\`: evict, run the interval, lock what faulted, until nothing faults; then each page
was unlocked alone and evicted, and went where no interval missed it; one that a single interval had missed with all others
locked stayed. "After" counts the faults of the last intervals, with the set locked and
everything else evicted before each one, by perf's events and the kernel's own counters. Locking the mappings whole is what a
person would do who knows which files are involved; mlockall(MCL_CURRENT) takes everything: in memory / virtual. That a set holds is also checked from outside, with another
tool that evicts, perf itself that counts, and each page left out once (\`test/cli/lockset-outside.test.ts\`): a page that only
one event in 64 needs is missed only by that one.

| program | as | verdict | pages | size | rounds | intervals run | after | time | whole mappings | mlockall | not covered |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${lines.join("\n")}

Evicting 1 GiB of a mapped file (${eviction.pages.toLocaleString("en-US")} pages), verified in pagemap: ${eviction.seconds.toFixed(2)} s.

"No swap" in the last column: private memory stayed where it was, because this machine has no swap it could go to; on a machine
with swap the set is larger by the private pages the interval touches. "Inside calls": without privilege perf does not see
faults that the kernel takes for the program; they were found by the kernel's counters and by comparing pagemap.
`;
}

function gaps({ gaps: found }) {
  const names = { "no-swap": "no swap", "no-kernel-events": "inside calls", "shared-with-others": "shared files" };
  return [...new Set(found.map(({ code }) => names[code] ?? code))].join(", ");
}

function kib(bytes) {
  return `${Math.round(bytes / 1024).toLocaleString("en-US")} kB`;
}

function hex(text) {
  return Buffer.from(text)
    .toString("hex")
    .replace(/..(?=.)/g, "$& ");
}

function swap() {
  return /^SwapTotal:\s+0 kB/m.test(readFileSync("/proc/meminfo", "utf8")) ? "no swap" : "with swap";
}

function limit() {
  const bytes = Number(/^Max locked memory\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);
  return Number.isNaN(bytes) ? "unlimited" : kib(bytes);
}

function project(description, files = {}) {
  const folder = mkdtempSync(join(scratch, "program-"));
  writeFileSync(join(folder, "faultline.json"), JSON.stringify(description));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

function example() {
  const folder = join(scratch, "input-thread");
  mkdirSync(scratch, { recursive: true });
  execFileSync("chmod", ["755", scratch]);
  const wanted = (path) => !/\/(build|\.faultline)$/.test(path);
  cpSync("examples/input-thread", folder, { recursive: true, filter: wanted });
  execFileSync("make", ["-s", "-C", folder]);
  if (!existsSync(join(folder, "build/input-thread"))) throw new Error("the example was not built");
  return folder;
}
