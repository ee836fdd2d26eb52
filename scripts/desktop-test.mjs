// `npm run test:desktop`: the suites of test/extension under a desktop VS Code: VSCODE_BIN's, or one that is downloaded.
import { downloadAndUnzipVSCode, runTests } from "@vscode/test-electron";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { ensureNodeModules, requireMachine, say } from "./installation.mjs";
import { stageForTests } from "./host-test.mjs";
import { loadTypeScript } from "./load-typescript.mjs";

const DOWNLOAD_MS = 30_000;
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "faultline");

requireMachine();
ensureNodeModules();
const program = await desktopProgram();
if (program !== undefined) process.exitCode = (await test(program)) ? 0 : 1;
else process.exitCode = process.env.REQUIRE_DESKTOP ? 1 : 0;

/** Without one, or without a display, nothing is tested here, which is said once. */
async function desktopProgram() {
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    say("Nothing was tested: a desktop VS Code needs a display; run this under xvfb-run.");
    return undefined;
  }
  if (process.env.VSCODE_BIN) return process.env.VSCODE_BIN;
  try {
    mkdirSync(cache, { recursive: true });
    return await downloadAndUnzipVSCode({ cachePath: join(cache, "desktop"), timeout: DOWNLOAD_MS });
  } catch (error) {
    say(`Nothing was tested: VS Code could not be downloaded (${error.message}); name one with VSCODE_BIN.`);
    return undefined;
  }
}

async function test(vscodeExecutablePath) {
  const folder = mkdtempSync(join(tmpdir(), "fl-desktop-"));
  const results = join(folder, "results.json");
  try {
    const stage = join(folder, "extension");
    await stageForTests(stage);
    const { twoFolders } = await loadTypeScript("test/support/host-scenarios.ts");
    const places = ["--user-data-dir", join(folder, "user"), "--extensions-dir", join(folder, "extensions")];
    const quiet = ["--disable-workspace-trust", "--skip-welcome", "--skip-release-notes", "--disable-gpu"];
    await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: stage,
      extensionTestsPath: join(stage, "out-test/index"),
      launchArgs: [twoFolders(folder), ...places, ...quiet, ...(process.getuid() === 0 ? ["--no-sandbox"] : [])],
      extensionTestsEnv: { FAULTLINE_SUITES: "workspace", FAULTLINE_RESULTS: results },
    }).catch((error) => say(error.message));
    const { passed, failures } = JSON.parse(readFileSync(results, "utf8"));
    for (const { title, error } of failures) say(`FAIL ${title}\n${error}\n`);
    say(`${passed} passed, ${failures.length} failed`);
    return failures.length === 0 && passed > 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
