import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { openPackaged, type Opened } from "../support/packaged.js";
import { picturesOf } from "../support/ui-pictures.js";
import type { Theme } from "../support/workbench.js";

let opened: Opened;

const picture = picturesOf("views", () => opened);
const faults = () => opened.workbench.page.locator(".pane", { hasText: /^Faults/ }).locator(".monaco-list-row");
const traces = () => opened.workbench.page.locator(".pane", { hasText: /^Traces/ }).locator(".monaco-list-row");

beforeAll(async () => {
  opened = await openPackaged("input-thread");
});

it("says before the first trace how to make one", async () => {
  const { page, command } = opened.workbench;
  await command("View: Show Faultline");
  await page.getByText("No trace yet.").waitFor();
  expect(await page.locator(".welcome-view .monaco-button").allInnerTexts()).toEqual(
    expect.arrayContaining(["Trace Page Faults", "Trace a Running Process…", "Open Trace…", "Open the Example"]),
  );
  await page.getByText("There are no traces").waitFor();
  await picture("1-welcome");
});

it("lists a trace that was made, and opens it by a click", async () => {
  const { page } = opened.workbench;
  await page.locator(".statusbar-item", { hasText: "Faultline" }).waitFor();
  opened.record("before", ["build/input-thread"]);
  await page.locator(".pane", { hasText: /^Traces/ }).hover();
  await page.getByRole("button", { name: "Refresh Traces" }).click();
  await traces().filter({ hasText: "before" }).waitFor();
  await traces().filter({ hasText: "before" }).click();
  await faults().filter({ hasText: "pointer_handle" }).first().waitFor();
  await page
    .getByText(/\d+ faults · .*No record was lost|Complete: no record was lost/)
    .first()
    .waitFor();
  expect(await page.locator(".statusbar-item", { hasText: /\d+ faults/ }).count()).toBe(1);
  await picture("2-trace");
});

it("opens a function to its lines, and a line to its source", async () => {
  const { page } = opened.workbench;
  await faults().filter({ hasText: "pointer_handle" }).first().locator(".monaco-tl-twistie").click();
  const line = faults()
    .filter({ has: page.locator(".label-name", { hasText: /^pointer\.c:\d+$/ }) })
    .first();
  const [, number] = /:(\d+)$/.exec(await line.locator(".label-name").innerText())!;
  await line.click();
  await page.locator(`.tab.active[data-resource-name="pointer.c"]`).waitFor();
  await page.getByText(new RegExp(`^Ln ${number},`)).waitFor();
  await picture("3-source");
});

it.each([
  ["by memory object", "history"],
  ["by region", "libc"],
  ["by thread", "input"],
  ["by page", "0x"],
])("groups %s", async (grouping, root) => {
  const { choices, command } = opened.workbench;
  await command("Faultline: Group Faults By…");
  await choices.filter({ hasText: grouping }).click();
  await opened.workbench.page.locator(".pane-header .description", { hasText: grouping }).waitFor();
  await faults().filter({ hasText: root }).first().waitFor();
  await picture(`4-${grouping.replaceAll(" ", "-")}`);
});

it("filters while one types, and forgets the filter on Escape", async () => {
  const { choices, command, page } = opened.workbench;
  await command("Faultline: Group Faults By…");
  await choices.filter({ hasText: "by function" }).click();
  const all = await faults().count();
  await command("Faultline: Filter Faults…");
  await page.locator(".quick-input-titlebar", { hasText: "Filter Faults" }).waitFor();
  await page.keyboard.type("pointer_h");
  await expect.poll(() => faults().count()).toBeLessThan(all);
  await picture("5-filter");
  await page.keyboard.press("Escape");
  await expect.poll(() => faults().count()).toBe(all);
});

it("renames a trace with F2, and what is shown stays shown", async () => {
  const { page } = opened.workbench;
  await select("before");
  await page.keyboard.press("F2");
  await page.locator(".quick-input-titlebar", { hasText: "Rename Trace" }).waitFor();
  await page.locator(".quick-input-widget input").fill("after");
  await page.keyboard.press("Enter");
  await traces().filter({ hasText: "after" }).waitFor();
  expect(existsSync(join(opened.folder, ".faultline/traces/after/perf.data"))).toBe(true);
  await faults().first().waitFor();
});

it("lists a new trace by itself, and deletes it only after asking", async () => {
  const { page } = opened.workbench;
  opened.record("doomed", ["build/input-thread"]);
  const dialog = page.locator(".monaco-dialog-box");
  const question = dialog.getByText("Delete the trace doomed?");
  // A list that is drawn anew meanwhile takes the selection, and the key, from its row.
  await expect
    .poll(
      async () => {
        await select("doomed");
        await page.keyboard.press("Delete");
        await question.waitFor({ timeout: 3000 }).catch(() => undefined);
        return question.isVisible();
      },
      { timeout: 20_000 },
    )
    .toBe(true);
  await picture("6-delete");
  await page.keyboard.press("Escape");
  expect(existsSync(join(opened.folder, ".faultline/traces/doomed"))).toBe(true);
  await select("doomed");
  await page.keyboard.press("Delete");
  await dialog.getByText("Move to Trash").click();
  // Where there is no trash, it asks once more.
  const permanently = dialog.getByText("Delete Permanently");
  await Promise.race([
    permanently.waitFor().then(() => permanently.click()),
    traces().nth(1).waitFor({ state: "detached" }),
  ]);
  await traces().filter({ hasText: "doomed" }).waitFor({ state: "detached" });
  expect(existsSync(join(opened.folder, ".faultline/traces/doomed"))).toBe(false);
});

it.each(["light", "high-contrast", "dark"] as const satisfies readonly Theme[])("can be seen in %s", async (theme) => {
  await opened.workbench.theme(theme);
  await select("after");
  await faults().first().waitFor();
  await picture(`7-${theme}`);
});

it("has a walkthrough of four steps, each with its picture", async () => {
  const { page, choices, command } = opened.workbench;
  await command("Welcome: Open Walkthrough...");
  await page.keyboard.type("Find Page Faults");
  await choices.filter({ hasText: "Find Page Faults" }).first().click();
  const steps = page.locator(".gettingStartedContainer .getting-started-step");
  await expect.poll(() => steps.count()).toBe(4);
  for (let step = 0; step < 4; step++) {
    await steps.nth(step).click();
    await page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame").locator("svg").waitFor();
    await picture(`8-walkthrough-${step + 1}`);
  }
});

/** Clicks a trace, and waits until it is selected and shown: a key press means what is selected. */
async function select(name: string): Promise<void> {
  const row = traces().filter({ hasText: name });
  await row.click();
  await traces().and(opened.workbench.page.locator(".selected")).filter({ hasText: name }).waitFor();
  await row.locator(".codicon-eye").waitFor();
}
