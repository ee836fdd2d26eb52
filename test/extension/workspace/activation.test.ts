import assert from "node:assert/strict";
import * as vscode from "vscode";
import { describe, it } from "mocha";
import { CommandId } from "../../../src/extension/ids.js";
import { eventually, extension } from "../support/extension.js";

describe("activation", () => {
  it("comes with a project that has a faultline.json: its placements are looked up", async () => {
    await eventually("it is active", () => extension().isActive || undefined);
  });

  it("registers every command", async () => {
    await extension().activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = Object.values(CommandId).filter((id) => !registered.has(id));
    assert.deepEqual(missing, []);
  });
});
