import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MAX_BYTES = 1.5 * 1024 * 1024;

let folder: string;
let vsix: string;
/** Unpacked. */
let extension: string;
/** Relative to the extension. */
let files: readonly string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-vsix-"));
  execFileSync(process.execPath, ["scripts/package.mjs", "linux-x64", `--out=${folder}`], { stdio: "pipe" });
  const [name = ""] = readdirSync(folder);
  vsix = join(folder, name);
  execFileSync("python3", ["-m", "zipfile", "-e", vsix, join(folder, "unpacked")]);
  extension = join(folder, "unpacked", "extension");
  files = readdirSync(extension, { recursive: true, encoding: "utf8" })
    .filter((file) => statSync(join(extension, file)).isFile())
    .sort();
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("the vsix for linux-x64", () => {
  it("says which platform it is for", () => {
    expect(readFileSync(join(folder, "unpacked/extension.vsixmanifest"), "utf8")).toContain(
      'TargetPlatform="linux-x64"',
    );
  });

  it("is at most 1.5 MB", () => {
    expect(statSync(vsix).size).toBeLessThanOrEqual(MAX_BYTES);
  });

  it("holds nothing but the bundles, what package.json names, the texts and the examples", () => {
    const expected =
      /^(dist\/[a-z-]+\.(js|css)|(media|schemas|l10n|runtime)\/.+|package(\.nls(\.[a-z-]+)?)?\.json|readme\.md|changelog\.md|LICENSE\.txt)$/;
    const notices = /^dist\/notices\.txt$/;
    const examples = /^examples\/[a-z-]+\/([a-z-]+\.(c|h|cpp|rs)|Makefile|faultline\.json)$/;
    const koffi = /^dist\/node_modules\/@koromix\/koffi-linux-x64\/(index\.js|package\.json|linux_x64\/koffi\.node)$/;
    expect(files.filter((file) => ![expected, notices, examples, koffi].some((pattern) => pattern.test(file)))).toEqual(
      [],
    );
  });

  it("has koffi's binary for this platform only", () => {
    expect(files.filter((file) => file.endsWith(".node"))).toEqual([
      "dist/node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node",
    ]);
  });

  it("holds every file that its manifest names", () => {
    const manifest = readFileSync(join(extension, "package.json"), "utf8");
    const named = [...manifest.matchAll(/"(?:\.\/)?((?:dist|media|schemas|l10n)\/[^"]+)"/g)].map(
      ([, path = ""]) => path,
    );
    expect(named).toContain("dist/extension.js");
    expect(named.filter((path) => !files.includes(path))).toEqual([]);
  });

  it("tells the licences of what it holds", () => {
    const notices = readFileSync(join(extension, "dist/notices.txt"), "utf8");
    for (const name of ["koffi", "fzstd", "@vscode/webview-ui-toolkit"]) expect(notices).toContain(`${name} `);
    expect(notices).toContain("Permission is hereby granted");
  });

  it("has no path and no name of this machine in it", () => {
    // With its slash: that /root is a folder of the system, we know of every machine.
    const secrets = [resolve("."), `${homedir()}/`, hostname(), tmpdir() + "/faultline"].filter(
      (name) => name.length > 4,
    );
    const talkative = files.filter((file) => {
      const text = readFileSync(join(extension, file), "latin1");
      return secrets.some((name) => text.includes(name));
    });
    expect(talkative).toEqual([]);
  });

  it("has no source maps, nor bundles that ask for them", () => {
    const bundles = files.filter((file) => /^dist\/[^/]+\.js$/.test(file));
    expect(bundles.length).toBeGreaterThan(3);
    expect(bundles.filter((file) => readFileSync(join(extension, file), "utf8").includes("sourceMappingURL="))).toEqual(
      [],
    );
  });

  it("holds a command line that works where it was unpacked", () => {
    const trace = join(folder, "trace");
    const faultline = (...args: string[]) =>
      execFileSync(process.execPath, [join(extension, "dist/cli.js"), ...args], { encoding: "utf8" });
    faultline("record", "-o", trace, "--", "/bin/true");
    expect(
      (JSON.parse(faultline("report", "--json", trace)) as { faults: { total: number } }).faults.total,
    ).toBeGreaterThan(10);
  });
});

it("extension.js neither holds nor asks for koffi", () => {
  const bundle = readFileSync(join(extension, "dist/extension.js"), "utf8");
  expect(bundle).toContain('require("vscode")');
  expect(bundle).not.toMatch(/koffi|koromix/);
});
