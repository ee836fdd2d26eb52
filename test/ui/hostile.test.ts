import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { afterEach, beforeAll, expect, it } from "vitest";
import {
  buildHostileProgram,
  HOSTILE_NAMES,
  hostilePerfData,
  type HostileProgram,
} from "../support/hostile-program.js";
import { openPackaged, type Opened } from "../support/packaged.js";
import { picturesOf } from "../support/ui-pictures.js";

/** A name of the library, too. */
const TRACE = "[x](command:workbench.action.quit)$(trash)\u202e<img src=x onerror=\"document.title='pwned'\">";
const TEST = { timeout: 120_000 };
/** A busy machine answers late. */
const PATIENT = { timeout: 30_000 };

let opened: Opened;
let program: HostileProgram;
let trace: string;

const picture = picturesOf("hostile", () => opened);
const pane = (name: RegExp) => opened.workbench.page.locator(".pane", { hasText: name });
const faults = () => pane(/^Faults/).locator(".monaco-list-row");
const traces = () => pane(/^Traces/).locator(".monaco-list-row");
const inWebview = (selector: string): Locator => opened.workbench.webview().locator(selector);

beforeAll(async () => {
  opened = await openPackaged("input-thread", {
    settings: {
      "faultline.codeLens.enabled": true,
      "faultline.inline.parts": ["faults", "minor", "major", "time", "objects"],
    },
  });
  program = buildHostileProgram(join(opened.folder, "hostile"));
  writeFileSync(join(opened.folder, "encoded.perf.data"), hostilePerfData());
});

afterEach(() => expectHarmless());

it("in the terminal, notifications and questions of a trace", TEST, async () => {
  const { page, command, choices } = opened.workbench;
  const project = { program: program.path, arguments: [...HOSTILE_NAMES.slice(0, 6)] };
  writeFileSync(join(opened.folder, "faultline.json"), JSON.stringify(project));
  await command("Faultline: Trace Page Faults");
  await choices.filter({ hasText: "<img src=x" }).first().waitFor();
  await picture("1-choices");
  await expectHarmless();
  await choices.filter({ hasText: "<img src=x" }).first().click();
  const dialog = page.locator(".monaco-dialog-box");
  await dialog.waitFor();
  await picture("1-question");
  await expectHarmless();
  await dialog.getByRole("button", { name: "Trace" }).click();
  await page.locator(".statusbar-item", { hasText: /\d+ faults/ }).waitFor();
  await expect.poll(() => opened.traces().length, PATIENT).toBe(1);
  await picture("1-traced");
});

it("in the library, and its tooltips and questions", TEST, async () => {
  const { page, command } = opened.workbench;
  trace = opened.record(TRACE, [program.path, ...HOSTILE_NAMES.slice(0, 6)]);
  copyFileSync(join(trace, "perf.data"), join(opened.folder, "recorded.perf.data"));
  await command("View: Show Faultline");
  const row = traces().filter({ hasText: "command:workbench" }).first();
  await row.waitFor();
  await row.click();
  await row.locator(".codicon-eye").waitFor();
  await tooltip(row, "2-library");
  await row.click();
  await page.keyboard.press("Delete");
  await page.locator(".monaco-dialog-box").waitFor();
  await picture("2-question");
  await expectHarmless();
  await page.keyboard.press("Escape");
});

it.each(["by function", "by memory object", "by region", "by thread", "by page"])(
  "in the tree %s, and its tooltips",
  TEST,
  async (grouping) => {
    const { choices, command, page } = opened.workbench;
    await command("Faultline: Group Faults By…");
    await choices.filter({ hasText: grouping }).click();
    await page.locator(".pane-header .description", { hasText: grouping }).waitFor();
    await faults().first().waitFor();
    await picture(`3-${grouping.replaceAll(" ", "-")}`);
    await expectHarmless();
    for (const text of ["<img src=x", "command:workbench", "$(trash)", "cod.exe", "\\u{1b}[31m", "long long"]) {
      const row = faults().filter({ hasText: text }).first();
      if ((await row.count()) > 0) await tooltip(row, `3-${grouping.replaceAll(" ", "-")}-tip`);
    }
    expect(
      await pane(/^Faults/)
        .locator(".monaco-list-row b, .monaco-list-row strong")
        .count(),
    ).toBe(0);
  },
);

it("in the status bar", TEST, async () => {
  const item = opened.workbench.page.locator(".statusbar-item", { hasText: /\d+ faults/ });
  await tooltip(item, "4-status-bar");
});

it("after the lines, in their hovers and lenses", TEST, async () => {
  const { page, command, choices } = opened.workbench;
  await command("Faultline: Group Faults By…");
  await choices.filter({ hasText: "by function" }).click();
  // Rows out of sight are not made.
  await command("Faultline: Sort Faults By…");
  await choices.filter({ hasText: "by name" }).click();
  const named = faults().filter({ has: page.locator(".label-name", { hasText: "$(trash)" }) });
  await named.first().click();
  await page.locator(".monaco-editor .view-line").first().waitFor();
  await expect
    .poll(async () => [...(await opened.workbench.decorations()).values()].filter(({ after }) => after).length, PATIENT)
    .toBeGreaterThan(3);
  await page.locator(".codelens-decoration a").first().waitFor();
  await picture("5-lines");
  await expectHarmless();
  for (let at = 0; at < HOSTILE_NAMES.length; at++) {
    await opened.workbench.goTo(2 * at + 2);
    await page.keyboard.press("Control+K");
    await page.keyboard.press("Control+I");
    const hover = page.locator(".monaco-hover:visible");
    await hover.getByText("taken by").first().waitFor();
    await picture(`5-hover-${at}`);
    await expectHarmless();
    const links = await hover.locator("a").evaluateAll((found) => found.map((a) => a.getAttribute("data-href") ?? ""));
    for (const link of links) expect(link).toMatch(/^command:faultline\.(revealSource|revealOnMap)\?/);
    expect(await hover.locator("img, script, svg, .codicon-trash").count()).toBe(0);
    await page.keyboard.press("Escape");
  }
  await page.locator(".codelens-decoration a").last().click();
  await inWebview("canvas").first().waitFor();
});

it("on the map: its details, search and table", TEST, async () => {
  const { page, command } = opened.workbench;
  await command("Faultline: Show Memory Map");
  await inWebview("canvas").first().waitFor();
  await picture("6-map");
  for (const text of ["<img", "command", "$(trash)", "long long"]) {
    await inWebview("canvas").first().focus();
    await page.keyboard.press("/");
    await page.keyboard.press("Control+A");
    await page.keyboard.type(text);
    await inWebview(".found").filter({ hasText: /page/ }).waitFor();
    await page.keyboard.press("Enter");
    await inWebview(".map-details h3").first().waitFor();
    await picture(`6-map-${text.replaceAll(/\W/g, "")}`);
    await expectHarmless();
  }
  await inWebview("summary").filter({ hasText: "as a table" }).click();
  await inWebview("table").first().waitFor();
  await picture("6-map-table");
});

it("in the layout of the program", TEST, async () => {
  const { command, choices } = opened.workbench;
  await command("Faultline: Show Binary Layout");
  await choices.filter({ hasText: "<img src=x" }).first().waitFor();
  await picture("7-choices");
  await expectHarmless();
  await choices.filter({ hasText: "<img src=x" }).first().click();
  await inWebview("canvas").first().waitFor();
  for (const text of ["<img src=x", "command:workbench", "$(trash)", "long long"]) {
    await inWebview("td button").filter({ hasText: text }).first().click();
    await inWebview(".map-details h3").first().waitFor();
    await expectHarmless();
  }
  await picture("7-layout");
});

it.each(["encoded.perf.data", "recorded.perf.data"])("in %s, opened by a double-click", TEST, async (name) => {
  const { page, command } = opened.workbench;
  await command("View: Show Explorer");
  await page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).dblclick();
  await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
  await inWebview("canvas").first().waitFor();
  await picture(`8-${name}`);
});

it("in a notification of what cannot be read", TEST, async () => {
  const { page, command } = opened.workbench;
  const bad = join(opened.folder, ".faultline/traces", `bad ${TRACE}`);
  mkdirSync(bad);
  writeFileSync(join(bad, "perf.data"), `PERFILE2${HOSTILE_NAMES.slice(0, 6).join("")}`);
  await command("View: Show Faultline");
  await pane(/^Traces/).hover();
  await page.getByRole("button", { name: "Refresh Traces" }).click();
  await traces().filter({ hasText: "bad" }).first().click();
  const notification = page.locator(".notification-list-item").first();
  await notification.waitFor();
  await picture("9-notification");
  expect(await notification.locator(".notification-list-item-message a").count()).toBe(0);
});

it("in the HTML report", TEST, async () => {
  const { page } = opened.workbench;
  const html = opened.html(trace);
  const other = await page.context().newPage();
  const complaints: string[] = [];
  other.on("console", (message) => complaints.push(message.text()));
  await other.goto(`file://${html}`);
  await other.locator("h1").first().waitFor();
  await picture("10-report", other);
  expect(await other.title()).not.toBe("pwned");
  expect(await other.locator(INJECTED).count()).toBe(0);
  expect(complaints).toEqual([]);
  await other.close();
});

it("and afterwards everything still answers, and no policy was violated", TEST, async () => {
  const { openFile, complaints } = opened.workbench;
  await openFile("pointer.c");
  expect(complaints.filter((text) => /Content Security Policy/.test(text))).toEqual([]);
});

/** What the names would make of a page that took them for markup. */
const INJECTED = [
  ...["img[src=x]", "img[src='x.png']", "svg[onload]"],
  ...["href", "data-href"].flatMap((link) => [
    `[${link}^='command:workbench.action.quit']`,
    `[${link}^='https://example']`,
  ]),
].join(", ");

/** Nothing of the names has become an element, an icon or a title, in any frame of the window. */
async function expectHarmless(): Promise<void> {
  const { page } = opened.workbench;
  for (const frame of page.frames()) {
    // A frame that has just gone has nothing in it.
    expect(await frame.title().catch(() => "")).not.toBe("pwned");
    const found = await frame
      .locator(INJECTED)
      .evaluateAll((elements) => elements.map(({ outerHTML }) => outerHTML))
      .catch(() => []);
    expect(found, frame.url()).toEqual([]);
  }
  // Icons that are no buttons, in what is ours.
  const icons = page
    .locator(".pane, .statusbar-item, .quick-input-list, .monaco-dialog-box, .notification-list-item, .monaco-hover")
    .locator(":is(.codicon-trash, .codicon-sync):not(.action-label)");
  expect(await icons.evaluateAll((elements) => elements.map(({ outerHTML }) => outerHTML))).toEqual([]);
}

async function tooltip(over: Locator, name: string): Promise<void> {
  const { page } = opened.workbench;
  const shown = page.locator(".workbench-hover, .monaco-hover:visible").first();
  // A row that is made anew under the pointer shows none until the pointer comes again.
  await expect
    .poll(async () => {
      await page.mouse.move(700, 10);
      await over.hover();
      return shown.waitFor({ timeout: 3000 }).then(
        () => true,
        () => false,
      );
    }, PATIENT)
    .toBe(true);
  await picture(name);
  await expectHarmless();
  expect(await page.locator(".workbench-hover a").count()).toBe(0);
}
