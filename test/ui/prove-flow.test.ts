import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { openPackaged, type Opened } from "../support/packaged.js";
import { agree } from "../support/tracing.js";
import { picturesOf } from "../support/ui-pictures.js";

/** The whole story in one window: where it faults, what to lock, locked in the source, proved. */
const CAMPAIGN = { timeout: 240_000 };
let opened: Opened;

const picture = picturesOf("prove-flow", () => opened);
const dialog = () => opened.workbench.page.locator(".monaco-dialog-box");
const shown = () => opened.workbench.page.locator(".editor-instance .view-lines").first();
const source = (name: string) => readFileSync(join(opened.folder, name), "utf8");

beforeAll(async () => {
  opened = await openPackaged("input-thread");
});

it("traces, and marks the line that faults", CAMPAIGN, async () => {
  const { command, decorations, openFile, goTo } = opened.workbench;
  await openFile("pointer.c");
  await command("Faultline: Trace Page Faults");
  await agree(opened);
  await openFile("pointer.c");
  await goTo(lineOf("pointer.c", "remember_motion();"));
  const line = lineOf("pointer.c", "remember_motion();");
  await expect.poll(async () => (await decorations()).get(line)?.after, CAMPAIGN).toMatch(/faults in code inlined/);
  await picture("1-traced");
});

it("is not proved fault-free as it is", CAMPAIGN, async () => {
  await prove(/Not fault-free: \d+ page faults/, true);
  await picture("2-faults");
});

it("finds what to lock, and writes the file that locks it", CAMPAIGN, async () => {
  const { page, command } = opened.workbench;
  // What may be run was asked before.
  await command("Faultline: Find What to Lock");
  await page
    .locator(".pane", { hasText: /^What to Lock/ })
    .locator(".monaco-list-row", { hasText: /Lock \d+ kB in \d+ pages/ })
    .waitFor(CAMPAIGN);
  await command("Faultline: New File That Locks It…");
  await page.locator(".quick-input-widget input").waitFor();
  await page.keyboard.press("Enter");
  await page.locator(`.tab.active[data-resource-name="locked.c"]`).waitFor();
  expect(source("locked.c")).toContain("faultline_generated_lock_set");
  expect(source("faultline.h")).toContain("faultline_lock");
  await picture("3-locked-c");
});

it("places what was forgotten by a quick fix, in one step", CAMPAIGN, async () => {
  const { page, openFile, goTo } = opened.workbench;
  const before = source("pointer.c");
  await openFile("pointer.c");
  await goTo(lineOf("pointer.c", "int rotate(int x"), "__attribute__((noinline)) static int rot".length);
  const actions = page.locator(".action-widget .monaco-list-row");
  await expect
    .poll(async () => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+.");
      await actions.first().waitFor({ timeout: 10_000 });
      return actions.filter({ hasText: "Place rotate in Locked Section" }).count();
    }, CAMPAIGN)
    .toBeGreaterThan(0);
  await picture("4-quick-fix");
  await actions.filter({ hasText: /Place rotate in Locked Section$/ }).click();
  await expect.poll(() => source("faultline.json"), CAMPAIGN).toContain('"rotate"');
  await saveAll();
  expect(source("pointer.c")).toMatch(/(?:FAULTLINE_CODE|section\("input_code"\)).*rotate\(int x/);
  expect(source("pointer.c").replace(/^.*rotate\(int x.*\{$/m, "")).toContain(
    before.slice(0, before.indexOf("__attribute__((noinline)) static int rotate")).slice(-200),
  );
});

it("follows the rest of what it was told: the call, and the file in the build", CAMPAIGN, async () => {
  const { openFile } = opened.workbench;
  await openFile("input-thread.c");
  await insert("input-thread.c", '#include "pointer.h"', '#include "pointer.h"\n#include "faultline.h"');
  const start = "  struct options options = parse(count, arguments);";
  const lock = '  if (faultline_lock(0) != 0) { fprintf(stderr, "%s\\n", faultline_error()); exit(1); }';
  await insert("input-thread.c", start, `${lock}\n${start}`);
  await openFile("Makefile");
  await insert("Makefile", "input-thread.c pointer.c -lm", "input-thread.c pointer.c locked.c -I. -lm");
  execFileSync("make", ["--silent", "-C", opened.folder], { stdio: ["ignore", "ignore", "pipe"] });
  const symbols = execFileSync("readelf", ["-sW", join(opened.folder, "build/input-thread")], { encoding: "utf8" });
  const sections = execFileSync("readelf", ["-SW", join(opened.folder, "build/input-thread")], { encoding: "utf8" });
  const index = /\[ *(\d+)\] input_code/.exec(sections)?.[1];
  expect(symbols).toMatch(new RegExp(`FUNC .* ${index} rotate`));
});

it("is proved fault-free", CAMPAIGN, async () => {
  await prove(/^Fault-free: 20 intervals, each after eviction, took no page fault\./);
  await picture("5-fault-free");
});

/** Runs the command, and waits for the document with the verdict. */
async function prove(verdict: RegExp, isAsked = false): Promise<void> {
  const { page, command } = opened.workbench;
  await command("Faultline: Prove Fault-Free");
  if (isAsked) await dialog().getByRole("button", { name: "Run" }).click();
  await page.locator(".notification-list-item, .view-line", { hasText: verdict }).first().waitFor(CAMPAIGN);
  await expect.poll(() => shown().innerText(), CAMPAIGN).toMatch(/^Proof:/);
}

/** Types over what stands there: the first place of it in the file. */
async function insert(name: string, old: string, text: string): Promise<void> {
  const { page, command, goTo } = opened.workbench;
  const line = lineOf(name, old);
  const whole = source(name).split("\n")[line - 1]!;
  // The editor counts columns as they are seen: a tab is four.
  const column = whole.slice(0, whole.indexOf(old)).replaceAll("\t", "    ").length + 1;
  await goTo(line, column);
  for (let typed = 0; typed < old.length; typed++) await page.keyboard.press("Delete");
  await page.evaluate((words) => navigator.clipboard.writeText(words), text);
  await command("Paste");
  await page.keyboard.press("Control+S");
  await expect.poll(() => source(name), CAMPAIGN).toContain(text);
}

async function saveAll(): Promise<void> {
  await opened.workbench.command("File: Save All Files");
}

function lineOf(name: string, text: string): number {
  const line = source(name)
    .split("\n")
    .findIndex((each) => each.includes(text));
  expect(line, `${text} in ${name}`).toBeGreaterThanOrEqual(0);
  return line + 1;
}
