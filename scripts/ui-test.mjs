// `npm run test:ui`: a browser drives a real VS Code with the packaged extension; pictures go to screenshots/.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installVscode } from "./install-vscode.mjs";
import { ensureNodeModules, requireMachine, root, say } from "./installation.mjs";
import { packageAll } from "./package.mjs";

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  requireMachine();
  ensureNodeModules();
  const { passed, failed } = await testUi(process.argv.slice(2));
  say(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

/** Runs test/ui, with further arguments for vitest; { passed, failed }. */
export async function testUi(args = []) {
  const folder = mkdtempSync(join(tmpdir(), "fl-ui-"));
  try {
    const vscode = installVscode();
    const failures = await packageAll([`linux-${process.arch}`], folder);
    if (failures.length > 0) throw new Error(failures.join("\n"));
    const vsix = join(
      folder,
      readdirSync(folder).find((name) => name.endsWith(".vsix")),
    );
    const results = join(folder, "results.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
    const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "vitest.ui.config.mjs", ...reporters, ...args];
    const env = { ...process.env, FAULTLINE_VSIX: vsix, FAULTLINE_VSCODE: JSON.stringify(vscode) };
    const { status } = spawnSync(process.execPath, vitest, { cwd: root, stdio: "inherit", env });
    return counts(JSON.parse(readFileSync(results, "utf8")), status);
  } catch (error) {
    say(error.message);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What vitest's JSON says: a file that could not be loaded has no test that could fail, and a skipped test proves nothing. */
export function counts(results, status) {
  const unloaded = results.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  const failed = results.numFailedTests + unloaded.length + results.numPendingTests + results.numTodoTests;
  return { passed: results.numPassedTests, failed: status !== 0 && failed === 0 ? 1 : failed };
}
