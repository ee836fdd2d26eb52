import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { openPackaged, type Opened } from "../support/packaged.js";
import { picturesOf } from "../support/ui-pictures.js";
import type { Theme } from "../support/workbench.js";

let opened: Opened;

const picture = picturesOf("map", () => opened);
const inWebview = (selector: string): Locator => opened.workbench.webview().locator(selector);

beforeAll(async () => {
  opened = await openPackaged("input-thread");
  const trace = opened.record("one", ["build/input-thread"]);
  copyFileSync(join(trace, "perf.data"), join(opened.folder, "copied.perf.data"));
  writeFileSync(join(opened.folder, "hostile.perf.data"), "PERFILE2\u001b[31m<img src=x onerror=alert(1)>".repeat(40));
});

it("a perf.data opens by a double-click, as its map", async () => {
  const { page } = opened.workbench;
  await page.locator(".explorer-folders-view .monaco-list-row", { hasText: "copied.perf.data" }).dblclick();
  await inWebview("canvas").first().waitFor();
  await inWebview(".map-details h3")
    .filter({ hasText: /input-thread|sh/ })
    .waitFor();
  await picture("1-perf-data");
});

it("one that is none says so in a sentence, and nothing in it runs", async () => {
  const { page } = opened.workbench;
  await page.locator(".explorer-folders-view .monaco-list-row", { hasText: "hostile.perf.data" }).dblclick();
  await inWebview(".message p").waitFor();
  expect(await inWebview(".message p").innerText()).toMatch(/hostile\.perf\.data is not a perf\.data that can be read/);
  expect(await inWebview("img").count()).toBe(0);
  await picture("2-hostile");
});

it("the map leads to the source, beside it, and back", async () => {
  const { page, command, openFile } = opened.workbench;
  await openFile("input-thread.c");
  await command("Faultline: Show Memory Map");
  await inWebview("canvas").first().waitFor();
  await inWebview("canvas").first().focus();
  await page.keyboard.press("/");
  await page.keyboard.type("history");
  await inWebview(".found").filter({ hasText: /page/ }).waitFor();
  await page.keyboard.press("Enter");
  await inWebview(".map-details li button").filter({ hasText: "history" }).first().click();
  await page.locator(`.tab.active[data-resource-name="pointer.c"]`).waitFor();
  expect(await inWebview("canvas").first().isVisible()).toBe(true);
  await picture("3-source");
});

it("what lies on a cell is placed by the cell's menu, and undone by one step", async () => {
  const { page, choices } = opened.workbench;
  await select("input-thread .text");
  await inWebview(".cells-menu").click();
  await menuItem("Place in Locked Section").waitFor();
  for (const theme of ["light", "high-contrast", "dark"] as const) {
    await opened.workbench.theme(theme);
    if (!(await menuItem("Place in Locked Section").isVisible())) await inWebview(".cells-menu").click();
    await menuItem("Place in Locked Section").waitFor();
    await picture(`4-menu-${theme}`);
  }
  await menuItem("Place in Locked Section").click();
  const row = choices.filter({ hasText: "rotate" }).first();
  await row.waitFor();
  await picture("4-which");
  const badge = page.locator(".quick-input-widget .monaco-count-badge", { hasText: "Selected" });
  expect(await badge.innerText()).toBe(`${await choices.count()} Selected`);
  for (const other of await choices.filter({ hasNotText: "rotate" }).all()) await other.click();
  await badge.filter({ hasText: /^1 Selected$/ }).waitFor();
  await page.keyboard.press("Enter");
  await expect.poll(() => read("pointer.c"), PATIENCE).toMatch(/section\("input_code"\).* int rotate\(/);
  await expect.poll(() => read("faultline.json"), PATIENCE).toContain('"symbol": "rotate"');
  expect(read("faultline.json").match(/"symbol"/g)).toHaveLength(1);
  await page.locator('.tab[data-resource-name="pointer.c"]').first().click();
  await page.keyboard.press("Control+Z");
  await expect.poll(() => page.locator(".tab.dirty").count(), PATIENCE).toBeGreaterThan(0);
  await opened.workbench.command("File: Save All");
  await expect.poll(() => read("pointer.c"), PATIENCE).not.toMatch(/section\("input_code"\).* int rotate\(/);
  await expect.poll(() => read("faultline.json"), PATIENCE).not.toContain('"symbol"');
});

it("the menu of the cells is reached and used by the keyboard alone", async () => {
  const { page, choices } = opened.workbench;
  await select("input-thread .text");
  await inWebview("canvas").first().focus();
  await page.keyboard.press("Shift+F10");
  await menuItem("Mark as Critical").waitFor();
  await picture("4-keyboard");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await choices.filter({ hasText: "rotate" }).first().waitFor();
  await page.keyboard.press("Enter");
  await expect.poll(() => read("faultline.json"), PATIENCE).toMatch(/"critical": \[[^\]]*"rotate"/);
});

it.each(["light", "high-contrast", "dark"] as const satisfies readonly Theme[])("can be seen in %s", async (theme) => {
  await opened.workbench.theme(theme);
  await picture(`4-${theme}`);
});

it("comes back after a restart, with its trace", async () => {
  const { page, command } = opened.workbench;
  await page.waitForTimeout(1000);
  await command("Developer: Reload Window");
  await page
    .locator(".tab", { hasText: "Memory Map" })
    .waitFor({ state: "detached" })
    .catch(() => undefined);
  await page.locator(".tab", { hasText: "Memory Map" }).click();
  await inWebview("canvas").first().waitFor();
  await inWebview("h1").filter({ hasText: "input-thread" }).waitFor();
  await picture("5-restored");
});

it("a program of the trace is laid out by page", async () => {
  const { command, choices } = opened.workbench;
  await command("Faultline: Show Binary Layout");
  await choices.filter({ hasText: "input-thread" }).first().click();
  await inWebview("canvas").first().waitFor();
  await inWebview("td button")
    .filter({ hasText: /^input_code$/ })
    .click();
  await inWebview(".map-details li").filter({ hasText: "pointer_handle" }).waitFor();
  await picture("6-layout");
});

it("nothing of it breaks a policy or a page", () => {
  const ours = opened.workbench.complaints.filter((text) =>
    /webview\.(js|css)|Content Security Policy.*dist/.test(text),
  );
  expect(ours).toEqual([]);
});

const read = (name: string) => readFileSync(join(opened.folder, name), "utf8");
const menuItem = (title: string) =>
  opened.workbench.page.locator(".monaco-menu .action-item", { hasText: new RegExp(`^${title}$`) });
const PATIENCE = { timeout: 20_000 };

/** Finds pages by their region, and selects the first. */
async function select(words: string): Promise<void> {
  const { page } = opened.workbench;
  await page.locator(".tab", { hasText: "Memory Map" }).click();
  await inWebview("canvas")
    .first()
    .click({ position: { x: 2, y: 2 } });
  await page.keyboard.press("/");
  await page.keyboard.type(words);
  await inWebview(".found").filter({ hasText: /page/ }).waitFor();
  await page.keyboard.press("Enter");
  await inWebview(".cells-menu").waitFor();
}
