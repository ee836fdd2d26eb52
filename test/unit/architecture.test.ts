import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";

/** Who may import whom. A folder not listed on the right is out of bounds. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  "src/core": ["src/core", "fzstd"],
  "src/host": ["src/host", "src/core", "node:", "fzstd"],
  "src/recorder": ["src/recorder", "src/host", "src/core", "node:"],
  "src/recorder/ffi": ["src/recorder/ffi", "src/core/base", "node:", "koffi"],
  "src/cli": ["src/cli", "src/recorder", "src/host", "src/core", "node:"],
  "src/protocol": ["src/protocol", "src/core"],
  "src/extension": ["src/extension", "src/host", "src/core", "src/protocol", "node:", "vscode"],
  webview: ["webview", "src/protocol", "src/core"],
  "webview/ui": ["webview/ui", "@vscode/webview-ui-toolkit"],
};

it.each(Object.entries(MAY_IMPORT))("%s keeps to its layer", (layer, allowed) => {
  const strays = sources(layer)
    .filter((file) => layerOf(file) === layer)
    .flatMap((file) => importsOf(file).map((target) => ({ file, target })))
    .filter(({ target }) => !allowed.some((prefix) => target === prefix || target.startsWith(prefix)))
    .map(({ file, target }) => `${file} -> ${target}`);
  expect(strays).toEqual([]);
});

it("every source file has a layer", () => {
  expect(sources("src").filter((file) => layerOf(file) === undefined)).toEqual([]);
});

it("no file imports itself in a circle", () => {
  const graph = new Map(
    [...sources("src"), ...sources("webview")].map((file) => [
      file,
      importsOf(file)
        .filter((target) => target.startsWith("src/") || target.startsWith("webview/"))
        .map((target) => target.replace(/\.js$/, ".ts")),
    ]),
  );
  expect(findCircle(graph)).toEqual([]);
});

it("nothing is re-exported in bulk: no barrels", () => {
  const barrels = [...sources("src"), ...sources("webview")].filter((file) =>
    /^export \* from/m.test(readFileSync(file, "utf8")),
  );
  expect(barrels).toEqual([]);
});

function layerOf(file: string): string | undefined {
  return Object.keys(MAY_IMPORT)
    .filter((layer) => file.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function sources(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
      .map((name) => join(folder, name));
  } catch {
    return []; // A layer that does not exist yet.
  }
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const specifiers = [
    ...text.matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)";/gms),
    ...text.matchAll(/^import "([^"]+)";/gm),
    ...text.matchAll(/\b(?:import|require)\("([^"]+)"\)/g),
  ];
  return specifiers.map(([, target = ""]) =>
    target.startsWith(".") ? relative(".", join(dirname(file), target)) : target,
  );
}

function findCircle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      const circle = visit(next);
      if (circle.length > 0) return circle;
    }
    path.pop();
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const circle = visit(file);
    if (circle.length > 0) return circle;
  }
  return [];
}
