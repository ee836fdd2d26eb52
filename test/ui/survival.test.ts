import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { openPackaged, type Opened } from "../support/packaged.js";
import {
  isExtensionHost,
  isRecorder,
  isVscode,
  processAt,
  processesAt,
  type ServerProcess,
} from "../support/server-processes.js";
import { BEATS_A_SECOND, traceSteady } from "../support/steady-recording.js";
import { pictures, type Workbench } from "../support/workbench.js";

const folder = pictures("survival");
/** Of the program. */
const SECONDS = 20;
const BEATS = SECONDS * BEATS_A_SECOND;
/** Two seconds of it. */
const SOME_BEATS = 40;
/** For all that is waited for, also on a busy machine. */
const PATIENT = { timeout: 60_000, interval: 250 };
const TEST = { timeout: 300_000 };

let opened: Opened;
let window: Workbench;

const picture = (name: string) => window.page.screenshot({ path: join(folder, `${name}.png`) });
const isProgram = ({ command }: ServerProcess): boolean => command.startsWith("build/steady");
const ours = () => processesAt(opened.home).filter((one) => !isVscode(one));
const pane = (name: RegExp) => window.page.locator(".pane", { hasText: name }).locator(".monaco-list-row");
const counter = () => window.page.locator(".statusbar-item", { hasText: /\d+ faults/ });
const counted = async () => Number.parseInt(/(\d+) faults/.exec(await counter().innerText())?.[1] ?? "0", 10);
const faults = () => pane(/^Faults/);
const traces = () => pane(/^Traces/);

afterEach(async ({ task }) => {
  try {
    if (task.result?.state === "fail") await picture(`failed-${task.name.split(" ").slice(0, 4).join("-")}`);
  } finally {
    await opened?.close();
  }
});

it("the extension host is killed: the recording goes on to its end, and its trace opens", TEST, async () => {
  await record();
  process.kill((await processAt(opened.home, isExtensionHost)).pid, "SIGKILL");
  await sleep(2000);
  await picture("1-host-killed");
  expect(ours().map((one) => isRecorder(one) || isProgram(one))).toEqual([true, true]);
  await ended();
  await opensTrace("1-opened", (faults) => faults === BEATS);
});

it("the recorder is killed: what it wrote opens by itself", TEST, async () => {
  await record();
  process.kill((await processAt(opened.home, isRecorder)).pid, "SIGKILL");
  await ended();
  await opensTrace("2-opened", isPart);
});

it(
  "the terminal is closed: the program and the recording end with it, and the trace opens by itself",
  TEST,
  async () => {
    await record();
    await window.command("Terminal: Kill the Active Terminal Instance");
    await ended();
    await picture("3-terminal-killed");
    await opensTrace("3-opened", isPart);
  },
);

it("the window is closed: the recording goes on, and its trace opens on return", TEST, async () => {
  await record();
  await window.leave();
  await sleep(2000);
  expect(ours().map((one) => isRecorder(one) || isProgram(one))).toEqual([true, true]);
  window = await window.reopen(opened.url);
  await window.command("Faultline: Focus on Faults View"); // Faultline wakes up, and finds what it left.
  await counter().waitFor();
  await picture("4-returned");
  await ended();
  // Nobody opened it again: it grew where it was shown.
  await expect.poll(counted, PATIENT).toBeGreaterThanOrEqual(BEATS);
  await picture("4-grown");
  await opensTrace("4-opened", (faults) => faults === BEATS);
});

it("the whole of VS Code ends: the program ends with it, and the trace opens on return", TEST, async () => {
  await record();
  const url = await opened.restart();
  await ended();
  window = await window.reopen(url);
  await opensTrace("5-opened", isPart);
});

/** Opens a VS Code and records the program there, until some of its beats are counted, not its start alone. */
async function record(): Promise<void> {
  opened = await openPackaged("input-thread");
  window = opened.workbench;
  await traceSteady(opened, SECONDS);
  await counter().waitFor();
  await processAt(opened.home, isProgram);
  const start = await counted();
  await expect.poll(counted, PATIENT).toBeGreaterThan(start + SOME_BEATS);
}

/** The recording has come to its end, and nothing of it is left. */
async function ended(): Promise<void> {
  await expect.poll(ours, PATIENT).toEqual([]);
  expect(readdirSync(opened.temporary).filter((name) => name.startsWith("faultline-"))).toEqual([]);
}

/** The library lists it, and a click shows the faults of the program's function: as many as they have to be. */
async function opensTrace(name: string, isRight: (faults: number) => boolean): Promise<void> {
  await window.command("View: Show Faultline");
  await traces().filter({ hasText: "steady" }).first().click();
  const row = faults().filter({ hasText: "beat" }).first();
  await row.waitFor();
  // What was known of it on return stands there until all of it is read.
  const count = async () => Number.parseInt(await row.locator(".label-description").innerText(), 10);
  await expect.poll(count, PATIENT).toSatisfy(isRight);
  await picture(name);
}

/** The recording did not come to its end. */
function isPart(faults: number): boolean {
  return faults > 0 && faults < BEATS;
}
