/** The private folder of a recording's control socket: made by the editor, removed by whoever is the last to know of it. */
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/** Path of the socket to be, in a new folder that nobody else may enter. Folders that were left behind go. */
export function newControlSocket(): string {
  removeAbandoned(tmpdir());
  // mkdtemp makes it 0700.
  return join(mkdtempSync(join(tmpdir(), PREFIX)), SOCKET);
}

/** Removes the socket and its folder, and nothing else: what is no folder of ours, or has more in it, stays. */
export function removeControlSocket(path: string): void {
  const folder = dirname(path);
  if (!FOLDER.test(basename(folder)) || basename(path) !== SOCKET) return;
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path, { force: true });
    rmdirSync(folder);
  } catch {
    return; // Somebody else was faster, or keeps something there: it is not ours to remove.
  }
}

/** The folders of editors that died before their recorder came. */
function removeAbandoned(temporary: string): void {
  const before = Date.now() - ABANDONED_MS;
  for (const name of readdirSync(temporary).filter((one) => FOLDER.test(one))) {
    const folder = join(temporary, name);
    try {
      const { uid, mtimeMs } = lstatSync(folder);
      if (uid !== process.getuid?.() || mtimeMs > before || isBound(join(folder, SOCKET))) continue;
      removeControlSocket(join(folder, SOCKET));
    } catch {
      continue; // Gone meanwhile, or not for us to look at.
    }
  }
}

/** To ask by connecting would take the place of the recorder that is awaited. */
function isBound(path: string): boolean {
  return readFileSync("/proc/net/unix", "utf8")
    .split("\n")
    .some((line) => line.endsWith(` ${path}`));
}

const PREFIX = "faultline-control-";
/** As mkdtemp names them. */
const FOLDER = /^faultline-control-[A-Za-z0-9]{6}$/;
const SOCKET = "control";
/** A password that the recorder needs may be a long time coming. */
const ABANDONED_MS = 60 * 60 * 1000;
