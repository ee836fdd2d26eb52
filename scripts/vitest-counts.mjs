// What a run of vitest came to.
import { existsSync, readFileSync } from "node:fs";

/**
 * { passed, failed } from the file of vitest's JSON reporter and its exit code: a file that could not be loaded has no
 * test that could fail, and a skipped test proves nothing.
 */
export function counts(path, status) {
  if (!existsSync(path)) return { passed: 0, failed: 1 }; // It ended before it could say anything.
  const results = JSON.parse(readFileSync(path, "utf8"));
  const unloaded = results.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  const failed = results.numFailedTests + unloaded.length + results.numPendingTests + results.numTodoTests;
  return { passed: results.numPassedTests, failed: status !== 0 && failed === 0 ? 1 : failed };
}
