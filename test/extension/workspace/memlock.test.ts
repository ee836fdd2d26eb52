import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import { after, afterEach, before, describe, it } from "mocha";
import { CommandId } from "../../../src/extension/ids.js";
import type { MemlockPart } from "../../../src/extension/memlock/register.js";
import type { Services } from "../../../src/extension/services.js";
import { answering, type Asked } from "../support/answers.js";
import { activated, choose, folderNamed, show } from "../support/extension.js";

/** A program that sleeps, under a name that no other process of the machine has. */
const NAME = `fl-sleep-${process.pid}`.slice(0, 15);
const sleeper = join(mkdtempSync(join(tmpdir(), "fl-sleep-")), NAME);

before(() => {
  copyFileSync("/bin/sleep", sleeper);
});

after(() => {
  rmSync(dirname(sleeper), { recursive: true, force: true });
});

describe("finding what to lock", () => {
  let services: Services;
  let memlock: MemlockPart;
  let folder: string;
  let asked: Asked | undefined;

  before(async () => {
    ({ services, memlock } = await activated());
    folder = folderNamed("input-thread");
    await choose(services, folder, { kind: "project" });
    await show(join(folder, "pointer.c"));
  });

  afterEach(() => {
    asked?.restore();
  });

  it("shows exactly what it will run, stimuli too, and runs nothing when told not to", async () => {
    asked = answering({});
    const traces = tracesIn(folder).length;
    await vscode.commands.executeCommand(CommandId.FindWhatToLock);
    assert.equal(asked.messages.length, 1);
    const [question = ""] = asked.messages;
    assert.match(question, /^First: make$/m);
    assert.match(question, /^build\/input-thread$/m);
    assert.match(question, /^stimulus motion .*build\/send-events 1$/m);
    assert.equal(tracesIn(folder).length, traces);
    assert.equal(memlock.lockSet.current, undefined);
  });

  it("ends with the pages that one event needs, in the program's own terms, and keeps the evidence", async function () {
    this.timeout(SEARCH_MS);
    asked = answering({ press: (_, buttons) => buttons[0] });
    await vscode.commands.executeCommand(CommandId.FindWhatToLock);
    const set = memlock.lockSet.current;
    assert.ok(set !== undefined, asked.messages.join("\n"));
    assert.equal(set.faultsAfter, 0);
    assert.ok(set.pages > 3 && set.bytes <= 300 * 1024, `${set.bytes} bytes`);
    const own = set.parts.filter((part) => part.own).flatMap(({ objects }) => objects);
    const declared = own.filter(({ reached, declaration }) => reached && declaration?.file.startsWith(folder));
    assert.ok(declared.length > 0, own.map(({ name }) => name).join());
    assert.ok(set.tracePath !== undefined && existsSync(join(set.tracePath, "lockset.json")));
  });

  it("shows what was found again from its trace", async () => {
    const set = memlock.lockSet.current;
    assert.ok(set?.tracePath !== undefined);
    memlock.lockSet.show(undefined);
    await vscode.commands.executeCommand(CommandId.ShowLockSet, { path: set.tracePath });
    assert.deepEqual(JSON.parse(JSON.stringify(memlock.lockSet.current)), JSON.parse(JSON.stringify(set)));
  });

  it("copies the set as C", async () => {
    asked = answering({});
    await vscode.commands.executeCommand(CommandId.CopyLockSetCode);
    const code = await vscode.env.clipboard.readText();
    assert.match(code, /^\/\* Lock \d+ kB in \d+ pages: irreducible for the observed intervals\./);
    assert.match(code, /faultline_generated_lock_set = \{ranges/);
  });

  it("proves nothing for a program that locks nothing, and says so in a document", async () => {
    asked = answering({ press: (_, buttons) => buttons.find((label) => label !== "Run Elevated") });
    await vscode.commands.executeCommand(CommandId.ProveFaultFree);
    const text = vscode.window.activeTextEditor?.document.getText() ?? "";
    assert.match(text, /^Proof: .*input-thread/);
    assert.match(text, /Not fault-free: \d+ page faults in \d+ intervals\./);
    assert.match(asked.messages.at(-1) ?? "", /Not fault-free/);
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
  });
});

describe("a running process", () => {
  it("is locked after what that does was confirmed, and unlocked again", async () => {
    const { memlock } = await activated();
    const child = spawn(sleeper, ["60"]);
    const pid = String(child.pid);
    let way = "Everything it has mapped";
    const asked = answering({
      pick: (labels) => labels.indexOf(labels.includes(NAME) ? NAME : way),
      press: (_, buttons) => buttons[0],
    });
    const charged = () => Number(/VmLck:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    try {
      await vscode.commands.executeCommand(CommandId.LockProcess);
      const [question = ""] = asked.messages;
      assert.ok(question.includes(NAME) && question.includes(pid), question);
      assert.match(question, /^all memory \(current\): [\d.]+ .?B$/m);
      assert.ok(charged() > 500, asked.messages.join("\n"));
      assert.equal(memlock.lockedMemory.shown[0]?.label.endsWith("locked"), true);
      assert.notEqual(memlock.lockedMemory.shown[0]?.label, "0 B locked");
      way = "Undo what was locked this way";
      await vscode.commands.executeCommand(CommandId.LockProcess);
      assert.equal(charged(), 0, asked.messages.join("\n"));
    } finally {
      asked.restore();
      child.kill("SIGKILL");
    }
  });

  it("is left alone when the answer is no", async () => {
    const child = spawn(sleeper, ["60"]);
    const asked = answering({ pick: (labels) => Math.max(0, labels.indexOf(NAME)) });
    try {
      await vscode.commands.executeCommand(CommandId.LockProcess);
      assert.equal(asked.messages.length, 1);
      assert.match(readFileSync(`/proc/${child.pid ?? 0}/status`, "utf8"), /VmLck:\s+0 kB/);
    } finally {
      asked.restore();
      child.kill("SIGKILL");
    }
  });
});

describe("the locked memory of a process", () => {
  it("is shown mapping by mapping, until the process ends", async () => {
    const { memlock } = await activated();
    const child = spawn(sleeper, ["60"]);
    const asked = answering({ pick: (labels) => labels.indexOf(NAME) });
    try {
      await vscode.commands.executeCommand(CommandId.WatchLockedMemory);
      const labels = memlock.lockedMemory.shown.map(({ label }) => label);
      assert.equal(labels[0], "0 B locked");
      assert.ok(labels.includes(NAME) && labels.includes("[stack]"), labels.join());
    } finally {
      asked.restore();
      child.kill("SIGKILL");
    }
  });
});

/** A busy machine takes its time for some hundred runs. */
const SEARCH_MS = 150_000;

function tracesIn(folder: string): readonly string[] {
  const traces = join(folder, ".faultline/traces");
  return existsSync(traces) ? readdirSync(traces) : [];
}
