import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { afterEach, before, describe, it } from "mocha";
import { CommandId } from "../../../src/extension/ids.js";
import type { Services } from "../../../src/extension/services.js";
import { answering, type Asked } from "../support/answers.js";
import { activated, choose, eventually, folderNamed, openTrace, recorded, show } from "../support/extension.js";

describe("a workspace that is not trusted", () => {
  let services: Services;
  let folder: string;
  let asked: Asked | undefined;

  before(async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    ({ services } = await activated());
    folder = folderNamed("input-thread");
  });

  afterEach(() => {
    asked?.restore();
  });

  for (const command of [
    CommandId.Trace,
    CommandId.TraceProcess,
    CommandId.ChooseProgram,
    CommandId.FindWhatToLock,
    CommandId.ProveFaultFree,
    CommandId.LockProcess,
  ]) {
    it(`refuses ${command} with one sentence`, async () => {
      await choose(services, folder, { kind: "project" });
      asked = answering({});
      await vscode.commands.executeCommand(command);
      assert.equal(asked.messages.length, 1);
      assert.match(asked.messages[0] ?? "", /trust/i);
      assert.deepEqual(asked.picks, []);
      assert.equal(services.recordings.current, undefined);
      assert.equal(existsSync(join(folder, ".faultline")), false);
    });
  }

  it("shows a trace that is there", async () => {
    const trace = recorded(folder, "looked-at", ["build/input-thread"]);
    await openTrace(trace);
    assert.ok((services.traces.current?.report.faults.total ?? 0) > 50);
    const { editor } = await activated();
    const document = await show(join(folder, "pointer.c"));
    await eventually("annotations", () => editor.annotationsFor(document).length > 0 || undefined);
  });
});
