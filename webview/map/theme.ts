/** The colours a memory map is drawn with. The report's and an editor's come from the same few roles. */

export type Rgb = readonly [red: number, green: number, blue: number];

/** What kind of memory a page is, as far as a picture tells them apart. */
export type PageKind = "code" | "constants" | "data" | "heap" | "stack" | "thread-local" | "other" | "kernel";

export interface MapTheme {
  /** Behind everything. */
  readonly background: Rgb;
  /** The margins with addresses and names. */
  readonly margin: Rgb;
  /** A mapped page that took no fault. */
  readonly quiet: Rgb;
  readonly line: Rgb;
  readonly text: Rgb;
  readonly dim: Rgb;
  /** Selection and cursor. */
  readonly accent: Rgb;
  readonly match: Rgb;
  readonly warning: Rgb;
  /** Six steps from few to many. */
  readonly minor: readonly Rgb[];
  readonly major: readonly Rgb[];
  readonly kinds: Readonly<Record<PageKind, Rgb>>;
  /** Cells are outlined and hatched more strongly. */
  readonly highContrast: boolean;
}

export const PAGE_KINDS: readonly PageKind[] = [
  "code",
  "constants",
  "data",
  "heap",
  "stack",
  "thread-local",
  "other",
  "kernel",
];

export function css([red, green, blue]: Rgb, alpha = 1): string {
  return alpha === 1 ? `rgb(${red} ${green} ${blue})` : `rgb(${red} ${green} ${blue} / ${alpha})`;
}

/** Black or white, whichever is read more easily on the colour (relative luminance, WCAG 2). */
export function inkOn(colour: Rgb): Rgb {
  // At this luminance both have the same contrast, 4.58.
  return luminance(colour) > 0.179 ? [0, 0, 0] : [255, 255, 255];
}

export function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** "#rrggbb" as CSS writes it. */
function hex(code: string): Rgb {
  const value = Number.parseInt(code.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

export const LIGHT: MapTheme = {
  background: hex("#ffffff"),
  margin: hex("#f7f8fa"),
  quiet: hex("#eceef2"),
  line: hex("#d9dde3"),
  text: hex("#1b2027"),
  dim: hex("#5b6573"),
  accent: hex("#111827"),
  match: hex("#c026d3"),
  warning: hex("#b42318"),
  minor: ["#c3dcf5", "#94c0ec", "#629fdd", "#357dc6", "#155da6", "#083f7a"].map(hex),
  major: ["#fcd0a4", "#fbaf6b", "#f48a3a", "#df6415", "#b54708", "#802b05"].map(hex),
  kinds: {
    code: hex("#4f6ad7"),
    constants: hex("#2e9e8f"),
    data: hex("#c08a1e"),
    heap: hex("#a855b7"),
    stack: hex("#d0567f"),
    "thread-local": hex("#7a8b2a"),
    other: hex("#8a94a3"),
    kernel: hex("#5d6470"),
  },
  highContrast: false,
};

export const DARK: MapTheme = {
  background: hex("#14171c"),
  margin: hex("#191d23"),
  quiet: hex("#252a32"),
  line: hex("#333a45"),
  text: hex("#e4e8ee"),
  dim: hex("#98a2b0"),
  accent: hex("#ffffff"),
  match: hex("#e879f9"),
  warning: hex("#ff8a7a"),
  minor: ["#1f4a78", "#2a66a5", "#3c84cb", "#5ea3e6", "#8cc1f5", "#c2e0ff"].map(hex),
  major: ["#7a3d12", "#a9531a", "#d56d22", "#f28d42", "#ffb174", "#ffd9b5"].map(hex),
  kinds: {
    code: hex("#7d93f0"),
    constants: hex("#4cc0af"),
    data: hex("#dfae4a"),
    heap: hex("#c884d6"),
    stack: hex("#ea86a8"),
    "thread-local": hex("#a9bb55"),
    other: hex("#8a94a3"),
    kernel: hex("#aab2be"),
  },
  highContrast: false,
};

/** Few colours, strong outlines; major faults are told by their hatch alone if need be. */
export const HIGH_CONTRAST: MapTheme = {
  background: hex("#000000"),
  margin: hex("#000000"),
  quiet: hex("#000000"),
  line: hex("#8a8a8a"),
  text: hex("#ffffff"),
  dim: hex("#e0e0e0"),
  accent: hex("#ffff00"),
  match: hex("#ff80ff"),
  warning: hex("#ff9d00"),
  minor: ["#0a4f9e", "#0f66c8", "#2a83ea", "#5fa8ff", "#9acbff", "#d9edff"].map(hex),
  major: ["#8f4200", "#b85600", "#e36e00", "#ff8f1f", "#ffb469", "#ffddb8"].map(hex),
  kinds: {
    code: hex("#8ea6ff"),
    constants: hex("#3ff0d5"),
    data: hex("#ffd24a"),
    heap: hex("#ff9cff"),
    stack: hex("#ff9cc0"),
    "thread-local": hex("#d4f04a"),
    other: hex("#c0c0c0"),
    kernel: hex("#ffffff"),
  },
  highContrast: true,
};

/** High contrast for those who chose light colours for it. */
export const HIGH_CONTRAST_LIGHT: MapTheme = {
  ...LIGHT,
  margin: hex("#ffffff"),
  quiet: hex("#ffffff"),
  line: hex("#5c5c5c"),
  text: hex("#000000"),
  dim: hex("#292929"),
  accent: hex("#000000"),
  match: hex("#8b008b"),
  highContrast: true,
};
