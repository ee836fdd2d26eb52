/** script-keystrokes SCRIPT LINKER INPUTS.json KEYSTROKES: what a session in an editor takes, as JSON of milliseconds and megabytes. */
import { readFileSync } from "node:fs";
import { dialectOf } from "../../src/core/ldscript/dialect.js";
import { EditedScript } from "../../src/core/ldscript/edited-script.js";
import { coloursOf } from "../../src/core/ldscript/language/colours.js";
import { outlineOf } from "../../src/core/ldscript/language/outline.js";
import { matchSections } from "../../src/core/ldscript/matcher.js";
import type { InputSection } from "../../src/core/ldscript/matcher-input.js";
import { openScript } from "../../src/core/ldscript/opened-script.js";

const [path = "", linker = "gnu", described = "", keystrokes = "0"] = process.argv.slice(2);
const dialect = dialectOf(linker);
if (dialect === undefined) throw new Error(`no linker ${linker}`);
const inputs = JSON.parse(readFileSync(described, "utf8")) as InputSection[];
const text = readFileSync(path, "latin1");
const surroundings = { dialect, readInclude: undefined, defaultScript: undefined };
const facts = { inputs: undefined, lockedSections: ["locked_text"], dropsUnreferenced: false };

interface Times {
  readonly first: number;
  readonly median: number;
  readonly least: number;
}

/** The least of a few is what it takes when nothing else is in the way; the first is what it takes when nothing is warm. */
function summary(taken: readonly number[]): Times {
  const sorted = taken.toSorted((a, b) => a - b);
  return { first: taken[0] ?? 0, median: sorted[sorted.length >> 1] ?? 0, least: sorted[0] ?? 0 };
}

function milliseconds(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function timed(times: number, run: () => void): Times {
  return summary(Array.from({ length: times }, () => milliseconds(run)));
}

const parse = timed(9, () => openScript(text, surroundings));
const opened = openScript(text, surroundings);
const match = timed(9, () => matchSections(opened.tree, inputs, dialect));

/** As the editor does: the version of now is read with what is known of the one before, diagnosed, and then coloured and outlined. */
const half = text.indexOf("\n", text.length / 2) + 1;
const typed = "  typed_in = . + 0x1000;";
const script = new EditedScript(dialect);
const unchanged = script.open(text, surroundings);
script.diagnose(unchanged, facts);
const taken = { diagnostics: [] as number[], colours: [] as number[], outline: [] as number[] };
for (let round = 0; round < Number(keystrokes); round++) {
  const edited = text.slice(0, half) + typed.slice(0, 1 + (round % typed.length)) + text.slice(half);
  let now = unchanged;
  taken.diagnostics.push(
    milliseconds(() => {
      now = script.open(edited, surroundings);
      script.diagnose(now, facts);
    }),
  );
  taken.colours.push(milliseconds(() => coloursOf(now.tree)));
  taken.outline.push(milliseconds(() => outlineOf(now.tree)));
}
const megabytes = process.memoryUsage().rss / 2 ** 20;
const { diagnostics, colours, outline } = taken;
process.stdout.write(
  JSON.stringify({
    parse,
    match,
    diagnostics: summary(diagnostics),
    colours: summary(colours),
    outline: summary(outline),
    megabytes,
  }),
);
