import { copyFileSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { openPackaged, type Opened } from "../support/packaged.js";
import { picturesOf } from "../support/ui-pictures.js";
import { THEMES } from "../support/workbench.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** A busy machine answers late. */
const PATIENT = { timeout: 20_000, interval: 250 };
let opened: Opened;

const picture = picturesOf("themes", () => opened);
const pane = (name: RegExp) => opened.workbench.page.locator(".pane", { hasText: name });
const faults = () => pane(/^Faults/).locator(".monaco-list-row");
const traces = () => pane(/^Traces/).locator(".monaco-list-row");
const inWebview = (selector: string): Locator => opened.workbench.webview().locator(selector);

beforeAll(async () => {
  opened = await openPackaged("input-thread", { settings: { "faultline.codeLens.enabled": true } });
});

describe("in each theme", () => {
  it("what stands there before the first trace, and the walkthrough, can be seen", async () => {
    const { command, choices, page } = opened.workbench;
    await command("View: Show Faultline");
    await page.getByText("No trace yet.").waitFor();
    await command("Welcome: Open Walkthrough...");
    await page.keyboard.type("Find Page Faults");
    await choices.filter({ hasText: "Find Page Faults" }).first().click();
    await page.locator(".gettingStartedContainer .getting-started-step").first().waitFor();
    await pictureOfEach("0-welcome");
    await command("View: Close All Editors");
  });

  it("the tree, the library, the lines and their hover can be seen", async () => {
    const { command, openFile, theme, page, goTo } = opened.workbench;
    const trace = opened.record("one", ["build/input-thread"]);
    copyFileSync(join(trace, "perf.data"), join(opened.folder, "copied.perf.data"));
    await command("View: Show Faultline");
    await pane(/^Traces/).hover();
    await page.getByRole("button", { name: "Refresh Traces" }).click();
    await traces().filter({ hasText: "one" }).click();
    await faults().filter({ hasText: "pointer_handle" }).first().waitFor();
    await openFile("pointer.c");
    await goTo(await hottestLine());
    for (const kind of THEMES) {
      await theme(kind);
      await page.keyboard.press("Control+K");
      await page.keyboard.press("Control+I");
      await page.locator(".monaco-hover:visible").getByText("touched").first().waitFor();
      await picture(`1-source-${kind}`);
      await page.keyboard.press("Escape");
    }
  });

  it("the map can be seen, and axe finds nothing", async () => {
    const { command, page } = opened.workbench;
    await command("Faultline: Show Memory Map");
    await inWebview("canvas").first().waitFor();
    await inWebview("canvas").first().focus();
    for (const key of ["Home", "ArrowRight", "Shift+ArrowRight"]) await page.keyboard.press(key);
    await inWebview("summary").filter({ hasText: "as a table" }).click();
    await inWebview("table").first().waitFor();
    await inEachTheme("2-map");
    await inWebview("summary").filter({ hasText: "as a table" }).click();
  });

  it("the layout of a program can be seen, and axe finds nothing", async () => {
    const { command, choices } = opened.workbench;
    await command("Faultline: Show Binary Layout");
    await choices.filter({ hasText: "input-thread" }).first().click();
    await inWebview("td button")
      .filter({ hasText: /^input_code$/ })
      .click();
    await inEachTheme("3-layout");
  });

  it("a perf.data can be seen, and axe finds nothing", async () => {
    const { openFile } = opened.workbench;
    await openFile("copied.perf.data").catch(() => undefined); // Its editor has no lines of text.
    await inWebview(".map-details h3").first().waitFor();
    await inEachTheme("4-perf-data");
  });
});

it("the memory of a process, locked or not, can be seen in each theme", async () => {
  const { command, choices, page } = opened.workbench;
  await command("Faultline: Show Locked Memory of a Process…");
  await choices.first().waitFor();
  await page.keyboard.type(String(process.pid));
  await choices
    .filter({ has: page.getByText(String(process.pid), { exact: true }) })
    .first()
    .click();
  await pane(/^Locked Memory/)
    .locator(".monaco-list-row")
    .first()
    .waitFor();
  await pictureOfEach("6-locked-memory");
});

it("leads from the palette to the source by the keyboard alone", { timeout: 120_000 }, async () => {
  const { page } = opened.workbench;
  await run("View: Close All Editors");
  await run("Faultline: Clear");
  await run("Faultline: Focus on Traces View");
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.locator(".statusbar-item", { hasText: /\d+ faults/ }).waitFor();
  await run("Faultline: Focus on Faults View");
  await faults().filter({ hasText: "pointer_handle" }).first().waitFor();
  await page.keyboard.type("pointer_handle"); // The list goes to what is typed.
  await expect.poll(focusedRow, PATIENT).toMatch(/^pointer_handle/);
  await page.keyboard.press("ArrowRight");
  await faults()
    .filter({ has: page.locator(".label-name", { hasText: /^pointer\.c:\d+$/ }) })
    .first()
    .waitFor();
  await page.keyboard.press("ArrowRight");
  await expect.poll(focusedRow, PATIENT).toMatch(/^pointer\.c:\d+/);
  await picture("5-tree");
  await page.keyboard.press("Enter");
  await page.locator(`.tab.active[data-resource-name="pointer.c"]`).waitFor();
  await run("Faultline: Show Memory Map");
  await inWebview("canvas").first().waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName), PATIENT).toBe("IFRAME");
  await tabToMap();
  await page.keyboard.press("/");
  await page.keyboard.type("history");
  await inWebview(".found").filter({ hasText: /page/ }).waitFor();
  await page.keyboard.press("Enter");
  await inWebview(".map-details h3").filter({ hasText: /0x/ }).waitFor();
  await tabToMap();
  await picture("5-map");
  await page.keyboard.press("Enter");
  await page.getByText(/^Ln \d+,/).waitFor();
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.closest(".monaco-editor") !== null), PATIENT)
    .toBe(true);
  await picture("5-source");
});

async function pictureOfEach(name: string): Promise<void> {
  for (const kind of THEMES) {
    await opened.workbench.theme(kind);
    await picture(`${name}-${kind}`);
  }
}

/** A picture in each, and what axe says there of the document of the webview. */
async function inEachTheme(name: string): Promise<void> {
  const { theme, page } = opened.workbench;
  for (const kind of THEMES) {
    await theme(kind);
    await page.mouse.move(1000, 10);
    await inWebview("canvas")
      .first()
      .evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    await picture(`${name}-${kind}`);
    expect(await violations(), kind).toEqual([]);
  }
}

/** What axe finds, one line each. */
async function violations(): Promise<readonly string[]> {
  const frame = await (await inWebview("body").elementHandle())?.ownerFrame();
  // An expression, not a function: the policy of the page lets nothing else in.
  return frame!.evaluate(`${axe}
    axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.flatMap(
      ({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ": " + target + ": " + failureSummary)))`);
}

/** From wherever the focus is in the webview. */
async function tabToMap(): Promise<void> {
  const tagOf = () => inWebview(":focus").evaluateAll(([one]) => one?.tagName);
  await expect
    .poll(async () => {
      const there = await tagOf();
      if (there !== "CANVAS") await opened.workbench.page.keyboard.press("Tab");
      return there;
    }, PATIENT)
    .toBe("CANVAS");
}

/** Runs a command from the palette without a mouse. */
async function run(title: string): Promise<void> {
  const { page, choices } = opened.workbench;
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget").waitFor();
  await page.keyboard.type(title);
  await choices
    .and(page.locator(".focused"))
    .filter({ has: page.getByText(title, { exact: true }) })
    .waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
}

function focusedRow(): Promise<string> {
  return pane(/^Faults/)
    .locator(".monaco-list-row.focused")
    .first()
    .innerText();
}

async function hottestLine(): Promise<number> {
  const { lines } = opened.report(opened.traces()[0]!);
  const own = lines.filter(({ file }) => file.endsWith("/pointer.c")).sort((a, b) => b.faults - a.faults);
  return own[0]!.line;
}
