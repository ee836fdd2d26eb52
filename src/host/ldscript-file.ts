/** Linker scripts of this machine: their text, what they include, and the one a linker has built in. */
import { spawnSync } from "node:child_process";
import { isAbsolute, join } from "node:path";
import type { ReadInclude } from "../core/ldscript/included.js";
import { FileByteSource } from "./file-source.js";
import { UserError } from "./user-error.js";

/** Throws UserError for what cannot be read, or is too large to be one. */
export function scriptText(path: string, most = MOST_BYTES): string {
  let bytes: Uint8Array;
  try {
    const source = FileByteSource.open(path);
    try {
      if (source.size > most) throw new UserError(`${path} is too large for a linker script: name the script itself.`);
      bytes = source.read(0, source.size);
    } finally {
      source.close();
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${path} cannot be read (${error instanceof Error ? error.message : String(error)}): correct the path.`,
    );
  }
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  // What is no UTF-8 is read byte by byte: a linker knows no encoding.
  return text.includes("\ufffd") ? new TextDecoder("latin1").decode(bytes) : text;
}

/** Looks as linkers do: in the working directory, then in the folders of -L, here also beside the script. */
export function includeReader(folders: readonly string[]): ReadInclude {
  return (name) => {
    for (const path of isAbsolute(name) ? [name] : [name, ...folders.map((folder) => join(folder, name))]) {
      try {
        return { path, text: scriptText(path) };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }
    return undefined;
  };
}

/** What `ld --verbose` prints between its two lines, which differs with -pie and -shared; undefined where there is no such linker, or it has none. */
export function builtInScript(
  linker: string,
  options: readonly string[] = [],
): { readonly path: string; readonly text: string } | undefined {
  const { stdout, error } = spawnSync(linker, [...options, "--verbose"], {
    encoding: "utf8",
    timeout: LINKER_MILLISECONDS,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [, text] = error === undefined ? stdout.split(/^={20,}\r?\n/m) : [];
  return text === undefined ? undefined : { path: [linker, ...options, "--verbose"].join(" "), text };
}

const MOST_BYTES = 1 << 26;
const LINKER_MILLISECONDS = 10_000;
