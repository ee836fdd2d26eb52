/** Whether a running process has V8 in it: by its name, or by V8's own symbols in its files. */
import { readlinkSync } from "node:fs";
import { basename } from "node:path";
import type { ImageSection } from "../core/image/image.js";
import { parseMaps } from "../core/proc/maps.js";
import { FileByteSource } from "./file-source.js";
import { openImageFile } from "./images.js";
import { readProc } from "./proc-snapshot.js";

/** Name of the program; undefined: no V8 was found. Reads the names of symbols only, and a bounded amount of them. */
export function javascriptEngine(pid: number): string | undefined {
  const program = programOf(pid);
  if (program === undefined) return undefined;
  if (V8_PROGRAMS.test(program)) return program;
  // By the link, so that a program that was replaced or lies in another mount namespace is read all the same.
  let budget = MOST_NAME_BYTES;
  const files = [`/proc/${pid}/exe`, ...librariesOf(pid).map((path) => `/proc/${pid}/root${path}`)];
  for (const file of files.slice(0, MOST_FILES)) {
    const found = namesIn(file, budget);
    if (found.v8) return program;
    budget -= found.bytes;
    if (budget <= 0) return undefined;
  }
  return undefined;
}

/** Those that export nothing of it, too. */
const V8_PROGRAMS =
  /^(?:node(?:js)?|deno|d8|electron|code|chrome|chromium|chromium-browser|chrome-headless-shell)(?:-|$)/;

function programOf(pid: number): string | undefined {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, "");
  } catch {
    return undefined; // Not ours to read: then it will not be locked either.
  }
}

function librariesOf(pid: number): readonly string[] {
  const mapped = parseMaps(readProc(`${pid}/maps`) ?? "").filter(
    ({ name, executable, inode }) => executable && inode !== 0 && name.startsWith("/"),
  );
  return [...new Set(mapped.map(({ name }) => name))];
}

function namesIn(file: string, budget: number): { readonly v8: boolean; readonly bytes: number } {
  const opened = openImageFile(file, { debugDirectories: [] });
  if (!opened.ok) return { v8: false, bytes: 0 };
  const tables = opened.image.sections.filter(({ name }) => name === ".dynstr" || name === ".strtab");
  opened.close();
  let bytes = 0;
  for (const table of tables) {
    if (hasName(file, table, budget - bytes)) return { v8: true, bytes };
    bytes += table.size;
  }
  return { v8: false, bytes };
}

/** Mangled names of the namespace v8, and the function by which native modules register with Node. */
const V8_NAMES = ["_ZN2v8", "_ZNK2v8", "node_module_register"];

function hasName(file: string, { fileOffset, size }: ImageSection, budget: number): boolean {
  const source = FileByteSource.open(file);
  try {
    for (let done = 0; done < Math.min(size, budget);) {
      const left = size - done;
      const text = Buffer.from(source.read(fileOffset + done, Math.min(CHUNK_BYTES, left)));
      if (V8_NAMES.some((name) => text.includes(name))) return true;
      if (text.length <= OVERLAP_BYTES) return false;
      // A name may lie across two chunks.
      done += text.length === left ? left : text.length - OVERLAP_BYTES;
    }
    return false;
  } finally {
    source.close();
  }
}

const CHUNK_BYTES = 1 << 20;
const OVERLAP_BYTES = 32;
/** Of all files together. */
const MOST_NAME_BYTES = 64 << 20;
const MOST_FILES = 256;
