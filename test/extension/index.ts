/** What VS Code calls inside its extension host: runs the suites of one scenario and writes down what came of them. */
import { readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";

const TEST_MS = 30_000;

export async function run(): Promise<void> {
  const scenario = process.env["FAULTLINE_SUITES"] ?? "workspace";
  const results = process.env["FAULTLINE_RESULTS"] ?? join(__dirname, "results.json");
  const mocha = new Mocha({ ui: "bdd", timeout: TEST_MS, color: false, forbidPending: true });
  const folder = join(__dirname, scenario);
  for (const file of readdirSync(folder).sort()) if (file.endsWith(".test.js")) mocha.addFile(join(folder, file));
  const failures: { title: string; error: string }[] = [];
  let passed = 0;
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => {
      resolve();
    });
    runner.on("pass", () => passed++);
    runner.on("fail", (test, error: unknown) => {
      failures.push({
        title: test.fullTitle(),
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    });
  });
  // Under another name first: whoever waits for the file finds it whole.
  writeFileSync(`${results}.new`, JSON.stringify({ passed, failures }));
  renameSync(`${results}.new`, results);
  if (failures.length > 0) throw new Error(`${failures.length} failed`);
}
