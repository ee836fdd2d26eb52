/** What tests of `lockset` and `prove` share: the command line, the example, folders, and processes that end with them. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installFaultline, type Installed } from "./faultline.js";

export const IS_ROOT = process.geteuid?.() === 0;
export const NOBODY = 65534;
/** A wrapper: the same user where that is nobody privileged anyway. */
export const AS_NOBODY: readonly string[] = IS_ROOT
  ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
  : [];

export interface CampaignAnswer<Result> {
  readonly status: number | null;
  /** What --json printed; undefined where nothing was. */
  readonly result: Result;
  readonly said: string;
}

export class CampaignSession {
  private readonly folders: string[] = [];
  private readonly running: ChildProcess[] = [];
  private built: string | undefined;

  private constructor(readonly faultline: Installed) {}

  static async open(): Promise<CampaignSession> {
    return new CampaignSession(await installFaultline());
  }

  /** Everybody's to use: some tests run as nobody. */
  newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), "faultline-campaign-"));
    chmodSync(folder, 0o777);
    this.folders.push(folder);
    return folder;
  }

  /** examples/input-thread, built. */
  get example(): string {
    return (this.built ??= this.newExample());
  }

  private newExample(): string {
    const folder = this.newFolder();
    const wanted = (path: string): boolean => !/\/(build|\.faultline)$/.test(path);
    cpSync("examples/input-thread", folder, { recursive: true, filter: wanted });
    execFileSync("make", ["-s", "-C", folder]);
    return folder;
  }

  /** `faultline COMMAND --json …` in the folder. */
  run<Result>(
    command: string,
    folder: string,
    options: readonly string[],
    wrapper: readonly string[] = [],
  ): CampaignAnswer<Result> {
    const argv = [...wrapper, process.execPath, this.faultline.cli, command, "--json", ...options];
    const { status, stdout, stderr } = spawnSync(argv[0]!, argv.slice(1), { cwd: folder, encoding: "utf8" });
    return { status, result: (stdout === "" ? undefined : JSON.parse(stdout)) as Result, said: stderr };
  }

  /** Started, and killed at the end of the session. */
  async start(argv: readonly string[], folder: string): Promise<ChildProcess> {
    const child = spawn(argv[0]!, argv.slice(1), { cwd: folder, stdio: "ignore" });
    this.running.push(child);
    await once(child, "spawn");
    return child;
  }

  /** The example, running, which gets its events and answers by FIFOs; and a folder whose project sends them. */
  async startExample(): Promise<{ readonly folder: string; readonly child: ChildProcess }> {
    const folder = this.newFolder();
    for (const name of ["events", "acks"]) execFileSync("mkfifo", ["-m", "666", join(folder, name)]);
    const project = {
      stimuli: [{ name: "motion", command: [join(this.example, "build/send-events"), "1"], to: "events" }],
      intervals: [{ name: "one event", from: { stimulus: "motion" }, to: { output: "done\n", on: "acks" } }],
    };
    writeFileSync(join(folder, "faultline.json"), JSON.stringify(project));
    // Both ends are held here, so that the program does not wait for us to open them, nor end when we leave.
    const program = [join(this.example, "build/input-thread"), "--ack", "acks", "events"];
    return {
      folder,
      child: await this.start(["sh", "-c", 'exec 8<>events 9<>acks; exec "$@"', "sh", ...program], folder),
    };
  }

  close(): void {
    for (const child of this.running) child.kill("SIGKILL");
    for (const folder of this.folders) rmSync(folder, { recursive: true, force: true });
    this.faultline.remove();
  }
}
