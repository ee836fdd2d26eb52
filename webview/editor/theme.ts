/** The map's colours in the editor: its own heat, on the ground and with the lines of whatever theme is worn. */
import { DARK, HIGH_CONTRAST, HIGH_CONTRAST_LIGHT, LIGHT, type MapTheme, type Rgb } from "../map/theme.js";

/** `colour` gives a theme variable ("--vscode-editor-background"), opaque; undefined where the theme has none. */
export function editorTheme(bodyClass: string, colour: (variable: string) => Rgb | undefined): MapTheme {
  const classes = bodyClass.split(" ");
  const contrast = classes.includes("vscode-high-contrast") || classes.includes("vscode-high-contrast-light");
  const light = classes.includes("vscode-light") || classes.includes("vscode-high-contrast-light");
  const base = contrast ? (light ? HIGH_CONTRAST_LIGHT : HIGH_CONTRAST) : light ? LIGHT : DARK;
  const background = colour("--vscode-editor-background") ?? base.background;
  const text = colour("--vscode-editor-foreground") ?? base.text;
  if (contrast) return { ...base, background, margin: background, quiet: background, text };
  return {
    ...base,
    background,
    margin: mix(background, text, 0.03),
    quiet: mix(background, text, 0.09),
    line: mix(background, text, 0.17),
    text,
    dim: mix(background, text, 0.72),
    accent: light ? base.accent : text,
    warning: colour("--vscode-errorForeground") ?? base.warning,
  };
}

/** Calls `changed` now and whenever the editor's theme changes. Returns how to stop. */
export function watchTheme(changed: (theme: MapTheme) => void): () => void {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const read = (): MapTheme => {
    const style = getComputedStyle(document.documentElement);
    return editorTheme(document.body.className, (variable) => {
      const value = style.getPropertyValue(variable).trim();
      return value === "" || context === null ? undefined : opaque(context, value);
    });
  };
  const observer = new MutationObserver(() => {
    changed(read());
  });
  // VS Code writes its colours into the style of <html> and the kind of theme into the class of <body>.
  observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
  changed(read());
  return () => {
    observer.disconnect();
  };
}

/** Whatever way CSS has to write a colour, the browser reads it. */
function opaque(context: CanvasRenderingContext2D, value: string): Rgb {
  context.fillStyle = "#000";
  context.fillStyle = value;
  context.clearRect(0, 0, 1, 1);
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2) => Math.round(a[index] + (b[index] - a[index]) * share);
  return [part(0), part(1), part(2)];
}
