/** What a link command says: the scripts it names, what it links and what comes of it. */
import type { DialectName } from "../dialect.js";

export interface LinkCommand {
  /** As -T and its like name them, in their order; paths as they are written. */
  readonly scripts: readonly string[];
  /** -o; undefined where the linker's a.out is meant. */
  readonly output: string | undefined;
  /** What -Map writes. */
  readonly map: string | undefined;
  /** Objects, archives (as -l names them: `-lx`) in the order of the link. */
  readonly inputs: readonly string[];
  /** -L. */
  readonly folders: readonly string[];
  /** Where the command chooses one. */
  readonly linker: DialectName | undefined;
}

/** undefined of a command that does not link: one that compiles, preprocesses or archives only. */
export function linkCommand(words: readonly string[]): LinkCommand | undefined {
  if (words.some((word) => NO_LINK.has(word)) || /(?:^|[/-])(?:ar|ranlib|strip|objcopy)$/.test(words[0] ?? ""))
    return undefined;
  const command = { scripts: [] as string[], inputs: [] as string[], folders: [] as string[] };
  let output: string | undefined;
  let map: string | undefined;
  const args = linkerArguments(words.slice(1));
  let linker: DialectName | undefined = /(?:^|[/-])(?:ld\.lld|rust-lld|lld)(?:-\d+)?$/.test(words[0] ?? "")
    ? "lld"
    : undefined;
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    const valueOf = (option: RegExp): string | undefined => {
      const found = option.exec(word);
      return found === null ? undefined : found[1] !== "" ? found[1] : args[++at];
    };
    const script = scriptOption(word);
    if (script !== undefined) {
      const name = script === "" ? args[++at] : script;
      if (name !== undefined && name !== "") command.scripts.push(name);
      continue;
    }
    if (word === "-fuse-ld=lld" || /^-fuse-ld=.*lld/.test(word)) linker = "lld";
    else if (/^-fuse-ld=(?:gold|.*ld\.gold)$/.test(word)) linker = "gold";
    else if (word.startsWith("-o")) output = valueOf(/^-o(.*)$/) ?? output;
    else if (/^--?Map(?:=|$)/.test(word)) map = valueOf(/^--?Map=?(.*)$/) ?? map;
    else if (word.startsWith("-L")) {
      const folder = valueOf(/^-L(.*)$/);
      if (folder !== undefined) command.folders.push(folder);
    } else if (word.startsWith("-l")) {
      const library = valueOf(/^-l(.*)$/);
      if (library !== undefined) command.inputs.push(`-l${library}`);
    } else if (TAKES_VALUE.has(word)) at++;
    else if (SCRIPT_NAME.test(word)) command.scripts.push(word);
    else if (INPUT.test(word)) command.inputs.push(word);
  }
  return { ...command, output, map, linker };
}

/** The file that -T names, "" where it is the next word, undefined of any other option. */
function scriptOption(word: string): string | undefined {
  // -Ttext=0x1000 and the like are addresses.
  if (/^--?T(?:text|data|bss|rodata|ldata)(?:-segment)?(?:=|$)/.test(word)) return undefined;
  const [, joined, long, old] = /^(?:-T=?(.*)|--?(?:default-)?script(?:=(.*))?|-dT(.*))$/s.exec(word) ?? [];
  return /^(?:-d?T|--?(?:default-)?script)/.test(word) ? (joined ?? long ?? old ?? "") : undefined;
}

/** What the compiler's driver passes on is written out: -Wl,a,b; -Xlinker a; rustc's -C link-arg=a; CMake's LINKER:a,b. */
export function linkerArguments(words: readonly string[]): readonly string[] {
  const args: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word.startsWith("-Wl,")) args.push(...word.slice(4).split(","));
    else if (/^LINKER:SHELL:/.test(word)) args.push(...word.slice(13).split(/\s+/));
    else if (word.startsWith("SHELL:")) args.push(...linkerArguments(word.slice(6).trim().split(/\s+/)));
    else if (word.startsWith("LINKER:")) args.push(...word.slice(7).split(","));
    else if (word === "-Xlinker") args.push(...words.slice(++at, at + 1));
    else if (word === "-C" || word === "--codegen") args.push(...rustArguments(words[++at] ?? ""));
    else if (word.startsWith("-Clink-arg")) args.push(...rustArguments(word.slice(2)));
    else args.push(word);
  }
  return args;
}

function rustArguments(word: string): readonly string[] {
  const [, several, value = ""] = /^(?:pre-)?link-arg(s?)=(.*)$/s.exec(word) ?? [];
  return several === undefined ? [] : linkerArguments(several === "s" ? value.split(/\s+/) : [value]);
}

const NO_LINK: ReadonlySet<string> = new Set(["-c", "-S", "-E", "-M", "-MM", "-fsyntax-only"]);
/** Options of gcc, clang and ld whose value is the next word. */
const TAKES_VALUE: ReadonlySet<string> = new Set([
  ...["-e", "-u", "-z", "-m", "-h", "-R", "-I", "-D", "-U", "-x", "-MF", "-MT", "-MQ", "-include", "-isystem"],
  ...["--param", "-arch", "-target", "-soname", "-rpath", "-dynamic-linker", "--defsym", "-rpath-link", "-A", "-b"],
]);
const INPUT = /^[^-].*\.(?:o|obj|a|lo|so(?:\.[\d.]+)?)$/;
/** What people call linker scripts. One that is no option is a script as well, which adds to the others. */
export const SCRIPT_NAME = /^[^-].*\.(?:ld|lds|ldscript|lcf|icf|x)$/;
