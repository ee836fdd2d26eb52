import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { afterEach, before, describe, it } from "mocha";
import { CommandId } from "../../../src/extension/ids.js";
import type { VerifiedPlacements } from "../../../src/extension/placement/verified-placements.js";
import { answering, type Asked } from "../support/answers.js";
import { activated, eventually, folderNamed, openTrace, recorded, show } from "../support/extension.js";
import { act, actionsAt, actionsAtPosition, diffOf, run, titlesAt } from "../support/quick-fixes.js";

let asked: Asked | undefined;
/** Folders whose program is not that of their source. */
const rebuilt = new Set<string>();

let verified: VerifiedPlacements;

before(async () => {
  ({ verified } = (await activated()).placement);
});

afterEach(async () => {
  asked?.restore();
  asked = undefined;
  for (const name of ["input-thread", "cpp-mixer", "rust-ring"]) {
    execFileSync("git", ["checkout", "--quiet", "."], { cwd: folderNamed(name) });
    execFileSync("git", ["clean", "--quiet", "-fd"], { cwd: folderNamed(name) });
  }
  // A source that is newer than its program was changed since, whatever its text says.
  for (const name of ["input-thread", "cpp-mixer"]) {
    const cwd = folderNamed(name);
    execFileSync("make", ["--silent", ...(rebuilt.has(cwd) ? ["-B"] : [])], { cwd, stdio: "pipe" });
  }
  rebuilt.clear();
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
});

describe("quick fixes", () => {
  it("are offered in a function, at a global, and nowhere else", async () => {
    const document = await show(join(folderNamed("input-thread"), "pointer.c"));
    assert.deepEqual(await titlesAt(document, "return x + ((x"), [
      "Place rotate in Locked Section",
      "Place rotate in Locked Section by Linker Script",
      "Place rotate with Everything It Reaches…",
      "Mark rotate as Critical",
    ]);
    assert.deepEqual(await titlesAt(document, "short pressure_curve"), [
      "Place pressure_curve in Locked Section",
      "Place pressure_curve in Locked Section by Linker Script",
    ]);
    assert.deepEqual(await titlesAt(document, "enum { SCREEN"), []);
  });

  it("stand on the lines that took faults, for what was touched from there as well", async () => {
    const folder = folderNamed("input-thread");
    await openTrace(recorded(folder, "faults", ["build/input-thread"]));
    const document = await show(join(folder, "pointer.c"));
    const titles = await eventually("quick fixes of a touched global", async () => {
      const found = await actionsAt(document, "pressure_curve[event->pressure");
      return found.some(({ kind }) => kind?.value === "quickfix") ? found.map(({ title }) => title) : undefined;
    });
    assert.ok(titles.includes("Place pressure_curve in Locked Section"), titles.join());
    assert.ok(titles.includes("Place dispatch in Locked Section"), titles.join());
    await vscode.commands.executeCommand(CommandId.ClearTrace);
  });
});

describe("placing in the source", () => {
  it("puts a function where the program's author locks its code, in one step that can be undone", async () => {
    const folder = folderNamed("input-thread");
    const document = await show(join(folder, "pointer.c"));
    await act(document, "return x + ((x", "Place rotate in Locked Section");
    const diff = diffOf(folder);
    assert.match(diff, /^\+.*section\("input_code"\).* int rotate\(/m);
    assert.match(diff, /^\+ +\{ "symbol": "rotate", "kind": "text" \}/m);
    assert.deepEqual(sectionOf(folder, "build/input-thread", "rotate"), "input_code");
    await act(document, "return x + ((x", "Remove rotate from Its Locked Section");
    await vscode.workspace.saveAll();
    assert.equal(diffOf(folder), "");
  });

  it("is undone in all files by one undo, also when nobody has the others open any more, and redone", async () => {
    const folder = folderNamed("input-thread");
    const document = await show(join(folder, "pointer.c"));
    await act(document, "return x + ((x", "Place rotate in Locked Section");
    const placed = diffOf(folder);
    assert.match(placed, /"symbol": "rotate"/);
    const others = join(folder, "build", "others");
    mkdirSync(others, { recursive: true });
    // VS Code keeps fifty documents that no editor shows.
    for (let index = 0; index < 60; index++) {
      const path = join(others, `${index}.txt`);
      writeFileSync(path, "other\n");
      await vscode.workspace.openTextDocument(path);
    }
    for (const [command, expected] of [
      ["undo", ""],
      ["redo", placed],
      ["undo", ""],
    ] as const) {
      await show(join(folder, "pointer.c"));
      await vscode.commands.executeCommand(command);
      await eventually(`${command} in both files`, async () => {
        await vscode.workspace.saveAll();
        return diffOf(folder) === expected;
      });
    }
  });

  it("places a constant and a variable, in the section of each kind", async () => {
    const folder = folderNamed("input-thread");
    const document = await show(join(folder, "pointer.c"));
    await act(document, "short sine_table", "Place sine_table in Locked Section");
    await act(document, "short pressure_curve", "Place pressure_curve in Locked Section");
    await act(document, "struct motion history", "Place history in Locked Section");
    await vscode.workspace.saveAll();
    assert.equal(sectionOf(folder, "build/input-thread", "sine_table"), "input_table");
    assert.equal(sectionOf(folder, "build/input-thread", "pressure_curve"), "input_data");
    assert.equal(sectionOf(folder, "build/input-thread", "history"), "locked_bss");
  });

  it("places a C++ function in its namespace", async () => {
    const folder = folderNamed("cpp-mixer");
    const document = await show(join(folder, "mixer.cpp"));
    asked = answering({});
    await act(document, "65536>& sine() {", "Place audio::sine in Locked Section");
    assert.deepEqual(asked.messages, []);
    assert.match(diffOf(folder), /"symbol": "audio::.*sine/);
    assert.equal(sectionOf(folder, "build/mixer", "_ZN5audio4sineEv"), "locked_text");
  });

  it("leads to the linker script what gcc would refuse in the source", async () => {
    const folder = folderNamed("cpp-mixer");
    const document = await show(join(folder, "mixer.cpp"));
    asked = answering({ press: (_, buttons) => buttons.find((button) => button === "Place by Linker Script") });
    await act(document, "sample = echo(sample)", "Place audio::Delay::process in Locked Section");
    assert.match(asked.messages[0] ?? "", /inline function/);
    assert.match(readFileSync(join(folder, "locked-sections.ld"), "utf8"), /\.text\._ZN5audio5Delay7process/);
    assert.match(diffOf(folder), /"symbol": "audio::Delay::process.*"kind": "text", "by": "script"/);
  });

  it("places a Rust static and function", async () => {
    const folder = folderNamed("rust-ring");
    const document = await show(join(folder, "ring.rs"));
    const line = lineOf(document, /^\s*static /);
    const [place] = await actionsIn(document, line, /^Place .* in Locked Section$/);
    assert.ok(place !== undefined);
    await run(place);
    assert.match(diffOf(folder), /^\+.*link_section = "locked_/m);
  });

  it("says why it cannot, changes nothing, and offers no script where none would help", async () => {
    const folder = folderNamed("input-thread");
    const document = await show(join(folder, "pointer.c"));
    asked = answering({});
    await act(document, "unsigned events_of_this_thread;", "Place events_of_this_thread in Locked Section");
    assert.match(asked.messages.join("\n"), /thread-local/);
    assert.equal(diffOf(folder), "");
  });

  it("takes back what the compiler refuses, and says what it said", async () => {
    const folder = folderNamed("input-thread");
    const document = await show(join(folder, "pointer.c"));
    // From here on the attribute's own name is an error where it is spelled out.
    const edit = new vscode.WorkspaceEdit();
    const line = lineOf(document, /#include <time.h>/);
    edit.insert(document.uri, new vscode.Position(line + 1, 0), "#pragma GCC poison section\n");
    await vscode.workspace.applyEdit(edit);
    await document.save();
    asked = answering({});
    const before = document.getText();
    await act(document, "short pressure_curve", "Place pressure_curve in Locked Section");
    assert.equal(document.getText(), before);
    assert.equal(document.isDirty, false);
    assert.match(asked.messages.join("\n"), /does not compile any more/);
  });

  it("says so where nothing had to be changed", async () => {
    const folder = folderNamed("input-thread");
    const document = await show(join(folder, "pointer.c"));
    asked = answering({});
    await act(document, "static unsigned handled", "Place handled in Locked Section");
    assert.match(asked.messages.join("\n"), /already/);
    assert.doesNotMatch(diffOf(folder), /INPUT_DATA/);
  });
});

describe("placing from trees", () => {
  it("takes rows of the tree of faults and of lock sets, several at once, in one edit", async () => {
    const folder = folderNamed("input-thread");
    const at = (line: number) => ({ file: join(folder, "pointer.c"), line });
    const document = await show(join(folder, "pointer.c"));
    const before = document.getText();
    const row = { kind: "function", object: "rotate", region: join(folder, "build/input-thread"), ...at(0) };
    const rotate = { ...row, line: lineOf(document, /int rotate\(/) + 1 };
    const part = { kind: "object", symbol: "history", source: at(lineOf(document, /motion history/) + 1) };
    await vscode.commands.executeCommand(CommandId.Place, rotate, [rotate, part]);
    assert.match(diffOf(folder), /"symbol": "rotate".*\n.*"symbol": "history"/);
    assert.notEqual(document.getText(), before);
  });
});

describe("placing with everything it reaches", () => {
  it("shows what is not locked yet, and places what is chosen of it in one edit", async () => {
    const folder = folderNamed("input-thread");
    const document = await show(join(folder, "pointer.c"));
    // Of several to choose from the tests' answer is the first one.
    asked = answering({ pickMany: (labels) => labels.map((_, index) => index) });
    await act(document, "void pointer_handle(const struct", "Place pointer_handle with Everything It Reaches…");
    assert.equal(asked.picks.length, 1, asked.messages.join("\n"));
    const [shown = []] = asked.picks;
    for (const name of ["rotate", "pressure_curve", "sine_table"]) assert.ok(shown.includes(name), shown.join());
    for (const name of ["cursor_x", "gain", "main"]) assert.ok(!shown.includes(name), shown.join());
    await vscode.workspace.saveAll();
    assert.equal(sectionOf(folder, "build/input-thread", "rotate"), "input_code");
    assert.equal(sectionOf(folder, "build/input-thread", "sine_table"), "input_table");
    assert.equal(sectionOf(folder, "build/input-thread", "pressure_curve"), "input_data");
  });
});

describe("placing by a linker script", () => {
  it("makes the script, keeps the placement, and tells what the build must pass", async () => {
    const folder = folderNamed("input-thread");
    const document = await show(join(folder, "pointer.c"));
    asked = answering({ press: (_, buttons) => buttons.find((button) => button === "Copy Options") });
    await act(document, "return x + ((x", "Place rotate in Locked Section by Linker Script");
    const script = readFileSync(join(folder, "locked-sections.ld"), "utf8");
    assert.match(script, /\*\(\.text\.rotate\)/);
    assert.match(diffOf(folder), /"symbol": "rotate", "kind": "text", "by": "script"/);
    const options = await vscode.env.clipboard.readText();
    assert.equal(options, "-ffunction-sections -fdata-sections -Wl,-T,locked-sections.ld");
    assert.equal(sectionOf(folder, "build/input-thread", "rotate", `CFLAGS=-O2 -g ${options}`), "input_code");
  });

  it("adds what the build must pass to the Makefile, in one step that can be undone", async () => {
    const folder = folderNamed("input-thread");
    const document = await show(join(folder, "pointer.c"));
    asked = answering({ press: (_, buttons) => buttons.find((button) => button === "Add to Makefile") });
    await act(document, "return x + ((x", "Place rotate in Locked Section by Linker Script");
    assert.match(diffOf(folder), /^\+.*input-thread: LDFLAGS \+= -Wl,-T,locked-sections\.ld/m);
    assert.equal(sectionOf(folder, "build/input-thread", "rotate"), "input_code");
    const makefile = await show(join(folder, "Makefile"));
    await vscode.commands.executeCommand("undo");
    await makefile.save();
    assert.doesNotMatch(diffOf(folder), /Makefile/);
  });
});

describe("verifying", () => {
  it("follows the build: not built yet, then verified, with its section and pages", async () => {
    const folder = folderNamed("input-thread");
    const document = await show(join(folder, "pointer.c"));
    await act(document, "return x + ((x", "Place rotate in Locked Section");
    await eventually("the placement waits for the build", () => {
      return verified.current.some(({ placements }) => placements.some(({ unbuilt }) => unbuilt)) || undefined;
    });
    assert.deepEqual(problemsIn(join(folder, "pointer.c")), []);
    assert.equal(sectionOf(folder, "build/input-thread", "rotate"), "input_code");
    const built = await eventually("it is verified after the build", () => {
      const found = verified.current.flatMap(({ placements }) => placements)[0];
      return found?.verification?.mismatches.length === 0 ? found : undefined;
    });
    assert.deepEqual(
      built.verification?.placed.map(({ name, pages }) => ({ name, pages })),
      [{ name: "rotate", pages: 1 }],
    );
    assert.deepEqual(problemsIn(join(folder, "pointer.c")), []);
  });

  it("says at its definition what was built without it, and takes it back when it is placed no more", async () => {
    const folder = folderNamed("input-thread");
    const path = join(folder, "pointer.c");
    const document = await show(path);
    const project = await vscode.workspace.openTextDocument(join(folder, "faultline.json"));
    const edit = new vscode.WorkspaceEdit();
    const entry = '"placements": [{ "symbol": "rotate", "kind": "text" }, { "symbol": "clamp", "kind": "text" }],';
    edit.insert(project.uri, new vscode.Position(1, 0), `  ${entry}\n`);
    await vscode.workspace.applyEdit(edit);
    await project.save();
    sectionOf(folder, "build/input-thread", "rotate");
    const problems = await eventually("both are problems", () => {
      const found = problemsIn(path);
      return found.length === 2 ? found : undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)} ${JSON.stringify(verified.current)}`);
    });
    assert.deepEqual(
      problems.map(({ code, range }) => [code, document.lineAt(range.start.line).text.includes("rotate(")]).sort(),
      [
        ["elsewhere", true],
        ["inlined", false],
      ],
    );
    execFileSync("git", ["checkout", "--quiet", "."], { cwd: folder });
    await eventually("they are gone", () => (problemsIn(path).length === 0 ? true : undefined));
  });
});

describe("marking as critical", () => {
  it("adds the function to faultline.json, once", async () => {
    const folder = folderNamed("input-thread");
    const document = await show(join(folder, "pointer.c"));
    await act(document, "return x + ((x", "Mark rotate as Critical");
    assert.match(readFileSync(join(folder, "faultline.json"), "utf8"), /"critical": \["pointer_handle", "rotate"\]/);
    assert.ok(!(await titlesAt(document, "return x + ((x")).includes("Mark rotate as Critical"));
  });
});

async function actionsIn(document: vscode.TextDocument, line: number, title: RegExp) {
  const { range } = document.lineAt(line);
  return (await actionsAtPosition(document, range.end)).filter((action) => title.test(action.title));
}

function lineOf(document: vscode.TextDocument, pattern: RegExp): number {
  const line = document
    .getText()
    .split("\n")
    .findIndex((text) => pattern.test(text));
  assert.ok(line >= 0, `no ${String(pattern)}`);
  return line;
}

/** Of what is built anew, as readelf says. */
function sectionOf(folder: string, program: string, symbol: string, ...flags: readonly string[]): string {
  rebuilt.add(folder);
  execFileSync("make", ["--silent", "-B", ...flags], { cwd: folder, stdio: "pipe" });
  const readelf = (option: string): string =>
    execFileSync("readelf", [option, "-W", program], { cwd: folder, encoding: "utf8" });
  const line = readelf("-s")
    .split("\n")
    .find((one) => one.endsWith(` ${symbol}`) && /FUNC|OBJECT/.test(one));
  const index = line?.trim().split(/\s+/)[6];
  const found = new RegExp(`^ *\\[ *${index}\\] (\\S+)`, "m").exec(readelf("-S"));
  return found?.[1] ?? "";
}

function problemsIn(path: string): readonly vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(vscode.Uri.file(path)).filter(({ source }) => source === "Faultline");
}
