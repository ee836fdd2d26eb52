import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
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

/** A program that a Makefile links with a script of its own, and what it writes of the link. */
const FIRMWARE = {
  "firmware.c": `int limit = 3;
static int step(int x) { return x * limit; }
__attribute__((noinline)) int on_touch(int x) { return step(x) + 1; }
__attribute__((noinline)) int on_button(int x) { return on_touch(x) * step(x); }
void _start(void) { on_button(2); for (;;) ; }
`,
  "firmware.ld": `SECTIONS
{
  . = 0x400000 + SIZEOF_HEADERS;
  .input_code : ALIGN(CONSTANT(COMMONPAGESIZE)) {
    __input_code_start = .;
    *(.text.on_touch)
    __input_code_end = .;
  }
  .text : {
    *(.text .text.*)
  }
  .data : { *(.data .data.*) }
}
`,
  Makefile: `firmware: firmware.o
	ld -T firmware.ld -Map=firmware.map $^ -o $@
firmware.o: firmware.c
	gcc -g -fno-pie -ffunction-sections -fdata-sections -c firmware.c
`,
  "faultline.json": '{ "program": "./firmware" }\n',
};

let opened: Opened;

const picture = picturesOf("linker-script", () => opened);
const problems = () => opened.workbench.page.locator(".markers-panel .monaco-list-row");

beforeAll(async () => {
  opened = await openPackaged("input-thread");
  writeFileSync(join(opened.folder, "board.ld"), SCRIPT);
  const board = join(opened.folder, "firmware");
  mkdirSync(board);
  for (const [name, text] of Object.entries(FIRMWARE)) writeFileSync(join(board, name), text);
  execFileSync("make", ["-s"], { cwd: board });
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

it("leads from a function to the statement that places it", async () => {
  const { page, command, openFile, goTo } = opened.workbench;
  await openFile("firmware.c");
  await goTo(3, 35);
  await command("Faultline: Show What Places This Symbol");
  await page.locator(`.tab.active[data-resource-name="firmware.ld"]`).waitFor();
  await page.getByText(/^Ln 6, Col 21 \(14 selected\)/).waitFor();
  const marks = async () =>
    [...(await opened.workbench.decorations())].flatMap(([line, { after }]) =>
      after === undefined ? [] : [[line, after]],
    );
  await expect.poll(marks).toEqual([
    [6, expect.stringMatching(/^places on_touch: firmware\.o\(\.text\.on_touch\), \d+ B$/)],
    [10, "would take it, too"],
  ]);
  await picture("4-placed");
});

const hoverOnStatement = async () => {
  const { page, command, goTo } = opened.workbench;
  await goTo(10, 8);
  await command("Show or Focus Hover");
  const shown = page.locator(".monaco-hover", { hasText: "of firmware" }).first();
  await shown.waitFor();
  // It fades in.
  await shown.evaluate((hover) => Promise.all(hover.getAnimations({ subtree: true }).map(({ finished }) => finished)));
};

it("says what a statement took", async () => {
  await hoverOnStatement();
  const text = await opened.workbench.page.locator(".monaco-hover", { hasText: "of firmware" }).first().innerText();
  expect(text).toMatch(/Takes 4 sections of firmware/);
  for (const name of ["step", "on_button", "_start"]) expect(text).toContain(`.text.${name}`);
  expect(text).toContain("1 more matches it, and an earlier statement takes it.");
  await picture("5-taken");
  await opened.workbench.page.keyboard.press("Escape");
});

it.each(THEMES)("can be read in %s", async (theme) => {
  await opened.workbench.theme(theme);
  await picture(`6-${theme}`);
  await hoverOnStatement();
  await picture(`7-taken-${theme}`);
  await opened.workbench.page.keyboard.press("Escape");
});
