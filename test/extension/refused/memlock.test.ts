import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { after, afterEach, before, describe, it } from "mocha";
import { CommandId } from "../../../src/extension/ids.js";
import { answering, type Asked } from "../support/answers.js";
import { activated, choose, folderNamed, show } from "../support/extension.js";

const ELEVATED = "Run Elevated";
const WHO = process.getuid?.bind(process);

/** It notes what it is asked to run, and runs it: nobody is here to type a password. */
const SUDO = '#!/bin/sh\necho "$@" >> "$(dirname "$0")/ran"\nexec "$@"\n';

function terminals(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("terminal.integrated");
}

describe("proving fault-free where perf events are refused", () => {
  let bin: string;
  let path: string | undefined;
  let asked: Asked | undefined;

  before(async () => {
    const { services } = await activated();
    const folder = folderNamed("input-thread");
    await choose(services, folder, { kind: "project" });
    await show(join(folder, "pointer.c"));
    bin = mkdtempSync(join(tmpdir(), "fl-sudo-"));
    writeFileSync(join(bin, "sudo"), SUDO);
    chmodSync(join(bin, "sudo"), 0o755);
    path = process.env["PATH"];
    const changed = `${bin}:${path ?? ""}`;
    process.env["PATH"] = changed;
    await terminals().update("env.linux", { PATH: changed }, vscode.ConfigurationTarget.Global);
    // Whoever is root already is not asked.
    process.getuid = () => 1000;
  });

  after(async () => {
    process.env["PATH"] = path;
    await terminals().update("env.linux", undefined, vscode.ConfigurationTarget.Global);
    if (WHO !== undefined) process.getuid = WHO;
    rmSync(bin, { recursive: true, force: true });
  });

  afterEach(() => {
    asked?.restore();
  });

  it("is offered elevated, is run by sudo in a terminal, and its answer comes back into the editor", async () => {
    const offered: string[][] = [];
    asked = answering({
      press: (message, buttons) => {
        if (message.includes("again and again")) return buttons[0];
        offered.push([...buttons]);
        return buttons.includes(ELEVATED) ? ELEVATED : undefined;
      },
    });
    await vscode.commands.executeCommand(CommandId.ProveFaultFree);
    // What was run elevated is not offered elevated once more.
    assert.deepEqual(offered, [[ELEVATED], []], asked.messages.join("\n"));
    assert.match(readFileSync(join(bin, "ran"), "utf8"), /^env ELECTRON_RUN_AS_NODE=1 .* prove --save \S+\n$/);
    assert.match(vscode.window.activeTextEditor?.document.getText() ?? "", /^Proof: .*input-thread/);
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
  }).timeout(120_000);
});
