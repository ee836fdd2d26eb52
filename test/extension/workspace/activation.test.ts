import assert from "node:assert/strict";
import * as vscode from "vscode";
import { describe, it } from "mocha";
import { CommandId } from "../../../src/extension/ids.js";
import { extension } from "../support/extension.js";

describe("activation", () => {
  it("waits for the first use", () => {
    assert.equal(extension().isActive, false);
  });

  it("registers every command", async () => {
    await extension().activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = Object.values(CommandId).filter((id) => !registered.has(id));
    assert.deepEqual(missing, []);
  });
});
