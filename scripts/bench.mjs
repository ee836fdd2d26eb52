// `npm run bench [-- NAME …]`: ours against perf, in the same run, medians of interleaved rounds, into docs/benchmarks.md;
// the editor in a real VS Code into docs/benchmarks-editor.md, what locking takes into docs/benchmarks-locking.md,
// linker scripts into docs/benchmarks-scripts.md, placements into docs/benchmarks-placement.md.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { join } from "node:path";
import {
  BEGIN_AND_ENDS,
  cli,
  compiled,
  ENDS,
  fail,
  interleavedRounds,
  median,
  pairedRatio,
  perfRecord,
  root,
  ROUNDS,
  run,
  scratch,
  table,
} from "../test/bench/measure.mjs";
import { editor } from "../test/bench/editor.mjs";
import { locking } from "../test/bench/locking.mjs";
import { placement } from "../test/bench/placement.mjs";
import { reading } from "../test/bench/reading.mjs";
import { script } from "../test/bench/script.mjs";
import { symbols } from "../test/bench/symbols.mjs";

const benches = { overhead, losses, reading, symbols };
/** Those with a page of their own. */
const pages = { editor, locking, placement, script };

if (!existsSync(cli)) fail("dist/cli.js is missing: npm run build");
const loadBefore = loadavg()[0];
const wanted = process.argv.slice(2);
for (const name of wanted)
  if (!(name in { ...benches, ...pages }))
    fail(`no bench "${name}": ${Object.keys({ ...benches, ...pages }).join(", ")}`);
const names = Object.keys(benches).filter((name) => wanted.length === 0 || wanted.includes(name));
if (names.length > 0) {
  const text = `${preamble()}\n${names.map((name) => benches[name]()).join("\n")}`;
  process.stdout.write(text);
  if (wanted.length === 0) writeFileSync(join(root, "docs/benchmarks.md"), text);
}
if (wanted.length === 0 || wanted.includes("editor")) {
  const text = `${editorPreamble()}\n${await editor()}`;
  process.stdout.write(text);
  writeFileSync(join(root, "docs/benchmarks-editor.md"), text);
}
if (wanted.length === 0 || wanted.includes("locking")) {
  const text = `${lockingPreamble()}\n${await locking()}`;
  process.stdout.write(text);
  writeFileSync(join(root, "docs/benchmarks-locking.md"), text);
}

if (wanted.length === 0 || wanted.includes("placement")) {
  const text = `${placementPreamble()}\n${await placement()}`;
  process.stdout.write(text);
  writeFileSync(join(root, "docs/benchmarks-placement.md"), text);
}

if (wanted.length === 0 || wanted.includes("script")) {
  const text = `${scriptPreamble()}\n${script()}`;
  process.stdout.write(text);
  writeFileSync(join(root, "docs/benchmarks-scripts.md"), text);
}

/** What tracing costs the traced program: its own CPU time, traced over untraced. */
function overhead() {
  const repeated = (times, line) => ["sh", "-c", `for i in $(seq ${times}); do ${line}; done`];
  const object = join(scratch, "x.o");
  const programs = {
    "a million faults on fresh memory": [compiled("storm"), "1000000"],
    "gcc -O2, 20 times": repeated(20, `gcc -O2 -c -o ${object} ${join(root, "examples/input-thread/pointer.c")}`),
    "python3 starts and imports, 8 times": repeated(8, "python3 -c 'import json, ssl, asyncio, unittest'"),
  };
  const cpuTime = compiled("cpu-time");
  const variants = {
    untraced: (argv) => argv,
    ours: (argv) => [process.execPath, cli, "record", "-o", join(scratch, "trace"), "--", ...argv],
    perf: (argv) => perfRecord(BEGIN_AND_ENDS, join(scratch, "perf.data"), argv),
    reporting: (argv) => [process.execPath, cli, "record", "--report", "-o", join(scratch, "trace"), "--", ...argv],
    oursLight: (argv) => [process.execPath, cli, "record", "--light", "-o", join(scratch, "trace"), "--", ...argv],
    perfLight: (argv) => perfRecord(ENDS, join(scratch, "perf.data"), argv),
  };
  const rows = Object.entries(programs).map(([title, argv]) => {
    const seconds = interleavedRounds(variants, (wrap) => cpuSeconds(wrap, cpuTime, argv));
    const ratio = (name, under = "untraced") => pairedRatio(seconds[name], seconds[under]);
    return [
      title,
      `${median(seconds.untraced).toFixed(2)} s`,
      ratio("ours").toFixed(2),
      ratio("perf").toFixed(2),
      ratio("ours", "perf").toFixed(3),
      ratio("reporting").toFixed(2),
      ratio("oursLight").toFixed(2),
      ratio("perfLight").toFixed(2),
      ratio("oursLight", "perfLight").toFixed(3),
    ];
  });
  return table(
    "What tracing costs the program",
    "CPU seconds of the program itself and its children, traced over untraced, medians of the ratios of each round; perf record with the same events (`begin + ends`: page-faults, minor-faults, major-faults; `ends`: the last two, our --light). Wanted: ours / perf ≤ 1.05.",
    [
      "program",
      "untraced",
      "ours, begin + ends",
      "perf",
      "ours / perf",
      "ours, --report",
      "ours, ends",
      "perf",
      "ours / perf",
    ],
    rows,
  );
}

/** Ten million faults, nothing lost. */
function losses() {
  const trace = join(scratch, "trace");
  const argv = [compiled("storm"), "10000000"];
  run([process.execPath, cli, "record", "-o", trace, "--", ...argv]);
  const { lost, ringPages } = JSON.parse(readFileSync(join(trace, "run.json"), "utf8"));
  const size = statSync(join(trace, "perf.data")).size;
  rmSync(trace, { recursive: true, force: true });
  return table(
    "Ten million faults without call chains",
    "Begin and end of each recorded; ring pages a cpu as granted.",
    ["faults", "records lost", "ring pages", "perf.data"],
    [["10,000,000", String(lost), String(ringPages), `${(size / 1e6).toFixed(0)} MB`]],
  );
}

function cpuSeconds(wrap, cpuTime, argv) {
  const out = join(scratch, "cpu");
  rmSync(out, { force: true });
  run(wrap([cpuTime, out, ...argv]));
  return Number(readFileSync(out, "utf8"));
}

function preamble() {
  const perf = spawnSync("perf", ["--version"], { encoding: "utf8" }).stdout.trim();
  return [
    "# Benchmarks",
    "",
    `Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: Linux ${release()}, ${cpus().length} × ${cpus()[0].model}, Node ${process.version}, ${perf}; medians of ${ROUNDS} interleaved rounds; load of the machine before ${loadBefore.toFixed(1)}.`,
    "",
  ].join("\n");
}

function editorPreamble() {
  return [
    "# Benchmarks of the editor",
    "",
    `Written by \`npm run bench editor\` on ${new Date().toISOString().slice(0, 10)}: Linux ${release()}, ${cpus().length} × ${cpus()[0].model}, VS Code as in \`npm run vscode\`; load of the machine before ${loadBefore.toFixed(1)}.`,
    "",
  ].join("\n");
}

function lockingPreamble() {
  return [
    "# Benchmarks of locking",
    "",
    `Written by \`npm run bench locking\` on ${new Date().toISOString().slice(0, 10)}: Linux ${release()}, ${cpus().length} × ${cpus()[0].model}, Node ${process.version}; load of the machine before ${loadBefore.toFixed(1)}.`,
    "",
  ].join("\n");
}

function placementPreamble() {
  return [
    "# Benchmarks of placements",
    "",
    `Written by \`npm run bench placement\` on ${new Date().toISOString().slice(0, 10)}: Linux ${release()}, ${cpus().length} × ${cpus()[0].model}, Node ${process.version}, VS Code as in \`npm run vscode\`; medians of ${ROUNDS} interleaved rounds; load of the machine before ${loadBefore.toFixed(1)}.`,
    "",
  ].join("\n");
}

function scriptPreamble() {
  const ld = spawnSync("ld", ["--version"], { encoding: "utf8" }).stdout.split("\n")[0];
  return [
    "# Benchmarks of linker scripts",
    "",
    `Written by \`npm run bench script\` on ${new Date().toISOString().slice(0, 10)}: Linux ${release()}, ${cpus().length} × ${cpus()[0].model}, Node ${process.version}, ${ld}; medians of ${ROUNDS} interleaved rounds; load of the machine before ${loadBefore.toFixed(1)}.`,
    "",
  ].join("\n");
}
