/** From a quick fix to the verified placement, and back by one undo, as a person does it. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { openPackaged, type Opened } from "../support/packaged.js";
import { picturesOf } from "../support/ui-pictures.js";

let opened: Opened;

const picture = picturesOf("placement", () => opened);
const rows = () => opened.workbench.page.locator(".pane", { hasText: /^Placements/ }).locator(".monaco-list-row");
const source = () => readFileSync(join(opened.folder, "pointer.c"), "utf8");
const diff = () => inFolder("git", "diff");
const PATIENCE = { timeout: 20_000 };

beforeAll(async () => {
  opened = await openPackaged("input-thread");
  writeFileSync(join(opened.folder, ".gitignore"), "build/\n.faultline/\n");
  inFolder("git", "init", "--quiet");
  inFolder("git", "add", ".");
  inFolder("git", "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "-m", "as it was");
});

it("places a forgotten function by its quick fix, which the rebuilt program bears out", async () => {
  const { page, command, openFile, goTo } = opened.workbench;
  await command("View: Show Faultline");
  for (const pane of [/^Faults/, /^Traces/]) await page.locator(".pane-header", { hasText: pane }).click();
  await page.locator(".pane-header", { hasText: /^Placements/ }).click();
  await picture("1-none");
  await openFile("pointer.c");
  await goTo(lineOf("return x + ((x * sine_table"), 5);
  await choose("Place rotate in Locked Section", "2-quick-fix");
  await expect.poll(source, PATIENCE).toMatch(/section\("input_code"\).* int rotate\(/);
  await expect.poll(diff, PATIENCE).toContain('"symbol": "rotate"');
  await rows()
    .filter({ hasText: /rotate.*not built yet.*input_code/ })
    .waitFor();
  await picture("3-placed");
  inFolder("make", "--silent");
  await rows()
    .filter({ hasText: /rotate.*verified.*input_code.*on 1 page/ })
    .waitFor(PATIENCE);
  await picture("4-verified");
  expect(boundsHold("rotate", "input_code")).toBe(true);
});

it("leaves nothing behind when it is undone", async () => {
  const { page, command, openFile } = opened.workbench;
  await openFile("pointer.c");
  await page.keyboard.press("Control+Z");
  await expect.poll(() => page.locator(".tab.dirty").count(), PATIENCE).toBe(2);
  await command("File: Save All");
  await expect.poll(diff, PATIENCE).toBe("");
  await picture("5-undone");
});

async function choose(title: string, pictured: string): Promise<void> {
  const { page } = opened.workbench;
  const action = page.locator(".action-widget .action", { hasText: title }).first();
  await expect
    .poll(async () => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+.");
      await page.waitForTimeout(1000);
      return action.isVisible();
    }, PATIENCE)
    .toBe(true);
  await picture(pictured);
  await action.click();
}

/** The symbol lies between the bounds that the linker defined for its section. */
function boundsHold(symbol: string, section: string): boolean {
  const table = inFolder("readelf", "-sW", "build/input-thread").split("\n");
  const address = (name: string): number => {
    const row = table.find((line) => line.trim().endsWith(` ${name}`));
    return Number.parseInt(row?.trim().split(/\s+/)[1] ?? "", 16);
  };
  return address(`__start_${section}`) <= address(symbol) && address(symbol) < address(`__stop_${section}`);
}

function lineOf(text: string): number {
  return (
    source()
      .split("\n")
      .findIndex((line) => line.includes(text)) + 1
  );
}

function inFolder(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { cwd: opened.folder, encoding: "utf8", stdio: "pipe" });
}
