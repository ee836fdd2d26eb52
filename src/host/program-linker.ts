/** Which linker made a file of this machine. */
import { attempt } from "../core/base/errors.js";
import { readElf } from "../core/elf/elf-file.js";
import { scriptlessLinker, type ScriptlessLinker } from "../core/elf/scriptless-linker.js";
import { FileByteSource } from "./file-source.js";

/** undefined: one that takes scripts with INSERT, or the file is not there, or no ELF file. */
export function scriptlessLinkerOf(path: string): ScriptlessLinker | undefined {
  let source: FileByteSource;
  try {
    source = FileByteSource.open(path);
  } catch {
    return undefined; // It is not built: whoever needs it says so.
  }
  try {
    const linker = attempt(() => scriptlessLinker(readElf(source)));
    return linker.ok ? linker.value : undefined;
  } finally {
    source.close();
  }
}
