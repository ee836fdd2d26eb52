// Scripts use the same TypeScript as the tests: bundled into .cache, where its npm packages are found, then imported.
import { build } from "esbuild";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./installation.mjs";

/** What the module at the path, relative to the repository, exports. */
export async function loadTypeScript(path) {
  const outfile = join(
    root,
    ".cache",
    "scripts",
    `${path.replaceAll("/", "-").replace(/\.ts$/, "")}-${process.pid}.mjs`,
  );
  await build({
    absWorkingDir: root,
    entryPoints: [path],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "warning",
  });
  return import(pathToFileURL(outfile).href);
}
