import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../src/core/report/report.js";
import { openPackaged, type Opened } from "../support/packaged.js";
import { heatStep } from "../../webview/map/heat.js";
import { DARK } from "../../webview/map/theme.js";
import { pictures } from "../support/workbench.js";

/** Programs that allow it: where they are annotated, and in which file of theirs. */
const EXAMPLES = [
  { example: "input-thread", file: "pointer.c" },
  { example: "cpp-mixer", file: "mixer.cpp" },
  { example: "rust-ring", file: "ring.rs" },
] as const;
const TRACE_MS = 40_000;

describe.each(EXAMPLES)("tracing $example in the workbench", ({ example, file }) => {
  let opened: Opened;
  let report: Report;
  const folder = pictures(example);
  const picture = (name: string) => opened.workbench.page.screenshot({ path: join(folder, `${name}.png`) });

  beforeAll(async () => {
    opened = await openPackaged(example);
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await picture(`failed-${task.name.split(" ").slice(0, 4).join("-")}`);
  });

  afterAll(async () => {
    await opened?.close();
  });

  it("runs from the palette, and marks the lines with the numbers of the command line", async () => {
    const { workbench } = opened;
    await workbench.openFile(file);
    await workbench.command("Faultline: Trace Page Faults");
    await agree(opened, (question) => picture(`1-${question}`));
    await workbench.openFile(file);
    report = opened.report(opened.traces().at(-1)!);
    const wanted = costs(report, file);
    expect(wanted.size).toBeGreaterThan(0);
    for (const [line, { faults, major }] of wanted) {
      await workbench.goTo(line);
      const found = (await workbench.decorations()).get(line);
      expect(found?.icon, `line ${line}`).toContain("svg");
      const said = [amount(faults), ...(major > 0 ? [`${grouped(major)} major`] : [])];
      expect(found?.after?.split(" · ").slice(0, said.length), `line ${line}`).toEqual(said);
    }
    const marked = [...(await workbench.decorations())].filter(([, { icon }]) => icon !== undefined);
    expect(marked.filter(([line]) => !wanted.has(line))).toEqual([]);
    await picture("2-annotated");
  });

  it("tells in the hover what was touched", async () => {
    const { workbench } = opened;
    const row = hottest(report, file);
    await workbench.goTo(row.line);
    await workbench.page.keyboard.press("Control+K");
    await workbench.page.keyboard.press("Control+I");
    const hover = workbench.page.locator(".monaco-hover:visible");
    await hover.getByText(amount(row.faults)).first().waitFor();
    for (const { name } of row.objects.slice(0, 2)) expect(await hover.innerText()).toContain(name);
    await picture("3-hover");
    await workbench.page.keyboard.press("Escape");
  });

  it("lists the functions in the tree, the most faults first", async () => {
    const { page } = opened.workbench;
    await opened.workbench.command("Faultline: Focus on Faults View");
    const rows = page.locator(".pane-body .monaco-list-row");
    const [first] = report.functions;
    await rows.filter({ hasText: first!.name }).first().waitFor();
    expect(await rows.filter({ hasText: first!.name }).first().innerText()).toContain(grouped(first!.faults));
    await picture("4-tree");
  });

  it("colours the pages of the memory map by their faults", async () => {
    const { workbench } = opened;
    await workbench.command("Faultline: Show Memory Map");
    const canvas = workbench.webview().locator("canvas").first();
    await canvas.waitFor();
    const process = mostFaults(report);
    const steps = new Set(
      report.pages
        .filter(({ pid, major }) => pid === process && major === 0)
        .map(({ faults, timeNs }) => heatStep("faults", faults, timeNs)),
    );
    await expect
      .poll(async () => coloursIn(await canvas.evaluate(pixelsOf)))
      .toEqual(expect.objectContaining(Object.fromEntries([...steps].map((step) => [step, true]))));
    await picture("5-map");
  });
});

function hottest(report: Report, file: string): Report["lines"][number] {
  const rows = report.lines.filter((row) => row.file.endsWith(`/${file}`) && row.line > 0);
  return rows.reduce((most, row) => (row.faults > most.faults ? row : most));
}

function mostFaults(report: Report): number {
  const faults = new Map<number, number>();
  for (const row of report.threads) faults.set(row.pid, (faults.get(row.pid) ?? 0) + row.faults);
  return [...faults].reduce((most, next) => (next[1] > most[1] ? next : most))[0];
}

function grouped(count: number): string {
  return count.toLocaleString("en");
}

function amount(faults: number): string {
  return `${grouped(faults)} ${faults === 1 ? "fault" : "faults"}`;
}

/** Runs in the page: the colours of the canvas, each once, as 0xrrggbb. */
function pixelsOf(canvas: Element): number[] {
  const { width, height } = canvas as HTMLCanvasElement;
  const { data } = (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
  const colours = new Set<number>();
  for (let at = 0; at < data.length; at += 4) colours.add((data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!);
  return [...colours];
}

/** Which steps of heat of minor faults are among the colours. */
function coloursIn(colours: readonly number[]): Record<number, boolean> {
  return Object.fromEntries(
    DARK.minor.map(([red, green, blue], step) => [step, colours.includes((red << 16) | (green << 8) | blue)]),
  );
}

/** Answers what is asked before a first trace, until it is shown. */
async function agree({ workbench }: Opened, asked: (question: string) => Promise<unknown>): Promise<void> {
  const { page, choices } = workbench;
  const shown = page.locator(".editor-actions .codicon-map"); // Its button is there with a trace.
  const dialog = page.locator(".monaco-dialog-box .dialog-buttons .monaco-button:not(.secondary)").first();
  const deadline = Date.now() + TRACE_MS;
  while (Date.now() < deadline) {
    const next = await Promise.race([
      shown
        .first()
        .waitFor({ timeout: TRACE_MS })
        .then(() => "shown" as const),
      dialog.waitFor({ timeout: TRACE_MS }).then(() => "dialog" as const),
      choices
        .first()
        .waitFor({ timeout: TRACE_MS })
        .then(() => "choices" as const),
    ]);
    if (next === "shown") return;
    await asked(next);
    if (next === "dialog") await dialog.click();
    else await page.keyboard.press("Enter");
    await (next === "dialog" ? dialog : choices.first()).waitFor({ state: "hidden" });
  }
  throw new Error("no trace was shown");
}

/** What the lines of a file cost, by line: each row counts once. */
function costs(report: Report, file: string): ReadonlyMap<number, { faults: number; major: number }> {
  const sums = new Map<number, { faults: number; major: number }>();
  for (const row of report.lines) {
    if (!row.file.endsWith(`/${file}`) || row.line === 0) continue;
    const sum = sums.get(row.line) ?? { faults: 0, major: 0 };
    sums.set(row.line, { faults: sum.faults + row.faults, major: sum.major + row.major });
  }
  return sums;
}
