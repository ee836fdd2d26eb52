/** Runs mocha suites inside the extension host of a real VS Code, and brings their results home. */
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { startVscode, type ServerOptions } from "./vscode-server.js";
import { launchChromium } from "./workbench.js";

export interface HostRun extends Omit<ServerOptions, "runsSuites"> {
  /** The extension's folder, as it is installed; the suites are in its out-test. */
  readonly extension: string;
  /** The folder under test/extension whose suites run. */
  readonly scenario: string;
  /** A folder or .code-workspace file. */
  readonly workspace: string;
}

/** What test/extension/index.ts wrote. */
export interface HostResults {
  readonly passed: number;
  readonly failures: readonly { readonly title: string; readonly error: string }[];
}

const RUN_MS = process.env["FAULTLINE_FULL_MATRIX"] === "1" ? 3_600_000 : 900_000;

/** Bundles test/extension into the extension's out-test, where it shares the extension's `vscode`. */
export async function bundleSuites(extension: string): Promise<void> {
  const outdir = join(extension, "out-test");
  const names = await readdir("test/extension", { recursive: true });
  await build({
    entryPoints: names.filter((name) => /(^index|\.test)\.ts$/.test(name)).map((name) => join("test/extension", name)),
    outbase: "test/extension",
    outdir,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode", "mocha"],
    sourcemap: "inline",
    logLevel: "warning",
  });
  mkdirSync(join(outdir, "node_modules"), { recursive: true });
  if (!existsSync(join(outdir, "node_modules/mocha"))) {
    symlinkSync(resolve("node_modules/mocha"), join(outdir, "node_modules/mocha"));
  }
}

/** Rejects where the suites did not run to their end. */
export async function runHostSuite(options: HostRun): Promise<HostResults> {
  const results = join(options.home, "results.json");
  const env = { ...options.env, FAULTLINE_SUITES: options.scenario, FAULTLINE_RESULTS: results };
  const server = await startVscode({ ...options, env, runsSuites: true });
  const said: string[] = [];
  try {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      const ended = new Promise((finish) => void page.exposeFunction("codeAutomationExit", finish));
      await page.exposeFunction("codeAutomationLog", (_: string, args: readonly unknown[]) =>
        said.push(args.join(" ")),
      );
      const payload = [
        ["extensionDevelopmentPath", server.remote(options.extension)],
        ["extensionTestsPath", server.remote(join(options.extension, "out-test/index"))],
        ["skipWelcome", "true"],
      ] as const;
      await page.goto(server.url(options.workspace, payload));
      await Promise.race([ended, tooLong()]);
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
  if (!existsSync(results)) throw new Error(`The suites of ${options.scenario} did not run:\n${said.join("\n")}`);
  return JSON.parse(readFileSync(results, "utf8")) as HostResults;
}

async function tooLong(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, RUN_MS).unref());
  throw new Error(`The suites did not end within ${RUN_MS / 1000} seconds.`);
}
