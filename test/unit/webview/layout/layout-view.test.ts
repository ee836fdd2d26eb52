import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BinaryLayout } from "../../../../src/core/report/binary-layout.js";
import { buildLayout } from "../../../../src/core/report/build-layout.js";
import { openImageFile } from "../../../../src/host/images.js";
import { layoutMessage, shownLayoutOf, type LayoutModel } from "../../../../src/protocol/binary-layout.js";
import { layoutMap } from "../../../../webview/layout/layout-map.js";
import { launchBrowser, type Browser, type Page } from "../../../support/browser.js";
import { inPage } from "../../../support/map-message.js";
import { bundleWebview, openWebview, twoFrames, violations, type ThemeKind } from "../../../support/webview-page.js";

let folder: string;
let browser: Browser;
let program: BinaryLayout;
let object: BinaryLayout;

const SOURCE = `
namespace shapes { int area(int width, int height) { return width * height; } }
int table[40000] = {1};
static char scratch[9000000];
thread_local int counter;
int main(int argc, char**) { counter++; scratch[argc] = 1; return shapes::area(argc, table[argc]); }
`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "faultline-layout-"));
  writeFileSync(join(folder, "shapes.cpp"), SOURCE);
  execFileSync("g++", ["-O0", "-o", "shapes", "shapes.cpp"], { cwd: folder });
  execFileSync("g++", ["-c", "-ffunction-sections", "-o", "shapes.o", "shapes.cpp"], { cwd: folder });
  program = layoutOf("shapes");
  object = layoutOf("shapes.o");
  await bundleWebview(folder);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

function layoutOf(name: string): BinaryLayout {
  const opened = openImageFile(join(folder, name));
  if (!opened.ok) throw new Error(opened.message);
  try {
    return buildLayout(opened.image, 4096);
  } finally {
    opened.close();
  }
}

function asSeen(layout: BinaryLayout): LayoutModel {
  const shown = shownLayoutOf(structuredClone({ kind: "layout", layout: layoutMessage(layout) }));
  if (shown.kind !== "layout") throw new Error(shown.sentence);
  return shown.layout;
}

async function opened(layout: BinaryLayout, theme: ThemeKind = "dark"): Promise<Page> {
  const event = { type: "layoutChanged", shown: { kind: "layout", layout: layoutMessage(layout) } };
  return openWebview(browser, folder, { view: "layout", theme, event: inPage(event) });
}

const texts = (page: Page, selector: string) =>
  page.evaluate<string[]>(`[...document.querySelectorAll(${JSON.stringify(selector)})].map((e) => e.textContent)`);

/** What nm says: address, size, name. */
function symbolsOfNm(): readonly { readonly address: number; readonly name: string }[] {
  return execFileSync("nm", ["-C", "--defined-only", join(folder, "shapes")], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => /^([0-9a-f]+) [TtDdBbRr] (.*)$/.exec(line)?.slice(1, 3) ?? [])
    .reduce<{ address: number; name: string }[]>((all, word, i, words) => {
      if (i % 2 === 0) all.push({ address: Number.parseInt(word, 16), name: words[i + 1]! });
      return all;
    }, []);
}

describe("the pages of a binary", () => {
  it("hold the symbols that nm finds there", () => {
    const { processes, pageSize } = layoutMap(asSeen(program))!;
    const { pages, objects } = processes[0]!;
    const names = new Set(objects.map(({ name, start }) => `${start.toString(16)} ${name}`));
    const expected = symbolsOfNm().filter(({ name }) => /^(main|shapes::area|table|scratch)/.test(name));
    expect(expected.length).toBeGreaterThanOrEqual(4);
    for (const { address, name } of expected) {
      expect(names).toContain(`${address.toString(16)} ${name}`);
      const page = pages.address.indexOf(Math.floor(address / pageSize) * pageSize);
      expect(page, name).toBeGreaterThanOrEqual(0);
      expect(pages.minor[page]).toBeGreaterThan(0);
    }
  });

  it("are those of its sections, once each, in order", () => {
    const { pages, regions } = layoutMap(asSeen(program))!.processes[0]!;
    expect(pages.address).toEqual([...new Set(pages.address)].sort((a, b) => a - b));
    pages.address.forEach((address, page) => {
      const region = regions[pages.region[page]!];
      expect(region!.start < address + 4096 && region!.end > address).toBe(true);
    });
    const table = asSeen(program).sections.find(({ name }) => name === ".data")!;
    expect(pages.address.filter((at) => at + 4096 > table.address && at < table.address + table.size)).toHaveLength(
      Math.floor((table.address + table.size - 1) / 4096) - Math.floor(table.address / 4096) + 1,
    );
  });

  it("are none in an object file, which has sections but no addresses yet", () => {
    expect(layoutMap(asSeen(object))).toBeUndefined();
  });

  it("do not grow with what a hostile file claims", { timeout: 20_000 }, () => {
    const seen = asSeen(program);
    const huge = seen.sections.map((section) =>
      section.name === ".bss" ? { ...section, size: 2 ** 52, address: 2 ** 51 } : section,
    );
    const map = layoutMap({ ...seen, sections: huge })!;
    expect(map.processes[0]!.pages.address.length).toBeLessThan(500_000);
  });
});

describe("the layout of a binary in the editor", () => {
  it("says what the file is, and lists its sections and segments as readelf does", async () => {
    const page = await opened(program);
    expect(page.complaints).toEqual([]);
    expect(await texts(page, "h1")).toEqual([join(folder, "shapes")]);
    const readelf = execFileSync("readelf", ["-SW", join(folder, "shapes")], { encoding: "utf8" });
    const names = [...readelf.matchAll(/^ +\[ *[1-9]\d*\] (\S+)/gm)].map(([, name]) => name);
    expect(await texts(page, "section:first-of-type tbody td:first-child")).toEqual(names);
    const headers = execFileSync("readelf", ["-lW", join(folder, "shapes")], { encoding: "utf8" });
    const loads = headers.match(/^ +LOAD/gm)!.length;
    const types = await texts(page, "section:last-of-type tbody td:first-child");
    expect(types.filter((type) => type === "LOAD")).toHaveLength(loads);
  });

  it("finds a symbol by its readable name, and a section from its table", async () => {
    const page = await opened(program);
    await page.press("/");
    for (const letter of "shapes::area") await page.press(letter);
    expect(await texts(page, ".found")).toEqual(["1 page"]);
    await page.press("Enter");
    expect((await texts(page, ".map-details li")).join(" ")).toContain("shapes::area(int, int)");
    const click = `[...document.querySelectorAll("td button")].find((b) => b.textContent === ".data").click()`;
    await page.evaluate(click);
    await twoFrames(page);
    expect((await texts(page, ".map-details li")).join(" ")).toContain("table");
  });

  it("shows tables alone for an object file", async () => {
    const page = await opened(object);
    expect(await texts(page, "main > .note")).toEqual([
      "This file is not linked yet: its sections have no addresses, so there are no pages to show.",
    ]);
    expect((await texts(page, "section td:first-child")).join(" ")).toContain(".text._ZN6shapes4areaEii");
  });

  it.each(["dark", "light", "high-contrast"] as const)("has nothing for axe to complain about in %s", async (theme) => {
    const page = await opened(program, theme);
    expect(await violations(page)).toEqual([]);
  });

  it("says in a sentence why a file cannot be shown", async () => {
    const event = { type: "layoutChanged", shown: { kind: "problem", sentence: "<b>x</b> is no ELF file." } };
    const page = await openWebview(browser, folder, { view: "layout", event: inPage(event) });
    expect(await texts(page, ".message")).toEqual(["<b>x</b> is no ELF file."]);
  });

  it("keeps hostile names text", async () => {
    const name = `<img src=x onerror="window.pwned=1">\u202e\u0007`;
    const hostile: BinaryLayout = {
      ...program,
      path: `/tmp/${name}`,
      machine: name,
      buildId: name,
      problems: [name, "p".repeat(1 << 20)],
      sections: program.sections.map((section) => ({
        ...section,
        name: section.index % 2 ? name : "s".repeat(1 << 20),
      })),
      symbols: program.symbols.map((symbol, i) => ({ ...symbol, displayName: i % 2 ? name : "n".repeat(1 << 20) })),
    };
    const page = await opened(hostile);
    await page.evaluate(`document.querySelector("canvas").focus()`);
    await page.press("Home");
    await twoFrames(page);
    expect(await page.evaluate("window.pwned")).toBeUndefined();
    expect(page.complaints).toEqual([]);
    expect(await page.evaluate("document.querySelectorAll('img, a').length")).toBe(0);
    expect(await page.evaluate<string>("document.body.innerText")).not.toMatch(/[\u0007\u202e]/);
  });
});
