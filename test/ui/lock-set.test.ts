import { spawn } from "node:child_process";
import { beforeAll, expect, it } from "vitest";
import { compileSupport } from "../support/faultline.js";
import { openPackaged, type Opened } from "../support/packaged.js";
import { picturesOf } from "../support/ui-pictures.js";
import { THEMES } from "../support/workbench.js";

let opened: Opened;

const picture = picturesOf("lock-set", () => opened);
const rows = () => opened.workbench.page.locator(".pane", { hasText: /^What to Lock/ }).locator(".monaco-list-row");
const dialog = () => opened.workbench.page.locator(".monaco-dialog-box");

/** The campaign runs the program some hundred times. */
const PATIENCE_MS = 120_000;

beforeAll(async () => {
  opened = await openPackaged("input-thread");
});

it("finds what to lock, and shows it part by part, down to the source", { timeout: PATIENCE_MS }, async () => {
  const { page, command } = opened.workbench;
  await command("Faultline: Find What to Lock");
  await dialog().waitFor();
  expect(await dialog().innerText()).toMatch(/stimulus motion/);
  await picture("1-confirmation");
  await dialog().getByRole("button", { name: "Run" }).click();
  await page
    .locator(".notification-list-item", { hasText: /round \d+: \d+ faults|interval|leaving out/ })
    .first()
    .waitFor();
  await picture("2-progress");
  await rows()
    .filter({ hasText: /Lock \d+ kB in \d+ pages: irreducible for the observed intervals\./ })
    .waitFor({ timeout: PATIENCE_MS });
  await rows()
    .filter({ hasText: /of libc/ })
    .first()
    .waitFor();
  await picture("3-parts");
  // Rows beyond the pane's end are not made: it gets the room of the others.
  for (const pane of [/^Faults/, /^Traces/]) await page.locator(".pane-header", { hasText: pane }).click();
  const own = rows().filter({ hasText: "of input-thread" }).first();
  await own.locator(".monaco-tl-twistie").click();
  await rows()
    .filter({ hasText: /0x[0-9a-f]+/ })
    .first()
    .waitFor();
  await picture("4-part");
  await rows().filter({ hasText: "What to do in source" }).locator(".monaco-tl-twistie").click();
  await rows().filter({ hasText: "Link the generated lock set" }).waitFor();
  await pictureOfEach("5-steps");
});

it("shows what of a process is locked", async () => {
  const { page, command, choices } = opened.workbench;
  // Two pages of it are locked, two more on fault.
  const child = spawn(compileSupport("lock-target", opened.temporary));
  try {
    await command("Faultline: Show Locked Memory of a Process…");
    await choices.first().waitFor();
    await page.keyboard.type(String(child.pid));
    await choices.filter({ hasText: "lock-target" }).first().click();
    await page.locator(".pane-header", { hasText: /^What to Lock/i }).click();
    const memory = page.locator(".pane", { hasText: /^Locked Memory/ }).locator(".monaco-list-row");
    await memory.filter({ hasText: /^16 kB locked/ }).waitFor();
    await memory.filter({ hasText: "[stack]" }).waitFor();
    await pictureOfEach("6-locked-memory");
  } finally {
    child.kill("SIGKILL");
  }
});

async function pictureOfEach(name: string): Promise<void> {
  const { theme, page } = opened.workbench;
  for (const kind of THEMES) {
    await theme(kind);
    await page.mouse.move(700, 300); // Nothing under the pointer has a tooltip.
    await picture(`${name}-${kind}`);
  }
}
