/** script-keystrokes SCRIPT LINKER INPUTS.json KEYSTROKES: what a session in an editor takes, as JSON of milliseconds and megabytes. */
import { readFileSync } from "node:fs";
import { diagnose } from "../../src/core/ldscript/diagnoses/diagnose.js";
import { dialectOf } from "../../src/core/ldscript/dialect.js";
import { matchSections } from "../../src/core/ldscript/matcher.js";
import type { InputSection } from "../../src/core/ldscript/matcher-input.js";
import { openScript } from "../../src/core/ldscript/opened-script.js";

const [path = "", linker = "gnu", described = "", keystrokes = "0"] = process.argv.slice(2);
const dialect = dialectOf(linker);
if (dialect === undefined) throw new Error(`no linker ${linker}`);
const inputs = JSON.parse(readFileSync(described, "utf8")) as InputSection[];
const text = readFileSync(path, "latin1");
const surroundings = { dialect, readInclude: undefined, defaultScript: undefined };
const facts = { dialect, inputs: undefined, lockedSections: ["locked_text"], dropsUnreferenced: false };

/** The least of a few is what it takes when nothing else is in the way; the first is what it takes when nothing is warm. */
function timed(times: number, run: (round: number) => void): { first: number; median: number; least: number } {
  const taken: number[] = [];
  for (let round = 0; round < times; round++) {
    const start = performance.now();
    run(round);
    taken.push(performance.now() - start);
  }
  const sorted = taken.toSorted((a, b) => a - b);
  return { first: taken[0] ?? 0, median: sorted[sorted.length >> 1] ?? 0, least: sorted[0] ?? 0 };
}

const parse = timed(9, () => openScript(text, surroundings));
const opened = openScript(text, surroundings);
const match = timed(9, () => matchSections(opened.tree, inputs, dialect));
const half = text.indexOf("\n", text.length / 2) + 1;
const typed = "  typed_in = . + 0x1000;";
const diagnostics = timed(Number(keystrokes), (round) => {
  const edited = text.slice(0, half) + typed.slice(0, round % typed.length) + text.slice(half);
  diagnose(openScript(edited, surroundings), facts);
});
const megabytes = process.memoryUsage().rss / 2 ** 20;
process.stdout.write(JSON.stringify({ parse, match, diagnostics, megabytes }));
