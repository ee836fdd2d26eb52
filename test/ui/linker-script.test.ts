import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { openPackaged, type Opened } from "../support/packaged.js";
import { picturesOf } from "../support/ui-pictures.js";
import { THEMES } from "../support/workbench.js";

/** The statement that tags the locked code comes too late, which no linker says. */
const SCRIPT = `/* The input thread's board. */
ENTRY(_start)
MEMORY { RAM (rwx) : ORIGIN = 0x400000, LENGTH = 16M }
locked_size = SIZEOF(.locked_text);

SECTIONS
{
  . = ORIGIN(RAM) + SIZEOF_HEADERS;
  .text : {
    KEEP(*(.init))
    *(.text .text.*)
    *(.rodata,.rodata.*)
  } > RAM
  .locked_text : ALIGN(CONSTANT(COMMONPAGESIZE)) {
    __locked_text_start = .;
    *(.text.locked.*)
    . = ALIGN(CONSTANT(COMMONPAGESIZE));
    __locked_text_end = .;
  } > RAM
}
`;

let opened: Opened;

const picture = picturesOf("linker-script", () => opened);
const problems = () => opened.workbench.page.locator(".markers-panel .monaco-list-row");

beforeAll(async () => {
  opened = await openPackaged("input-thread");
  writeFileSync(join(opened.folder, "board.ld"), SCRIPT);
  await opened.workbench.openFile("board.ld");
});

it("tells what takes a statement's sections before it, and what is glued to a name", async () => {
  const { page, command } = opened.workbench;
  await page.locator(".statusbar-item", { hasText: "Linker Script" }).waitFor();
  await command("View: Focus Problems (Errors, Warnings, Infos)");
  await problems().filter({ hasText: "by line 11 already" }).first().waitFor();
  await problems().filter({ hasText: "comma is part of the name" }).first().waitFor();
  await picture("1-problems");
});

it("says what a command is for", async () => {
  const { page, command, goTo } = opened.workbench;
  await page.locator(`.tab.active[data-resource-name="board.ld"]`).click();
  await goTo(10, 6);
  await command("Show or Focus Hover");
  await page.locator(".monaco-hover", { hasText: "--gc-sections does not drop these" }).first().waitFor();
  await picture("2-hover");
  await page.keyboard.press("Escape");
});

it("mends what a person mends, as it is typed", async () => {
  const { page, goTo } = opened.workbench;
  await page.locator(".squiggly-warning, .squiggly-error, .squiggly-info").first().waitFor();
  const before = await page.locator(".squiggly-warning, .squiggly-error, .squiggly-info").count();
  await goTo(12, 14);
  await page.keyboard.press("Delete");
  await page.keyboard.type(" ");
  await expect
    .poll(() => page.locator(".squiggly-warning, .squiggly-error, .squiggly-info").count(), { timeout: 30_000 })
    .toBeLessThan(before);
});

it("is outlined, and leads from a use to the definition", async () => {
  const { page, command, goTo } = opened.workbench;
  await command("Explorer: Focus on Outline View");
  await page
    .locator(".pane", { hasText: /^Outline/ })
    .locator(".monaco-list-row", { hasText: "locked_size" })
    .waitFor();
  await picture("3-outline");
  await page.locator(`.tab.active[data-resource-name="board.ld"]`).click();
  await goTo(4, 24);
  await command("Go to Definition");
  await page.getByText(/^Ln 14,/).waitFor();
});

it.each(THEMES)("can be read in %s", async (theme) => {
  await opened.workbench.theme(theme);
  await picture(`4-${theme}`);
});
