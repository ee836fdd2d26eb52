/** Looks at the files of a process that is about to be traced: what is read of them now need not be read after its end. */
import { readFileSync } from "node:fs";
import { attempt } from "../../core/base/errors.js";
import type { Image } from "../../core/image/image.js";
import type { KeptImages } from "./kept-images.js";

/**
 * @param program path of its ELF file, where it is known. Its C library is most likely the one that we run with: the
 *   longest to read, where its debug information is installed.
 */
export function lookAhead(images: KeptImages, program: string | undefined): void {
  for (const path of [...(program === undefined ? [] : [program]), ...ownLibraries()]) {
    const opened = images.open(path);
    if (!opened.ok) continue; // A script, or a file of elsewhere: then there is nothing to know ahead.
    attempt(() => ask(opened.image)); // Whoever asks for its trace is told what is wrong with the file.
    opened.close();
  }
}

/** What a report asks of each file, once: the answers' tables are built by the first question. */
function ask(image: Image): void {
  const symbols = image.symbols();
  const code = symbols.find(({ kind, size }) => kind === "function" && size > 0);
  const data = symbols.find(({ kind, size }) => kind === "object" && size > 0);
  if (code !== undefined) image.framesAt(code.address);
  if (data === undefined) return;
  image.objectAt(data.address);
  image.declarationAt(data.address);
}

function ownLibraries(): readonly string[] {
  const paths = readFileSync("/proc/self/maps", "utf8").match(/\/\S*\/(?:libc|ld-linux|ld-musl)[^/\s]*\.so[^/\s]*$/gm);
  return [...new Set(paths)];
}
