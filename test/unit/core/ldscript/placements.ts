/** Objects with many small sections, scripts made up at random, and where a real linker says it put each section. */
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InputSection } from "../../../../src/core/ldscript/matcher-input.js";

const STEMS = [".text", ".text.hot", ".text.unlikely", ".rodata", ".data", ".data.rel.ro", ".bss", ".locked_text"];
const TAILS = ["", ".alpha", ".beta", ".a1", ".a2", ".str1.1"];

function kindOf(name: string): { readonly flags: string; readonly type: string } {
  if (name.startsWith(".bss")) return { flags: "WA", type: "NOBITS" };
  if (name.startsWith(".data")) return { flags: "WA", type: "PROGBITS" };
  if (name.startsWith(".rodata")) return { flags: "A", type: "PROGBITS" };
  return { flags: "AX", type: "PROGBITS" };
}

export interface Objects {
  /** To give to the linker, in this order. */
  readonly args: readonly string[];
  readonly inputs: readonly InputSection[];
}

/** main.o, a1.o, and libx.a with m.o and n.o, in `folder`. */
export function makeObjects(folder: string): Objects {
  const inputs: InputSection[] = [];
  const make = (object: string, shown: string): void => {
    const lines: string[] = [];
    for (const stem of STEMS)
      for (const tail of TAILS) {
        const name = stem + tail;
        const { flags, type } = kindOf(name);
        const letters =
          (flags.includes("A") ? "a" : "") + (flags.includes("W") ? "w" : "") + (flags.includes("X") ? "x" : "");
        lines.push(`.section ${name},"${letters}",@${type.toLowerCase()}`);
        lines.push(type === "NOBITS" ? ".zero 8" : ".quad 1");
        inputs.push({ file: shown, name, type, flags });
      }
    if (object === "m") lines.push(".globl need_m", "need_m = 1", ".globl need_n", ".set other, need_n");
    if (object === "n") lines.push(".globl need_n", "need_n = 1");
    if (object === "main") lines.push('.section .data.ref,"aw",@progbits', ".quad need_m", ".quad need_n");
    if (object === "main") inputs.push({ file: shown, name: ".data.ref", type: "PROGBITS", flags: "WA" });
    writeFileSync(join(folder, `${object}.s`), `${lines.join("\n")}\n`);
    execFileSync("as", ["-o", join(folder, `${object}.o`), join(folder, `${object}.s`)]);
  };
  make("main", "main.o");
  make("a1", "a1.o");
  make("m", "libx.a(m.o)");
  make("n", "libx.a(n.o)");
  execFileSync("ar", ["rcs", "libx.a", "m.o", "n.o"], { cwd: folder });
  return { args: ["main.o", "a1.o", "libx.a"], inputs };
}

/** Statements at random over the names above. With `lld`, only forms that both linkers give a meaning. */
export function makeScript(random: (below: number) => number, lld: boolean): string {
  const one = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const section = (): string =>
    one([
      () => one(STEMS) + one(TAILS),
      () => `${one(STEMS)}.*`,
      () => `${one(STEMS)}*`,
      () => ".*.a?",
      // lld places sections of its own making by patterns as wide as these, and fails.
      () => (lld ? ".[lb]*" : ".[dr]*"),
      () => (lld ? ".[!.a-lo-z]*" : "*.[!b]*"),
      () => ".tex?",
      () => (lld ? ".t*" : "*"),
      () => `${one(STEMS)}${one(TAILS)}`,
      () => `${one(STEMS)}${one(TAILS)}`,
    ])();
  const file = (): string => one(["*", "*", "*", "*.o", "*a1.o", "*main.o", "*libx.a:*", "*libx.a:m.o", "*m*.o"]);
  const pattern = (): string => {
    const name = section();
    switch (random(9)) {
      case 0:
        return `SORT(${name})`;
      case 1:
        return `EXCLUDE_FILE(${one(["*a1.o", "*m.o *n.o", "*main.o"])}) ${name}`;
      case 2:
        return `SORT_BY_ALIGNMENT(${name})`;
      default:
        return name;
    }
  };
  const spec = (): string => {
    const patterns = Array.from({ length: 1 + random(3) }, pattern).join(" ");
    const flags =
      random(8) === 0 ? `INPUT_SECTION_FLAGS(${one(["SHF_WRITE", "!SHF_WRITE", "SHF_ALLOC & !SHF_EXECINSTR"])}) ` : "";
    const exclude = !lld && random(10) === 0 ? `EXCLUDE_FILE(${one(["*a1.o", "*main.o"])}) ` : "";
    const text = `${flags}${exclude}${file()}(${patterns})`;
    return random(4) === 0 ? `KEEP(${text})` : text;
  };
  const outputs = Array.from({ length: 4 + random(6) }, (_, index) => {
    const name = random(8) === 0 ? "/DISCARD/" : one([`.out${index}`, ".out1", ".text", ".data", ".locked_text"]);
    const body = Array.from({ length: 1 + random(3) }, spec).join("\n    ");
    // Such wide patterns also take what the linker makes itself, .got and the like, which are writable.
    const isPlain =
      !name.startsWith("/") && !/[ (]\*[. )]/.test(body.replace(/\*\w*\.o|\*libx/g, "x").replace(/\*\(/g, "("));
    const constraint = isPlain ? one(["", "", "", "", " ONLY_IF_RO", " ONLY_IF_RW"]) : "";
    return `  ${name} :${constraint} {\n    ${body}\n  }`;
  });
  return `SECTIONS {\n  . = 0x10000;\n${outputs.join("\n")}\n}\n`;
}

/** `file section` to output sections, as `ld -M` prints them; /DISCARD/ for those it lists as discarded. */
export function gnuPlacements(
  folder: string,
  script: string,
  args: readonly string[],
  linker = "ld",
): Map<string, string> | undefined {
  writeFileSync(join(folder, "script.ld"), script, "latin1");
  const { stdout, status } = spawnSync(linker, ["-M", "-o", "/dev/null", "-T", "script.ld", "-e", "0", ...args], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) return undefined;
  const found = new Map<string, string>();
  const [before = "", after = ""] = stdout.split("Linker script and memory map");
  const joined = (text: string): string => text.replace(/^( ?[^\s*(][^\s]*)\n +(?=0x)/gm, "$1 ");
  const discarded = before.split("Discarded input sections")[1] ?? "";
  for (const [, name, file] of joined(discarded).matchAll(/^ (\S+) +0x\S+ +0x\S+ (\S+)$/gm))
    found.set(`${file} ${name}`, "/DISCARD/");
  let output = "";
  for (const line of joined(after).split("\n")) {
    const [, top] = /^([^\s]\S*)(?:\s|$)/.exec(line) ?? [];
    if (top !== undefined) output = top;
    const [, name, size, file] = /^ (\.\S+|COMMON) +0x\S+ +(0x\S+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined && file !== undefined && size !== "0x0") found.set(`${file} ${name}`, output);
  }
  return found;
}

/** As above, from `ld.lld -Map`: what it does not list was discarded. */
export function lldPlacements(
  linker: string,
  folder: string,
  script: string,
  args: readonly string[],
): Map<string, string> | undefined {
  writeFileSync(join(folder, "script.ld"), script);
  const options = ["-Map=-", "-o", "/dev/null", "-T", "script.ld", "-e", "0", "--orphan-handling=place"];
  const { stdout, status } = spawnSync(linker, [...options, ...args], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) return undefined;
  const found = new Map<string, string>();
  let output = "";
  for (const line of stdout.split("\n")) {
    const [, indent, text] = /^ *[0-9a-f]+ +[0-9a-f]+ +[0-9a-f]+ +\d+ ( *)(\S.*)$/.exec(line) ?? [];
    if (text === undefined) continue;
    if (indent === "") output = text;
    const [, file, name] = /^(.*):\((.*)\)$/.exec(text) ?? [];
    if (file !== undefined && indent !== "") found.set(`${file} ${name}`, output);
  }
  return found;
}

/** The lld that is installed. */
export function lldProgram(): string | undefined {
  return ["ld.lld-19", "ld.lld"].find((name) => spawnSync(name, ["--version"]).status === 0);
}
