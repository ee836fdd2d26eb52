// `npm test`: installs what the tests need, builds, checks types and style, runs every test; the last line counts them.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureNodeModules, ensureSystemPackages, requireMachine, root, say } from "./installation.mjs";

/** A test that cannot run fails: none of these is optional. */
const NEEDS = [
  { package: "gcc", commands: ["gcc"], for: "every test that builds a program" },
  { package: "g++", commands: ["g++"], for: "the C++ example" },
  { package: "make", commands: ["make"], for: "the examples" },
  { package: "libc6-dev", commands: ["ldd"], for: "every test that builds a program" },
  { package: "binutils", commands: ["readelf"], for: "the ELF oracles" },
  {
    package: "linux-perf",
    instead: "linux-tools-generic",
    commands: ["perf"],
    for: "the oracles of recording and reading",
  },
  { package: "clang-19", commands: ["clang-19"], for: "programs built by clang" },
  { package: "lld-19", commands: ["ld.lld-19", "ld.lld"], for: "programs linked by lld" },
  { package: "llvm-19", commands: ["llvm-symbolizer-19"], for: "the symbol oracle" },
  { package: "gcc-aarch64-linux-gnu", commands: ["aarch64-linux-gnu-gcc"], for: "programs for aarch64" },
  { package: "rustc", commands: ["rustc"], for: "the Rust example" },
  { package: "sudo", commands: ["sudo"], for: "elevated recordings" },
  { package: "util-linux", commands: ["setpriv"], for: "recordings as another user" },
  { package: "sqlite3", commands: ["sqlite3"], for: "programs nobody here wrote" },
  { package: "redis-server", commands: ["redis-server"], for: "programs nobody here wrote" },
  { package: "redis-tools", commands: ["redis-benchmark"], for: "programs nobody here wrote" },
  { package: "xz-utils", commands: ["xz"], for: "programs nobody here wrote" },
  { package: "zstd", commands: ["zstd"], for: "compressed traces" },
  { package: "git", commands: ["git"], for: "programs nobody here wrote" },
  { package: "vim-tiny", commands: ["vi"], for: "terminals" },
  { package: "python3", commands: ["python3"], for: "programs nobody here wrote, and terminals" },
  { package: "perl", commands: ["perl"], for: "programs nobody here wrote" },
  {
    package: "chromium-headless-shell",
    instead: "chromium",
    commands: ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"],
    for: "the HTML report in a browser",
  },
];

requireMachine();
ensureNodeModules();
const missing = ensureSystemPackages(NEEDS);
for (const need of missing) say(`Missing: ${need.package}. Without it these tests fail: ${need.for}.`);
if (missing.length > 0 && process.getuid() !== 0) {
  say(`Install them first: sudo apt-get install ${missing.map((need) => need.package).join(" ")}`);
}

const checks = [
  ["build", process.execPath, ["scripts/build.mjs"]],
  ["types", "npm", ["run", "--silent", "typecheck"]],
  ["style", "npm", ["run", "--silent", "lint"]],
];
const failures = checks.filter(([name, program, args]) => {
  say(`\n${name} …`);
  return spawnSync(program, args, { cwd: root, stdio: "inherit" }).status !== 0;
});
for (const [name] of failures) say(`${name}: failed`);

const scratch = mkdtempSync(join(tmpdir(), "faultline-test-"));
const results = join(scratch, "results.json");
let passed = 0;
let failed = failures.length;
try {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
  const { status } = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", ...reporters, ...process.argv.slice(2)],
    {
      cwd: root,
      stdio: "inherit",
    },
  );
  const counts = JSON.parse(readFileSync(results, "utf8"));
  passed += counts.numPassedTests;
  failed += counts.numFailedTests;
  // A file that could not even be loaded has no tests that could fail, and a skipped test proves nothing.
  failed += counts.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
  failed += counts.numPendingTests + counts.numTodoTests;
  if (status !== 0 && failed === 0) failed = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
say(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
