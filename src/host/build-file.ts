/** The file that describes how a program is built, and the edits that make it pass a linker script. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { TextEdit } from "../core/base/text-edit.js";
import { buildScriptName } from "../core/placement/build-edit-cargo.js";
import { cmakeSubdirectories } from "../core/placement/build-edit-cmake.js";
import { mesonSubdirectories } from "../core/placement/build-edit-meson.js";
import { buildEdit, type BuildSystem } from "../core/placement/build-edit.js";
import type { BuildRefusal } from "../core/placement/build-wish.js";

export interface PlannedBuild {
  readonly path: string;
  /** undefined: it is to be made. */
  readonly text: string | undefined;
  /** Without edits the build passes the script already. */
  readonly edits: readonly TextEdit[];
  readonly refusal: BuildRefusal | undefined;
  readonly system: BuildSystem;
}

/** The text of a file as it is to be edited; undefined: there is none. */
export type ReadText = (path: string) => string | undefined;

export const readText: ReadText = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // A build file that cannot be read is none that could be edited.
  }
};

/** @param folder of the project. undefined: no file of a build that is known is there. */
export function plannedBuild(
  folder: string,
  program: string,
  script: string,
  read: ReadText = readText,
): PlannedBuild | undefined {
  const system = systemOf(folder, program);
  const found = system && buildFiles(system, folder, read);
  if (system === undefined || found === undefined) return undefined;
  const plans = found.map((path) => planned(system, path, { folder, program, script }, read));
  // Of several directories' files, the one that makes the program.
  return plans.find(({ refusal }) => refusal === undefined) ?? plans.find(isTelling) ?? plans[0];
}

function planned(
  system: BuildSystem,
  path: string,
  { folder, program, script }: Record<"folder" | "program" | "script", string>,
  read: ReadText,
): PlannedBuild {
  // Cargo counts from the package, wherever its build script is.
  const from = system === "cargo" ? folder : dirname(path);
  const text = read(path);
  if (system === "make" && ["Makefile.in", "Makefile.am"].some((name) => existsSync(join(from, name))))
    return { path, text, edits: [], refusal: "generated", system };
  const wish = { program: relative(from, program), script: relative(from, script) };
  const answer = buildEdit(system, text, wish);
  return answer.kind === "edits"
    ? { path, text, edits: answer.edits, refusal: undefined, system }
    : { path, text, edits: [], refusal: answer.refusal, system };
}

function isTelling({ refusal }: PlannedBuild): boolean {
  return refusal !== "no-program";
}

/** What the folders between the program and the project's show, or else what the project's holds. */
function systemOf(folder: string, program: string): BuildSystem | undefined {
  for (let at = dirname(program); at.startsWith(folder); at = dirname(at)) {
    const built = BUILT_BY.find(([, marker]) => existsSync(join(at, marker)));
    if (built !== undefined) return built[0];
    if (at === folder) break;
  }
  return FILES.find(([, names]) => names.some((name) => existsSync(join(folder, name))))?.[0];
}

function buildFiles(system: BuildSystem, folder: string, read: ReadText): readonly string[] | undefined {
  switch (system) {
    case "make":
      return MAKEFILES.map((name) => join(folder, name))
        .filter((path) => existsSync(path))
        .slice(0, 1);
    case "cmake":
      return withSubdirectories(folder, "CMakeLists.txt", cmakeSubdirectories, read);
    case "meson":
      return withSubdirectories(folder, "meson.build", mesonSubdirectories, read);
    case "cargo": {
      const script = buildScriptName(read(join(folder, "Cargo.toml")) ?? "");
      return script === undefined ? undefined : [join(folder, script)];
    }
  }
}

function withSubdirectories(
  folder: string,
  name: string,
  subdirectories: (text: string) => readonly string[],
  read: ReadText,
): readonly string[] {
  const folders = [folder];
  // A list that grows while it is walked is walked to its end.
  for (const each of folders) {
    const below = subdirectories(read(join(each, name)) ?? "").map((directory) => join(each, directory));
    const added = below.filter((one) => one.startsWith(folder) && !folders.includes(one));
    folders.push(...added.slice(0, Math.max(0, MOST_FOLDERS - folders.length)));
  }
  return folders.map((each) => join(each, name)).filter((path) => existsSync(path));
}

const MAKEFILES = ["GNUmakefile", "makefile", "Makefile"] as const;
const FILES: readonly (readonly [BuildSystem, readonly string[]])[] = [
  ["make", MAKEFILES],
  ["cmake", ["CMakeLists.txt"]],
  ["meson", ["meson.build"]],
  ["cargo", ["Cargo.toml"]],
];
/** What each leaves where it builds. */
const BUILT_BY: readonly (readonly [BuildSystem, string])[] = [
  ["cmake", "CMakeCache.txt"],
  ["meson", "meson-info"],
  ["cargo", ".fingerprint"],
];
const MOST_FOLDERS = 100;
