import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MapModel } from "../../../../src/core/report/map-model.js";
import { mapMessage, type MemoryMapEvent, type TraceProgress } from "../../../../src/protocol/memory-map.js";
import { launchBrowser, type Browser, type Page } from "../../../support/browser.js";
import { inPage } from "../../../support/map-message.js";
import { mapProcess, PAGE, PROGRAM, SAMPLE_PAGES } from "../../../support/map-process.js";
import { bundleWebview, openWebview, twoFrames, violations, type ThemeKind } from "../../../support/webview-page.js";
import { HIGH_CONTRAST, LIGHT, DARK, type Rgb } from "../../../../webview/map/theme.js";

let folder: string;
let browser: Browser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "faultline-webview-"));
  await bundleWebview(folder);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const model: MapModel = {
  pageSize: PAGE,
  lost: 0,
  counted: "faults",
  processes: [mapProcess(), { ...mapProcess(), pid: 43, name: "another" }],
};

const OWN = "/home/dev/build/input-thread";

function changed(
  map: MapModel,
  title = "./input-thread --events 200",
  progress: TraceProgress = "ended",
): MemoryMapEvent {
  const shown = {
    kind: "trace",
    path: "/traces/one",
    title,
    heat: "faults",
    progress,
    own: [OWN],
    map: mapMessage(map),
  } as const;
  return { type: "traceChanged", shown: { ...shown, select: undefined } };
}

async function opened(
  event: MemoryMapEvent = changed(model),
  theme: ThemeKind = "dark",
  state?: unknown,
): Promise<Page> {
  return openWebview(browser, folder, { view: "map", theme, event: inPage(event), state });
}

const texts = (page: Page, selector: string) =>
  page.evaluate<string[]>(`[...document.querySelectorAll(${JSON.stringify(selector)})].map((e) => e.textContent)`);
const sent = (page: Page, method: string) =>
  page.evaluate<unknown[][]>(`window.sent.filter((request) => request.method === "${method}").map(({ args }) => args)`);
const pixel = (page: Page, x: number, y: number) =>
  page.evaluate<Rgb>(
    `[...document.querySelector("canvas").getContext("2d").getImageData(${x} * devicePixelRatio, ${y} * devicePixelRatio, 1, 1).data].slice(0, 3)`,
  );

/** Where the page with this index is drawn, in the canvas and in the window. */
async function cell(page: Page, index: number) {
  await page.evaluate(`document.querySelector("canvas").focus()`);
  await page.press("Home");
  for (let i = 0; i < index; i++) await page.press("ArrowRight");
  await twoFrames(page);
  // The tooltip stands beside the middle of the cursor's cell.
  const tip = await page.evaluate<{ left: number; top: number; height: number }>(
    `(({ style, offsetHeight }) => ({ left: parseFloat(style.left), top: parseFloat(style.top), height: offsetHeight }))(document.querySelector(".map-tip"))`,
  );
  const box = await page.evaluate<{ x: number; y: number }>(
    `(({ x, y }) => ({ x, y }))(document.querySelector("canvas").getBoundingClientRect())`,
  );
  const at = { x: tip.left - 14, y: tip.top - 18 };
  return { at, inWindow: { x: at.x + box.x, y: at.y + box.y } };
}

describe("the memory map in the editor", () => {
  it("asks once for what to show, breaks no policy and fetches only its own files", async () => {
    const page = await opened();
    expect(page.complaints).toEqual([]);
    expect(page.requests.map((url) => url.slice(url.lastIndexOf("/") + 1)).sort()).toEqual([
      "webview.css",
      "webview.js",
    ]);
    expect(await sent(page, "ready")).toEqual([[]]);
    expect(await texts(page, "h1")).toEqual(["./input-thread --events 200"]);
    const intruder = `(() => { const s = document.createElement("script"); s.textContent = "window.intruder = 1"; document.body.append(s); return "intruder" in window; })()`;
    expect(await page.evaluate(intruder)).toBe(false);
  });

  it.each([
    ["dark", DARK],
    ["light", LIGHT],
    ["high-contrast", HIGH_CONTRAST],
  ] as const)(
    "draws in the colours of the %s theme, a known page in the colour of its heat",
    async (theme, colours) => {
      const page = await opened(changed(model), theme);
      const { at } = await cell(page, 0);
      // Two minor faults: the second step.
      expect(await pixel(page, at.x, at.y)).toEqual(colours.minor[1]);
      const background = { dark: [31, 31, 31], light: [255, 255, 255], "high-contrast": [0, 0, 0] }[theme];
      expect(await pixel(page, at.x, 4 + 22)).toEqual(background);
    },
  );

  it("follows the editor's theme while it is shown", async () => {
    const page = await opened();
    expect(await pixel(page, 400, 26)).toEqual([31, 31, 31]);
    await page.evaluate(
      `document.documentElement.style.setProperty("--vscode-editor-background", "#fdf6e3"); document.body.className = "vscode-light"`,
    );
    await twoFrames(page);
    expect(await pixel(page, 400, 26)).toEqual([253, 246, 227]);
    const { at } = await cell(page, 0);
    expect(await pixel(page, at.x, at.y)).toEqual(LIGHT.minor[1]);
  });

  it.each(["dark", "light", "high-contrast", "high-contrast-light"] as const)(
    "has nothing for axe to complain about in %s, at rest, with a selection and with its table open",
    async (theme) => {
      const page = await opened(changed(model), theme);
      expect(await violations(page)).toEqual([]);
      await cell(page, 1);
      await page.evaluate(`document.querySelector("summary").click()`);
      await page.evaluate(`window.tell({ type: "live", live: { state: "recording", faults: 5, major: 1, lost: 2 } })`);
      await twoFrames(page);
      expect(await violations(page)).toEqual([]);
    },
  );

  it("is reached by the Tab key in all its parts, and nothing holds the focus", async () => {
    const page = await opened();
    const reached: string[] = [];
    for (let i = 0; i < 14; i++) {
      await page.press("Tab");
      reached.push(
        await page.evaluate<string>(
          `(({ tagName, ariaLabel, title, textContent }) => tagName.toLowerCase() + ": " + (title || ariaLabel || textContent.slice(0, 20)))(document.activeElement)`,
        ),
      );
    }
    const expected = [
      "vscode-dropdown: Process",
      "vscode-dropdown: Heat by",
      "vscode-text-field: Find on the map",
      "vscode-button: Zoom out (−)",
      "vscode-button: Zoom in (+)",
      "vscode-button: Show all of it (0)",
      "vscode-button: Save the picture",
      "vscode-button: Save the pages as a table",
      "vscode-button: Save regions, pages and objects",
    ];
    expect(reached.slice(0, expected.length)).toEqual(expected);
    expect(reached[expected.length]).toMatch(/^canvas: Memory map of input-thread: 20 faults on 8 pages/);
    expect(reached.slice(expected.length + 1).some((name) => name.startsWith("aside: Selection"))).toBe(true);
    expect(reached.some((name) => name.startsWith("summary: "))).toBe(true);
  });

  it("finds with /, from anywhere", async () => {
    const page = await opened();
    await page.press("/");
    for (const letter of "rodata") await page.press(letter);
    expect(await texts(page, ".found")).toEqual(["1 page"]);
    await page.press("Enter");
    expect(await texts(page, ".map-details h3")).toEqual(["0x7f3a1e960000"]);
    expect((await texts(page, "[aria-live]"))[0]).toMatch(/^Page 0x7f3a1e960000: 9 faults/);
  });

  it("changes process and heat through the editor's own controls", async () => {
    const page = await opened();
    const choose = (label: string, value: string) =>
      page.evaluate(
        `(() => { const d = document.querySelector('vscode-dropdown[aria-label="${label}"]'); d.value = "${value}"; d.dispatchEvent(new Event("change")); })()`,
      );
    await choose("Process", "1");
    await twoFrames(page);
    expect(await texts(page, ".map-details h3")).toEqual(["another (43)"]);
    await choose("Heat by", "time");
    const { at } = await cell(page, 0);
    expect(await pixel(page, at.x, at.y)).toEqual(DARK.minor[1]); // 1.2 µs
  });
});

describe("the way from the map to the source and back", () => {
  it("shows what is clicked in the source, and goes there on Enter and from the list", async () => {
    const page = await opened();
    const { inWindow } = await cell(page, 0);
    await page.mouse("mousePressed", inWindow.x, inWindow.y);
    await page.mouse("mouseReleased", inWindow.x, inWindow.y);
    expect(await sent(page, "revealSource")).toEqual([[42, PROGRAM + 0x100, "main", false]]);
    await page.press("Enter");
    await page.evaluate(`[...document.querySelectorAll(".map-details li button")].at(-1).click()`);
    expect(await sent(page, "revealSource")).toEqual([
      [42, PROGRAM + 0x100, "main", false],
      [42, PROGRAM + 0x100, "main", true],
      [42, PROGRAM + 0x940, "dispatch", true],
    ]);
  });

  it("says when no source is known", async () => {
    const page = await openWebview(browser, folder, {
      view: "map",
      event: inPage(changed(model)),
      answer: `({ method }) => method !== "revealSource"`,
    });
    await cell(page, 0);
    await page.press("Enter");
    await twoFrames(page);
    expect(await texts(page, ".note")).toEqual(["No source is known for main."]);
  });

  it("selects what the editor asks for, by name, address or section, in whichever process it is", async () => {
    const page = await opened();
    const select = async (target: object) => {
      await page.evaluate(`window.tell({ type: "select", target: ${JSON.stringify(target)} })`);
      await twoFrames(page);
      return texts(page, ".map-details h3");
    };
    expect(await select({ object: "history" })).toEqual(["0x5591c2e02000 to 0x5591c2e04000"]);
    expect(await select({ address: "0x7f3a1e960010" })).toEqual(["0x7f3a1e960000"]);
    expect(await select({ section: ".rodata" })).toEqual(["0x7f3a1e960000"]);
    expect(await select({ pid: 43, object: "main" })).toEqual(["0x5591c2e00000"]);
    expect(await page.evaluate(`document.querySelector('vscode-dropdown[aria-label="Process"]').value`)).toBe("1");
    await select({ object: "gone" });
    expect(await texts(page, ".note")).toEqual(["gone is not on this map."]);
  });
});

describe("the menu for cells", () => {
  const offered = (page: Page, selector: string) =>
    page.evaluate<unknown>(
      `JSON.parse(document.querySelector(${JSON.stringify(selector)}).dataset.vscodeContext ?? "null")?.cells ?? null`,
    );
  /** As the editor around the page does it: the context of what the menu was asked for. */
  const watch = (page: Page) =>
    page.evaluate(`window.menus = []; window.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      const around = event.target.closest("[data-vscode-context]");
      window.menus.push(around === null ? null : JSON.parse(around.dataset.vscodeContext).cells);
    })`);
  const first = { trace: "/traces/one", pid: 42, start: PROGRAM, end: PROGRAM + PAGE };

  it("is about the selected pages, where functions or globals lie on them", async () => {
    const page = await opened();
    expect(await offered(page, "canvas")).toBeNull();
    await cell(page, 0);
    expect(await offered(page, "canvas")).toEqual(first);
    expect(await offered(page, ".map-details")).toEqual(first);
    await page.press("Shift+ArrowRight");
    expect(await offered(page, "canvas")).toEqual({ ...first, end: PROGRAM + 0x3000 });
    await page.press("End");
    expect(await offered(page, "canvas")).toBeNull();
    expect(await texts(page, ".cells-menu")).toEqual([]);
    await page.press("Home");
    await page.press("Escape");
    expect(await offered(page, "canvas")).toBeNull();
  });

  it("is opened by the right button on any cell, by the keyboard, and by a button", async () => {
    const page = await opened();
    await watch(page);
    const { inWindow } = await cell(page, 0);
    await page.press("End");
    await page.mouse("mousePressed", inWindow.x, inWindow.y, "right");
    await page.mouse("mouseReleased", inWindow.x, inWindow.y, "right");
    expect(await page.evaluate("window.menus")).toEqual([first]);
    expect(await sent(page, "revealSource")).toEqual([]);
    // Inside of what is selected it is about all of that.
    await page.press("Shift+ArrowRight");
    await page.mouse("mousePressed", inWindow.x, inWindow.y, "right");
    await page.mouse("mouseReleased", inWindow.x, inWindow.y, "right");
    await page.evaluate(`document.querySelector(".cells-menu").click()`);
    const both = { ...first, end: PROGRAM + 0x3000 };
    expect(await page.evaluate("window.menus")).toEqual([first, both, both]);
    await page.evaluate(`document.querySelector("canvas").focus()`);
    await page.press("Shift+F10");
    expect(await page.evaluate("window.menus")).toEqual([first, both, both, both]);
  });
});

describe("what the map is told and keeps", () => {
  it("counts live while something is recorded", async () => {
    const page = await opened();
    const live = (counts: object | undefined) =>
      page.evaluate(`window.tell({ type: "live", live: ${JSON.stringify(counts)} })`).then(() => twoFrames(page));
    await live({ state: "recording", faults: 12345, major: 7, lost: 0 });
    expect(await texts(page, ".live:not([hidden])")).toEqual(["Recording12,345 faults · 7 major"]);
    await live(undefined);
    expect(await texts(page, ".live:not([hidden])")).toEqual([]);
  });

  it("grows while something is recorded: the place, the selection, the table and the focus stay", async () => {
    const grown = (pages: typeof SAMPLE_PAGES, progress: TraceProgress) =>
      page.evaluate(`window.tell(${inPage(changed({ ...model, processes: [mapProcess(pages)] }, "./a", progress))})`);
    const page = await opened(
      changed({ ...model, processes: [mapProcess(SAMPLE_PAGES.slice(2, 5))] }, "./a", "recording"),
    );
    await page.evaluate(`window.tell({ type: "live", live: { state: "recording", faults: 9, major: 0, lost: 0 } })`);
    await twoFrames(page);
    expect(await texts(page, ".live .partial")).toEqual(["Live, partial: the map shows 3 faults so far"]);
    await page.evaluate(`document.querySelector("summary").click()`);
    await page.press("/");
    for (const letter of "heap") await page.press(letter);
    await page.press("Enter");
    expect(await texts(page, ".map-details h3")).toEqual(["0x5591c3a12000"]);
    const typing = `document.activeElement.tagName + document.activeElement.value`;
    const before = await page.evaluate<string>(typing);
    await grown(SAMPLE_PAGES, "recording");
    await twoFrames(page);
    expect(await texts(page, ".live .partial")).toEqual(["Live, partial: the map shows 20 faults so far"]);
    expect(await texts(page, ".map-details h3")).toEqual(["0x5591c3a12000"]);
    expect(await texts(page, ".found")).toEqual(["2 pages"]);
    expect(await page.evaluate(typing)).toBe(before);
    expect(before).toContain("heap");
    expect(await page.evaluate("document.querySelector('details').open")).toBe(true);
    expect(await texts(page, "tbody tr td.name")).toHaveLength(SAMPLE_PAGES.length);
    await page.evaluate(`window.tell({ type: "live", live: undefined })`);
    await grown(SAMPLE_PAGES, "ended");
    await twoFrames(page);
    expect(await texts(page, ".live:not([hidden])")).toEqual([]);
    expect(await texts(page, ".map-details h3")).toEqual(["0x5591c3a12000"]);
    expect(page.complaints).toEqual([]);
    await page.evaluate(`window.tell({ type: "live", live: { state: "paused", faults: 9, major: 1, lost: 2 } })`);
    await grown(SAMPLE_PAGES, "recording");
    await twoFrames(page);
    expect(await violations(page)).toEqual([]);
  });

  it("shows the process with the most faults, whichever that becomes, until somebody goes anywhere", async () => {
    const two = (first: number, second: number): MemoryMapEvent => {
      const processes = [
        { ...mapProcess([{ address: PROGRAM, minor: first }]), name: "shell", pid: 7 },
        { ...mapProcess([{ address: PROGRAM, minor: second }]), name: "program", pid: 8 },
      ];
      return changed({ ...model, processes: processes.sort((a, b) => b.faults - a.faults) }, "./a", "recording");
    };
    const page = await opened(two(9, 1));
    const tell = (event: MemoryMapEvent) => page.evaluate(`window.tell(${inPage(event)})`).then(() => twoFrames(page));
    expect(await texts(page, ".map-details h3")).toEqual(["shell (7)"]);
    await tell(two(9, 10));
    expect(await texts(page, ".map-details h3")).toEqual(["program (8)"]);
    await page.evaluate(`document.querySelector("canvas").focus()`);
    await page.press("+");
    await tell(two(20, 10));
    expect(await texts(page, ".map-details h3")).toEqual(["program (8)"]);
  });

  it("shows sentences instead of a picture where there is none", async () => {
    const page = await opened({ type: "traceChanged", shown: { kind: "nothing" } });
    expect(await texts(page, ".message p")).toEqual(["There is no trace to show yet."]);
    await page.evaluate(`document.querySelector(".message vscode-button").click()`);
    expect(await sent(page, "traceProgram")).toEqual([[]]);
    expect(await violations(page)).toEqual([]);
    await page.evaluate(
      `window.tell({ type: "traceChanged", shown: { kind: "problem", sentence: "x is no perf.data <b>at all</b>." } })`,
    );
    await twoFrames(page);
    expect(await texts(page, ".message")).toEqual(["x is no perf.data <b>at all</b>."]);
    await page.evaluate(`window.tell(${inPage(changed({ ...model, processes: [] }))})`);
    await twoFrames(page);
    expect(await texts(page, ".message")).toEqual(["Nothing was recorded in this trace."]);
  });

  it("remembers trace, process, place and cursor, and comes back to them", async () => {
    const first = await opened();
    await first.evaluate(`window.tell({ type: "select", target: { pid: 43, object: "dispatch" } })`);
    await twoFrames(first);
    await first.evaluate("new Promise((done) => setTimeout(done, 400))");
    const state = await first.evaluate<{ path: string }>("window.state");
    expect(state).toMatchObject({ path: "/traces/one", place: { pid: 43 } });
    const picture = `document.querySelector("canvas").toDataURL()`;
    const again = await opened(changed(model), "dark", state);
    expect((await again.evaluate<string>(picture)) === (await first.evaluate<string>(picture))).toBe(true);
    const hostile = await opened(changed(model), "dark", { path: "/traces/one", place: { pid: {}, near: "x" } });
    expect(hostile.complaints).toEqual([]);
    expect(await texts(hostile, ".map-details h3")).toEqual(["input-thread (42)"]);
  });

  it("exports a picture, a table and data", async () => {
    const page = await opened();
    await page.evaluate(`document.querySelectorAll('[aria-label="Export"] vscode-button').forEach((b) => b.click())`);
    await page.evaluate("new Promise((done) => setTimeout(done, 300))");
    const saved = await page.evaluate<{ format: string; start: string; length: number }[]>(
      `window.sent.filter(({ method }) => method === "save").map(({ args: [format, content] }) =>
        ({ format, start: String.fromCharCode(...content.slice(0, 60)), length: content.length }))`,
    );
    const by = Object.fromEntries(saved.map((each) => [each.format, each]));
    expect(by["png"]!.start.slice(1, 4)).toBe("PNG");
    expect(by["csv"]!.start).toContain("pid,address,minor,major,time_ns,region,section,objects\r\n42,");
    expect(by["json"]!.length).toBeGreaterThan(500);
  });
});

describe("hostile names on the map", () => {
  const attacks = [
    `</script><script>window.pwned = 1</script>`,
    `<img src=x onerror="window.pwned=1">`,
    `[x](command:workbench.action.terminal.new)`,
    `\u202egnp.exe\u0007\u001b[31m`,
    `" onmouseover="window.pwned=1`,
    "n".repeat(1 << 20),
  ];

  it("stay text in every part, and do not slow it down", async () => {
    for (const name of attacks) {
      const process = mapProcess();
      const hostile = {
        ...process,
        name,
        regions: process.regions.map((region) => ({ ...region, name, section: name })),
        objects: process.objects.map((object) => ({ ...object, name, file: name })),
      };
      const page = await opened(
        changed({ ...model, processes: [hostile, { ...hostile, pid: 43 }] }, name.slice(0, 4096)),
      );
      await cell(page, 0);
      await page.evaluate(`document.querySelector("summary").click()`);
      await page.evaluate(
        `window.tell({ type: "select", target: { object: ${JSON.stringify(name.slice(0, 4000))} } })`,
      );
      await twoFrames(page);
      expect(await page.evaluate("window.pwned"), name.slice(0, 40)).toBeUndefined();
      expect(page.complaints, name.slice(0, 40)).toEqual([]);
      expect(await page.evaluate("document.querySelectorAll('img, [onmouseover], [onerror], a').length")).toBe(0);
      const text = await page.evaluate<string>("document.body.innerText");
      expect(text).not.toMatch(/[\u0007\u001b\u202e]/);
      expect(text.length).toBeLessThan(60_000);
    }
  });
});

describe("a large trace", () => {
  it("of a million faults on 100,000 pages is panned and zoomed", async () => {
    const pages = Array.from({ length: 100_000 }, (_, i) => ({
      address: 0x7e00_0000_0000 + (i + (i >> 3)) * PAGE,
      minor: 1 + (i % 19),
      major: i % 50 === 0 ? 1 : 0,
    }));
    const region = { kind: "anonymous", name: "anonymous memory", section: undefined, permissions: "rw-p" } as const;
    const regions = Array.from({ length: 400 }, (_, i) => ({
      ...region,
      start: 0x7e00_0000_0000 + i * 0x12_0000,
      end: 0x7e00_0000_0000 + (i + 1) * 0x12_0000,
    }));
    const objects = Array.from({ length: 20_000 }, (_, i) => ({
      start: 0x7e00_0000_0000 + i * 20_000,
      end: 0x7e00_0000_0000 + i * 20_000 + 512,
      name: `object_${i}`,
      kind: "variable" as const,
      file: "main.c",
      line: i,
    }));
    const large = mapProcess(pages, regions, objects);
    expect(large.faults).toBeGreaterThanOrEqual(1_000_000);
    const page = await opened(changed({ ...model, processes: [large] }));
    const picture = "document.querySelector('canvas').toDataURL()";
    const seen = new Set([await page.evaluate<string>(picture)]);
    for (const key of "sd+s+d+0") {
      await page.evaluate(
        `document.querySelector("canvas").dispatchEvent(new KeyboardEvent("keydown", { key: "${key}" }))`,
      );
      await twoFrames(page);
      seen.add(await page.evaluate<string>(picture));
    }
    expect(seen.size).toBeGreaterThan(5);
    expect(page.complaints).toEqual([]);
  });
});
