import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as vscode from "vscode";
import { after, afterEach, before, describe, it } from "mocha";
import type { Report } from "../../../src/core/report/report.js";
import { CommandId, SettingId } from "../../../src/extension/ids.js";
import type { EditorPart } from "../../../src/extension/editor/register.js";
import { answering } from "../support/answers.js";
import { activated, eventually, folderNamed, openTrace, recorded, reported, show } from "../support/extension.js";
import { faultsText, linesOf } from "../support/lines.js";

describe("annotations", () => {
  let editor: EditorPart;
  let folder: string;
  let trace: string;
  let report: Report;

  const annotated = (document: vscode.TextDocument) =>
    eventually("annotations", () => {
      const found = editor.annotationsFor(document);
      return found.length > 0 ? found : undefined;
    });

  before(async () => {
    ({ editor } = await activated());
    folder = folderNamed("input-thread");
    trace = recorded(folder, "annotations", ["build/input-thread"]);
    report = reported(folder, trace);
    await openTrace(trace);
  });

  afterEach(async () => {
    await vscode.commands.executeCommand("workbench.action.files.revert");
  });

  after(async () => {
    await vscode.commands.executeCommand(CommandId.ClearTrace);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("stand on the lines of the command line's report, with its numbers, in a file opened later", async () => {
    const wanted = linesOf(report, "pointer.c");
    assert.ok(wanted.length > 0);
    const shown = await annotated(await show(join(folder, "pointer.c")));
    const own = shown.filter(({ heat }) => heat !== undefined);
    assert.deepEqual(
      own.map(({ line }) => line),
      wanted.map(({ line }) => line),
    );
    for (const [at, { faults }] of wanted.entries()) assert.equal(own[at]?.text.split(" · ")[0], faultsText(faults));
    assert.deepEqual(new Set(shown.map(({ staleness }) => staleness)), new Set([undefined]));
  });

  it("tell in the hover what was touched", async () => {
    const document = await show(join(folder, "pointer.c"));
    await annotated(document);
    const row = report.lines.filter(({ file }) => file.endsWith("/pointer.c")).sort((a, b) => b.faults - a.faults)[0]!;
    const hover = await hoverAt(document, row.line - 1);
    assert.ok(hover.includes(faultsText(row.faults)), hover);
    assert.ok(hover.includes(`in ${row.function.replaceAll("_", "\\_")}`), hover);
    for (const { name } of row.objects.slice(0, 3)) assert.ok(unescaped(hover).includes(name), `${name} in ${hover}`);
    assert.match(hover, /command:faultline\.revealOnMap\?/);
  });

  it("say nothing about lines without faults", async () => {
    const document = await show(join(folder, "pointer.c"));
    await annotated(document);
    assert.equal(await hoverAt(document, 0), "");
  });

  it("move with the text, and are stale, after an edit", async () => {
    const document = await show(join(folder, "pointer.c"));
    const before = await annotated(document);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), "/* One line more. */\n");
    await vscode.workspace.applyEdit(edit);
    const stale = await eventually("stale annotations", () => {
      const found = editor.annotationsFor(document);
      return found.every(({ staleness }) => staleness === "edited") ? found : undefined;
    });
    assert.deepEqual(
      stale.map(({ line }) => line),
      before.map(({ line }) => line + 1),
    );
    assert.match(stale[0]!.text, /stale/);
  });

  it("are stale after the program was built again", async () => {
    const document = await show(join(folder, "pointer.c"));
    await annotated(document);
    const later = Date.now() / 1000 + 60;
    utimesSync(join(folder, "build/input-thread"), later, later);
    await eventually("stale annotations", () =>
      editor.annotationsFor(document).every(({ staleness }) => staleness === "rebuilt") ? true : undefined,
    );
    execFileSync("touch", [join(folder, "build/input-thread")]);
    await openTrace(trace);
  });

  it("appear above functions, where lenses are switched on", async () => {
    const document = await show(join(folder, "pointer.c"));
    await annotated(document);
    const lenses = () =>
      vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", document.uri);
    assert.deepEqual(await lenses(), []);
    const settings = vscode.workspace.getConfiguration();
    await settings.update(SettingId.CodeLensEnabled, true, vscode.ConfigurationTarget.Global);
    try {
      const functions = report.functions.filter(({ file }) => file?.endsWith("/pointer.c"));
      assert.ok(functions.length > 0);
      await eventually("a lens a function", async () =>
        (await lenses()).length === functions.length ? true : undefined,
      );
    } finally {
      await settings.update(SettingId.CodeLensEnabled, undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it("are those of the folder whose trace is open", async () => {
    const other = folderNamed("cpp-mixer");
    const mixer = recorded(other, "annotations", ["build/mixer", "20"]);
    await openTrace(mixer);
    const document = await show(join(other, "mixer.cpp"));
    const shown = await annotated(document);
    assert.deepEqual(
      shown.filter(({ heat }) => heat !== undefined).map(({ line }) => line),
      linesOf(reported(other, mixer), "mixer.cpp").map(({ line }) => line),
    );
    assert.deepEqual(editor.annotationsFor(await show(join(folder, "pointer.c"))), []);
    await openTrace(trace);
  });

  it("find sources that moved by the map in faultline.json", async () => {
    const elsewhere = recordedElsewhere(folder, "elsewhere");
    await openTrace(elsewhere);
    const document = await show(join(folder, "pointer.c"));
    assert.deepEqual(editor.annotationsFor(document), []);
    const project = join(folder, "faultline.json");
    const before = readFileSync(project, "utf8");
    writeFileSync(project, JSON.stringify({ sourceMap: { "/built/elsewhere": "." } }));
    try {
      await openTrace(elsewhere);
      assert.ok((await annotated(document)).length > 0);
    } finally {
      writeFileSync(project, before);
    }
  });

  it("are not stale in a clone that is younger than the program, until one of its files is edited", async () => {
    const elsewhere = recordedElsewhere(folder, "cloned");
    const clone = join(folder, "clone");
    mkdirSync(clone);
    const source = join(clone, "pointer.c");
    copyFileSync(join(folder, "pointer.c"), source);
    const project = join(folder, "faultline.json");
    const before = readFileSync(project, "utf8");
    writeFileSync(project, JSON.stringify({ sourceMap: { "/built/elsewhere": "clone" } }));
    try {
      await openTrace(elsewhere);
      const document = await show(source);
      const shown = await annotated(document);
      assert.deepEqual(new Set(shown.map(({ staleness }) => staleness)), new Set([undefined]));
      const later = Date.now() / 1000 + 3600;
      utimesSync(source, later, later);
      await openTrace(elsewhere);
      await eventually("stale annotations", () =>
        editor.annotationsFor(document).every(({ staleness }) => staleness === "edited") ? true : undefined,
      );
    } finally {
      writeFileSync(project, before);
      rmSync(clone, { recursive: true });
    }
  });

  it("find sources that moved by the first map in launch.json whose file is there", async () => {
    const elsewhere = recordedElsewhere(folder, "launched");
    const restore = await launchMaps(folder, ["nowhere", "."]);
    try {
      await openTrace(elsewhere);
      assert.ok((await annotated(await show(join(folder, "pointer.c")))).length > 0);
    } finally {
      await restore();
    }
  });

  it("offer to locate what no map in launch.json finds, and remember the place", async () => {
    const project = join(folder, "faultline.json");
    const before = readFileSync(project, "utf8");
    const elsewhere = recordedElsewhere(folder, "located");
    const restore = await launchMaps(folder, ["nowhere", "neither/here"]);
    const asked = answering({
      press: (message, buttons) => (/built elsewhere/.test(message) ? buttons[0] : undefined),
      pick: (labels) => labels.findIndex((label) => label.endsWith(".c")),
    });
    try {
      await openTrace(elsewhere);
      const document = await show(join(folder, "pointer.c"));
      assert.ok((await annotated(document)).length > 0);
      assert.equal(asked.messages.filter((message) => /built elsewhere/.test(message)).length, 1);
      const { sourceMap } = JSON.parse(readFileSync(project, "utf8")) as { sourceMap: Record<string, string> };
      assert.deepEqual(sourceMap, { "/built/elsewhere": "." });
    } finally {
      asked.restore();
      await restore();
      writeFileSync(project, before);
    }
  });

  it("go with the trace", async () => {
    const document = await show(join(folder, "pointer.c"));
    await annotated(document);
    await vscode.commands.executeCommand(CommandId.ClearTrace);
    assert.deepEqual(editor.annotationsFor(document), []);
  });
});

/** A trace of a program whose sources were at /built/elsewhere when it was compiled. */
function recordedElsewhere(folder: string, name: string): string {
  const program = join(folder, "build/elsewhere");
  const sources = ["input-thread.c", "pointer.c"].map((source) => join(folder, source));
  const moved = `-ffile-prefix-map=${folder}=/built/elsewhere`;
  execFileSync("gcc", ["-O2", "-g", moved, "-pthread", "-o", program, ...sources, "-lm"], { cwd: folder });
  return recorded(folder, name, [program]);
}

/** Configurations that map /built/elsewhere to these folders, as a person has them in launch.json; returns how they go. */
async function launchMaps(folder: string, places: readonly string[]): Promise<() => Promise<void>> {
  const launch = vscode.workspace.getConfiguration("launch", vscode.Uri.file(folder));
  const configurations = places.map((place) => ({
    name: place,
    type: "cppdbg",
    request: "launch",
    sourceFileMap: { "/built/elsewhere": `\${workspaceFolder}/${place}` },
  }));
  const update = async (value: unknown) =>
    launch.update("configurations", value, vscode.ConfigurationTarget.WorkspaceFolder);
  await update(configurations);
  return async () => update(undefined);
}

async function hoverAt(document: vscode.TextDocument, line: number): Promise<string> {
  const found = await vscode.commands.executeCommand<vscode.Hover[]>(
    "vscode.executeHoverProvider",
    document.uri,
    new vscode.Position(line, 2),
  );
  const contents = found.flatMap((hover) => hover.contents);
  return contents.map((content) => (typeof content === "string" ? content : content.value)).join("\n");
}

function unescaped(markdown: string): string {
  return markdown.replace(/\\([!-/:-@[-`{-~])/g, "$1");
}
