import { readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { compileSupport } from "../support/faultline.js";
import { openPackaged, type Opened } from "../support/packaged.js";
import {
  isExtensionHost,
  isRecorder,
  isVscode,
  processAt,
  processesAt,
  type ServerProcess,
} from "../support/server-processes.js";
import { pictures, type Workbench } from "../support/workbench.js";

const folder = pictures("survival");
/** Of the program, which touches twenty pages a second. */
const SECONDS = 15;
const BEATS = SECONDS * 20;
/** For all that is waited for, also on a busy machine. */
const PATIENT = { timeout: 40_000, interval: 250 };
const TEST = { timeout: 150_000 };

let opened: Opened;
let window: Workbench;

const picture = (name: string) => window.page.screenshot({ path: join(folder, `${name}.png`) });
const isProgram = ({ command }: ServerProcess): boolean => command.startsWith("build/steady");
const ours = () => processesAt(opened.home).filter((one) => !isVscode(one));
const pane = (name: RegExp) => window.page.locator(".pane", { hasText: name }).locator(".monaco-list-row");
const faults = () => pane(/^Faults/);
const traces = () => pane(/^Traces/);

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await picture(`failed-${task.name.split(" ").slice(0, 4).join("-")}`);
  await opened?.close();
});

it("the extension host is killed: the recording goes on to its end, and its trace opens", TEST, async () => {
  await record();
  process.kill((await processAt(opened.home, isExtensionHost)).pid, "SIGKILL");
  await sleep(2000);
  await picture("1-host-killed");
  expect(ours().map((one) => isRecorder(one) || isProgram(one))).toEqual([true, true]);
  await ended();
  expect(await opensTrace("1-opened")).toBe(BEATS);
});

it("the recorder is killed: what it wrote opens by itself", TEST, async () => {
  await record();
  process.kill((await processAt(opened.home, isRecorder)).pid, "SIGKILL");
  await ended();
  expectPart(await opensTrace("2-opened"));
});

it(
  "the terminal is closed: the program and the recording end with it, and the trace opens by itself",
  TEST,
  async () => {
    await record();
    await window.command("Terminal: Kill the Active Terminal Instance");
    await ended();
    await picture("3-terminal-killed");
    await opensTrace("3-opened");
  },
);

it("the window is closed: the recording goes on, and its trace opens on return", TEST, async () => {
  await record();
  await window.leave();
  await sleep(2000);
  expect(ours().map((one) => isRecorder(one) || isProgram(one))).toEqual([true, true]);
  window = await window.reopen(opened.url);
  await picture("4-returned");
  await ended();
  expect(await opensTrace("4-opened")).toBe(BEATS);
});

it("the whole of VS Code ends: the program ends with it, and the trace opens on return", TEST, async () => {
  await record();
  const url = await opened.restart();
  await ended();
  window = await window.reopen(url);
  expectPart(await opensTrace("5-opened"));
});

/** Opens a VS Code and records the program there, until some of its faults are counted. */
async function record(): Promise<void> {
  opened = await openPackaged("input-thread");
  window = opened.workbench;
  const program = compileSupport("steady", join(opened.folder, "build"));
  const project = { program: `build/${basename(program)}`, arguments: [String(SECONDS)] };
  writeFileSync(join(opened.folder, "faultline.json"), JSON.stringify(project));
  const { page, choices, command } = window;
  await command("Faultline: Trace Page Faults");
  await choices.filter({ hasText: "steady" }).first().click();
  await page.locator(".monaco-dialog-box").getByRole("button", { name: "Trace" }).click();
  await page.locator(".statusbar-item", { hasText: /\d+ faults/ }).waitFor();
  await processAt(opened.home, isProgram);
}

/** The recording has come to its end, and nothing of it is left. */
async function ended(): Promise<void> {
  await expect.poll(ours, PATIENT).toEqual([]);
  expect(readdirSync(opened.temporary).filter((name) => name.startsWith("faultline-"))).toEqual([]);
}

/** The library lists it, and a click shows the faults of the program's function: how many. */
async function opensTrace(name: string): Promise<number> {
  await window.command("View: Show Faultline");
  await traces().filter({ hasText: "steady" }).first().click();
  const row = faults().filter({ hasText: "beat" }).first();
  await row.waitFor();
  await picture(name);
  const description = await row.locator(".label-description").innerText();
  return Number.parseInt(description, 10);
}

function expectPart(faults: number): void {
  expect(faults).toBeGreaterThan(0);
  expect(faults).toBeLessThan(BEATS);
}
