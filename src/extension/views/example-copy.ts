/** The copy of an example that a person works in. */
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** Sources only: what was built or traced in the original says nothing about this copy. */
export async function copyExample(from: string, to: string): Promise<void> {
  await mkdir(to);
  await cp(from, to, { recursive: true, filter: (path) => !NOT_COPIED.includes(basename(path)) });
  // The reference to the schema leads out of the folder; the extension gives the schema by the file's name.
  const project = join(to, "faultline.json");
  const text = await readFile(project, "utf8");
  await writeFile(project, text.replace(/^\s*"\$schema":[^\n]*\n/m, ""));
}

const NOT_COPIED = ["build", ".faultline"];
