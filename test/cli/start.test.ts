import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileSupport } from "../support/faultline.js";

/** The project as a clone has it, with its npm packages already installed. */
let clone: string;

beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), "faultline-clone-"));
  chmodSync(clone, 0o777);
  const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  for (const file of files.split("\0").filter((name) => name !== "" && existsSync(name))) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(file, join(clone, file));
  }
  // Copied: this checkout may lie where other users cannot look.
  execFileSync("cp", ["-a", resolve("node_modules"), join(clone, "node_modules")]);
});

afterAll(() => {
  rmSync(clone, { recursive: true, force: true });
});

function start(...wrapper: readonly string[]) {
  const [program, ...args] = [...wrapper, process.execPath, "scripts/start.mjs"];
  const result = spawnSync(program!, args, { cwd: clone, encoding: "utf8", timeout: 120_000 });
  return { ...result, said: `${result.stdout}${result.stderr}` };
}

const page = () => readFileSync(join(clone, "examples/input-thread/.faultline/report.html"), "utf8");

describe("npm start", () => {
  it("ends well, with the example's own lines and real counts, and names the page", () => {
    const { status, said, stdout } = start();
    expect(said).toContain("200 events handled");
    expect(stdout).toMatch(/pointer\.c/);
    expect(stdout).toMatch(/110 .*device->trail.* \d+ faults · /);
    expect(stdout).toContain(join(clone, "examples/input-thread/.faultline/report.html"));
    expect(page()).toContain("Content-Security-Policy");
    expect(page()).toMatch(/<span class="cost">\d+ faults? · /);
    expect(status, said).toBe(0);
  });

  it("ends well a second time", () => {
    expect(start().status).toBe(0);
  });

  it("ends well where perf_event_open is refused, and says what is shown instead", () => {
    const { status, said } = start(compileSupport("no-perf", clone));
    expect(status, said).toBe(0);
    expect(said).toContain("200 events handled");
    expect(said).toMatch(/container/i);
    expect(said).toMatch(/pagemap|came in/i);
    expect(page()).toContain('<section id="map">');
  });

  it("works for an unprivileged user, and says what that user cannot see", () => {
    rmSync(join(clone, "dist"), { recursive: true, force: true });
    execFileSync("chown", ["-R", "-h", "nobody", clone]);
    const { status, said } = start("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs");
    expect(status, said).toBe(0);
    expect(said).toMatch(/110 .*device->trail.* \d+ faults/);
    expect(said).toMatch(/system calls|kernel/i);
  });
});
