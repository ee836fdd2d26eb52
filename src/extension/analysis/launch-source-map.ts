/** How launch configurations say where sources are: `sourceFileMap` (cppdbg, cppvsdbg) and `sourceMap` (CodeLLDB). */
import { resolve } from "node:path";
import { listOf, objectOf, textOf } from "../../core/base/json-fields.js";

/** All of them together, the first one winning; folders are absolute. `configurations` is what a person wrote. */
export function sourceMapOf(configurations: unknown, workspaceFolder: string): Readonly<Record<string, string>> {
  const map = new Map<string, string>();
  for (const configuration of listOf(configurations)) {
    const fields = objectOf(configuration);
    for (const entries of [objectOf(fields?.["sourceFileMap"]), objectOf(fields?.["sourceMap"])]) {
      for (const [from, value] of Object.entries(entries ?? {})) {
        // cppdbg's long form says more about breakpoints; where the sources are is its editorPath.
        const to = textOf(value) ?? textOf(objectOf(value)?.["editorPath"]);
        if (to === undefined || from === "" || from.includes("*") || map.has(from)) continue;
        map.set(from, resolve(workspaceFolder, to.replaceAll("${workspaceFolder}", workspaceFolder)));
      }
    }
  }
  return Object.fromEntries(map);
}
