/** What places where a linker takes no INSERT script: objcopy renames the sections of object files before they are linked. */
import type { ScriptPlacement } from "./generated-script.js";
import { constantPatterns, constantsSection, sectionPatterns } from "./section-patterns.js";

/**
 * Options of objcopy, each argument one. It takes no patterns here, so that clones and strings stay where they are. No
 * flags are given with the names: they would zero the code.
 */
export function renamedSections(placements: readonly ScriptPlacement[]): readonly string[] {
  const constants = placements.find(({ kind }) => kind === "rodata")?.section;
  return placements.flatMap(({ symbol, kind, section }) => [
    ...renamed(sectionPatterns(symbol, kind), section),
    ...(kind === "text" ? renamed(constantPatterns(symbol), constants ?? constantsSection(section)) : []),
  ]);
}

/** As a shell takes it. */
export function objcopyLine(placements: readonly ScriptPlacement[]): string {
  const quoted = renamedSections(placements).map((word) => (/^[\w.=-]+$/.test(word) ? word : `'${word}'`));
  return ["objcopy", ...quoted, "FILE.o"].join(" ");
}

function renamed(patterns: readonly string[], section: string): readonly string[] {
  return patterns.flatMap((name) => (name.includes("*") ? [] : ["--rename-section", `${name}=${section}`]));
}
