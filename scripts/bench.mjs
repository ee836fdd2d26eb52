// `npm run bench [-- NAME …]`: ours against perf, in the same run, medians of interleaved rounds, into docs/benchmarks.md.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, existsSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const cli = join(root, "dist/cli.js");
const scratch = mkdtempSync(join(tmpdir(), "faultline-bench-"));
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const BEGIN_AND_ENDS = "page-faults,minor-faults,major-faults";
const ENDS = "minor-faults,major-faults";

const benches = { overhead, losses, reading };

try {
  if (!existsSync(cli)) fail("dist/cli.js is missing: npm run build");
  for (const name of ["storm", "cpu-time"]) compile(name);
  const wanted = process.argv.slice(2);
  const names = wanted.length > 0 ? wanted : Object.keys(benches);
  const sections = names.map((name) =>
    (benches[name] ?? fail(`no bench "${name}": ${Object.keys(benches).join(", ")}`))(),
  );
  const text = `${preamble()}\n${sections.join("\n")}`;
  process.stdout.write(text);
  if (wanted.length === 0) writeFileSync(join(root, "docs/benchmarks.md"), text);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** What tracing costs the traced program: its own CPU time, traced over untraced. */
function overhead() {
  const programs = {
    "300,000 faults on fresh memory": [join(scratch, "storm"), "300000"],
    "gcc -O2 of one file": ["gcc", "-O2", "-c", "-o", join(scratch, "x.o"), join(root, "test/bench/storm.c")],
    "python3 starts and imports": ["python3", "-c", "import json, ssl, asyncio, unittest"],
  };
  const variants = {
    untraced: (argv) => argv,
    ours: (argv) => [process.execPath, cli, "record", "-o", join(scratch, "trace"), "--", ...argv],
    perf: (argv) => perfRecord(BEGIN_AND_ENDS, argv),
    oursLight: (argv) => [process.execPath, cli, "record", "--light", "-o", join(scratch, "trace"), "--", ...argv],
    perfLight: (argv) => perfRecord(ENDS, argv),
  };
  const rows = Object.entries(programs).map(([title, argv]) => {
    const seconds = interleaved(variants, (wrap) => cpuSeconds(wrap, argv));
    const ratio = (name) => seconds[name] / seconds.untraced;
    return [
      title,
      `${seconds.untraced.toFixed(3)} s`,
      ratio("ours").toFixed(2),
      ratio("perf").toFixed(2),
      (seconds.ours / seconds.perf).toFixed(3),
      ratio("oursLight").toFixed(2),
      ratio("perfLight").toFixed(2),
      (seconds.oursLight / seconds.perfLight).toFixed(3),
    ];
  });
  return table(
    "What tracing costs the program",
    "CPU seconds of the program itself, traced over untraced; perf record with the same events (`begin + ends`: page-faults, minor-faults, major-faults; `ends`: the last two, our --light). Wanted: ours / perf ≤ 1.05.",
    ["program", "untraced", "ours, begin + ends", "perf", "ours / perf", "ours, ends", "perf", "ours / perf"],
    rows,
  );
}

/** Ten million faults, nothing lost. */
function losses() {
  const trace = join(scratch, "trace");
  const argv = [join(scratch, "storm"), "10000000"];
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

/** From the end of the program to the finished report, one million faults. */
function reading() {
  const trace = join(scratch, "trace");
  run([process.execPath, cli, "record", "-o", trace, "--", join(scratch, "storm"), "1000000"]);
  const data = join(trace, "perf.data");
  const seconds = interleaved(
    {
      ours: [process.execPath, cli, "report", trace],
      script: ["perf", "script", "-i", data],
      report: ["perf", "report", "--stdio", "-i", data],
    },
    wallSeconds,
  );
  const fastest = Math.min(seconds.script, seconds.report);
  const few = join(scratch, "few");
  const FEW = 2000;
  run([process.execPath, cli, "record", "-o", few, "--", join(scratch, "storm"), String(FEW)]);
  const srcline = wallSeconds(["perf", "script", "-F", "+srcline", "-i", join(few, "perf.data")]);
  const none = wallSeconds(["perf", "script", "-F", "+srcline", "-i", join(few, "perf.data"), "--time", "0,0.000001"]);
  const extrapolated = ((srcline - none) * 1e6) / FEW;
  return table(
    "One million faults, from the end of the program to the report",
    "Wall seconds of the whole process, page cache warm, output thrown away; the same perf.data for all. Wanted: ours ≥ 5 × faster than the fastest peer.",
    [
      "ours: faultline report",
      "perf report --stdio",
      "perf script",
      "perf script -F +srcline (extrapolated)",
      "fastest peer / ours",
    ],
    [
      [
        `${seconds.ours.toFixed(3)} s`,
        `${seconds.report.toFixed(3)} s`,
        `${seconds.script.toFixed(3)} s`,
        `${extrapolated.toFixed(0)} s (${FEW} faults: ${srcline.toFixed(2)} s)`,
        (fastest / seconds.ours).toFixed(2),
      ],
    ],
  );
}

/** Medians over ROUNDS rounds, each of which runs every variant once: drift hits all alike. One round is not counted. */
function interleaved(variants, measure) {
  const samples = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, variant] of Object.entries(variants)) {
      const seconds = measure(variant);
      if (round > 0) samples[name].push(seconds);
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, median(values)]));
}

function cpuSeconds(wrap, argv) {
  const out = join(scratch, "cpu");
  rmSync(out, { force: true });
  run(wrap([join(scratch, "cpu-time"), out, ...argv]));
  return Number(readFileSync(out, "utf8"));
}

function wallSeconds(argv) {
  const start = performance.now();
  run(argv);
  return (performance.now() - start) / 1000;
}

function perfRecord(events, argv) {
  return [
    "perf",
    "record",
    "-q",
    "-e",
    events,
    "-c",
    "1",
    "-d",
    "-m",
    "1024",
    "-o",
    join(scratch, "perf.data"),
    "--",
    ...argv,
  ];
}

function run([program, ...args]) {
  const { status, error, stderr } = spawnSync(program, args, {
    stdio: ["ignore", "ignore", "pipe"],
    cwd: scratch,
    maxBuffer: 1 << 26,
  });
  if (error !== undefined) fail(`${program}: ${error.message}`);
  if (status !== 0) fail(`${program} ${args.join(" ")}: exit ${status}\n${stderr}`);
}

function compile(name) {
  run(["gcc", "-O2", "-g", "-Wall", "-o", join(scratch, name), join(root, `test/bench/${name}.c`)]);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function table(title, text, head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [`## ${title}`, "", text, "", line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
}

function preamble() {
  const perf = spawnSync("perf", ["--version"], { encoding: "utf8" }).stdout.trim();
  return [
    "# Benchmarks",
    "",
    `Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: Linux ${release()}, ${cpus().length} × ${cpus()[0].model}, Node ${process.version}, ${perf}; medians of ${ROUNDS} interleaved rounds.`,
    "",
  ].join("\n");
}

function fail(sentence) {
  process.stderr.write(`bench: ${sentence}\n`);
  rmSync(scratch, { recursive: true, force: true });
  process.exit(1);
}
