// `npm run test:host [-- SCENARIO …]`: the suites of test/extension, inside the extension host of a real VS Code.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installVscode } from "./install-vscode.mjs";
import { ensureNodeModules, requireMachine, say } from "./installation.mjs";
import { loadTypeScript } from "./load-typescript.mjs";
import { stageBinary, stageExtension } from "./package.mjs";

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  requireMachine();
  ensureNodeModules();
  const { passed, failed } = await testHost(process.argv.slice(2));
  say(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

/** Runs the scenarios, all unless some are named; { passed, failed }. */
export async function testHost(scenarios = []) {
  const stage = mkdtempSync(join(tmpdir(), "fl-extension-"));
  const total = { passed: 0, failed: 0 };
  try {
    const vscode = installVscode();
    await stageForTests(stage);
    const { HOST_SCENARIOS, runScenario } = await loadTypeScript("test/support/host-scenarios.ts");
    for (const scenario of scenarios.length > 0 ? scenarios : Object.keys(HOST_SCENARIOS)) {
      // A suite that did not come to its end is one failure, and does not keep the others from theirs.
      const { passed, failures } = await runScenario(scenario, stage, vscode).catch(({ message }) => ({
        passed: 0,
        failures: [{ title: "did not come to its end", error: message }],
      }));
      for (const { title, error } of failures) say(`FAIL ${scenario}: ${title}\n${error}\n`);
      say(`${scenario}: ${passed} passed, ${failures.length} failed`);
      total.passed += passed;
      total.failed += failures.length;
    }
  } catch (error) {
    say(error.message);
    total.failed += 1;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return total;
}

/** The extension with its suites, unpacked in the folder. */
export async function stageForTests(stage) {
  stageExtension(stage, { release: false });
  stageBinary(stage, `linux-${process.arch}`);
  const { bundleSuites } = await loadTypeScript("test/support/host-suite.ts");
  await bundleSuites(stage);
}
