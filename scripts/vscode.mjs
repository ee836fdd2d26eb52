// `npm run vscode`: a real VS Code with the extension and a copy of the example, in the browser, until Ctrl-C.
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { installVscode } from "./install-vscode.mjs";
import { ensureNodeModules, requireMachine, root, say, stop } from "./installation.mjs";
import { loadTypeScript } from "./load-typescript.mjs";
import { packageAll } from "./package.mjs";

requireMachine();
ensureNodeModules();
const folder = mkdtempSync(join(tmpdir(), "fl-vscode-"));
const server = await start().catch((error) => {
  rmSync(folder, { recursive: true, force: true });
  stop(error.message);
});
say(`
VS Code with Faultline and its example:    ${server.url(join(folder, "input-thread"))}
Only this machine can reach it. Ctrl-C ends it and deletes what it stored.`);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => void end());

async function start() {
  say("Looking for VS Code (the first time takes a minute) …");
  const vscode = installVscode();
  const failures = await packageAll([`linux-${process.arch}`], folder);
  if (failures.length > 0) throw new Error(failures.join("\n"));
  const vsix = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith(".vsix")),
  );
  const leftBehind = new Set(["build", ".faultline"]);
  cpSync(join(root, "examples/input-thread"), join(folder, "input-thread"), {
    recursive: true,
    filter: (path) => !leftBehind.has(basename(path)),
  });
  const { startVscode } = await loadTypeScript("test/support/vscode-server.ts");
  return startVscode({ vscode, vsix, home: join(folder, "home"), asksForTrust: true });
}

async function end() {
  await server.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
