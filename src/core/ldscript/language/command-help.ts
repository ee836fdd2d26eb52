/** What each command and function of the language is for, in a sentence: for hovers and completion (ld's manual, "Linker Scripts"). One table, whole: it is read by looking a word up. */
import type { Translate } from "../../report/translate.js";

/** Where a word may stand. */
export type Where = "script" | "sections" | "output-section" | "input" | "expression" | "after-section" | "memory";

export interface CommandHelp {
  readonly word: string;
  /** How it is written; what is in ‹› is to be filled in. */
  readonly syntax: string;
  readonly where: readonly Where[];
  readonly sentence: string;
}

export function commandHelp(translate: Translate): readonly CommandHelp[] {
  return [
    help(
      "SECTIONS",
      "SECTIONS { ‹statements› }",
      ["script"],
      translate("Lays out the file: its output sections in order, and what each is made of."),
    ),
    help(
      "MEMORY",
      "MEMORY { ‹name› (‹rwx›) : ORIGIN = ‹address›, LENGTH = ‹size› }",
      ["script"],
      translate("Names the regions of memory that output sections are put into; a region that overflows is an error."),
    ),
    help(
      "PHDRS",
      "PHDRS { ‹name› ‹type› FLAGS(‹flags›); }",
      ["script"],
      translate("Declares the segments itself; every output section must then say which it belongs to."),
    ),
    help(
      "ENTRY",
      "ENTRY(‹symbol›)",
      ["script", "sections"],
      translate("The symbol execution begins at, unless -e names another."),
    ),
    help(
      "EXTERN",
      "EXTERN(‹symbols›)",
      ["script"],
      translate("Takes these symbols as undefined, so that archive members that define them are linked."),
    ),
    help("INPUT", "INPUT(‹files›)", ["script"], translate("Links these files, as if they stood on the command line.")),
    help(
      "GROUP",
      "GROUP(‹archives›)",
      ["script"],
      translate("Links these archives, searched again until nothing more is resolved."),
    ),
    help(
      "AS_NEEDED",
      "AS_NEEDED(‹files›)",
      ["script"],
      translate("In INPUT and GROUP: these libraries are recorded as needed only if something in them is used."),
    ),
    help(
      "INCLUDE",
      "INCLUDE ‹file›",
      ["script", "sections", "output-section", "memory"],
      translate("Puts the text of another script here; looked for in the working directory and the folders of -L."),
    ),
    help(
      "OUTPUT_FORMAT",
      'OUTPUT_FORMAT("‹format›")',
      ["script"],
      translate("The object format of the linked file; three of them are for the default, -EB and -EL."),
    ),
    help("OUTPUT_ARCH", "OUTPUT_ARCH(‹architecture›)", ["script"], translate("The machine the linked file is for.")),
    help("OUTPUT", "OUTPUT(‹file›)", ["script"], translate("The name of the linked file, unless -o gives one.")),
    help(
      "SEARCH_DIR",
      "SEARCH_DIR(‹folder›)",
      ["script"],
      translate("A folder in which libraries are looked for, as with -L."),
    ),
    help("STARTUP", "STARTUP(‹file›)", ["script"], translate("The file that is linked first.")),
    help("TARGET", "TARGET(‹format›)", ["script"], translate("The format of the input files named after it.")),
    help(
      "REGION_ALIAS",
      "REGION_ALIAS(‹alias›, ‹region›)",
      ["script"],
      translate("A second name of a region, so that sections can be moved between boards in one place."),
    ),
    help(
      "VERSION",
      "VERSION { ‹nodes› }",
      ["script"],
      translate("Which symbols a shared library exports, and under which version."),
    ),
    help(
      "INSERT",
      "INSERT AFTER ‹section›;",
      ["script"],
      translate(
        "The SECTIONS before it are added to the linker's own script, which keeps its place. With lld only whole output sections move.",
      ),
    ),
    help(
      "OVERWRITE_SECTIONS",
      "OVERWRITE_SECTIONS { ‹sections› }",
      ["script"],
      translate("lld: replaces the descriptions of these output sections where the layout has them."),
    ),
    help(
      "NOCROSSREFS",
      "NOCROSSREFS(‹sections›)",
      ["script"],
      translate("An error where one of these output sections refers to another."),
    ),
    help(
      "ASSERT",
      'ASSERT(‹condition›, "‹message›")',
      ["script", "sections", "output-section", "expression"],
      translate("Stops the link with the message where the condition is 0."),
    ),
    help(
      "PROVIDE",
      "PROVIDE(‹symbol› = ‹value›);",
      ["script", "sections", "output-section"],
      translate("Defines the symbol only if something refers to it and nothing defines it."),
    ),
    help(
      "PROVIDE_HIDDEN",
      "PROVIDE_HIDDEN(‹symbol› = ‹value›);",
      ["script", "sections", "output-section"],
      translate("As PROVIDE, and the symbol is not exported."),
    ),
    help(
      "HIDDEN",
      "HIDDEN(‹symbol› = ‹value›);",
      ["script", "sections", "output-section"],
      translate("Defines a symbol that is not exported."),
    ),
    help(
      "OVERLAY",
      "OVERLAY ‹address› : { ‹sections› }",
      ["sections"],
      translate("Sections that share one address and are copied there one at a time."),
    ),
    help(
      "/DISCARD/",
      "/DISCARD/ : { ‹input sections› }",
      ["sections"],
      translate("What goes here is not in the linked file. Statements before it win: they keep what they match."),
    ),
    help(
      "KEEP",
      "KEEP(‹input sections›)",
      ["output-section"],
      translate("--gc-sections does not drop these, even if nothing refers to them."),
    ),
    help(
      "EXCLUDE_FILE",
      "EXCLUDE_FILE(‹files›) ‹section›",
      ["input"],
      translate(
        "Not from these files. Inside the parentheses it covers the next pattern only; lld does not know it before the file.",
      ),
    ),
    help(
      "INPUT_SECTION_FLAGS",
      "INPUT_SECTION_FLAGS(‹SHF_… & !SHF_…›)",
      ["output-section"],
      translate("Only input sections with these flags, and without those behind an exclamation mark."),
    ),
    help("SORT", "SORT(‹pattern›)", ["input"], translate("The same as SORT_BY_NAME.")),
    help(
      "SORT_BY_NAME",
      "SORT_BY_NAME(‹pattern›)",
      ["input"],
      translate("By name, ascending, instead of the order on the command line."),
    ),
    help(
      "SORT_BY_ALIGNMENT",
      "SORT_BY_ALIGNMENT(‹pattern›)",
      ["input"],
      translate("By alignment, largest first, which leaves fewer gaps."),
    ),
    help(
      "SORT_BY_INIT_PRIORITY",
      "SORT_BY_INIT_PRIORITY(‹pattern›)",
      ["input"],
      translate("By the number at the end of the name, as constructors have it."),
    ),
    help(
      "SORT_NONE",
      "SORT_NONE(‹pattern›)",
      ["input"],
      translate("In the order of the command line, whatever --sort-section says."),
    ),
    help("REVERSE", "REVERSE(‹pattern›)", ["input"], translate("The other way round. Since binutils 2.41.")),
    help(
      "CONSTRUCTORS",
      "CONSTRUCTORS",
      ["output-section"],
      translate("Tables of constructors for formats that have no sections of their own for them; nothing in ELF."),
    ),
    help(
      "CREATE_OBJECT_SYMBOLS",
      "CREATE_OBJECT_SYMBOLS",
      ["output-section"],
      translate("A symbol for each input file, named like it, where its contents begin."),
    ),
    help("BYTE", "BYTE(‹value›)", ["output-section"], translate("One byte of this value.")),
    help("SHORT", "SHORT(‹value›)", ["output-section"], translate("Two bytes of this value.")),
    help("LONG", "LONG(‹value›)", ["output-section"], translate("Four bytes of this value.")),
    help("QUAD", "QUAD(‹value›)", ["output-section"], translate("Eight bytes of this value.")),
    help("SQUAD", "SQUAD(‹value›)", ["output-section"], translate("Eight bytes of this value, extended by its sign.")),
    help("ASCIZ", 'ASCIZ "‹text›"', ["output-section"], translate("The text and a zero. Since binutils 2.41.")),
    help(
      "FILL",
      "FILL(‹pattern›)",
      ["output-section"],
      translate("What gaps from here on are filled with, in this output section."),
    ),
    help(
      "LINKER_VERSION",
      "LINKER_VERSION",
      ["output-section"],
      translate("The linker's name and version as text, if --enable-linker-version asks for it. Since binutils 2.45."),
    ),
    help(
      "ONLY_IF_RO",
      "ONLY_IF_RO",
      ["after-section"],
      translate("Only if all its inputs are read-only; otherwise this description takes nothing."),
    ),
    help(
      "ONLY_IF_RW",
      "ONLY_IF_RW",
      ["after-section"],
      translate("Only if one of its inputs is writable; otherwise this description takes nothing."),
    ),
    help(
      "NOLOAD",
      "(NOLOAD)",
      ["after-section"],
      translate("Has addresses, but nothing in the file, and is not loaded."),
    ),
    help(
      "READONLY",
      "(READONLY)",
      ["after-section"],
      translate("Read-only, whatever its inputs are. Since binutils 2.41."),
    ),
    help(
      "TYPE",
      "(TYPE = ‹SHT_…›)",
      ["after-section"],
      translate("The type of the output section, instead of that of its inputs."),
    ),
    help("SUBALIGN", "SUBALIGN(‹bytes›)", ["after-section"], translate("Aligns every input section to this.")),
    help(
      "ALIGN_WITH_INPUT",
      "ALIGN_WITH_INPUT",
      ["after-section"],
      translate("Keeps the distance between where a section is loaded from and where it runs."),
    ),
    help(
      "AT",
      "AT(‹address›)",
      ["after-section"],
      translate(
        "Where the section is loaded from (LMA), if that is not where it runs; AT>‹region› takes the next place of a region.",
      ),
    ),
    help(
      "ABSOLUTE",
      "ABSOLUTE(‹value›)",
      ["expression"],
      translate("The value as an address of the file, not as a distance from the section's start."),
    ),
    help("ADDR", "ADDR(‹section›)", ["expression"], translate("The address of an output section, where it runs.")),
    help("LOADADDR", "LOADADDR(‹section›)", ["expression"], translate("The address an output section is loaded from.")),
    help(
      "SIZEOF",
      "SIZEOF(‹section›)",
      ["expression"],
      translate("The size of an output section in bytes; 0 of one that is empty."),
    ),
    help(
      "SIZEOF_HEADERS",
      "SIZEOF_HEADERS",
      ["expression"],
      translate("The size of the ELF header and the program headers, which the first segment begins with."),
    ),
    help("ALIGNOF", "ALIGNOF(‹section›)", ["expression"], translate("The alignment of an output section in bytes.")),
    help(
      "ALIGN",
      "ALIGN(‹bytes›)",
      ["expression", "after-section"],
      translate(
        "The next multiple of this, from the location counter or the value given first. Before the braces: where the section begins.",
      ),
    ),
    help("BLOCK", "BLOCK(‹bytes›)", ["expression"], translate("An older word for ALIGN.")),
    help(
      "NEXT",
      "NEXT(‹bytes›)",
      ["expression"],
      translate("The next multiple of this that is free; like ALIGN unless regions are used."),
    ),
    help("MAX", "MAX(‹a›, ‹b›)", ["expression"], translate("The larger of two values.")),
    help("MIN", "MIN(‹a›, ‹b›)", ["expression"], translate("The smaller of two values.")),
    help("LOG2CEIL", "LOG2CEIL(‹value›)", ["expression"], translate("The binary logarithm, rounded up.")),
    help(
      "DEFINED",
      "DEFINED(‹symbol›)",
      ["expression"],
      translate("1 where the symbol is defined before this place, otherwise 0."),
    ),
    help(
      "CONSTANT",
      "CONSTANT(MAXPAGESIZE)",
      ["expression"],
      translate("The target's largest page size (MAXPAGESIZE), or the one it is laid out for (COMMONPAGESIZE)."),
    ),
    help("ORIGIN", "ORIGIN(‹region›)", ["expression", "memory"], translate("Where a region of memory begins.")),
    help("LENGTH", "LENGTH(‹region›)", ["expression", "memory"], translate("How long a region of memory is.")),
    help(
      "SEGMENT_START",
      'SEGMENT_START("‹segment›", ‹address›)',
      ["expression"],
      translate("Where a segment begins: as -T‹segment› says, else the address given."),
    ),
    help(
      "DATA_SEGMENT_ALIGN",
      "DATA_SEGMENT_ALIGN(‹maxpagesize›, ‹commonpagesize›)",
      ["expression"],
      translate("Where writable data begins so that it takes the fewest pages."),
    ),
    help(
      "DATA_SEGMENT_RELRO_END",
      "DATA_SEGMENT_RELRO_END(‹offset›, ‹value›)",
      ["expression"],
      translate("Where data ends that becomes read-only after relocation (-z relro), on a page's border."),
    ),
    help("DATA_SEGMENT_END", "DATA_SEGMENT_END(‹value›)", ["expression"], translate("Where writable data ends.")),
  ];
}

function help(word: string, syntax: string, where: readonly Where[], sentence: string): CommandHelp {
  return { word, syntax, where, sentence };
}

/** Words with a second spelling. */
const SAME: Readonly<Record<string, string>> = { o: "ORIGIN", org: "ORIGIN", l: "LENGTH", len: "LENGTH" };

export function helpOf(word: string, translate: Translate): CommandHelp | undefined {
  const wanted = Object.hasOwn(SAME, word) ? SAME[word]! : word;
  return commandHelp(translate).find((entry) => entry.word === wanted);
}
