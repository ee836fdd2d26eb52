/** The packaged extension in a real VS Code with a copy of an example, as scripts/ui-test.mjs prepares them. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "../../src/core/report/report.js";
import { copyExample } from "./host-scenarios.js";
import { startVscode, type InstalledVscode, type ServerOptions } from "./vscode-server.js";
import { openWorkbench, type Workbench } from "./workbench.js";

export interface Opened {
  readonly workbench: Workbench;
  /** The copy of the example. */
  readonly folder: string;
  /** Of everything that VS Code starts, and a folder of its own for temporary files. */
  readonly home: string;
  readonly temporary: string;
  /** The window's address. */
  readonly url: string;
  /** Folders of the traces that were made, oldest first. */
  traces(): readonly string[];
  /** Records a program of the example, as somebody would in a shell; returns the trace's folder. */
  record(name: string, argv: readonly string[]): string;
  /** The page that the packaged command line makes of a trace: the file's path. */
  html(trace: string): string;
  /** What the packaged command line says of a trace. */
  report(trace: string): Report;
  /** Ends VS Code and everything in it, as a machine that is shut down does, and starts it again: its new address. */
  restart(): Promise<string>;
  close(): Promise<void>;
}

export async function openPackaged(example: string, options: Partial<ServerOptions> = {}): Promise<Opened> {
  const scratch = mkdtempSync(join(tmpdir(), "fl-ui-"));
  const folder = copyExample(example, scratch);
  const home = join(scratch, "home");
  const temporary = join(scratch, "tmp");
  mkdirSync(temporary);
  const vscode = JSON.parse(given("FAULTLINE_VSCODE")) as InstalledVscode;
  const env = { TMPDIR: temporary, ...options.env };
  const settled: ServerOptions = { vscode, home, vsix: given("FAULTLINE_VSIX"), ...options, env };
  let server = await startVscode(settled);
  const close = async () => {
    await server.close();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const workbench = await openWorkbench(server.url(folder));
    return {
      workbench,
      folder,
      home,
      temporary,
      url: server.url(folder),
      async restart() {
        await server.close();
        server = await startVscode({ ...settled, again: true, port: server.port });
        return server.url(folder);
      },
      traces: () => traceFolders(folder),
      record(name, argv) {
        const trace = join(folder, ".faultline", "traces", name);
        faultline(home, folder, ["record", "-o", trace, "--", ...argv]);
        return trace;
      },
      html(trace) {
        const page = join(scratch, "report.html");
        faultline(home, folder, ["report", "--html", page, trace]);
        return page;
      },
      report: (trace) => JSON.parse(faultline(home, folder, ["report", "--json", trace])) as Report,
      async close() {
        await workbench.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function traceFolders(folder: string): readonly string[] {
  const traces = join(folder, ".faultline", "traces");
  if (!existsSync(traces)) return [];
  return readdirSync(traces)
    .sort()
    .map((name) => join(traces, name));
}

/** Where VS Code unpacked the extension. */
function installed(home: string): string {
  const extensions = join(home, "extensions");
  const name = readdirSync(extensions).find((folder) => folder.includes("faultline"));
  if (name === undefined) throw new Error("the extension is not installed");
  return join(extensions, name);
}

function faultline(home: string, cwd: string, args: readonly string[]): string {
  const command = [join(installed(home), "dist/cli.js"), ...args];
  return execFileSync(process.execPath, command, { cwd, encoding: "utf8", maxBuffer: 1 << 28, stdio: "pipe" });
}

function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: npm run test:ui sets it`);
  return value;
}
