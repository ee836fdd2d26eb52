/** Which sections of a linked file are the locked ones, by the names the project gives them. */
import { objectOf } from "../base/json-fields.js";
import type { ImageSection } from "../image/image.js";

/** Compilers refuse to mix kinds in one section, so each kind has its own. */
export type SectionKind = "text" | "rodata" | "data" | "bss";

/** `lockedSections` of faultline.json. */
export type LockedSectionNames = Readonly<Record<SectionKind, string>>;

export const SECTION_KINDS: readonly SectionKind[] = ["text", "rodata", "data", "bss"];

export const DEFAULT_LOCKED_SECTIONS: LockedSectionNames = {
  text: "locked_text",
  rodata: "locked_rodata",
  data: "locked_data",
  bss: "locked_bss",
};

/** Never fails: what is no section name is told in `problems`, and the default stands. */
export function readLockedSections(value: unknown, problems: string[]): LockedSectionNames {
  if (value === undefined) return DEFAULT_LOCKED_SECTIONS;
  const given = objectOf(value);
  if (given === undefined) problems.push('"lockedSections" must be an object');
  const nameOf = (kind: SectionKind): string => {
    const name = given?.[kind];
    if (name === undefined) return DEFAULT_LOCKED_SECTIONS[kind];
    if (typeof name === "string" && SECTION_NAME.test(name)) return name;
    problems.push(`"lockedSections.${kind}" must be the name of a section`);
    return DEFAULT_LOCKED_SECTIONS[kind];
  };
  return { text: nameOf("text"), rodata: nameOf("rodata"), data: nameOf("data"), bss: nameOf("bss") };
}

/** What assemblers take without quotes, and linker scripts as a name. */
const SECTION_NAME = /^[A-Za-z_.$][\w.$-]{0,255}$/;

/** Whether the section is one of those, under its own name or as linker scripts often call it, with a dot before. */
export function isLockedSection({ name, flags }: ImageSection, names: LockedSectionNames): boolean {
  return flags.allocated && SECTION_KINDS.some((kind) => name === names[kind] || name === `.${names[kind]}`);
}

/** What a section holds, by its flags: the same distinction that the kernel's mappings make. */
export function kindOf({ flags, nobits }: ImageSection): SectionKind {
  if (flags.execute) return "text";
  if (!flags.write) return "rodata";
  return nobits ? "bss" : "data";
}
