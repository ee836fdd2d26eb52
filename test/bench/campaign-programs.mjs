// What the benches of lock sets share: programs nobody here wrote, each with an interval, and what a search came to.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cli, fail, root, scratch } from "./measure.mjs";

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

/**
 * Those that are installed. `folder` has a project of the program; `start` is its command line; `running`: a process of
 * it that runs already can be given its interval; `rootOnly`: it ends at once for anybody else.
 */
export function campaignPrograms() {
  const example = join(scratch, "input-thread");
  cpSync(join(root, "examples/input-thread"), example, {
    recursive: true,
    filter: (path) => !/\/(build|\.faultline)$/.test(path),
  });
  execFileSync("make", ["-s", "-C", example]);
  const server = ["redis-server", "--port", String(PORT), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const loop = ["/usr/bin/python3", "loop.py"];
  const periodic = ["cyclictest", "-t1", "-i", "10000", "-q", "-D", "600"];
  return [
    { name: "examples/input-thread, one event", folder: example, start: ["build/input-thread", "--ack", "-", "-"] },
    {
      name: "redis-server, one GET",
      start: server,
      running: true,
      folder: project(server, {
        stimuli: [{ name: "get", bytes: hex("GET key\r\n"), to: `tcp:127.0.0.1:${PORT}` }],
        intervals: [{ name: "one GET", from: { stimulus: "get" }, to: { output: "\r\n", on: "answer" } }],
      }),
    },
    {
      name: "python3, one iteration of a loop",
      start: loop,
      folder: project(loop, {
        stimuli: [{ name: "line", bytes: hex("hello\n") }],
        intervals: [{ name: "one iteration", from: { stimulus: "line" }, to: { output: "done" } }],
      }),
    },
    {
      name: "cyclictest, 100 ms of it",
      start: periodic,
      running: true,
      rootOnly: true,
      folder: project(periodic, { intervals: [{ name: "100 ms", from: { afterMs: 500 }, to: { afterMs: 600 } }] }),
    },
  ].filter(({ start: [program] }) => program.includes("/") || spawnSync("which", [program]).status === 0);
}

/** A folder with a project of this program. */
export function project([program, ...args], description) {
  const folder = mkdtempSync(join(scratch, "program-"));
  writeFileSync(join(folder, "faultline.json"), JSON.stringify({ program, arguments: args, ...description }));
  writeFileSync(join(folder, "loop.py"), LOOP);
  return folder;
}

/** `faultline lockset` of the folder's project: the set, its evidence in numbers, and the seconds it took. */
export function search({ name, folder }, wrapper = []) {
  rmSync(join(folder, ".faultline"), { recursive: true, force: true });
  const argv = [...wrapper, process.execPath, cli, "lockset", "--json", "--quiet"];
  const begun = performance.now();
  const { stdout, stderr } = spawnSync(argv[0], argv.slice(1), { cwd: folder, encoding: "utf8" });
  const seconds = (performance.now() - begun) / 1000;
  if (stdout === "") fail(`${name}: ${stderr}`);
  const set = JSON.parse(stdout);
  const { evidence } = JSON.parse(readFileSync(join(set.tracePath, "lockset.json"), "utf8"));
  const intervals = evidence.intervals.reduce((sum, { runs }) => sum + runs, 0);
  return { set, seconds, intervals, mappings: wholeMappings(evidence) };
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

/** Seconds until 1 GiB of a file that a program has mapped and touched is out of memory, verified page by page. */
export function evictionsOfOneGigabyte(rounds) {
  const [file, program] = [join(scratch, "gigabyte"), join(scratch, "mapped-file")];
  execFileSync("gcc", ["-O", "-o", program, join(root, "test/support/mapped-file.c")]);
  const make = 'head -c 20480 /dev/zero > "$1"; printf "done\\n" >> "$1"; truncate -s 1G "$1"; sync "$1"';
  execFileSync("sh", ["-c", make, "sh", file]);
  const folder = project([program, file], {
    stimuli: [{ name: "byte", bytes: "0a" }],
    intervals: [{ name: "one byte", from: { stimulus: "byte" }, to: { output: "done\n" } }],
  });
  const argv = [cli, "prove", "--json", "--quiet", "--intervals", "1", "--warm-up", "1"];
  const runs = Array.from({ length: rounds }, () => {
    const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8" });
    if (stdout === "") fail(stderr);
    const { before, after, milliseconds } = JSON.parse(stdout).evidence.intervals[0].eviction;
    return { pages: before - after, seconds: milliseconds / 1000 };
  });
  rmSync(file, { force: true });
  return runs;
}

export function kib(bytes) {
  return `${Math.round(bytes / 1024).toLocaleString("en-US")} kB`;
}

function hex(text) {
  return Buffer.from(text)
    .toString("hex")
    .replace(/..(?=.)/g, "$& ");
}
