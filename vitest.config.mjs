import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/unit/**/*.test.ts", "test/cli/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 300_000,
    pool: "forks",
    maxWorkers: 2,
    minWorkers: 1,
    // scripts/unhandled-errors.mjs judges them.
    dangerouslyIgnoreUnhandledErrors: true,
    reporters: ["default", "./scripts/unhandled-errors.mjs"],
  },
});
