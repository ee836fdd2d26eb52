// Writes docs/lock-sets.md: what lock sets of real programs come to, how long they take to find, and what they save.
// Run from the project's folder after a build: node test/bench/lock-sets.mjs
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { campaignPrograms, evictionsOfOneGigabyte, kib, search } from "./campaign-programs.mjs";
import { cli, scratch } from "./measure.mjs";

const NOBODY = [
  "setpriv",
  "--reuid=65534",
  "--regid=65534",
  "--clear-groups",
  "--inh-caps=-all",
  "--bounding-set=-all",
];

chmodSync(scratch, 0o755);
const rows = [];
for (const program of campaignPrograms()) {
  for (const [user, wrapper] of [["root", []], ...(program.rootOnly === true ? [] : [["nobody", NOBODY]])]) {
    execFileSync("chmod", ["-R", "a+rwX", program.folder]);
    const found = search(program, wrapper);
    rows.push({
      ...found,
      name: program.name,
      user,
      proof: program.running ? await proofOf(program, found, wrapper) : "",
    });
  }
}
writeFileSync("docs/lock-sets.md", page(rows, evictionsOfOneGigabyte(1)[0]));
process.stdout.write(readFileSync("docs/lock-sets.md"));

/** The verdict on a process that had the set locked from outside. */
async function proofOf({ name, folder, start: [program, ...args] }, { set }, wrapper) {
  const file = join(folder, "set.json");
  writeFileSync(file, JSON.stringify(set));
  const argv = [...wrapper, program, ...args];
  const child = spawn(argv[0], argv.slice(1), { cwd: folder, stdio: ["pipe", "ignore", "inherit"] });
  try {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const faultline = (...words) => {
      const line = [...wrapper, process.execPath, cli, ...words, "--json"];
      // nobody has no home to note locks in.
      const env = { ...process.env, XDG_RUNTIME_DIR: folder };
      return spawnSync(line[0], line.slice(1), { cwd: folder, encoding: "utf8", env });
    };
    const locked = faultline("lock", "--pid", String(child.pid), "--set", file, "--yes");
    if (locked.status !== 0) throw new Error(`${name}: ${locked.stderr}`);
    const { stdout, stderr } = faultline("prove", "--pid", String(child.pid), "--quiet");
    if (stdout === "") throw new Error(`${name}: ${stderr}`);
    const { verdict, intervals, faults, evidence } = JSON.parse(stdout);
    const [first] = evidence.intervals.flatMap((interval) => interval.faults);
    const where = first === undefined ? "" : ` (${first.function ?? "?"} in ${first.object ?? "?"})`;
    return `${verdict}: ${faults} in ${intervals}${where}`;
  } finally {
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("close", resolve));
  }
}

function page(rows, eviction) {
  const lines = rows.map(
    ({ name, user, seconds, intervals, set, mappings, proof }) =>
      `| ${name} | ${user} | ${set.verdict} | ${set.pages} | ${kib(set.bytes)} | ${set.rounds.length} | ${intervals} | ${set.faultsAfter} | ${proof} | ${seconds.toFixed(1)} s | ${kib(mappings)} | ${kib(set.whole.residentBytes)} / ${kib(set.whole.virtualBytes)} | ${gaps(set)} |`,
  );
  return `# Lock sets of real programs

Written by \`node test/bench/lock-sets.mjs\` on ${new Date().toISOString().slice(0, 10)}: Linux ${release()}, ${swap()}, RLIMIT_MEMLOCK ${limit()} for nobody.
Each set was found by \`faultline lockset\`: evict, run the interval, lock what faulted, until nothing faults; then each page
was unlocked alone and evicted, and went where no interval missed it; one that a single interval had missed with all others
locked stayed. "After" counts the faults of the last intervals, with the set locked and
everything else evicted before each one, by perf's events and the kernel's own counters. "Proved running" is the verdict of
\`faultline prove --pid\` on another process of the program, after \`faultline lock --pid --set\`, with its faults and intervals;
programs that are sent their events by standard input have to be started for it. A fault there is a path rarer than the
intervals of the search (redis-server does other work ten times a second), or memory that was never touched before.
Locking the mappings whole is what a person would do who knows which files are involved; mlockall(MCL_CURRENT) takes
everything: in memory / virtual. That a set holds is also checked from outside, with another tool that evicts, perf itself
that counts, and each page left out once (\`test/cli/lockset-outside.test.ts\`): a page that only one event in 64 needs is
missed only by that one.

| program | as | verdict | pages | size | rounds | intervals run | after | proved running | time | whole mappings | mlockall | not covered |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${lines.join("\n")}

Evicting 1 GiB of a mapped file (${eviction.pages.toLocaleString("en-US")} pages), verified in pagemap: ${eviction.seconds.toFixed(2)} s.

"No swap" in the last column: private memory stayed where it was, because this machine has no swap it could go to; on a machine
with swap the set is larger by the private pages the interval touches. "Inside calls": without privilege perf does not see
faults that the kernel takes for the program; they were found by the kernel's counters and by comparing pagemap.
`;
}

function gaps({ gaps: found }) {
  const names = {
    "no-swap": "no swap",
    "touched-unswappable": "no swap",
    "no-kernel-events": "inside calls",
    "shared-with-others": "shared files",
  };
  return [...new Set(found.map(({ code }) => names[code] ?? code))].join(", ");
}

function swap() {
  return /^SwapTotal:\s+0 kB/m.test(readFileSync("/proc/meminfo", "utf8")) ? "no swap" : "with swap";
}

function limit() {
  const bytes = Number(/^Max locked memory\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);
  return Number.isNaN(bytes) ? "unlimited" : kib(bytes);
}
