/** VS Code's workbench in a headless browser, as a person uses it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  chromium,
  type Browser,
  type BrowserContext,
  type FrameLocator,
  type Locator,
  type Page,
} from "playwright-core";
import { browserProgram } from "./browser.js";

export type Theme = keyof typeof MEDIA;
export const THEMES = ["light", "high-contrast", "high-contrast-light", "dark"] as const satisfies readonly Theme[];

export interface Workbench {
  readonly page: Page;
  /** Errors of the console and uncaught ones, so far. */
  readonly complaints: readonly string[];
  /** Runs a command from the palette, by its title there. */
  command(title: string): Promise<void>;
  /** Opens a file of the workspace by its name, and leaves the focus in its editor. */
  openFile(name: string): Promise<void>;
  goTo(line: number, column?: number): Promise<void>;
  /** What the visible lines of the active editor are decorated with, by line number. */
  decorations(): Promise<ReadonlyMap<number, LineDecoration>>;
  /** The document of the webview that is shown. */
  webview(): FrameLocator;
  theme(theme: Theme): Promise<void>;
  /** Rows of the quick pick or palette that is open. */
  readonly choices: Locator;
  /** Closes the window, and comes back to the address in another one, with what the browser has kept. */
  reopen(url: string): Promise<Workbench>;
  /** Closes the window, and leaves the browser. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

export interface LineDecoration {
  /** Address of the icon in the gutter. */
  readonly icon: string | undefined;
  /** What is shown after the text. */
  readonly after: string | undefined;
  readonly text: string;
}

const READY_MS = 60_000;
/** An extension just activated adds its commands to the palette the next time it is opened. */
const PALETTE_MS = 3_000;
const PALETTE_TRIES = 10;

const MEDIA = {
  dark: { colorScheme: "dark", forcedColors: "none" },
  light: { colorScheme: "light", forcedColors: "none" },
  "high-contrast": { colorScheme: "dark", forcedColors: "active" },
  "high-contrast-light": { colorScheme: "light", forcedColors: "active" },
} as const;
const WORKBENCH_CLASS = {
  dark: ".monaco-workbench.vs-dark",
  light: ".monaco-workbench.vs",
  "high-contrast": ".monaco-workbench.hc-black",
  "high-contrast-light": ".monaco-workbench.hc-light",
} as const;

/** Opens an address of `VscodeServer.url` and waits until its workbench answers. */
export async function openWorkbench(url: string): Promise<Workbench> {
  const browser = await launchChromium();
  try {
    return await connect(browser, url);
  } catch (error) {
    await browser.close();
    throw error;
  }
}

export function launchChromium(): Promise<Browser> {
  const args = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"];
  return chromium.launch({ executablePath: browserProgram(), args });
}

async function connect(browser: Browser, url: string): Promise<Workbench> {
  const context = await browser.newContext({
    viewport: { width: 1400, height: 900 },
    reducedMotion: "reduce",
    permissions: ["clipboard-read", "clipboard-write"],
    ...MEDIA.dark,
  });
  return openWindow(context, url, () => browser.close());
}

async function openWindow(context: BrowserContext, url: string, close: () => Promise<void>): Promise<Workbench> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(url, { timeout: READY_MS });
  await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor({ timeout: READY_MS });
  const input = page.locator(".quick-input-widget");
  const choices = page.locator(".quick-input-list .monaco-list-row");

  return {
    page,
    complaints,
    choices,
    async command(title) {
      const row = choices.filter({ has: page.getByText(title, { exact: true }) }).first();
      for (let tries = 1; ; tries++) {
        await page.keyboard.press("F1");
        await input.waitFor();
        await page.keyboard.type(title);
        try {
          await row.waitFor({ timeout: PALETTE_MS });
          break;
        } catch (error) {
          if (tries === PALETTE_TRIES) throw error;
          await page.keyboard.press("Escape");
        }
      }
      await row.click();
    },
    async openFile(name) {
      await page.keyboard.press("Control+P");
      await input.waitFor();
      await page.keyboard.type(name);
      // Clicked, not entered: the first row may still be what fewer letters found.
      await choices
        .filter({ has: page.getByText(name, { exact: true }) })
        .first()
        .click();
      await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
      await page.locator(".monaco-editor .view-line").first().waitFor();
    },
    async goTo(line, column = 1) {
      await page.keyboard.press("Control+G");
      await input.waitFor();
      await page.keyboard.type(`${line}:${column}`);
      await page.keyboard.press("Enter");
      await input.waitFor({ state: "hidden" });
    },
    async decorations() {
      return new Map(await page.locator(".editor-instance .monaco-editor").first().evaluate(decorationsOf));
    },
    // The workbench holds a page of VS Code's own, which holds the extension's document.
    webview: () => page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame"),
    async theme(theme) {
      await page.emulateMedia(MEDIA[theme]);
      await page.locator(WORKBENCH_CLASS[theme]).waitFor();
    },
    async reopen(address) {
      await page.close();
      return openWindow(context, address, close);
    },
    leave: () => page.close(),
    close,
  };
}

/** A folder for pictures of what was seen; not committed. */
export function pictures(...names: readonly string[]): string {
  const folder = join("screenshots", ...names);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Runs in the page. Lines, their numbers and their icons are three lists: what belongs together has the same top. */
function decorationsOf(editor: Element): [number, LineDecoration][] {
  const top = (element: Element) => Math.round(element.getBoundingClientRect().top);
  const numbers = new Map<number, number>();
  for (const number of editor.querySelectorAll(".margin-view-overlays .line-numbers")) {
    numbers.set(top(number), Number(number.textContent));
  }
  const icons = new Map<number, string>();
  for (const icon of editor.querySelectorAll(".glyph-margin-widgets .cgmr")) {
    icons.set(top(icon), getComputedStyle(icon).backgroundImage);
  }
  const lines: [number, LineDecoration][] = [];
  for (const line of editor.querySelectorAll(".view-lines .view-line")) {
    const number = numbers.get(top(line));
    if (number === undefined) continue;
    const contents = [...line.querySelectorAll("span")].map((span) => getComputedStyle(span, "::after").content);
    const after = contents.find((content) => content.startsWith('"'));
    lines.push([
      number,
      {
        icon: icons.get(top(line)),
        after: after === undefined ? undefined : after.slice(1, -1).replaceAll("\u00a0", " ").trim(),
        text: (line.textContent ?? "").replaceAll("\u00a0", " "),
      },
    ]);
  }
  return lines;
}
