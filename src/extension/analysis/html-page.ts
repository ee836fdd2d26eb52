/** The HTML page of a trace: made by the command line, which has the page's script. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Rejects with the command line's own sentence. */
export async function htmlOfTrace(
  cli: string,
  path: string,
  here: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "faultline-page-"));
  try {
    const page = join(folder, "report.html");
    await run([cli, "report", path, "--html", page], here, signal);
    return await readFile(page, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(args: readonly string[], here: string, signal: AbortSignal | undefined): Promise<void> {
  // In a desktop VS Code, our own runtime is Electron.
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...args],
      { cwd: here, env, ...(signal === undefined ? {} : { signal }) },
      (error, _, stderr) => {
        if (error === null) resolve();
        else reject(new Error(stderr.trim().replace(/^faultline: /, "") || error.message));
      },
    );
  });
}
