// Linker scripts: parsing and matching against the linkers' own time for the same, and what a keystroke takes.
import { buildSync } from "esbuild";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  cli,
  fail,
  inSeconds,
  interleaved,
  median,
  root,
  ROUNDS,
  run,
  scratch,
  table,
  wallSeconds,
} from "./measure.mjs";

const SCRIPTS = "/usr/lib/x86_64-linux-gnu/ldscripts";
const LLD = ["ld.lld-19", "ld.lld"].find((name) => spawnSync(name, ["--version"]).status === 0);
const LINES = 10_000;
const OBJECTS = 20;
const SECTIONS_EACH = 1000;
const KEYSTROKES = 40;

export function script() {
  if (!existsSync(SCRIPTS)) fail(`${SCRIPTS} is missing: apt install binutils`);
  const objects = Array.from({ length: OBJECTS }, (_, index) => object(index));
  const inputs = join(scratch, "inputs.json");
  writeFileSync(inputs, JSON.stringify(objects.flatMap(({ inputs }) => inputs)));
  const files = objects.map(({ path }) => path);
  const session = built();
  const large = largest();
  const cases = [
    { title: `\`${large.split("/").at(-1)}\`, the largest installed`, path: large },
    { title: `${LINES.toLocaleString("en")} lines of such`, path: repeated(large) },
  ];
  return [matching(cases, files), keystrokes(cases, session, inputs)].join("\n");
}

function matching(cases, files) {
  const out = join(scratch, "linked");
  const rows = cases.flatMap(({ title, path }) => {
    const trivial = join(scratch, "trivial.ld");
    writeFileSync(trivial, "SECTIONS { .all : { *(*) } }\n");
    const variants = {
      ours: [process.execPath, cli, "script", path, "--inputs", ...files],
      node: [process.execPath, "-e", "0"],
      gnu: ["ld", "-T", path, "-e", "0", "-o", out, ...files],
      gnuTrivial: ["ld", "-T", trivial, "-e", "0", "-o", out, ...files],
      ...(LLD === undefined ? {} : { lld: [LLD, "-T", path, "-e", "0", "-o", out, "--noinhibit-exec", ...files] }),
    };
    const seconds = interleaved(variants, wallSeconds);
    const beyond = Math.max(seconds.gnu - seconds.gnuTrivial, 0);
    return [
      [
        title,
        inSeconds(seconds.ours),
        inSeconds(seconds.gnu),
        inSeconds(beyond),
        seconds.lld === undefined ? "not installed" : inSeconds(seconds.lld),
        (seconds.gnu / seconds.ours).toFixed(2),
      ],
    ];
  });
  return table(
    "A script and where each section goes",
    `Wall seconds of a new process: \`faultline script FILE --inputs\` reads the script and ${OBJECTS} objects with ${(OBJECTS * SECTIONS_EACH).toLocaleString("en")} sections and prints where each goes; the linkers link them, which is more. "ld for this script" is what ld takes longer than with a script of one statement.`,
    ["script", "ours", "ld", "ld for this script", "lld", "ld / ours"],
    rows,
  );
}

function keystrokes(cases, session, inputs) {
  const rows = cases.flatMap(({ title, path }) =>
    ["gnu-2.40", "lld-19"].map((linker) => {
      const rounds = Array.from({ length: ROUNDS }, () => {
        const { stdout, status, stderr } = spawnSync(
          process.execPath,
          [session, path, linker, inputs, String(KEYSTROKES)],
          { encoding: "utf8", maxBuffer: 1 << 26 },
        );
        if (status !== 0) fail(`${session}: ${stderr}`);
        return JSON.parse(stdout);
      });
      const of = (pick) => median(rounds.map(pick));
      const ms = (pick) => `${of(pick).toFixed(1)} ms`;
      return [
        title,
        linker,
        ms(({ parse }) => parse.first),
        ms(({ parse }) => parse.median),
        ms(({ match }) => match.median),
        ms(({ diagnostics }) => diagnostics.median),
        ms(({ diagnostics }) => diagnostics.least),
        ms(({ colours }) => colours.median),
        ms(({ outline }) => outline.median),
        `${of(({ megabytes }) => megabytes).toFixed(0)} MB`,
      ];
    }),
  );
  return table(
    "In an editor",
    `Milliseconds of wall time within one process, medians of ${ROUNDS} processes: the first parse, a parse when the code is warm, matching ${(OBJECTS * SECTIONS_EACH).toLocaleString("en")} sections, and a keystroke in the middle to all diagnostics (${KEYSTROKES} of them: the median, and the least, which comes nearest to what it takes when nothing else runs), with what is remembered of the text before, as the editor does; then all colours and the outline of that text. Memory is the whole process. Wanted: a keystroke ≤ 20 ms at ${LINES.toLocaleString("en")} lines.`,
    [
      "script",
      "linker",
      "first parse",
      "parse",
      "match",
      "keystroke",
      "least keystroke",
      "colours",
      "outline",
      "memory",
    ],
    rows,
  );
}

/** Sections of functions and globals as compilers name them. */
function object(index) {
  const inputs = [];
  const lines = [];
  for (let at = 0; at < SECTIONS_EACH; at++) {
    const isText = at % 3 !== 0;
    const name = isText ? `.text.f${index}_${at}` : `.data.v${index}_${at}`;
    lines.push(`.section ${name},"${isText ? "ax" : "aw"}",@progbits`, ".quad 1");
    inputs.push({ file: `o${index}.o`, name, type: "PROGBITS", flags: isText ? "AX" : "WA" });
  }
  const source = join(scratch, `o${index}.s`);
  const path = join(scratch, `o${index}.o`);
  writeFileSync(source, `${lines.join("\n")}\n`);
  run(["as", "-o", path, source]);
  return { path, inputs };
}

function largest() {
  const files = readdirSync(SCRIPTS)
    .filter((name) => /^elf_x86_64\.x/.test(name) && !/\.x[ru]$/.test(name))
    .map((name) => join(SCRIPTS, name));
  return files.toSorted((a, b) => statSync(b).size - statSync(a).size)[0];
}

/** The script with its SECTIONS again and again, of other sections each time. */
function repeated(path) {
  const text = readFileSync(path, "latin1");
  // The address space is laid out once: ld refuses a second DATA_SEGMENT_ALIGN.
  const laidOut = /DATA_SEGMENT|SEGMENT_START|PROVIDE|^\s*(?:\. =|\w+ = \.)/;
  const body = text
    .slice(text.indexOf("SECTIONS"))
    .split("\n")
    .filter((line) => !laidOut.test(line))
    .join("\n");
  const times = Math.ceil((LINES - text.split("\n").length) / body.split("\n").length);
  const copies = Array.from({ length: times }, (_, index) =>
    body.replace(/(?<=[\s(])\.(?=[a-z_])/g, `.s${index}.`).replace(/\/DISCARD\//g, `.discarded${index}`),
  );
  const result = join(scratch, "large.ld");
  writeFileSync(result, text + copies.join(""), "latin1");
  return result;
}

function built() {
  const outfile = join(scratch, "script-keystrokes.cjs");
  buildSync({
    entryPoints: [join(root, "test/bench/script-keystrokes.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
  });
  return outfile;
}
