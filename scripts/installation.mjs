// What `npm start` and `npm test` need on a fresh Debian or Ubuntu: told in one sentence, installed where we may.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const OLDEST_NODE = 20;

/** Ends the process with one sentence where nothing further can work. */
export function requireMachine() {
  if (process.platform !== "linux") stop(`Faultline traces Linux programs; this is ${process.platform}.`);
  const major = Number(process.versions.node.split(".")[0]);
  if (major < OLDEST_NODE) stop(`Faultline needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node}.`);
}

/** Installs the npm packages of package-lock.json unless they are there. */
export function ensureNodeModules() {
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const missing = Object.entries(wanted).some(([path, { version, optional, link }]) => {
    if (path === "" || optional || link) return false;
    const manifest = join(root, path, "package.json");
    return !existsSync(manifest) || JSON.parse(readFileSync(manifest, "utf8")).version !== version;
  });
  if (!missing) return;
  say("Installing npm packages …");
  run("npm", ["ci", "--no-audit", "--no-fund"]);
}

/**
 * Installs what is missing of `needs`, each { package, instead: its name elsewhere, commands: one must be on PATH }.
 * Returns the needs that are still missing: of an unprivileged user all, each to be told by the caller.
 */
export function ensureSystemPackages(needs) {
  const missing = needs.filter((need) => !isThere(need));
  if (missing.length === 0) return [];
  if (process.getuid() !== 0 || !onPath("apt-get")) return missing;
  const names = missing.map((need) => need.package);
  say(`Installing ${names.join(", ")} …`);
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) => spawnSync("apt-get", args, { env: environment, encoding: "utf8" }).status === 0;
  apt("update", "-q");
  // One by one where all at once fails: a package that does not exist here must not keep the others away.
  if (!apt("install", "-y", "-q", "--no-install-recommends", ...names)) {
    for (const need of missing.filter((one) => !isThere(one))) {
      for (const name of [need.package, need.instead]) {
        if (name !== undefined && !isThere(need)) apt("install", "-y", "-q", "--no-install-recommends", name);
      }
    }
  }
  return missing.filter((need) => !isThere(need));
}

export function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: "inherit", ...options });
  if (error !== undefined) stop(`${program} could not be started: ${error.message}.`);
  if (status !== 0) stop(`${[program, ...args].join(" ")} failed (exit code ${status}).`);
}

export function say(sentence) {
  process.stdout.write(`${sentence}\n`);
}

export function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function isThere({ commands }) {
  return commands.some(onPath);
}

function onPath(command) {
  // Tools for administrators are not on everybody's PATH.
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false; // Not in this folder.
    }
  });
}
