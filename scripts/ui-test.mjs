// `npm run test:ui`: a browser drives a real VS Code with the packaged extension; pictures go to screenshots/.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installVscode } from "./install-vscode.mjs";
import { ensureNodeModules, requireMachine, root, say } from "./installation.mjs";
import { packageAll } from "./package.mjs";
import { counts } from "./vitest-counts.mjs";

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
    return counts(results, status);
  } catch (error) {
    say(error.message);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
