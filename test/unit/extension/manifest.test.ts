/** package.json, its strings and the ids that the code uses say the same, in both directions. */
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  ColorId,
  CommandId,
  ContextKey,
  CustomEditorId,
  SettingId,
  ViewId,
  WalkthroughId,
  PanelId,
} from "../../../src/extension/ids.js";

interface MenuItem {
  readonly command: string;
  readonly when?: string;
  readonly group?: string;
}

interface Contributions {
  readonly commands: readonly { command: string; title: string; category: string; icon: string }[];
  readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
  readonly keybindings: readonly { command: string; key: string; when: string }[];
  readonly viewsContainers: { readonly activitybar: readonly { id: string; icon: string }[] };
  readonly views: Readonly<Record<string, readonly { id: string; icon: string }[]>>;
  readonly viewsWelcome: readonly { view: string; contents: string; when: string }[];
  readonly colors: readonly { id: string; defaults: Readonly<Record<string, string>> }[];
  readonly configuration: { readonly properties: Readonly<Record<string, { default: unknown }>> };
  readonly customEditors: readonly { viewType: string; priority: string }[];
  readonly jsonValidation: readonly { fileMatch: string; url: string }[];
  readonly walkthroughs: readonly {
    id: string;
    icon: string;
    steps: readonly { description: string; completionEvents: readonly string[]; media: { svg: string } }[];
  }[];
}

const text = readFileSync("package.json", "utf8");
const manifest = JSON.parse(text) as {
  readonly engines: { readonly vscode: string; readonly node: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly icon: string;
  readonly l10n: string;
  readonly activationEvents: readonly string[];
  readonly capabilities: { untrustedWorkspaces: { restrictedConfigurations: readonly string[] } };
  readonly contributes: Contributions;
};
const strings = JSON.parse(readFileSync("package.nls.json", "utf8")) as Readonly<Record<string, string>>;
const { contributes } = manifest;
const commands = Object.values<string>(CommandId);
const menuItems = Object.values(contributes.menus).flat();
const whens = [...menuItems, ...contributes.keybindings, ...contributes.viewsWelcome].map(({ when = "" }) => when);

it("the commands are those of the code, each with a title, the category and an icon", () => {
  expect(sorted(contributes.commands.map(({ command }) => command))).toEqual(sorted(commands));
  for (const { title, category, icon } of contributes.commands) {
    expect([title, category, icon]).toEqual([
      expect.stringMatching(/^%command\.\w+%$/),
      "%category%",
      expect.stringMatching(/^\$\([a-z-]+\)$/),
    ]);
  }
});

it("the palette knows of every command when it makes sense", () => {
  const palette = contributes.menus["commandPalette"] ?? [];
  expect(sorted(palette.map(({ command }) => command))).toEqual(sorted(commands));
  expect(palette.filter(({ when = "" }) => when === "")).toEqual([]);
});

it("a command the palette hides is in a menu, or is the click on an item", () => {
  const hidden = (contributes.menus["commandPalette"] ?? []).filter(({ when }) => when === "false");
  const elsewhere = Object.entries(contributes.menus)
    .filter(([menu]) => menu !== "commandPalette")
    .flatMap(([, items]) => items.map(({ command }) => command));
  expect(hidden.map(({ command }) => command).filter((command) => !elsewhere.includes(command))).toEqual([]);
});

it("menus, keys, welcome views and walkthrough run only commands that exist", () => {
  const linked = [
    ...contributes.viewsWelcome.map(({ contents }) => contents),
    ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ description }) => description)),
  ]
    .flatMap((key) => [...translated(key).matchAll(/\]\(command:([\w.]+)\)/g)])
    .map(([, command = ""]) => command);
  const focus = Object.values(ViewId).map((view) => `${view}.focus`);
  const ours = [...menuItems, ...contributes.keybindings].map(({ command }) => command).concat(linked);
  const builtIn = ["workbench.trust.manage", "vscode.openFolder"];
  expect(ours.filter((command) => ![...commands, ...focus, ...builtIn].includes(command))).toEqual([]);
  expect(linked.length).toBeGreaterThan(8);
});

it("the views and their container are those of the code, and the container is not empty before a trace", () => {
  expect(contributes.viewsContainers.activitybar.map(({ id }) => id)).toEqual([ViewId.Container]);
  expect(Object.keys(contributes.views)).toEqual([ViewId.Container]);
  const views = (contributes.views[ViewId.Container] ?? []).map(({ id }) => id);
  expect(sorted(views)).toEqual(
    sorted([ViewId.Faults, ViewId.Traces, ViewId.LockSet, ViewId.LockedMemory, ViewId.Placements]),
  );
  expect(new Set(contributes.viewsWelcome.map(({ view }) => view))).toEqual(new Set(views));
});

it.each([
  ["no trace yet", { isWorkspaceTrusted: true }],
  ["not permitted", { isWorkspaceTrusted: true, [ContextKey.Refused]: true }],
  ["a workspace that is not trusted", {}],
  ["not Linux", { isWorkspaceTrusted: true, [ContextKey.Unsupported]: true }],
  ["a recording that runs", { isWorkspaceTrusted: true, [ContextKey.Recording]: true }],
] as const)("exactly one welcome view is shown for: %s", (_, keys) => {
  const shown = contributes.viewsWelcome.filter(({ view, when }) => view === ViewId.Faults && holds(when, keys));
  expect(shown).toHaveLength(1);
  const withTrace = { ...keys, [ContextKey.HasTrace]: true };
  expect(contributes.viewsWelcome.filter((w) => w.view === ViewId.Faults && holds(w.when, withTrace))).toEqual([]);
});

it("when clauses ask context keys that the code sets, and every key is asked", () => {
  const asked = whens
    .flatMap((when) => [...when.matchAll(/\bfaultline\.\w+(?!\w*\.)/g)])
    .map(([key]) => key)
    .filter((key) => ![...Object.values<string>(ViewId)].includes(key));
  expect(sorted(new Set(asked))).toEqual(sorted(Object.values(ContextKey)));
});

it("the settings are those of the code, each with a default, a description and an order", () => {
  expect(sorted(Object.keys(contributes.configuration.properties))).toEqual(sorted(Object.values(SettingId)));
  for (const setting of Object.values(contributes.configuration.properties)) {
    expect(setting).toMatchObject({ description: expect.stringMatching(/^%.+%$/), order: expect.any(Number) });
    expect(setting.default).toBeDefined();
  }
  const settings = Object.keys(contributes.configuration.properties);
  const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  expect(restrictedConfigurations.filter((id) => !settings.includes(id))).toEqual([]);
});

it("the colours are those of the code, with a value for each kind of theme", () => {
  expect(contributes.colors.map(({ id }) => id)).toEqual([...ColorId.Heat, ColorId.Inline]);
  for (const { defaults } of contributes.colors) {
    expect(Object.keys(defaults)).toEqual(["dark", "light", "highContrast", "highContrastLight"]);
    for (const value of Object.values(defaults)) expect(value).toMatch(/^#[0-9a-f]{6}$/);
  }
});

it("the text beside the code is readable in every theme", () => {
  const inline = contributes.colors.find(({ id }) => id === ColorId.Inline)!.defaults;
  expect(contrast(inline["dark"]!, "#1f1f1f")).toBeGreaterThan(4.5);
  expect(contrast(inline["light"]!, "#ffffff")).toBeGreaterThan(4.5);
  expect(contrast(inline["highContrast"]!, "#000000")).toBeGreaterThan(7);
  expect(contrast(inline["highContrastLight"]!, "#ffffff")).toBeGreaterThan(7);
});

it("perf.data opens in the editor of traces, any other file only when asked", () => {
  expect(contributes.customEditors.map(({ viewType, priority }) => [viewType, priority])).toEqual([
    [CustomEditorId.PerfData, "default"],
    [CustomEditorId.BinaryLayout, "option"],
  ]);
});

it("the walkthrough has four steps that its own commands and views complete", () => {
  expect(contributes.walkthroughs.map(({ id }) => `${id}:${contributes.walkthroughs[0]!.steps.length}`)).toEqual([
    `${WalkthroughId}:4`,
  ]);
  const known = [...commands.map((id) => `onCommand:${id}`), ...Object.values(ViewId).map((id) => `onView:${id}`)];
  const events = contributes.walkthroughs[0]!.steps.flatMap(({ completionEvents }) => completionEvents);
  expect(events.filter((event) => !known.includes(event))).toEqual([]);
});

it("every string is translated, and no translation is left over", () => {
  const used = [...text.matchAll(/"%([^"%]+)%"/g)].map(([, key = ""]) => key);
  expect(sorted(new Set(used))).toEqual(sorted(Object.keys(strings)));
  expect(Object.entries(strings).filter(([, value]) => value.trim() === "")).toEqual([]);
});

it("files that package.json names exist", () => {
  const files = [
    manifest.icon,
    ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
    ...Object.values(contributes.views).flatMap((views) => views.map(({ icon }) => icon)),
    ...contributes.jsonValidation.map(({ url }) => url),
    ...contributes.walkthroughs.flatMap(({ icon, steps }) => [icon, ...steps.map(({ media }) => media.svg)]),
    manifest.l10n,
  ];
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});

it("the icon is a PNG of 128 by 128", () => {
  const png = readFileSync(manifest.icon);
  expect([png.toString("latin1", 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(["PNG", 128, 128]);
});

it("the API the code is checked against is the oldest VS Code that is let in", () => {
  expect(manifest.engines.vscode).toBe(manifest.devDependencies["@types/vscode"]);
  const types = JSON.parse(readFileSync("node_modules/@types/vscode/package.json", "utf8")) as { version: string };
  expect(`^${types.version}`).toBe(manifest.engines.vscode);
});

it("nothing activates the extension but its use: now, or earlier in a panel, a project's settings or a recording", () => {
  expect(manifest.activationEvents).toEqual([
    `onWebviewPanel:${PanelId.MemoryMap}`,
    "workspaceContains:faultline.json",
    "workspaceContains:.faultline/traces",
  ]);
});

function sorted(values: Iterable<string>): readonly string[] {
  return [...values].sort();
}

function translated(key: string): string {
  return strings[key.slice(1, -1)] ?? "";
}

/** A when clause that is a conjunction of keys and negated keys. */
function holds(when: string, keys: Readonly<Record<string, boolean>>): boolean {
  return when.split(" && ").every((term) => (term.startsWith("!") ? !keys[term.slice(1)] : keys[term] === true));
}

/** WCAG 2.1 contrast ratio of two "#rrggbb" colours. */
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const value = parseInt(color.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
