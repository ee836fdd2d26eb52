/** A real VS Code, served to a browser on this machine only, with a home of its own. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Where code-server is: scripts/install-vscode.mjs. */
export interface InstalledVscode {
  readonly node: string;
  readonly entry: string;
}

export interface ServerOptions {
  readonly vscode: InstalledVscode;
  /** A folder for its home, its settings and its log; emptied first. */
  readonly home: string;
  /** Comes back in the home that an earlier one left, with all that is in it. */
  readonly again?: boolean;
  /** A free one where none is given: what the browser keeps belongs to an address. */
  readonly port?: number;
  /** An extension to install before it starts. */
  readonly vsix?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Puts the server below a program: its path and arguments. */
  readonly wrapper?: readonly string[];
  /** Runs test suites in the extension host. It also hides notifications, so that whoever looks at them leaves it off. */
  readonly runsSuites?: boolean;
  /** Whether folders have to be trusted; the tests of a person's flow do not ask. */
  readonly asksForTrust?: boolean;
}

export interface VscodeServer {
  readonly port: number;
  /** The address of a workbench with the folder, or .code-workspace file, and what the workbench is told besides. */
  url(folder: string, payload?: readonly (readonly [string, string])[]): string;
  /** How a path on the server is written where the browser has to name it. */
  remote(path: string): string;
  /** Ends the server and everything it started. */
  close(): Promise<void>;
}

const START_MS = 60_000;
const GRACE_MS = 5_000;

/** Quiet, without accounts, updates and tips; the colours follow what the browser prefers. */
const SETTINGS = {
  "chat.disableAIFeatures": true,
  "editor.accessibilitySupport": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": "off",
  "extensions.ignoreRecommendations": true,
  "files.autoSave": "off",
  "git.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "window.autoDetectColorScheme": true,
  "workbench.enableExperiments": false,
  "workbench.reduceMotion": "on",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
};

export async function startVscode(options: ServerOptions): Promise<VscodeServer> {
  const { vscode, home } = options;
  const user = join(home, "user");
  if (options.again !== true) rmSync(home, { recursive: true, force: true });
  mkdirSync(join(user, "User"), { recursive: true });
  writeFileSync(join(home, "config.yaml"), "auth: none\n");
  const settings = { ...SETTINGS, ...options.settings };
  writeFileSync(join(user, "User", "settings.json"), JSON.stringify(settings, undefined, 2));
  const env = { ...environment(home), ...options.env };
  const places = ["--config", join(home, "config.yaml"), "--user-data-dir", user];
  const command = [vscode.node, vscode.entry, ...places, "--extensions-dir", join(home, "extensions")];
  if (options.vsix !== undefined && options.again !== true)
    install([...command, "--install-extension", options.vsix, "--force"], env);
  const port = options.port ?? (await freePort());
  const [program = "", ...args] = [...(options.wrapper ?? []), ...command, ...switches(port, options)];
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  child.once("error", () => undefined); // It could not be started at all: no pid, which is told below.
  const log = createWriteStream(join(home, "server.log"));
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  try {
    await answers(port, child);
  } catch (error) {
    await end(child);
    throw error;
  }
  return {
    port,
    url(folder, payload = []) {
      const url = new URL(`http://127.0.0.1:${port}/`);
      url.searchParams.set(folder.endsWith(".code-workspace") ? "workspace" : "folder", folder);
      if (payload.length > 0) url.searchParams.set("payload", JSON.stringify(payload));
      return url.href;
    },
    remote: (path) => `vscode-remote://127.0.0.1:${port}${path}`,
    close: () => end(child),
  };
}

function switches(port: number, options: ServerOptions): string[] {
  return [
    ...["--bind-addr", `127.0.0.1:${port}`, "--auth", "none"],
    ...["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"],
    ...["--ignore-last-opened", "--disable-proxy"],
    ...(options.asksForTrust === true ? [] : ["--disable-workspace-trust"]),
    ...(options.runsSuites === true ? ["--vscode-option", "enable-smoke-test-driver"] : []),
  ];
}

/** Ours, without what a VS Code around us has set. */
function environment(home: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS)/.test(name));
  const gallery = '{"serviceUrl":""}'; // Nothing is asked of a market place.
  return {
    ...Object.fromEntries(inherited),
    HOME: home,
    XDG_CONFIG_HOME: join(home, "xdg"),
    XDG_DATA_HOME: join(home, "xdg"),
    XDG_CACHE_HOME: join(home, "xdg"),
    EXTENSIONS_GALLERY: gallery,
  };
}

function install([program = "", ...args]: readonly string[], env: NodeJS.ProcessEnv): void {
  const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`VS Code did not install the extension: ${stdout}${stderr}`);
}

async function answers(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (child.pid === undefined) throw new Error(`VS Code could not be started: ${child.spawnfile}.`);
    if (child.exitCode !== null) throw new Error(`VS Code ended at once, with exit code ${child.exitCode}.`);
    const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined); // Refused: not there yet.
    if (response?.ok === true) return;
    await sleep(50);
  }
  throw new Error(`VS Code did not answer within ${START_MS / 1000} seconds.`);
}

/** The whole process group: extension hosts and terminals are in it. */
async function end(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const gone = child.exitCode === null ? new Promise((resolve) => child.once("exit", resolve)) : undefined;
  signal(pid, "SIGTERM");
  const impatient = setTimeout(() => {
    signal(pid, "SIGKILL");
  }, GRACE_MS);
  await gone;
  clearTimeout(impatient);
  signal(pid, "SIGKILL");
}

function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // Nobody left in the group.
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("no port is free"));
      });
    });
  });
}
