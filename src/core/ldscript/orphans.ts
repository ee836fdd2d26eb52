/** Where a section goes that no statement names. */
import type { InputSection } from "./matcher-input.js";

/**
 * Common symbols join .bss in both linkers. Otherwise the output section is the input's name: one of the script, behind its
 * last statement, or a new one. lld's own layout, where no script has SECTIONS, merges .text.x into .text and its like.
 */
export function orphanOutput(input: InputSection, mergesByPrefix: boolean): string {
  if (input.name === "COMMON") return ".bss";
  if (!mergesByPrefix) return input.name;
  return LLD_PREFIXES.find((prefix) => input.name === prefix || input.name.startsWith(`${prefix}.`)) ?? input.name;
}

/** lld/ELF/LinkerScript and Writer: getOutputSectionName. The longer of two that fit comes first. */
const LLD_PREFIXES: readonly string[] = [
  ...[".text", ".data.rel.ro", ".data", ".rodata", ".bss.rel.ro", ".bss", ".ldata", ".lrodata", ".lbss"],
  ...[".gcc_except_table", ".init_array", ".fini_array", ".tbss", ".tdata", ".ARM.exidx", ".ARM.extab"],
  ...[".ctors", ".dtors", ".sbss", ".sdata", ".srodata"],
];
