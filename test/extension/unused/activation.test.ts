import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { describe, it } from "mocha";
import { extension, show } from "../support/extension.js";

describe("activation", () => {
  it("waits for the first use, whatever is opened", async () => {
    await show(join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, "pointer.c"));
    await sleep(2000);
    assert.equal(extension().isActive, false);
  });
});
