/** Where a section goes that no statement names. */
import type { Dialect } from "./dialect.js";
import type { InputSection } from "./matcher-input.js";
import type { OutputRule } from "./rules.js";

/**
 * Common symbols join .bss in both linkers. Otherwise the output section is the input's name: one of the script, behind its
 * last statement, or a new one. lld merges .text.x into .text (and its like) only where the script has no SECTIONS of its own.
 */
export function orphanOutput(input: InputSection, outputs: readonly OutputRule[], dialect: Dialect): string {
  if (input.name === "COMMON") return ".bss";
  if (dialect.name !== "lld" || outputs.length > 0) return input.name;
  return LLD_PREFIXES.find((prefix) => input.name === prefix || input.name.startsWith(`${prefix}.`)) ?? input.name;
}

/** lld/ELF/LinkerScript and Writer: getOutputSectionName. The longer of two that fit comes first. */
const LLD_PREFIXES: readonly string[] = [
  ...[".text", ".data.rel.ro", ".data", ".rodata", ".bss.rel.ro", ".bss", ".ldata", ".lrodata", ".lbss"],
  ...[".gcc_except_table", ".init_array", ".fini_array", ".tbss", ".tdata", ".ARM.exidx", ".ARM.extab"],
  ...[".ctors", ".dtors", ".sbss", ".sdata", ".srodata"],
];
