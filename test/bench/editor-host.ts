/** Inside the extension host of a real VS Code: what activating and opening a large trace costs it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { extension, eventually, openTrace, show } from "../extension/support/extension.js";

/** All in milliseconds. */
export interface HostFigures {
  readonly activeBeforeUse: boolean;
  readonly activation: number;
  /** From the command to the annotated editor. */
  readonly open: number;
  readonly faults: number;
  readonly pages: number;
  /** The longest the event loop was held up: for as long with nothing to do, during `open`, and by the memory map after it. */
  readonly idleDelay: number;
  readonly openDelay: number;
  readonly mapDelay: number;
}

/** Nothing else is asked of the extension host meanwhile. */
const IDLE_MS = 2000;
const MAP_MS = 4000;

/** What VS Code calls. The trace is the workspace's folder "large", and its lines are in page-rounds.c. */
export async function run(): Promise<void> {
  const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
  const ours = extension();
  const document = await show(join(folder, "page-rounds.c"));
  const idleDelay = (await longestDelay(() => sleep(IDLE_MS))).delay;

  const activeBeforeUse = ours.isActive;
  const before = performance.now();
  const { services, editor } = await ours.activate();
  const activation = performance.now() - before;
  await sleep(IDLE_MS);

  const open = await longestDelay(async () => {
    await openTrace(join(folder, "large"));
    await eventually("annotations", () => editor.annotationsFor(document).length > 0 || undefined);
  });
  const report = services.traces.current!.report;
  const map = await longestDelay(async () => {
    await vscode.commands.executeCommand("faultline.showMemoryMap");
    await sleep(MAP_MS);
  });
  const figures: HostFigures = {
    activeBeforeUse,
    activation,
    open: open.time,
    faults: report.faults.total,
    pages: report.pages.length,
    idleDelay,
    openDelay: open.delay,
    mapDelay: map.delay,
  };
  writeFileSync(process.env["FAULTLINE_RESULTS"]!, JSON.stringify({ passed: 1, failures: [], figures }));
}

async function longestDelay(work: () => Promise<void>): Promise<{ readonly delay: number; readonly time: number }> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const before = performance.now();
  await work();
  const time = performance.now() - before;
  await sleep(100); // What was posted last is heard, too.
  delays.disable();
  return { delay: delays.max / 1e6, time };
}
