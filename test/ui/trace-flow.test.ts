import { beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../src/core/report/report.js";
import { heatStep } from "../../webview/map/heat.js";
import { DARK, HIGH_CONTRAST, LIGHT, type MapTheme } from "../../webview/map/theme.js";
import { openPackaged, type Opened } from "../support/packaged.js";
import { agree } from "../support/tracing.js";
import { picturesOf } from "../support/ui-pictures.js";

/** Programs that allow it: where they are annotated, and in which file of theirs. */
const EXAMPLES = [
  { example: "input-thread", file: "pointer.c" },
  { example: "cpp-mixer", file: "mixer.cpp" },
  { example: "rust-ring", file: "ring.rs" },
] as const;
/** A busy machine paints late. */
const PAINT = { timeout: 15_000 };

describe.each(EXAMPLES)("tracing $example in the workbench", ({ example, file }) => {
  let opened: Opened;
  let report: Report;
  const picture = picturesOf(example, () => opened);

  beforeAll(async () => {
    opened = await openPackaged(example);
  });

  it("runs from the palette, and marks the lines with the numbers of the command line", async () => {
    const { workbench } = opened;
    await workbench.openFile(file);
    await workbench.command("Faultline: Trace Page Faults");
    await agree(opened, (question) => picture(`1-${question}`));
    await workbench.openFile(file);
    report = opened.report(opened.traces().at(-1)!);
    const wanted = expectedLines(report, file);
    expect(wanted.size).toBeGreaterThan(0);
    for (const [line, { marked, texts }] of wanted) {
      await workbench.goTo(line);
      // What was just scrolled to is painted a moment later.
      await expect
        .poll(async () => (await workbench.decorations()).get(line)?.after?.split(" · ") ?? [], PAINT)
        .toEqual(expect.arrayContaining([...texts]));
      expect((await workbench.decorations()).get(line)?.icon?.includes("svg") ?? false, `line ${line}`).toBe(marked);
    }
    const shown = [...(await workbench.decorations())].filter(([, { icon, after }]) => icon ?? after);
    expect(shown.filter(([line]) => !wanted.has(line))).toEqual([]);
    await picture("2-annotated");
  });

  it("tells in the hover what was touched", async () => {
    const { workbench } = opened;
    const { line, texts } = hottest(report, file);
    await workbench.goTo(line);
    await workbench.page.keyboard.press("Control+K");
    await workbench.page.keyboard.press("Control+I");
    const hover = workbench.page.locator(".monaco-hover:visible");
    for (const text of texts) await hover.getByText(text).first().waitFor();
    await picture("3-hover");
    await workbench.page.keyboard.press("Escape");
  });

  it("lists the functions in the tree", async () => {
    const { page } = opened.workbench;
    await page.keyboard.press("Control+J"); // Without the terminal there is room.
    await opened.workbench.command("Faultline: Focus on Faults View");
    const [first] = report.functions;
    const row = page.locator(".pane-body .monaco-list-row").filter({ hasText: first!.name }).first();
    await row.waitFor();
    expect(await row.locator(".label-description").innerText()).toMatch(new RegExp(`^${grouped(first!.faults)}( |$)`));
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
    expect(steps.size).toBeGreaterThan(0);
    await expect
      .poll(async () => stepsAmong(await canvas.evaluate(coloursOf), DARK.minor), PAINT)
      .toEqual(expect.arrayContaining([...steps]));
    await picture("5-map");
  });

  it("leads from the map back to the declaration", async () => {
    const { workbench } = opened;
    const object = report.objects.find(({ declaration }) => declaration?.file.endsWith(`/${file}`) === true)!;
    const map = workbench.webview();
    await map.locator("canvas").first().focus();
    await workbench.page.keyboard.press("/");
    await workbench.page.keyboard.type(object.name);
    await map.locator(".found").filter({ hasText: /page/ }).waitFor();
    await workbench.page.keyboard.press("Enter");
    await map.locator(".map-details li button").filter({ hasText: object.name }).first().click();
    await workbench.page.getByText(`Ln ${object.declaration!.line},`).waitFor();
    await picture("6-declaration");
  });

  if (example !== "input-thread") return; // A theme's colours are the same whatever was traced.

  it.each([
    ["light", LIGHT],
    ["high-contrast", HIGH_CONTRAST],
  ] as const)("draws the map in the colours of a %s theme", async (theme, { minor }) => {
    const { workbench } = opened;
    await workbench.theme(theme);
    const canvas = workbench.webview().locator("canvas").first();
    await expect.poll(async () => stepsAmong(await canvas.evaluate(coloursOf), minor), PAINT).toContain(0);
    await picture(`7-${theme}`);
  });
});

interface ExpectedLine {
  /** With an icon in the gutter: not where only code inlined there took faults. */
  readonly marked: boolean;
  readonly texts: readonly string[];
}

/** What the editor has to show, by line, summed up without the extension's own code. */
function expectedLines(report: Report, file: string): ReadonlyMap<number, ExpectedLine> {
  const here = (row: { readonly file: string; readonly line: number }) => row.file.endsWith(`/${file}`) && row.line > 0;
  const lines = new Map<number, ExpectedLine>();
  for (const [line, { faults, major }] of sums(report.lines.filter(here))) {
    const texts = [amount(faults), ...(major > 0 ? [`${grouped(major)} major`] : [])];
    lines.set(line, { marked: true, texts });
  }
  for (const [line, { faults }] of sums(report.callSites.filter(here))) {
    const { marked, texts } = lines.get(line) ?? { marked: false, texts: [] };
    lines.set(line, { marked, texts: [...texts, `${amount(faults)} in code inlined here`] });
  }
  return lines;
}

function sums(rows: readonly { readonly line: number; readonly faults: number; readonly major: number }[]) {
  const lines = new Map<number, { faults: number; major: number }>();
  for (const { line, faults, major } of rows) {
    const sum = lines.get(line) ?? { faults: 0, major: 0 };
    lines.set(line, { faults: sum.faults + faults, major: sum.major + major });
  }
  return lines;
}

/** The line whose hover is looked at: the one with the most faults of its own, else one with those of inlined code. */
function hottest(report: Report, file: string): { readonly line: number; readonly texts: readonly string[] } {
  const rows = report.lines.filter((row) => row.file.endsWith(`/${file}`) && row.line > 0);
  const row = [...rows].sort((a, b) => b.faults - a.faults)[0];
  if (row !== undefined) {
    return { line: row.line, texts: [amount(row.faults), ...row.objects.slice(0, 2).map(({ name }) => name)] };
  }
  const [line, { texts }] = [...expectedLines(report, file)][0]!;
  return { line, texts };
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
function coloursOf(canvas: Element): number[] {
  const { width, height } = canvas as HTMLCanvasElement;
  const { data } = (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
  const colours = new Set<number>();
  for (let at = 0; at < data.length; at += 4) colours.add((data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!);
  return [...colours];
}

/** Which steps of heat are among the colours. */
function stepsAmong(colours: readonly number[], heat: MapTheme["minor"]): readonly number[] {
  return heat.flatMap(([red, green, blue], step) =>
    colours.includes((red << 16) | (green << 8) | blue) ? [step] : [],
  );
}
