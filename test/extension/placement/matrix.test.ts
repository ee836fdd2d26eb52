/**
 * Every function and global of a program in C, in C++ and in Rust is placed by its quick fix, built in every way that
 * compilers and linkers can, looked up with readelf, and taken back.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { after, afterEach, before, describe, it } from "mocha";
import type { Placement } from "../../../src/core/placement/placement.js";
import { isPlaced, linkedSymbols } from "../../support/linked-truth.js";
import {
  runMatrix,
  unverified,
  type Combination,
  type MatrixProgram,
  type MatrixResult,
} from "../../support/placement-matrix.js";
import { answering, type Asked } from "../support/answers.js";
import { activated, extension, folderNamed, show } from "../support/extension.js";
import { act, diffOf } from "../support/quick-fixes.js";

/** Minutes of work: FAULTLINE_FULL_MATRIX=1 makes every combination. */
const ALL = process.env["FAULTLINE_FULL_MATRIX"] === "1";
const PATIENCE = ALL ? 900_000 : 240_000;

interface Program extends Omit<MatrixProgram, "folder" | "by" | "renames"> {
  readonly name: string;
  readonly built: string;
  /** For a shell, before it is run. */
  readonly prepare?: string;
  /** Of each function and global a text that its name ends, and whether it can be placed: in the source, by a script. */
  readonly definitions: readonly Definition[];
}

type Definition = readonly [file: string, text: string, source?: RegExp | undefined, script?: RegExp];

const INLINED = /was inlined into all of its callers/;
const KNOWN = /value is known: there is nothing to place/;
const TEMPLATE = /made of a template, for which the compiler ignores section attributes/;
const INLINE = /an inline function or variable, which gcc does not mix/;
const SEVERAL = /Several are called|is defined in lines/;
const ONLY_INLINED = /^Every call of \w+ in line \d+ is inlined/;

const C: Program = {
  ...{ name: "input-thread", language: "c", built: "build/input-thread" },
  ...{ sources: ["input-thread.c", "pointer.c"], libraries: ["-pthread", "-lm"] },
  ...{ prepare: "build/send-events 8 > build/events", run: ["build/events"] },
  definitions: [
    ["pointer.c", "static short pressure_curve"],
    ["pointer.c", "static struct motion history"],
    ["pointer.c", "static const short sine_table"],
    ["pointer.c", "unsigned events_of_this_thread", /thread-local/, /thread-local/],
    ["pointer.c", "static FILE *event_log"],
    ["pointer.c", "static int rotate"],
    ["pointer.c", "static inline int clamp", ONLY_INLINED, INLINED],
    ["pointer.c", "static inline void remember_motion", ONLY_INLINED, INLINED],
    ["pointer.c", "static inline void move_cursor", ONLY_INLINED, INLINED],
    ["pointer.c", "int pointer_open"],
    ["pointer.c", "struct pointer_result pointer_close"],
    ["input-thread.c", "static int input_fd"],
    ["input-thread.c", "ack_fd"],
    ["input-thread.c", "static void fail"],
    ["input-thread.c", "static int read_event", undefined, INLINED],
    ["input-thread.c", "static void lock_section", undefined, INLINED],
    ["input-thread.c", "static void lock_memory", undefined, INLINED],
    ["input-thread.c", "static int open_stream"],
    ["input-thread.c", "static pid_t start_sender"],
    ["input-thread.c", "static struct options parse", undefined, INLINED],
    ["input-thread.c", "int main"],
  ],
};

const CPP: Program = {
  ...{ name: "cpp-mixer", language: "c++", built: "build/mixer" },
  ...{ sources: ["mixer.cpp"], libraries: ["-pthread"], run: ["3"] },
  definitions: [
    ["mixer.cpp", "constexpr std::size_t kBlock", KNOWN, KNOWN],
    ["mixer.cpp", "constexpr double kRate", KNOWN, KNOWN],
    ["mixer.cpp", "explicit Table", TEMPLATE, INLINED],
    ["mixer.cpp", "Sample at(double phase", TEMPLATE, INLINED],
    ["mixer.cpp", "65536>& sine() {"],
    ["mixer.cpp", "static const Table<float, 65536> table"],
    ["mixer.cpp", "  Oscillator", INLINE, INLINED],
    ["mixer.cpp", "sample += level_ *", INLINE],
    ["mixer.cpp", 'return "oscillator"', INLINE],
    ["mixer.cpp", "explicit Delay", INLINE, INLINED],
    ["mixer.cpp", "sample = echo(sample)", INLINE],
    ["mixer.cpp", 'return "delay"', INLINE],
    ["mixer.cpp", "float echo(float input", INLINE, INLINED],
    ["mixer.cpp", "sample = soften(", TEMPLATE],
    ["mixer.cpp", 'return "limiter"', TEMPLATE],
    ["mixer.cpp", "0>) { return x", SEVERAL, INLINED],
    ["mixer.cpp", "return soften(x / (1.0f", SEVERAL, INLINED],
    ["mixer.cpp", "stages_.push_back(", INLINE, INLINED],
    ["mixer.cpp", "block.fill(0)", INLINE, INLINED],
    ["mixer.cpp", "float peak() const {", INLINE, INLINED],
    ["mixer.cpp", "recording_.insert(", INLINE, INLINED],
    ["mixer.cpp", "int main(int count"],
  ],
};

const RUST: Program = {
  ...{ name: "rust-ring", language: "rust", built: "build/ring" },
  ...{ sources: ["ring.rs"], libraries: [], run: ["200"] },
  definitions: [
    ["ring.rs", "static SEEN"],
    ["ring.rs", "fn new()", undefined, INLINED],
    ["ring.rs", "fn push(", undefined, INLINED],
    ["ring.rs", "fn pop(", undefined, INLINED],
    ["ring.rs", "fn on_tick("],
    ["ring.rs", "fn mean(", undefined, INLINED],
    ["ring.rs", "fn deviates(", undefined, INLINED],
    ["ring.rs", "fn feed(", undefined, INLINED],
    ["ring.rs", "fn main("],
  ],
};

const asked: Asked[] = [];
let scratch: string;

before(async () => {
  await activated();
  scratch = mkdtempSync(join(tmpdir(), "fl-matrix-"));
});

after(() => {
  rmSync(scratch, { recursive: true, force: true });
});

afterEach(() => {
  for (const one of asked.splice(0)) one.restore();
  for (const { name } of [C, CPP, RUST]) {
    execFileSync("git", ["checkout", "--quiet", "."], { cwd: folderNamed(name) });
    execFileSync("git", ["clean", "--quiet", "-fd"], { cwd: folderNamed(name) });
  }
});

describe("every function and global of a program in C", () => {
  it("is placed in the source, in every build, and taken back", async function () {
    this.timeout(PATIENCE);
    const folder = await placed(C, "source");
    await holds({ ...C, folder, by: "source" }, splitByMold);
  });

  it("is placed by a linker script, in every build by GNU ld and lld, by objcopy for gold and mold, and taken back", async function () {
    this.timeout(PATIENCE);
    const folder = await placed(C, "script");
    await holds({ ...C, folder, by: "script" }, inlinedInC, hasNoOtherData);
    await holds({ ...C, folder, by: "objcopy", renames: renamesFor(folder) }, (combination) => {
      return { ...inlinedInC(combination), ...splitByMold(combination) };
    });
  });
});

describe("every function and global of a program in C++", () => {
  it("is placed in the source, in every build, and taken back", async function () {
    this.timeout(PATIENCE);
    const folder = await placed(CPP, "source");
    await holds({ ...CPP, folder, by: "source" }, () => ({}));
  });

  it("is placed by a linker script, in every build by GNU ld and lld, and taken back", async function () {
    this.timeout(PATIENCE);
    const folder = await placed(CPP, "script");
    await holds({ ...CPP, folder, by: "script" }, ({ output, collected, lto }) =>
      // The only call of it that is not inlined is that from other files.
      (collected || lto) && output !== "shared" ? { "audio::sine()": "inlined" } : {},
    );
  });
});

describe("every function and static of a program in Rust", () => {
  it("is placed in the source, in every build, and taken back", async function () {
    this.timeout(PATIENCE);
    const folder = await placed(RUST, "source");
    await holds({ ...RUST, folder, by: "source" }, () => ({}));
  });

  it("is placed by a linker script, in every build by GNU ld and lld, and taken back", async function () {
    this.timeout(PATIENCE);
    const folder = await placed(RUST, "script");
    await holds({ ...RUST, folder, by: "script" }, () => ({}));
  });
});

/** mold makes two sections of a name whose flags differ, and the bounds are those of one: clang merges the other constants. */
function splitByMold({ compiler, linker }: Combination): Readonly<Record<string, string>> {
  return compiler === "clang" && linker === "mold" ? { sine_table: "before-start" } : {};
}

/** What is told where gold linked the program: that it takes no script, and what to do instead. */
function renamesFor(folder: string): readonly string[] {
  execFileSync("make", ["--silent", "-B", "LDFLAGS=-fuse-ld=gold"], { cwd: folder, stdio: "pipe" });
  const args = [cliPath(), "place", "--script"];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  assert.equal(status, 2);
  assert.match(stderr, /was linked by gold, which takes no such script: link with GNU ld or lld/);
  const [, options = ""] = / objcopy (.*) FILE\.o$/m.exec(stderr) ?? [];
  return options.split(" ");
}

function cliPath(): string {
  return join(extension().extensionPath, "dist", "cli.js");
}

/** Without an attribute against it compilers inline what is called once. */
function inlinedInC({ compiler, output, lto }: Combination): Readonly<Record<string, string>> {
  return {
    ...(compiler === "clang" ? { fail: "inlined", open_stream: "inlined", start_sender: "inlined" } : {}),
    ...(lto && output !== "shared" ? { pointer_open: "inlined", pointer_close: "inlined" } : {}),
  };
}

/** Placed, built and undone; gives a copy of what was placed. */
async function placed(program: Program, by: "source" | "script"): Promise<string> {
  const folder = folderNamed(program.name);
  const steps: vscode.TextDocument[] = [];
  // In a tab: of files that are closed VS Code forgets that they were changed in the same step.
  await vscode.window.showTextDocument(await projectOf(folder), { preview: false });
  for (const [file, text, bySource, byScript] of program.definitions) {
    const expected = by === "source" ? bySource : byScript;
    const told = answering({});
    asked.push(told);
    const document = await show(join(folder, file));
    await act(document, text, by === "source" ? /^Place .* in Locked Section$/ : /^Place .* by Linker Script$/);
    const [message = ""] = told.messages.filter((one) => !/build must pass/.test(one));
    told.restore();
    if (expected === undefined) assert.equal(message, "", text);
    else assert.match(message, expected, text);
    if (expected === undefined) steps.push(document);
  }
  await vscode.workspace.saveAll();
  const copy = join(scratch, `${program.name}-${by}`);
  cpSync(folder, copy, { recursive: true });
  execFileSync("make", ["--silent", "-B"], { cwd: copy, stdio: "pipe" });
  if (program.prepare !== undefined) execFileSync("sh", ["-c", program.prepare], { cwd: copy });
  if (by === "source") {
    const symbols = linkedSymbols(join(copy, program.built));
    const outside = placementsOf(copy).filter((placement) => !isPlaced(symbols, placement));
    assert.deepEqual(outside, []);
  }
  assert.equal(placementsOf(copy).length, steps.length);
  for (const document of steps.reverse()) {
    await vscode.window.showTextDocument(by === "source" ? document : await projectOf(folder));
    await vscode.commands.executeCommand("undo");
  }
  await vscode.workspace.saveAll();
  assert.equal(diffOf(folder), "");
  assert.equal(execFileSync("git", ["status", "--porcelain"], { cwd: folder, encoding: "utf8" }), "");
  return copy;
}

async function projectOf(folder: string): Promise<vscode.TextDocument> {
  return vscode.workspace.openTextDocument(join(folder, "faultline.json"));
}

/** In every build each verdict is what readelf says, and what was to be expected. */
async function holds(
  program: MatrixProgram,
  expected: (combination: Combination) => Readonly<Record<string, string>>,
  isUnlinkable: (combination: Combination) => boolean = () => false,
): Promise<void> {
  const results = await runMatrix(program, cliPath(), ALL);
  assert.ok(results.length > 0);
  for (const result of results) {
    assert.deepEqual(result.disagreements, [], result.name);
    if (isForeign(result.combination)) isNotRead(result);
    else if (isUnlinkable(result.combination)) assert.match(result.error, /ld\.lld: error: unable to insert/);
    else assert.deepEqual([result.error, unverified(result)], ["", expected(result.combination)], result.name);
  }
}

/** lld inserts only behind what is there, and all that is left in .data has been placed. */
function hasNoOtherData({ linker, output, collected }: Combination): boolean {
  return linker === "lld" && output === "no-pie" && collected;
}

/** lld does not read what gcc makes for its own linking. */
function isForeign({ compiler, linker, lto }: Combination): boolean {
  return compiler === "gcc" && linker === "lld" && lto;
}

function isNotRead(result: MatrixResult): void {
  if (result.verdicts === undefined)
    assert.match(result.error, /ld\.lld: error: (?:undefined symbol|unable to insert)/);
  else
    assert.ok(
      Object.values(unverified(result)).every((code) => code === "unknown"),
      result.name,
    );
}

function placementsOf(folder: string): readonly Placement[] {
  const text = readFileSync(join(folder, "faultline.json"), "utf8");
  const { placements, lockedSections = {} } = JSON.parse(text) as {
    placements: readonly Placement[];
    lockedSections?: Readonly<Record<string, string>>;
  };
  return placements.map((one) => ({ ...one, section: lockedSections[one.kind] ?? `locked_${one.kind}` }));
}
