import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { after, afterEach, before, describe, it } from "mocha";
import { CommandId } from "../../../src/extension/ids.js";
import type { EditorPart } from "../../../src/extension/editor/register.js";
import type { Services } from "../../../src/extension/services.js";
import { answering, type Asked } from "../support/answers.js";
import { activated, choose, eventually, folderNamed, reported, show } from "../support/extension.js";
import { faultsText, linesOf } from "../support/lines.js";

describe("tracing", () => {
  let services: Services;
  let editor: EditorPart;
  let folder: string;
  let asked: Asked | undefined;

  before(async () => {
    ({ services, editor } = await activated());
    folder = folderNamed("input-thread");
    await choose(services, folder, { kind: "project" });
    await show(join(folder, "pointer.c"));
  });

  afterEach(() => {
    asked?.restore();
  });

  after(async () => {
    await vscode.commands.executeCommand(CommandId.ClearTrace);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("shows exactly what it will run, and runs nothing when told not to", async () => {
    asked = answering({});
    const before = tracesIn(folder);
    await vscode.commands.executeCommand(CommandId.Trace);
    assert.equal(asked.messages.length, 1);
    const [question = ""] = asked.messages;
    assert.match(question, /^First: make$/m);
    assert.match(question, /^build\/input-thread$/m);
    assert.ok(question.includes(folder));
    assert.deepEqual(tracesIn(folder), before);
    assert.equal(services.recordings.current, undefined);
  });

  it("runs it, and annotates the lines with the numbers of the command line", async () => {
    asked = answering({ press: (_, buttons) => buttons[0] });
    const seen: string[] = [];
    const listener = services.recordings.onDidChange(() => {
      const state = services.recordings.current?.state;
      if (state !== undefined && state !== seen.at(-1)) seen.push(state);
    });
    const before = tracesIn(folder);
    await vscode.commands.executeCommand(CommandId.Trace);
    listener.dispose();
    assert.equal(services.recordings.current, undefined);
    assert.equal(seen[0], "starting");
    assert.ok(seen.includes("recording"), seen.join());
    const [name = ""] = tracesIn(folder).filter((one) => !before.includes(one));
    const trace = join(folder, ".faultline/traces", name);
    assert.equal(services.traces.current?.path, trace);
    const document = await show(join(folder, "pointer.c"));
    const shown = await eventually("annotations", () => {
      const found = editor.annotationsFor(document).filter(({ heat }) => heat !== undefined);
      return found.length > 0 ? found : undefined;
    });
    assert.deepEqual(
      shown.map(({ line, text }) => [line, text.split(" · ")[0]]),
      linesOf(reported(folder, trace), "pointer.c").map(({ line, faults }) => [line, faultsText(faults)]),
    );
  });

  it("does not ask a second time", async () => {
    asked = answering({});
    const before = tracesIn(folder).length;
    await vscode.commands.executeCommand(CommandId.Trace);
    assert.deepEqual(asked.messages, []);
    assert.equal(tracesIn(folder).length, before + 1);
  });

  it("opens a trace that is not there with one sentence, and keeps what is shown", async () => {
    asked = answering({});
    const shown = services.traces.current;
    await vscode.commands.executeCommand(CommandId.OpenTrace, vscode.Uri.file(join(folder, "nowhere")));
    assert.equal(asked.messages.length, 1);
    assert.match(asked.messages[0] ?? "", /nowhere/);
    assert.equal(services.traces.current, shown);
  });

  it("asks the folder of the file that is open", async () => {
    asked = answering({});
    const other = folderNamed("cpp-mixer");
    await choose(services, other, { kind: "project" });
    await show(join(other, "mixer.cpp"));
    await vscode.commands.executeCommand(CommandId.Trace);
    assert.match(asked.messages[0] ?? "", /^build\/mixer 200$/m);
  });

  it("stops a program that does not end by itself, and shows its faults", async () => {
    await choose(services, folder, { kind: "file", path: "/bin/sleep", args: ["1000"] });
    await show(join(folder, "pointer.c"));
    asked = answering({ press: (_, buttons) => buttons[0] });
    const traced = vscode.commands.executeCommand(CommandId.Trace);
    await eventually("a recording", () => services.recordings.current?.state === "recording" || undefined);
    await vscode.commands.executeCommand(CommandId.StopRecording);
    await traced;
    assert.deepEqual(services.traces.current?.report.command, ["/bin/sleep", "1000"]);
    assert.ok((services.traces.current?.report.faults.total ?? 0) > 10);
  });

  it("throws a cancelled trace away", async () => {
    const before = tracesIn(folder);
    const shown = services.traces.current;
    asked = answering({ press: (_, buttons) => buttons[0] });
    const traced = vscode.commands.executeCommand(CommandId.Trace);
    await eventually("a recording", () => services.recordings.current?.state === "recording" || undefined);
    await vscode.commands.executeCommand(CommandId.CancelRecording);
    await traced;
    assert.deepEqual(tracesIn(folder), before);
    assert.equal(services.traces.current, shown);
    await choose(services, folder, { kind: "project" });
  });
});

function tracesIn(folder: string): readonly string[] {
  const traces = join(folder, ".faultline/traces");
  return existsSync(traces) ? readdirSync(traces).sort() : [];
}
