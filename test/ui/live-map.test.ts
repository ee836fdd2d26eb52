import type { Locator } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { openPackaged, type Opened } from "../support/packaged.js";
import { traceSteady } from "../support/steady-recording.js";
import { picturesOf } from "../support/ui-pictures.js";

/** For all that is waited for, also on a busy machine. */
const PATIENT = { timeout: 60_000, interval: 250 };
const TEST = { timeout: 180_000 };
/** Longer than anybody looks: it is stopped. */
const SECONDS = 60;

let opened: Opened;

const picture = picturesOf("live-map", () => opened);
const inWebview = (selector: string): Locator => opened.workbench.webview().locator(selector);
const number = (text: string): number => Number.parseInt(/(\d[\d,]*)/.exec(text)?.[1]?.replaceAll(",", "") ?? "0", 10);
/** As the line above the map says. */
const faultsShown = async () => number(await inWebview(".live .partial").innerText());
const pagesShown = async () => number(await inWebview("summary").filter({ hasText: "as a table" }).innerText());

beforeAll(async () => {
  opened = await openPackaged("input-thread");
});

it("shows the pages as they come, and says that it is live and partial", TEST, async () => {
  await traceSteady(opened, SECONDS);
  await opened.workbench.page.locator(".statusbar-item", { hasText: /\d+ faults/ }).waitFor();
  await opened.workbench.command("Faultline: Show Memory Map");
  await inWebview("canvas").first().waitFor();
  const [faults, pages] = [await faultsShown(), await pagesShown()];
  expect(faults).toBeGreaterThan(0);
  expect(await inWebview(".live").innerText()).toMatch(/Recording[\s\S]*Live, partial: the map shows/);
  await picture("1-live");
  await expect.poll(faultsShown, PATIENT).toBeGreaterThan(faults + 20);
  await expect.poll(pagesShown, PATIENT).toBeGreaterThan(pages);
  await picture("2-grown");
});

it("stays where somebody went, and gives its place to the whole trace", TEST, async () => {
  const { page } = opened.workbench;
  await inWebview("canvas").first().focus();
  for (const key of ["Home", "ArrowRight", "+", "+", "+", "+"]) await page.keyboard.press(key);
  const heading = await inWebview(".map-details h3").innerText();
  expect(heading).toMatch(/^0x/);
  const scale = () => inWebview("canvas").first().evaluate(scaleOf);
  const before = await scale();
  const faults = await faultsShown();
  await expect.poll(faultsShown, PATIENT).toBeGreaterThan(faults);
  await picture("3-near");
  expect(await inWebview(".map-details h3").innerText()).toBe(heading);
  expect((await scale()) === before).toBe(true);
  await opened.workbench.command("Faultline: Stop Recording");
  await inWebview(".live").waitFor({ state: "hidden", timeout: PATIENT.timeout });
  await picture("4-whole");
  expect((await scale()) === before).toBe(true);
  const report = opened.report(opened.traces().at(-1)!);
  const pid = report.threads.reduce((most, next) => (next.faults > most.faults ? next : most)).pid;
  expect(await pagesShown()).toBe(
    new Set(report.pages.filter((row) => row.pid === pid).map((row) => row.address)).size,
  );
  expect(await inWebview(".map-details h3").innerText()).toBe(heading);
});

it("gives its place back when the recording is thrown away", TEST, async () => {
  const pages = await pagesShown();
  await opened.workbench.command("Faultline: Trace Page Faults");
  await expect.poll(faultsShown, PATIENT).toBeGreaterThan(0);
  await opened.workbench.command("Faultline: Cancel Recording");
  await inWebview(".live").waitFor({ state: "hidden", timeout: PATIENT.timeout });
  await expect.poll(pagesShown, PATIENT).toBe(pages);
  await picture("5-back");
});

/** Runs in the page: the ruler above the cells, and the first address beside them, as they are painted. */
function scaleOf(element: Element): string {
  const canvas = element as HTMLCanvasElement;
  const context = canvas.getContext("2d")!;
  const parts = [context.getImageData(0, 0, canvas.width, 20), context.getImageData(0, 24, 200, 20)];
  return parts.map(({ data }) => data.join()).join();
}
