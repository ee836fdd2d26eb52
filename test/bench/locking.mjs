// What finding a lock set takes, and what it saves against mlockall and against locking whole mappings.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { campaignPrograms, evictionsOfOneGigabyte, kib, search } from "./campaign-programs.mjs";
import { cli, median, table } from "./measure.mjs";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const HOW_OFTEN = ROUNDS === 1 ? "one run" : `medians of ${ROUNDS}`;

/** The flags of faultline lock --all. */
const FLAG_SETS = ["current", "current,future", "current,future,on-fault"];

export async function locking() {
  const sets = [];
  const flags = [];
  for (const program of campaignPrograms()) {
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
      `\`faultline lockset\` as root, ${HOW_OFTEN}; the time is from start to answer, the last clean intervals included. "After" is the most faults in them.`,
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
      `Pages of a mapped file taken out of memory and verified in pagemap, ${HOW_OFTEN}.`,
      ["size", "seconds", "seconds a GB"],
      [eviction()],
    ),
  ].join("\n");
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
    if (status !== 0) throw new Error(`${name}, ${flagSet}: ${stderr}`);
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

function eviction() {
  const runs = evictionsOfOneGigabyte(ROUNDS);
  const [bytes, seconds] = [median(runs.map(({ pages }) => pages * 4096)), median(runs.map((run) => run.seconds))];
  return [`${(bytes / 1e9).toFixed(2)} GB`, seconds.toFixed(2), (seconds / (bytes / 1e9)).toFixed(2)];
}

function bothSizes({ resident, charged }) {
  return `${kib(resident)} / ${kib(charged)}`;
}
