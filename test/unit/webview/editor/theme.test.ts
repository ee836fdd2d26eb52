import { describe, expect, it } from "vitest";
import { editorTheme } from "../../../../webview/editor/theme.js";
import { luminance, type Rgb } from "../../../../webview/map/theme.js";

/** Backgrounds and texts of themes people wear: Dark Modern, Light Modern, Solarized, Monokai, Abyss, Quiet Light. */
const WORN: readonly (readonly [name: string, body: string, background: Rgb, text: Rgb])[] = [
  ["Dark Modern", "vscode-dark", [31, 31, 31], [204, 204, 204]],
  ["Light Modern", "vscode-light", [255, 255, 255], [59, 59, 59]],
  ["Solarized Dark", "vscode-dark", [0, 43, 54], [187, 187, 187]],
  ["Monokai", "vscode-dark", [39, 40, 34], [248, 248, 242]],
  ["Abyss", "vscode-dark", [0, 12, 24], [102, 136, 204]],
  ["Quiet Light", "vscode-light", [245, 245, 245], [51, 51, 51]],
  ["High Contrast", "vscode-high-contrast", [0, 0, 0], [255, 255, 255]],
  ["High Contrast Light", "vscode-high-contrast-light", [255, 255, 255], [41, 41, 41]],
];

describe.each(WORN)("the map in %s", (_, body, background, text) => {
  const theme = editorTheme(`${body} vscode-using-screen-reader`, (variable) =>
    variable === "--vscode-editor-background"
      ? background
      : variable === "--vscode-editor-foreground"
        ? text
        : undefined,
  );

  it("stands on the editor's ground, in its text", () => {
    expect(theme.background).toEqual(background);
    expect(theme.text).toEqual(text);
  });

  it("has words that are read (WCAG 2: 4.5, dim ones 3)", () => {
    expect(contrast(theme.text, theme.margin)).toBeGreaterThan(4.5);
    expect(contrast(theme.dim, theme.margin)).toBeGreaterThan(3);
  });

  it("tells the coolest page from a quiet one, and both kinds of page from each other", () => {
    for (const heat of [theme.minor[0]!, theme.major[0]!]) expect(distance(heat, theme.quiet)).toBeGreaterThan(30);
    expect(distance(theme.minor[0]!, theme.major[0]!)).toBeGreaterThan(60);
  });
});

it("the map has its own colours where a theme has none", () => {
  expect(editorTheme("vscode-dark", () => undefined).background).toEqual([20, 23, 28]);
  expect(editorTheme("vscode-light", () => undefined).background).toEqual([255, 255, 255]);
  expect(editorTheme("vscode-high-contrast", () => undefined).highContrast).toBe(true);
});

function contrast(a: Rgb, b: Rgb): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function distance(a: Rgb, b: Rgb): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
