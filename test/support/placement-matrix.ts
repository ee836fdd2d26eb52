/** Builds a placed program in every way that its compilers and linkers can, and holds each verdict against readelf. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Verification } from "../../src/core/placement/verify.js";
import { disagreements, linkedSymbols } from "./linked-truth.js";

export interface Combination {
  readonly compiler: "gcc" | "clang" | "rustc";
  readonly linker: Linker;
  readonly output: "pie" | "no-pie" | "static" | "shared";
  /** --gc-sections. */
  readonly collected: boolean;
  readonly lto: boolean;
}

export type Linker = "bfd" | "lld" | "gold" | "mold";

export interface MatrixProgram {
  /** With its faultline.json. */
  readonly folder: string;
  readonly language: "c" | "c++" | "rust";
  readonly sources: readonly string[];
  readonly libraries: readonly string[];
  /** By which way it was placed; "objcopy": by what is told instead of a script where the linker takes none. */
  readonly by: "source" | "script" | "objcopy";
  /** What `objcopy` is told, each time it compiles. */
  readonly renames?: readonly string[];
  /** Of a run that ends by itself. */
  readonly run: readonly string[];
}

export interface MatrixResult {
  readonly name: string;
  readonly combination: Combination;
  /** undefined: it could not be linked, `error` says why. */
  readonly verdicts: readonly Verification[] | undefined;
  readonly error: string;
  /** What a verdict says otherwise than readelf. */
  readonly disagreements: readonly string[];
}

/** Those of this machine. */
export const LINKERS: readonly Linker[] = (["bfd", "lld", "gold", "mold"] as const).filter(
  (linker) => linkerFolder(linker) !== undefined,
);

/** All of them; else a quarter, in which still every two choices meet. */
export function combinations({ language, by }: MatrixProgram, all: boolean): readonly Combination[] {
  const compilers = language === "rust" ? (["rustc"] as const) : (["gcc", "clang"] as const);
  const outputs = (["pie", "no-pie", "static", "shared"] as const).filter(
    (output) => language !== "rust" || output !== "shared",
  );
  const linkers = LINKERS.filter((linker) => by === "source" || TAKES_SCRIPT[linker] === (by === "script"));
  const found: Combination[] = [];
  for (const [a, compiler] of compilers.entries())
    for (const [b, linker] of linkers.entries())
      for (const [c, output] of outputs.entries())
        for (const collected of [false, true])
          for (const lto of [false, true]) {
            // Two parities of the choices' bits, which share no pair of them.
            const first = a + b + c + Number(collected);
            const second = (b >> 1) + (c >> 1) + Number(collected) + Number(lto);
            // What is to be linked by optimising it holds nothing yet that could be renamed.
            if (lto && by === "objcopy") continue;
            if (all || (first % 2 === 0 && second % 2 === 0)) found.push({ compiler, linker, output, collected, lto });
          }
  return found;
}

/** One after the other. @param cli of Faultline. */
export async function runMatrix(program: MatrixProgram, cli: string, all: boolean): Promise<readonly MatrixResult[]> {
  const results: MatrixResult[] = [];
  const output = join(program.folder, "build", "matrix");
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const objects = new Map<string, Promise<readonly string[]>>();
  for (const combination of combinations(program, all)) {
    const { compiler, linker, collected, lto } = combination;
    const name = [compiler, linker, combination.output, ...(collected ? ["gc"] : []), ...(lto ? ["lto"] : [])].join(
      " ",
    );
    const file = join(output, name.replaceAll(" ", "-"));
    const failed = await build(program, combination, file, objects).catch((error: unknown) => error);
    if (failed !== undefined) {
      results.push({ name, combination, verdicts: undefined, error: String(failed), disagreements: [] });
      continue;
    }
    const said = await ran(process.execPath, [cli, "place", "--verify", file, "--json"], program.folder, [0, 1]);
    const { placements: verdicts } = JSON.parse(said) as { placements: readonly Verification[] };
    const compiled = lto
      ? undefined
      : (await objects.get(compileFlags(program, combination).join(" ")))?.flatMap(linkedSymbols);
    const differences = [...disagreements(file, verdicts, compiled)];
    if (combination.output !== "shared")
      await ran(file, program.run, program.folder, [0]).catch((error: unknown) => differences.push(String(error)));
    results.push({ name, combination, verdicts, error: "", disagreements: differences });
    rmSync(file);
  }
  return results;
}

/** What was not verified, by symbol. */
export function unverified({ verdicts }: MatrixResult): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (verdicts ?? []).flatMap(({ placement, mismatches }) =>
      mismatches.length === 0 ? [] : [[placement.symbol, mismatches.map(({ code }) => code).join()]],
    ),
  );
}

async function build(
  program: MatrixProgram,
  combination: Combination,
  file: string,
  objects: Map<string, Promise<readonly string[]>>,
): Promise<void> {
  const { folder, by, language, libraries, sources } = program;
  const { linker, output, collected } = combination;
  const found = linkerFolder(linker);
  const link = [
    `-fuse-ld=${linker}`,
    ...(found === "" || found === undefined ? [] : [`-B${found}`]),
    ...(by === "script" ? ["-Wl,-T,locked-sections.ld"] : []),
  ];
  if (language === "rust") {
    const options = [...rustOptions(combination), ...link.map((one) => `-Clink-arg=${one}`)];
    await ran(
      process.env["RUSTC"] ?? "rustc",
      ["--edition", "2021", "-O", "-g", ...options, ...sources, "-o", file],
      folder,
      [0],
    );
    return;
  }
  const flags = compileFlags(program, combination);
  const key = flags.join(" ");
  let compiled = objects.get(key);
  if (compiled === undefined) objects.set(key, (compiled = compile(program, flags, `${file}.o`)));
  const kind = { pie: "-pie", "no-pie": "-no-pie", static: "-static", shared: "-shared" }[output];
  const options = [...flags, ...link, kind, ...(collected ? ["-Wl,--gc-sections"] : [])];
  await ran(options[0]!, [...options.slice(1), ...(await compiled), ...libraries, "-o", file], folder, [0]);
}

async function compile(
  { folder, sources, renames }: MatrixProgram,
  [compiler = "", ...flags]: readonly string[],
  path: string,
): Promise<readonly string[]> {
  const objects: string[] = [];
  for (const [index, source] of sources.entries()) {
    const object = path.replace(/o$/, `${index}.o`);
    await ran(compiler, [...flags, "-c", source, "-o", object], folder, [0]);
    if (renames !== undefined) await ran("objcopy", [...renames, object], folder, [0]);
    objects.push(object);
  }
  return objects;
}

/** The compiler first. */
function compileFlags(
  { language, by }: MatrixProgram,
  { compiler, output, collected, lto }: Combination,
): readonly string[] {
  if (language === "rust") return [];
  const names = { c: { gcc: "gcc", clang: CLANG }, "c++": { gcc: "g++", clang: CLANG.replace("clang", "clang++") } };
  const code = { pie: "-fPIE", "no-pie": "-fno-pie", static: "-fno-pie", shared: "-fPIC" }[output];
  return [
    names[language][compiler === "gcc" ? "gcc" : "clang"],
    ...["-O2", "-g", code],
    ...(language === "c++" ? ["-std=c++17"] : []),
    ...(lto ? ["-flto"] : []),
    ...(collected || by !== "source" ? ["-ffunction-sections", "-fdata-sections"] : []),
  ];
}

function rustOptions({ output, collected, lto }: Combination): readonly string[] {
  return [
    `-Crelocation-model=${output === "pie" ? "pie" : "static"}`,
    ...(output === "static" ? ["-Ctarget-feature=+crt-static"] : []),
    ...(collected ? [] : ["-Clink-dead-code"]),
    ...(lto ? ["-Clto=fat"] : []),
  ];
}

const TAKES_SCRIPT: Readonly<Record<Linker, boolean>> = { bfd: true, lld: true, gold: false, mold: false };

const CLANG = ["clang", "clang-19", "clang-14"].find((name) => onPath(name) !== undefined) ?? "clang";

/** Where `-fuse-ld` finds it; "": where the compiler looks anyway, undefined: nowhere. */
function linkerFolder(linker: Linker): string | undefined {
  if (onPath(`ld.${linker}`) !== undefined) return "";
  const versioned =
    linker === "lld" ? ["ld.lld-19", "ld.lld-14"].map(onPath).find((path) => path !== undefined) : undefined;
  return versioned === undefined ? undefined : dirname(realpathSync(versioned));
}

function onPath(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** What it wrote; rejects with what it said where it ends otherwise than so. */
function ran(program: string, args: readonly string[], cwd: string, statuses: readonly number[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, maxBuffer: 1 << 28, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error === null || statuses.includes(Number(error.code))) resolve(stdout);
      else reject(new Error(`${program}: ${stderr || error.message}`));
    });
  });
}
