// `npm test`: installs what the tests need, builds, checks types and style, runs every test, also those in a real VS Code;
// the last line counts them. Arguments (`npm test -- NAME …`) are for vitest, and leave the tests in a VS Code out.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureNodeModules, ensureSystemPackages, requireMachine, root, say } from "./installation.mjs";
import { counts } from "./vitest-counts.mjs";

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
  { package: "mold", commands: ["ld.mold"], for: "programs linked by mold" },
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

const filter = process.argv.slice(2);
const results = [{ passed: 0, failed: failures.length }, testUnits(filter)];
if (filter.length === 0) {
  // Loaded now that the packages they are made of are there.
  const { testHost } = await import("./host-test.mjs");
  const { testUi } = await import("./ui-test.mjs");
  say("\nin the extension host of a real VS Code …");
  results.push(await testHost());
  say("\nin a real VS Code, driven by a browser …");
  results.push(await testUi());
}
const sum = (kind) => results.reduce((total, { [kind]: count }) => total + count, 0);
say(`${sum("passed")} passed, ${sum("failed")} failed`);
process.exitCode = sum("failed") === 0 ? 0 : 1;

/** test/unit and test/cli; { passed, failed }. */
function testUnits(filter) {
  const scratch = mkdtempSync(join(tmpdir(), "faultline-test-"));
  try {
    const written = join(scratch, "results.json");
    const reporters = [
      "--reporter=default",
      "--reporter=json",
      "--reporter=./scripts/unhandled-errors.mjs",
      `--outputFile.json=${written}`,
    ];
    const vitest = ["node_modules/vitest/vitest.mjs", "run", ...reporters, ...filter];
    const { status } = spawnSync(process.execPath, vitest, { cwd: root, stdio: "inherit" });
    return counts(written, status);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
