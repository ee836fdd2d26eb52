import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MAX_BYTES = 1.5 * 1024 * 1024;

/** VS Code's platforms, with what `readelf` says of the binary that must be in each, and which C library it asks for. */
const TARGETS = [
  { target: "linux-x64", binary: "koffi-linux-x64/linux_x64", machine: "X86-64", library: "libc.so.6" },
  { target: "linux-arm64", binary: "koffi-linux-arm64/linux_arm64", machine: "AArch64", library: "libc.so.6" },
  { target: "linux-armhf", binary: "koffi-linux-arm/linux_armhf", machine: "ARM", library: "libc.so.6" },
  { target: "alpine-x64", binary: "koffi-linux-x64/musl_x64", machine: "X86-64", library: "libc.musl-x86_64.so.1" },
  {
    target: "alpine-arm64",
    binary: "koffi-linux-arm64/musl_arm64",
    machine: "AArch64",
    library: "libc.musl-aarch64.so.1",
  },
] as const;
/** Whose command line can run here. */
const HERE = "linux-x64";

let folder: string;
let extension: string;

const unpackedOf = (target: string) => join(folder, target);
const vsixOf = (target: string) =>
  join(
    folder,
    readdirSync(folder).find((name) => name.startsWith(`faultline-${target}-`) && name.endsWith(".vsix"))!,
  );
/** Relative to the extension, sorted. */
const filesOf = (target: string) =>
  readdirSync(join(unpackedOf(target), "extension"), { recursive: true, encoding: "utf8" })
    .filter((file) => statSync(join(unpackedOf(target), "extension", file)).isFile())
    .sort();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-vsix-"));
  execFileSync(process.execPath, ["scripts/package.mjs", `--out=${folder}`], { stdio: "pipe" });
  for (const { target } of TARGETS) {
    execFileSync("python3", ["-m", "zipfile", "-e", vsixOf(target), unpackedOf(target)]);
  }
  extension = join(unpackedOf(HERE), "extension");
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it("there is a vsix for each platform, and no other", () => {
  const made = readdirSync(folder).filter((name) => name.endsWith(".vsix"));
  expect(made.length).toBe(TARGETS.length);
});

describe.each(TARGETS)("the vsix for $target", ({ target, binary, machine, library }) => {
  it("says which platform it is for", () => {
    expect(readFileSync(join(unpackedOf(target), "extension.vsixmanifest"), "utf8")).toContain(
      `TargetPlatform="${target}"`,
    );
  });

  it("is at most 1.5 MB", () => {
    expect(statSync(vsixOf(target)).size).toBeLessThanOrEqual(MAX_BYTES);
  });

  it("holds nothing but the bundles, what package.json names, the texts and the examples", () => {
    const expected =
      /^(dist\/[a-z-]+\.(js|css)|(media|schemas|l10n|runtime)\/.+|package(\.nls(\.[a-z-]+)?)?\.json|readme\.md|changelog\.md|LICENSE\.txt)$/;
    const notices = /^dist\/notices\.txt$/;
    const examples = /^examples\/[a-z-]+\/([a-z-]+\.(c|h|cpp|rs)|Makefile|faultline\.json)$/;
    const koffi = /^dist\/node_modules\/@koromix\/koffi-[a-z0-9-]+\/(index\.js|package\.json|[a-z0-9_]+\/koffi\.node)$/;
    const known = [expected, notices, examples, koffi];
    expect(filesOf(target).filter((file) => !known.some((pattern) => pattern.test(file)))).toEqual([]);
  });

  it("has koffi's binary for this platform only", () => {
    const binaries = filesOf(target).filter((file) => file.endsWith(".node"));
    expect(binaries).toEqual([`dist/node_modules/@koromix/${binary}/koffi.node`]);
    const file = join(unpackedOf(target), "extension", binaries[0]!);
    const said = execFileSync("readelf", ["-hd", file], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
    expect(said).toMatch(new RegExp(`Machine: .*${machine}$`, "m"));
    expect(said).toContain(`[${library}]`);
  });

  it("differs from the one for linux-x64 in that binary only", () => {
    const ours = (of: string) => filesOf(of).filter((file) => !file.includes("@koromix"));
    const contents = (of: string) =>
      ours(of).map((file) => readFileSync(join(unpackedOf(of), "extension", file), "latin1"));
    expect(ours(target)).toEqual(ours(HERE));
    const others = contents(HERE);
    expect(contents(target).every((content, at) => content === others[at])).toBe(true);
  });
});

describe("what every vsix holds", () => {
  it("holds every file that its manifest names", () => {
    const manifest = readFileSync(join(extension, "package.json"), "utf8");
    const named = [...manifest.matchAll(/"(?:\.\/)?((?:dist|media|schemas|l10n)\/[^"]+)"/g)].map(
      ([, path = ""]) => path,
    );
    expect(named).toContain("dist/extension.js");
    expect(named.filter((path) => !filesOf(HERE).includes(path))).toEqual([]);
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
    const talkative = filesOf(HERE).filter((file) => {
      const text = readFileSync(join(extension, file), "latin1");
      return secrets.some((name) => text.includes(name));
    });
    expect(talkative).toEqual([]);
  });

  it("has no source maps, nor bundles that ask for them", () => {
    const bundles = filesOf(HERE).filter((file) => /^dist\/[^/]+\.js$/.test(file));
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
