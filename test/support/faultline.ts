/** The command line as tests run it: bundled once a test file, where every user may read it. */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";

export interface Installed {
  /** World-readable folder of the bundle. */
  readonly folder: string;
  readonly cli: string;
  remove(): void;
}

/** A bundle of its own: the one in dist/ may be older than the sources, or be built anew meanwhile. */
export async function installFaultline(): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), "faultline-cli-"));
  chmodSync(folder, 0o755);
  // A copy: other users need not be able to reach the checkout.
  cpSync(resolve("node_modules/@koromix"), join(folder, "node_modules/@koromix"), { recursive: true });
  await build({
    entryPoints: { cli: "src/cli/main.ts", "drain-thread": "src/recorder/drain-thread.ts" },
    outdir: folder,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode", "@koromix/*"],
    alias: { koffi: resolve("node_modules/koffi/index.cjs") },
    logLevel: "warning",
  });
  return {
    folder,
    cli: join(folder, "cli.js"),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Compiles test/support/NAME.c into the folder. */
export function compileSupport(name: string, folder: string): string {
  const program = join(folder, name);
  execFileSync("gcc", ["-O", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", program, `test/support/${name}.c`]);
  return program;
}
