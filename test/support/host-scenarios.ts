/** The workspaces in which the extension host's suites run: each is a real VS Code of its own. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { compileSupport } from "./faultline.js";
import { runHostSuite, type HostResults, type HostRun } from "./host-suite.js";
import type { InstalledVscode } from "./vscode-server.js";

type Setup = (folder: string) => Pick<HostRun, "workspace" | "asksForTrust" | "env" | "settings" | "wrapper">;

export const HOST_SCENARIOS: Readonly<Record<string, Setup>> = {
  /** Two folders, trusted, on a machine that lets us trace. */
  workspace: (folder) => ({ workspace: twoFolders(folder) }),
  /** The three examples under version control, trusted. */
  placement: (folder) => ({ workspace: versionedFolders(folder), env: { RUSTC: rustCompiler() } }),
  /** A folder in which nobody has used it. */
  unused: (folder) => {
    const workspace = copyExample("input-thread", folder);
    rmSync(join(workspace, "faultline.json"));
    return { workspace };
  },
  /** A folder that nobody has trusted. */
  untrusted: (folder) => ({
    workspace: copyExample("input-thread", folder),
    asksForTrust: true,
    settings: { "security.workspace.trust.startupPrompt": "never" },
  }),
  /** A machine that refuses perf_event_open, as containers do. */
  refused: (folder) => ({
    workspace: copyExample("input-thread", folder),
    wrapper: [compileSupport("no-perf", folder)],
  }),
};

export async function runScenario(scenario: string, extension: string, vscode: InstalledVscode): Promise<HostResults> {
  const folder = mkdtempSync(join(tmpdir(), "fl-host-")); // Short: sockets below it have a longest path.
  try {
    const setup = HOST_SCENARIOS[scenario];
    if (setup === undefined) throw new Error(`there is no scenario ${scenario}`);
    return await runHostSuite({ ...setup(folder), scenario, extension, vscode, home: join(folder, "home") });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Itself: what rustup puts in its place looks for it in the home folder. */
function rustCompiler(): string {
  return join(execFileSync("rustc", ["--print", "sysroot"], { encoding: "utf8" }).trim(), "bin", "rustc");
}

/** A .code-workspace with the C and the C++ example, built. */
export function twoFolders(folder: string): string {
  const folders = ["input-thread", "cpp-mixer"].map((name) => ({ path: copyExample(name, folder) }));
  const workspace = join(folder, "two.code-workspace");
  writeFileSync(workspace, JSON.stringify({ folders }));
  return workspace;
}

/** A .code-workspace with all examples, built; what is changed in them, git tells. */
function versionedFolders(folder: string): string {
  const paths = ["input-thread", "cpp-mixer", "rust-ring"].map((name) => copyExample(name, folder));
  for (const cwd of paths) {
    const git = (...args: string[]) => execFileSync("git", args, { cwd, stdio: "pipe" });
    writeFileSync(join(cwd, ".gitignore"), "build/\n.faultline/\n");
    git("init", "--quiet");
    git("add", ".");
    git("-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "-m", "as it was");
  }
  const workspace = join(folder, "three.code-workspace");
  writeFileSync(workspace, JSON.stringify({ folders: paths.map((path) => ({ path })) }));
  return workspace;
}

/** A copy of an example in the folder, built there. */
export function copyExample(name: string, folder: string): string {
  const copy = join(folder, name);
  mkdirSync(folder, { recursive: true });
  const leftBehind = new Set(["build", ".faultline"]);
  cpSync(join("examples", name), copy, { recursive: true, filter: (path) => !leftBehind.has(basename(path)) });
  execFileSync("make", ["--silent", "-C", copy]);
  return copy;
}
