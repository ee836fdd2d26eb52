/** Our webviews in a browser, as VS Code would hold them: its policy, its colours, its API, and answers we choose. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { webviewPage } from "../../src/extension/webview/page.js";
import type { Browser, Page } from "./browser.js";

export type ThemeKind = "dark" | "light" | "high-contrast" | "high-contrast-light";

/** Bundles what the vsix carries into `folder`. */
export async function bundleWebview(folder: string): Promise<void> {
  const common = { bundle: true, format: "iife", target: "es2022", minify: true } as const;
  await build({ ...common, entryPoints: ["webview/main.ts"], outfile: join(folder, "webview.js") });
  await build({ ...common, entryPoints: ["webview/editor/style.css"], outfile: join(folder, "webview.css") });
}

/**
 * A page of `view`, which has been answered. `answer` is JavaScript: a function from a request to what its reply
 * carries; what the page sent is in `window.sent`, what it remembers in `window.state`.
 */
export async function openWebview(
  browser: Browser,
  folder: string,
  options: {
    readonly view: "map" | "layout";
    readonly theme?: ThemeKind;
    readonly answer?: string;
    readonly state?: unknown;
    /** Told after "ready", as JavaScript: an expression for an event. */
    readonly event: string;
  },
): Promise<Page> {
  const { view, theme = "dark", answer = "() => true", state, event } = options;
  const nonce = "bm9uY2U";
  const html = webviewPage({
    view,
    title: "Memory Map",
    cspSource: "file:",
    script: "webview.js",
    style: "webview.css",
    nonce,
    language: "en",
  });
  const host = `
    window.sent = []; window.state = ${JSON.stringify(state) ?? "undefined"};
    window.tell = (message) => window.postMessage(message, "*");
    window.acquireVsCodeApi = () => ({
      postMessage: (request) => {
        window.sent.push(request);
        window.tell({ id: request.id, ok: true, value: (${answer})(request) });
        if (request.method === "ready") window.tell(${event});
      },
      getState: () => window.state,
      setState: (state) => { window.state = state; },
    });`;
  const dressed = html
    .replace(`<html lang="en">`, `<html lang="en" style="${variables(theme)}">`)
    .replace("<body ", `<body class="vscode-${theme}" `)
    .replace(`<script nonce`, `<script nonce="${nonce}">${host}</script>\n<script nonce`);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${view}-${theme}.html`);
  writeFileSync(file, dressed);
  const page = await browser.open(`file://${file}`);
  await twoFrames(page);
  return page;
}

export async function twoFrames(page: Page): Promise<void> {
  await page.evaluate(
    "new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 60))",
  );
}

/** What axe finds wrong with the page, one line each. */
export async function violations(page: Page): Promise<readonly string[]> {
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(`${axe}; 0`);
  return page.evaluate<string[]>(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ": " + target + ": " + failureSummary)))`);
}

/** As VS Code writes them into <html>: its default themes of 2025. */
function variables(theme: ThemeKind): string {
  return Object.entries(THEMES[theme])
    .map(([name, value]) => `--vscode-${name}: ${value}`)
    .join("; ");
}

const FONTS = {
  "font-family": "system-ui, Ubuntu, 'Droid Sans', sans-serif",
  "font-size": "13px",
  "font-weight": "normal",
  "editor-font-family": "'Droid Sans Mono', monospace",
  "editor-font-size": "14px",
};

const THEMES: Readonly<Record<ThemeKind, Readonly<Record<string, string>>>> = {
  dark: {
    ...FONTS,
    foreground: "#cccccc",
    descriptionForeground: "#9d9d9d",
    errorForeground: "#f85149",
    focusBorder: "#0078d4",
    "editor-background": "#1f1f1f",
    "editor-foreground": "#cccccc",
    "editorHoverWidget-background": "#202020",
    "editorHoverWidget-foreground": "#cccccc",
    "editorHoverWidget-border": "#454545",
    "panel-border": "#2b2b2b",
    "widget-shadow": "rgba(0, 0, 0, 0.36)",
    "textLink-foreground": "#4daafc",
    "button-background": "#0078d4",
    "button-foreground": "#ffffff",
    "button-hoverBackground": "#026ec1",
    "button-border": "rgba(255, 255, 255, 0.07)",
    "button-secondaryBackground": "#313131",
    "button-secondaryForeground": "#cccccc",
    "button-secondaryHoverBackground": "#3c3c3c",
    "input-background": "#313131",
    "input-foreground": "#cccccc",
    "input-placeholderForeground": "#989898",
    "dropdown-background": "#313131",
    "dropdown-foreground": "#cccccc",
    "dropdown-border": "#3c3c3c",
    "settings-textInputBorder": "#3c3c3c",
    "settings-dropdownListBorder": "#454545",
    "list-hoverBackground": "#2a2d2e",
    "list-activeSelectionBackground": "#04395e",
    "list-activeSelectionForeground": "#ffffff",
    "keybindingLabel-foreground": "#cccccc",
    "keybindingLabel-background": "rgba(128, 128, 128, 0.17)",
    "keybindingLabel-border": "rgba(51, 51, 51, 0.6)",
    "charts-red": "#f85149",
    "charts-orange": "#d18616",
  },
  light: {
    ...FONTS,
    foreground: "#3b3b3b",
    descriptionForeground: "#3b3b3b",
    errorForeground: "#f85149",
    focusBorder: "#005fb8",
    "editor-background": "#ffffff",
    "editor-foreground": "#3b3b3b",
    "editorHoverWidget-background": "#f8f8f8",
    "editorHoverWidget-foreground": "#3b3b3b",
    "editorHoverWidget-border": "#c8c8c8",
    "panel-border": "#e5e5e5",
    "widget-shadow": "rgba(0, 0, 0, 0.16)",
    "textLink-foreground": "#005fb8",
    "button-background": "#005fb8",
    "button-foreground": "#ffffff",
    "button-hoverBackground": "#0258a8",
    "button-border": "rgba(0, 0, 0, 0.1)",
    "button-secondaryBackground": "#e5e5e5",
    "button-secondaryForeground": "#3b3b3b",
    "button-secondaryHoverBackground": "#cccccc",
    "input-background": "#ffffff",
    "input-foreground": "#3b3b3b",
    "input-placeholderForeground": "#767676",
    "dropdown-background": "#ffffff",
    "dropdown-foreground": "#3b3b3b",
    "dropdown-border": "#cecece",
    "settings-textInputBorder": "#cecece",
    "settings-dropdownListBorder": "#cecece",
    "list-hoverBackground": "#f2f2f2",
    "list-activeSelectionBackground": "#e8e8e8",
    "list-activeSelectionForeground": "#000000",
    "keybindingLabel-foreground": "#3b3b3b",
    "keybindingLabel-background": "rgba(221, 221, 221, 0.4)",
    "keybindingLabel-border": "rgba(204, 204, 204, 0.4)",
    "charts-red": "#e51400",
    "charts-orange": "#d18616",
  },
  "high-contrast": {
    ...FONTS,
    foreground: "#ffffff",
    descriptionForeground: "rgba(255, 255, 255, 0.7)",
    errorForeground: "#f48771",
    focusBorder: "#f38518",
    contrastBorder: "#6fc3df",
    contrastActiveBorder: "#f38518",
    "editor-background": "#000000",
    "editor-foreground": "#ffffff",
    "editorHoverWidget-background": "#0c141f",
    "editorHoverWidget-foreground": "#ffffff",
    "editorHoverWidget-border": "#6fc3df",
    "panel-border": "#6fc3df",
    "textLink-foreground": "#21a6ff",
    "button-foreground": "#ffffff",
    "button-background": "#000000",
    "button-border": "#6fc3df",
    "button-secondaryForeground": "#ffffff",
    "button-secondaryBackground": "#000000",
    "input-background": "#000000",
    "input-foreground": "#ffffff",
    "input-placeholderForeground": "rgba(255, 255, 255, 0.7)",
    "input-border": "#6fc3df",
    "dropdown-background": "#000000",
    "dropdown-listBackground": "#000000",
    "dropdown-foreground": "#ffffff",
    "dropdown-border": "#6fc3df",
    "settings-textInputBorder": "#6fc3df",
    "settings-dropdownListBorder": "#6fc3df",
    "list-hoverBackground": "rgba(255, 255, 255, 0.1)",
    "keybindingLabel-foreground": "#ffffff",
    "keybindingLabel-background": "rgba(0, 0, 0, 0)",
    "keybindingLabel-border": "#6fc3df",
  },
  "high-contrast-light": {
    ...FONTS,
    foreground: "#292929",
    descriptionForeground: "rgba(41, 41, 41, 0.7)",
    errorForeground: "#b5200d",
    focusBorder: "#006bbd",
    contrastBorder: "#0f4a85",
    contrastActiveBorder: "#006bbd",
    "editor-background": "#ffffff",
    "editor-foreground": "#292929",
    "editorHoverWidget-background": "#ffffff",
    "editorHoverWidget-foreground": "#292929",
    "editorHoverWidget-border": "#0f4a85",
    "panel-border": "#0f4a85",
    "textLink-foreground": "#0f4a85",
    "button-foreground": "#ffffff",
    "button-background": "#0f4a85",
    "button-border": "#0f4a85",
    "button-secondaryForeground": "#292929",
    "button-secondaryBackground": "#ffffff",
    "input-background": "#ffffff",
    "input-foreground": "#292929",
    "input-placeholderForeground": "rgba(41, 41, 41, 0.7)",
    "input-border": "#0f4a85",
    "dropdown-background": "#ffffff",
    "dropdown-foreground": "#292929",
    "dropdown-border": "#0f4a85",
    "settings-textInputBorder": "#0f4a85",
    "settings-dropdownListBorder": "#0f4a85",
    "list-hoverBackground": "rgba(15, 74, 133, 0.1)",
    "keybindingLabel-foreground": "#292929",
    "keybindingLabel-background": "rgba(255, 255, 255, 0)",
    "keybindingLabel-border": "#0f4a85",
  },
};
