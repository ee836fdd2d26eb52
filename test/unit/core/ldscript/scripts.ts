/** Scripts to try the parser on: those of the installed binutils, one with every construct, and mutations of both. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** The ldscripts of the installed binutils; with FAULTLINE_LDSCRIPTS also those of unpacked packages below that folder. */
export function installedScripts(): { readonly path: string; readonly text: string }[] {
  const native = execFileSync("ld", ["--verbose"], { encoding: "utf8" });
  const scripts = new Map([[native.split(/^=+$/m)[1] ?? "", "ld --verbose"]]);
  for (const folder of ["/usr/lib/x86_64-linux-gnu/ldscripts", process.env["FAULTLINE_LDSCRIPTS"]]) {
    if (folder === undefined || !existsSync(folder)) continue;
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      const path = join(folder, name);
      if (path.includes("/ldscripts/") && statSync(path).isFile()) scripts.set(readFileSync(path, "latin1"), path);
    }
  }
  return [...scripts].map(([text, path]) => ({ path, text }));
}

/** Repeatable random whole numbers below a bound. */
export function randomly(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

/** One or two words taken out, put in, exchanged or doubled. */
export function mutation(text: string, random: (below: number) => number): string {
  const words = text.match(/\/\*[^]*?\*\/|"[^"]*"|\s+|[\w.$/\\~*?[\]+-]+|[^]/g) ?? [];
  for (let count = 1 + random(2); count > 0; count--) {
    const at = random(words.length);
    const piece = PIECES[random(PIECES.length)]!;
    const other = random(words.length);
    switch (random(5)) {
      case 0:
        words.splice(at, 1);
        break;
      case 1:
        words.splice(at, 0, ` ${piece} `);
        break;
      case 2:
        words.splice(at, 1, piece);
        break;
      case 3:
        [words[at], words[other]] = [words[other]!, words[at]!];
        break;
      default:
        words.splice(at, 0, words[other]!);
    }
  }
  return words.join("");
}

/** One edit as somebody types or pastes: characters, words, and what opens comments, quotes and blocks. */
export function edit(text: string, random: (below: number) => number): string {
  const at = random(text.length + 1);
  const before = text.slice(0, at);
  const opener = OPENERS[random(OPENERS.length)]!;
  switch (random(6)) {
    case 0:
      return before + text.slice(at + 1 + random(3));
    case 1:
      return before + text.slice(at + random(60));
    case 2:
      return before + opener + text.slice(at + random(4));
    case 3: {
      const copied = random(text.length);
      return before + text.slice(copied, copied + random(80)) + text.slice(at);
    }
    case 4:
      return before + opener + text.slice(at);
    default:
      return mutation(text, random);
  }
}

const OPENERS = [
  ...["(", ")", "{", "}", ";", ",", ":", "=", "*", '"', "/*", "*/", "/", "#", "\n", "\r\n", " ", "@X@", "@", "0x10"],
  ...["-", "+", "<", "<<=", "KEEP(", "A", "SECTIONS {", "MEMORY { Q : o = 0, l = 1 }", "REGION_ALIAS(RAM, ROM)"],
  ...[".x : { *(.y) }", "a = 1;", "INCLUDE f", "ORIGIN(RAM)", ">RAM", '#include "x"\n', "VERSION", "\\", "::", "!"],
  ...["123abc", "=0x90"],
];

const PIECES = [
  ...["(", ")", "{", "}", ";", ",", ":", "=", "*", '"x"', ".", "0x10", "foo-bar", "ALIGN", "KEEP", "SORT", "AT"],
  ...["EXCLUDE_FILE", "INPUT_SECTION_FLAGS", ">RAM", "SIZEOF", 'ASSERT(1,"x")', "/* c */", "#x\n", "PROVIDE", "+="],
  ...["a = 1;", "ONLY_IF_RO", "SUBALIGN(4)", "ALIGN_WITH_INPUT", "INSERT AFTER .x", "OVERLAY", "/DISCARD/", "FILL(0)"],
  ...["BYTE(1)", "MEMORY", "SECTIONS", "VERSION", "ENTRY(x)", ":phdr", "=0x90", "?", "!", "&", "-", "~", "$12"],
  ...["1K", "AS_NEEDED", "-lc", "NOLOAD", "(NOLOAD)", "global:", "local", "extern", "TYPE=", "COPY", "MAX(1,2)"],
  ...["<<", "||", "@", "'", "REVERSE", "^", "%", "LONG", "DEFINED(", "REGION_ALIAS", "1f", "ab", "o", "len", "NEXT("],
  ...["BIND(0)", "GROUP", "SORT_NONE", "abch", "CONSTRUCTORS"],
];

/** What GNU ld takes, most of it. */
export const GNU_SCRIPT = `/* every construct */
OUTPUT_FORMAT("elf64-x86-64", "elf64-x86-64", "elf64-x86-64")
ENTRY(_start)
MEMORY { RAM (rwx!a) : ORIGIN = 0x1000, LENGTH = 64K
  ROM : o = 0, l = 1M }
REGION_ALIAS("ALI", RAM)
PHDRS { text PT_LOAD FILEHDR PHDRS AT(0x10) FLAGS(5) ; data PT_LOAD;
 note 0x12 ; }
EXTERN(foo bar)
x = 1 + 2 * (3 - 1) ? 4 : 5 << 3;
PROVIDE(y = .);
SECTIONS
{
  . = 0x1000 + SIZEOF_HEADERS;
  .text 0x2000 (NOLOAD) : ALIGN(16) SUBALIGN(4) ONLY_IF_RO
  {
    *(.text .text.*)
    KEEP(*(SORT_BY_NAME(SORT_BY_ALIGNMENT(.init))))
    KEEP (*(EXCLUDE_FILE (*crtend.o *crtend?.o ) .ctors))
    EXCLUDE_FILE(a.o) *(.x EXCLUDE_FILE(b.o c.o) .y)
    INPUT_SECTION_FLAGS(SHF_WRITE & !SHF_EXECINSTR) *(.d)
    a.o
    foo = .; bar += ALIGN(8);
    HIDDEN(q = ABSOLUTE(.) - ADDR(.text));
    BYTE(1) LONG(0x1234 + x) QUAD(0); FILL(0x90909090)
    ASSERT(. > 3, "message");
    CONSTRUCTORS SORT(CONSTRUCTORS)
    SORT(*)(.z) CREATE_OBJECT_SYMBOLS
  } >RAM AT>ROM :text :data =0x9090
  .data ALIGN(CONSTANT(MAXPAGESIZE)) : { *(.data) } >RAM
  OVERLAY 0x5000 : NOCROSSREFS AT (0x4000) { .o1 { *(.o1) } :text =0 .o2 { *(.o2) } } >RAM
  .foo : { [ .a .b ] lib.a:m.o(.text) }
  .bar (TYPE = SHT_NOBITS) : { *(COMMON) }
  ASSERT(SIZEOF(.foo-x) < 0x100 && !DEFINED(zz), "too big")
  /DISCARD/ : { *(.note.*) }
}
INSERT AFTER .bss;
VERSION { V1 { global: a; b*; extern "C++" { "foo()"; bar }; local: *; }; V2 { x; } V1; }
INPUT(a.o b.o AS_NEEDED(-lc, libd.so)) GROUP ( -la )
NOCROSSREFS(.text .data) SEARCH_DIR("/usr/lib"); TARGET(binary) OUTPUT_ARCH(i386:x86-64)
STARTUP(c.o) LD_FEATURE("SANE_EXPR") FORCE_COMMON_ALLOCATION
z = DATA_SEGMENT_ALIGN(1, 2) + MAX(1, 2) + SEGMENT_START("text", 3) + LOG2CEIL(8) + ORIGIN(RAM) + ALIGN(1, 2);
`;

/** What lld takes, most of it. */
export const LLD_SCRIPT = `/* every construct */
ENTRY(_start)
OUTPUT_FORMAT("elf64-x86-64")
MEMORY { RAM (rwx!a) : ORIGIN = 0x1000, LENGTH = 64K
  ROM : o = 0, l = 1M }
REGION_ALIAS("ALI", RAM)
PHDRS { text PT_LOAD FILEHDR PHDRS AT(0x10) FLAGS(5) ; data PT_LOAD;
 note 0x12 ; }
EXTERN(foo bar)
x = 1 + 2 * (3 - 1) ? 4 : 5 << 3;
PROVIDE(y = .);
SECTIONS
{
  . = 0x1000 + SIZEOF_HEADERS;
  .text 0x2000 (NOLOAD) : ALIGN(16) SUBALIGN(4) ONLY_IF_RO
  {
    *(.text .text.*)
    KEEP(*(SORT_BY_NAME(SORT_BY_ALIGNMENT(.init))))
    KEEP (*(EXCLUDE_FILE (*crtend.o *crtend?.o ) .ctors))
    *(.x EXCLUDE_FILE(b.o c.o) .y)
    INPUT_SECTION_FLAGS(SHF_WRITE & !SHF_EXECINSTR) *(.d)
    a.o
    foo = .; bar += ALIGN(8);
    HIDDEN(q = ABSOLUTE(.) - ADDR(.text));
    BYTE(1) LONG(0x1234 + x) QUAD(0); FILL(0x90909090)
    ASSERT(. > 3, "message");
    CONSTRUCTORS SORT(CONSTRUCTORS)
  } >RAM AT>ROM :text :data =0x9090
  .data ALIGN(CONSTANT(MAXPAGESIZE)) : { *(.data) } >RAM
  OVERLAY 0x5000 : AT (0x4000) { .o1 { *(.o1) } :text .o2 { *(.o2) } }
  .foo : { lib.a:m.o(.text) }
  .bar (TYPE = SHT_NOBITS) : { *(COMMON) }
  ASSERT(SIZEOF(.foo-x) < 0x100 && !DEFINED(zz), "too big")
  /DISCARD/ : { *(.note.*) }
}
INSERT AFTER .bss;
VERSION { V1 { global: f; extern "C" { x; }; local: *; }; V2 { x; } V1; }
NOCROSSREFS(.text .data) SEARCH_DIR("/usr/lib"); TARGET(binary) OUTPUT_ARCH(i386:x86-64)
z = DATA_SEGMENT_ALIGN(1, 2) + MAX(1, 2) + SEGMENT_START("text", 3) + LOG2CEIL(8) + ORIGIN(RAM) + ALIGN(1, 2);
`;
