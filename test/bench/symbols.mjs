// Addresses of a large debug file to function, line and inlined calls: ours against llvm-symbolizer.
import { buildSync } from "esbuild";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { inSeconds, interleaved, root, scratch, table, wallSeconds } from "./measure.mjs";

const SYMBOLIZER = "llvm-symbolizer-19";
const MANY = 1000;

export function symbols() {
  const file = process.env.BENCH_SYMBOLS ?? largestDebugFile();
  const title = "Addresses to functions, lines and inlined calls";
  if (file === undefined)
    return `## ${title}\n\nNot measured: this machine has no debug files (apt install libc6-dbg, or larger: openjdk-17-dbg; or name one in BENCH_SYMBOLS).\n`;
  if (spawnSync(SYMBOLIZER, ["--version"]).status !== 0)
    return `## ${title}\n\nNot measured: ${SYMBOLIZER} is not installed.\n`;
  const ours = join(scratch, "symbolize.cjs");
  buildSync({
    entryPoints: [join(root, "test/bench/symbolize.ts")],
    outfile: ours,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
  });
  const addresses = someAddresses(file, MANY);
  const rows = [1, MANY].map((count) => {
    const list = join(scratch, `addresses-${count}`);
    writeFileSync(list, addresses.slice(0, count).join("\n") + "\n");
    const seconds = interleaved(
      { ours: [process.execPath, ours, file], llvm: [SYMBOLIZER, `--obj=${file}`, "--inlines"] },
      (argv) => withInput(list, (input) => wallSeconds(argv, input)),
    );
    return [String(count), inSeconds(seconds.ours), inSeconds(seconds.llvm), (seconds.llvm / seconds.ours).toFixed(2)];
  });
  const node = interleaved({ node: [process.execPath, "-e", "0"] }, wallSeconds).node;
  return table(
    title,
    `Wall seconds of a new process, page cache warm; random places in random functions of ${basename(file)} (${(statSync(file).size / 2 ** 20).toFixed(0)} MB). Starting Node alone takes ${inSeconds(node)} of ours.`,
    ["addresses", "ours", SYMBOLIZER, `${SYMBOLIZER} / ours`],
    rows,
  );
}

function largestDebugFile() {
  const folder = "/usr/lib/debug/.build-id";
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile() && item.name.endsWith(".debug"))
    .map((item) => join(item.parentPath, item.name));
  return files.toSorted((a, b) => statSync(b).size - statSync(a).size)[0];
}

/** The same ones every time. */
function someAddresses(file, count) {
  const { stdout } = spawnSync("nm", ["--defined-only", "--print-size", file], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const functions = stdout
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, , kind, name]) => name !== undefined && /^[tTwW]$/.test(kind))
    .map(([start, size]) => [parseInt(start, 16), parseInt(size, 16)]);
  let state = 7;
  const random = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, () => {
    const [start, size] = functions[random(functions.length)];
    return `0x${(start + random(size)).toString(16)}`;
  });
}

function withInput(path, use) {
  const descriptor = openSync(path, "r");
  try {
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
