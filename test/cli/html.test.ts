import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { htmlReport } from "../../src/cli/html.js";
import type { MapModel } from "../../src/core/report/map-model.js";
import type { Report } from "../../src/core/report/report.js";
import { sourceExcerpts, type SourceText } from "../../src/core/report/source-excerpt.js";
import { launchBrowser, type Browser, type Page } from "../support/browser.js";
import { mapProcess, PAGE } from "../support/map-process.js";
import { lineRow, smallReport, SOURCE, touched } from "../support/small-report.js";

let folder: string;
let script: string;
let browser: Browser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "faultline-html-"));
  const outfile = join(folder, "report.js");
  await build({
    entryPoints: ["webview/report.ts"],
    bundle: true,
    format: "iife",
    target: "es2022",
    minify: true,
    outfile,
  });
  script = readFileSync(outfile, "utf8");
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const map: MapModel = { pageSize: PAGE, lost: 0, processes: [mapProcess()] };

function pageOf(report: Report, model = map, source: SourceText = { kind: "text", text: SOURCE }): string {
  const sources = sourceExcerpts(report, () => source);
  return htmlReport({ report, map: model, sources, title: "program", script });
}

async function opened(html: string): Promise<Page> {
  const file = join(folder, "page.html");
  writeFileSync(file, html);
  const page = await browser.open(`file://${file}`);
  // The map is drawn with the next frame.
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  return page;
}

/** What stands in the elements. */
const texts = (page: Page, selector: string) =>
  page.evaluate<string[]>(`[...document.querySelectorAll(${JSON.stringify(selector)})].map((e) => e.textContent)`);

describe("the HTML report in a browser", () => {
  it("fetches nothing, complains about nothing, and allows only its own script and style", async () => {
    const page = await opened(pageOf(smallReport()));
    expect(page.requests).toEqual([]);
    expect(page.complaints).toEqual([]);
    const ran = await page.evaluate<boolean>(
      `(() => { const s = document.createElement("script"); s.textContent = "window.intruder = 1"; document.body.append(s); return "intruder" in window; })()`,
    );
    expect(ran).toBe(false);
  });

  it("shows each line with its cost, what it touched, and the call it was inlined into", async () => {
    const inlinedInto = [{ function: "outer", file: "/src/main.c", line: 4 }];
    const lines = [
      lineRow(5, { faults: 12, minor: 9, major: 3, timeNs: 1.8e6, objects: [touched("history", 7)], inlinedInto }),
    ];
    const page = await opened(pageOf(smallReport({ lines })));
    expect(await texts(page, "tr.hot.major .cost")).toEqual(["12 faults · 3 major · 1.8 ms"]);
    expect(await texts(page, "tr.hot code")).toEqual(["  return handle(s); // 1 & 2"]);
    expect(await texts(page, ".chip .what")).toEqual(["history"]);
    expect((await texts(page, ".chain"))[0]).toContain("main inlined → outer main.c:4");
    expect(await texts(page, "tr:not(.hot) .number")).toEqual(["2", "3", "4", "6", "7"]);
  });

  it("keeps the statement of completeness in sight while the page scrolls", async () => {
    const page = await opened(pageOf(smallReport()));
    expect((await texts(page, ".statement"))[0]).toContain(
      "Complete: no record was lost. The process’s own counters say the same: 12.",
    );
    const top = "document.querySelector('.statement').getBoundingClientRect().top";
    await page.evaluate("(document.documentElement.style.scrollBehavior = 'auto', window.scrollTo(0, 1e6))");
    expect(await page.evaluate<number>(top)).toBeGreaterThanOrEqual(0);
    expect(await page.evaluate<number>(top)).toBeLessThan(20);
  });

  it("says that it is incomplete, and why, when records were lost", async () => {
    const completeness = {
      complete: false,
      completed: 12,
      refused: 3,
      lost: 1204,
      rusage: { minor: 1000, major: 2 },
      notes: [{ code: "lost", message: "1204 records were dropped." }],
    };
    const page = await opened(pageOf(smallReport({ completeness }), { ...map, lost: 1204 }));
    const [statement] = await texts(page, ".statement.bad");
    expect(statement).toContain("Incomplete: 1,204 records were lost.");
    expect(statement).toContain("Recorded 12; the process’s own counters say 1,002.");
    expect(statement).toContain("3 more never completed.");
    expect(await texts(page, ".limits li")).toEqual(["1204 records were dropped."]);
  });

  it("sorts tables by number and by word, one way and the other", async () => {
    const page = await opened(pageOf(smallReport()));
    const names = () => texts(page, "#functions tbody td:nth-child(6)");
    const click = (column: number) =>
      page.evaluate(`document.querySelector("#functions thead > tr > :nth-child(${column}) button").click()`);
    expect(await names()).toEqual(["main", "handle", "another"]);
    await click(1);
    expect(await names()).toEqual(["another", "handle", "main"]);
    await click(6);
    expect(await names()).toEqual(["another", "handle", "main"]);
    await click(6);
    expect(await names()).toEqual(["main", "handle", "another"]);
    expect(await page.evaluate(`document.querySelector("#functions th[aria-sort]").textContent`)).toBe("Function");
  });

  it("says where it looked for a source it did not find", async () => {
    const page = await opened(pageOf(smallReport(), map, { kind: "missing", lookedFor: "/gone/main.c" }));
    expect((await texts(page, ".missing"))[0]).toContain("looked for /gone/main.c");
    expect(await texts(page, "tr.hot .gone")).toEqual(["main"]);
  });

  it("says that there was no fault when there was none", async () => {
    const nothing = { total: 0, minor: 0, major: 0, user: 0, kernel: 0, refused: 0, lost: 0, timeNs: 0 };
    const empty = { lines: [], functions: [], objects: [], sections: [], regions: [], pages: [], threads: [] };
    const page = await opened(pageOf(smallReport({ ...empty, faults: nothing }), { ...map, processes: [] }));
    expect(await texts(page, ".nothing")).toEqual(["Nothing was recorded."]);
    expect(page.complaints).toEqual([]);
  });

  it("speaks of pages, never of faults, where only pages were counted", async () => {
    const page = await opened(pageOf(smallReport({ counted: "pages" })));
    expect((await texts(page, ".statement"))[0]).toContain("Pages, not faults: perf events were refused");
    expect(await texts(page, "#functions th")).toEqual(["Came in", "Function", "Declared", "In"]);
    await page.evaluate("document.querySelector('#map-here canvas').focus()");
    await page.press("Home");
    expect((await texts(page, "#map-here [aria-live]"))[0]).toContain("came in");
    expect((await texts(page, "#map-here .map-details, #map-here .map-legend, .figures dt")).join(" ")).not.toMatch(
      /\d faults?\b|with faults/,
    );
  });

  it("is dark where the reader prefers dark", async () => {
    const page = await opened(pageOf(smallReport()));
    const ground = "getComputedStyle(document.body).backgroundColor";
    await page.prefer({ "prefers-color-scheme": "light" });
    expect(await page.evaluate(ground)).toBe("rgb(255, 255, 255)");
    await page.prefer({ "prefers-color-scheme": "dark" });
    expect(await page.evaluate(ground)).toBe("rgb(20, 23, 28)");
    const corner = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
      done([...document.querySelector("#map-here canvas").getContext("2d").getImageData(3, 400, 1, 1).data].slice(0, 3).every((part) => part < 90)))))`;
    expect(await page.evaluate(corner)).toBe(true);
  });
});

describe("hostile names", () => {
  const attacks = [
    `</script><script>window.pwned = 1</script>`,
    `<img src=x onerror="window.pwned=1">`,
    `" onmouseover="window.pwned=1`,
    `\u202egnp.exe\u0007\u001b[31m`,
    `<!--<script>`,
    "]]>&lt;\u2028\u2029",
  ];

  it("stay text, wherever they stand", async () => {
    for (const name of attacks) {
      const cost = { faults: 1, minor: 1, major: 0, timeNs: 1 };
      const process = { ...mapProcess(), name, objects: [{ ...mapProcess().objects[0]!, name }] };
      const lines = [
        lineRow(5, {
          file: name,
          function: name,
          objects: [touched(name)],
          inlinedInto: [{ function: name, file: name, line: 1 }],
        }),
        lineRow(0, { file: "", function: name, image: name, objects: [touched(name)] }),
      ];
      const report = smallReport({
        command: [name],
        lines,
        threads: [{ ...cost, pid: 1, tid: 1, name }],
        regions: [{ ...cost, kind: "file", name, pages: 1 }],
        completeness: { ...smallReport().completeness, notes: [{ code: "lost", message: name }] },
      });
      const html = htmlReport({
        report,
        map: { ...map, processes: [process, { ...process, pid: 43 }] },
        sources: sourceExcerpts(report, () => ({ kind: "text", text: `\n\n\n\n${name}` })),
        title: name,
        script,
      });
      const page = await opened(html);
      expect(await page.evaluate("window.pwned"), name).toBeUndefined();
      expect(page.complaints, name).toEqual([]);
      expect(page.requests, name).toEqual([]);
      expect(await page.evaluate("document.querySelectorAll('img, [onmouseover], [onerror]').length"), name).toBe(0);
      expect(await page.evaluate("document.querySelectorAll('#map-here canvas').length"), name).toBeGreaterThan(0);
      expect(html.slice(0, html.indexOf(`id="map-data"`)), name).not.toMatch(/[\u0000-\u0008\u001b\u202e]/);
    }
  });

  it("of a megabyte do not make the page grow without bound", async () => {
    const name = "n".repeat(1 << 20);
    const report = smallReport({
      command: [name],
      lines: [lineRow(5, { function: name, objects: [touched(name)] }), lineRow(0, { file: "", function: name })],
      functions: [{ ...smallReport().functions[0]!, name }],
    });
    const html = pageOf(report, { ...map, processes: [] });
    expect(html.length - script.length).toBeLessThan(200_000);
  });
});

describe("the memory map in the report", () => {
  it("speaks, selects and searches by keyboard alone", async () => {
    const page = await opened(pageOf(smallReport()));
    await page.evaluate("document.querySelector('#map-here canvas').focus()");
    await page.press("Home");
    await page.press("ArrowRight");
    expect((await texts(page, "#map-here [aria-live]"))[0]).toMatch(/^Page 0x5591c2e02000: 2 faults · 1 major/);
    await page.press("Shift+ArrowRight");
    expect(await texts(page, ".map-details h3")).toEqual(["0x5591c2e02000 to 0x5591c2e04000"]);
    await page.evaluate("document.querySelector('#map-here input').focus()");
    for (const letter of "rodata") await page.press(letter);
    expect(await texts(page, "#map-here .found")).toEqual(["1 page"]);
    await page.press("Enter");
    expect(await texts(page, ".map-details h3")).toEqual(["0x7f3a1e960000"]);
  });

  it("has the same pages as a table", async () => {
    const page = await opened(pageOf(smallReport()));
    expect(await texts(page, ".map-table summary")).toEqual(["The map as a table: 8 pages"]);
    await page.evaluate("document.querySelector('.map-table summary').click()");
    await page.evaluate("new Promise((done) => setTimeout(done, 50))");
    const rows = await texts(page, ".map-table tbody tr");
    expect(rows).toHaveLength(8);
    expect(rows[1]).toContain("0x5591c2e02000");
    expect(rows[1]).toContain("history");
  });

  it("follows the mouse: a tooltip, a click, a drag, Ctrl and the wheel", async () => {
    const page = await opened(pageOf(smallReport()));
    await page.evaluate(
      "(document.documentElement.style.scrollBehavior = 'auto', document.querySelector('.map-frame').scrollIntoView({ block: 'center' }))",
    );
    const box = await page.evaluate<{ x: number; y: number }>(
      "(({ x, y }) => ({ x, y }))(document.querySelector('#map-here canvas').getBoundingClientRect())",
    );
    const first = { x: box.x + 232 + 6, y: box.y + 22 + 20 };
    await page.mouse("mouseMoved", first.x, first.y);
    expect((await texts(page, ".map-tip"))[0]).toContain("/home/dev/build/input-thread .text, input_code");
    await page.mouse("mousePressed", first.x, first.y);
    await page.mouse("mouseReleased", first.x, first.y);
    expect(await texts(page, ".map-details h3")).toEqual(["0x5591c2e00000"]);
    const picture = "document.querySelector('#map-here canvas').toDataURL()";
    const frame = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";
    await page.evaluate(frame);
    const before = await page.evaluate<string>(picture);
    await page.wheel(first.x, first.y, -400);
    await page.evaluate(frame);
    const near = await page.evaluate<string>(picture);
    expect(near).not.toBe(before);
    await page.mouse("mousePressed", first.x + 200, first.y + 200);
    await page.mouse("mouseMoved", first.x + 100, first.y + 80);
    await page.mouse("mouseReleased", first.x + 100, first.y + 80);
    await page.evaluate(frame);
    expect(await page.evaluate<string>(picture)).not.toBe(near);
  });
});
