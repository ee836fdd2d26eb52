import assert from "node:assert/strict";
import { join } from "node:path";
import * as vscode from "vscode";
import { afterEach, before, describe, it } from "mocha";
import { CommandId } from "../../../src/extension/ids.js";
import type { Services } from "../../../src/extension/services.js";
import { answering, type Asked } from "../support/answers.js";
import { activated, choose, eventually, folderNamed, show } from "../support/extension.js";

describe("where perf events are refused", () => {
  let services: Services;
  let folder: string;
  let asked: Asked | undefined;

  before(async () => {
    ({ services } = await activated());
    folder = folderNamed("input-thread");
    await choose(services, folder, { kind: "project" });
    await show(join(folder, "pointer.c"));
  });

  afterEach(() => {
    asked?.restore();
  });

  it("says why in one message, with what can be done about it, and shows the pages that came in", async () => {
    const offered: string[][] = [];
    asked = answering({
      press: (message, buttons) => {
        if (message.includes("build/input-thread")) return buttons[0];
        offered.push([...buttons]);
        return undefined;
      },
    });
    await vscode.commands.executeCommand(CommandId.Trace);
    await eventually("a message", () => offered[0]);
    assert.equal(asked.messages.length, 2);
    assert.match(asked.messages[1] ?? "", /perf_event_open|perf events|permi|refus/i);
    assert.equal(offered.length, 1);
    assert.ok(offered[0]!.length > 0);
    assert.equal(services.traces.current?.report.counted, "pages");
    assert.ok((services.traces.current?.report.pages.length ?? 0) > 20);
  });
});
