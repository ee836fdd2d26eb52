// From the end of a program that took a million faults to the finished report: ours, and what perf offers.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  BEGIN_AND_ENDS,
  cli,
  compiled,
  inSeconds,
  interleaved,
  perfRecord,
  run,
  scratch,
  table,
  wallSeconds,
} from "./measure.mjs";

const FAULTS = 1_000_000;
/** perf script -F +srcline takes a millisecond a sample: a million would take a quarter of an hour. */
const FEW = 2000;

export function reading() {
  const node = interleaved({ node: [process.execPath, "-e", "0"] }, wallSeconds).node;
  const storm = compiled("storm");
  const ended = join(scratch, "ended");
  const program = (faults) => [compiled("end-time"), ended, storm, String(faults)];
  const trace = join(scratch, "trace");
  const data = join(scratch, "perf.data");
  const argv = program(FAULTS);
  const record = {
    reporting: [process.execPath, cli, "record", "--report", "-o", trace, "--", ...argv],
    ours: [process.execPath, cli, "record", "-o", trace, "--", ...argv],
    perf: perfRecord(BEGIN_AND_ENDS, data, argv),
    perfNoIds: perfRecord(BEGIN_AND_ENDS, data, argv, "-B"),
  };
  const perfReport = ["perf", "report", "--stdio", "-i", data];
  const chains = {
    "`faultline record --report`": { record: record.reporting },
    "`faultline record`, `faultline report`": { record: record.ours, report: [process.execPath, cli, "report", trace] },
    "`perf record`, `perf report --stdio`": { record: record.perf, report: perfReport },
    "`perf record`, `perf script`": { record: record.perf, report: ["perf", "script", "-i", data] },
    "`perf record -B` (no build ids), `perf report --stdio`": { record: record.perfNoIds, report: perfReport },
    "`perf record -B -o - \\| perf report --stdio -i -` (loses records)": { record: piped(argv) },
  };
  const measured = interleaved(chains, (chain) => {
    rmSync(trace, { recursive: true, force: true });
    const elapsed = wallSeconds(chain.record);
    // process.hrtime reads the same clock as end-time.
    const tail = (Number(process.hrtime.bigint()) - Number(readFileSync(ended, "utf8"))) / 1e9;
    const report = chain.report === undefined ? 0 : wallSeconds(chain.report);
    return { tail, report, whole: elapsed + report };
  });
  const rows = Object.entries(measured);
  const [[, ours]] = rows;
  const total = ({ tail, report }) => tail + report;
  const srcline = srclineSeconds(perfRecord(BEGIN_AND_ENDS, data, program(FEW)), data);
  const row = ([name, value]) => [
    name,
    inSeconds(value.tail),
    value.report === 0 ? "in the tail" : inSeconds(value.report),
    inSeconds(total(value)),
    (total(value) / total(ours)).toFixed(2),
    inSeconds(value.whole),
  ];
  return table(
    "One million faults, from the end of the program to the finished report",
    `Wall seconds after the program's end (CLOCK_MONOTONIC, noted by its parent \`test/bench/end-time.c\`) until the recorder has ended, and of the report's whole process, its output thrown away; each reads the file its own recorder wrote, page cache warm. \`record --report\` reads the trace while it is written and prints the report of \`faultline report\`, byte for byte (\`test/cli/record-report.test.ts\`). Of our report, starting Node alone takes ${inSeconds(node)}. The last column is the whole of it, from the recorder's start: reading along takes its time while the program runs. perf can read along, too, through a pipe: it then loses records of such a storm. Wanted: the fastest peer's total ≥ 5 × ours. -F +srcline is extrapolated from ${FEW} faults.`,
    ["recorder, report", "recorder's tail", "report", "total", "total / ours", "with the run"],
    [
      ...rows.map(row),
      [
        "`perf record`, `perf script -F +srcline`",
        "",
        `${srcline.toFixed(0)} s`,
        "",
        (srcline / total(ours)).toFixed(0),
        "",
      ],
    ],
  );
}

/** perf reading along: what the reader cannot take in time is lost, and said to be. */
function piped(argv) {
  const quoted = argv.map((word) => `'${word}'`).join(" ");
  const options = `-q -B -e ${BEGIN_AND_ENDS} -c 1 -d -m 1024 -o -`;
  return ["sh", "-c", `perf record ${options} -- ${quoted} | perf report --stdio -i -`];
}

/** Of a million samples, from what the few take beyond starting. */
function srclineSeconds(record, data) {
  run(record);
  const script = ["perf", "script", "-F", "+srcline", "-i", data];
  const none = wallSeconds([...script, "--time", "0,0.000001"]);
  return ((wallSeconds(script) - none) * FAULTS) / FEW;
}
