/** How launch configurations say where sources are: `sourceFileMap` (cppdbg, cppvsdbg) and `sourceMap` (CodeLLDB). */
import { resolve } from "node:path";
import { listOf, objectOf, textOf } from "../../core/base/json-fields.js";
import type { SourceMapping } from "../../core/report/located-source.js";

/** All of them, in their order; folders are absolute. `configurations` is what a person wrote. */
export function launchSources(configurations: unknown, workspaceFolder: string): readonly SourceMapping[] {
  const mappings: SourceMapping[] = [];
  for (const configuration of listOf(configurations)) {
    const fields = objectOf(configuration);
    for (const entries of [objectOf(fields?.["sourceFileMap"]), objectOf(fields?.["sourceMap"])]) {
      for (const [from, value] of Object.entries(entries ?? {})) {
        // cppdbg's long form says more about breakpoints; where the sources are is its editorPath.
        const to = textOf(value) ?? textOf(objectOf(value)?.["editorPath"]);
        if (to === undefined || from === "" || from.includes("*")) continue;
        mappings.push({ from, to: resolve(workspaceFolder, to.replaceAll("${workspaceFolder}", workspaceFolder)) });
      }
    }
  }
  return mappings;
}
