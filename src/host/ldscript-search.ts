/** Finds the linker script of a program: what the build's files name, and what explains the program's layout. */
import { realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { dialectOf, NEWEST, type Dialect } from "../core/ldscript/dialect.js";
import { openScript } from "../core/ldscript/opened-script.js";
import { certainty, type FoundScript, type ScriptReason } from "../core/ldscript/search/found-script.js";
import { mentionsIn } from "../core/ldscript/search/build-texts.js";
import { layoutFit, type Fit } from "../core/ldscript/search/layout-fit.js";
import type { LinkCommand } from "../core/ldscript/search/link-command.js";
import type { Mention } from "../core/ldscript/search/mention.js";
import { buildTree, type BuildTree } from "./build-tree.js";
import { builtInScript, includeReader, scriptText } from "./ldscript-file.js";
import { readLinkedProgram, type LinkedProgram } from "./linked-program.js";
import { findProject, PROJECT_FILE, type ProjectFile } from "./project-file.js";
import { UserError } from "./user-error.js";

export interface ScriptSearch {
  /** Looked through with all that is below them; scripts outside of them are found only where `anywhere` allows it. */
  readonly folders: readonly string[];
  readonly anywhere: boolean;
  /** Whose script is wanted. */
  readonly program: string | undefined;
  /** Whether linkers of this machine may be asked for their own script. */
  readonly mayRun: boolean;
}

export interface FoundLink {
  readonly command: LinkCommand;
  /** What the command's relative paths count from. */
  readonly folder: string;
}

export interface FoundScripts {
  readonly program: LinkedProgram | undefined;
  readonly dialect: Dialect;
  /** The likeliest first. */
  readonly scripts: readonly FoundScript[];
  /** Those that the program was linked with, as far as it can be told; none: the linker's own. */
  readonly chosen: readonly FoundScript[];
  /** Of the linker that made the program; undefined where it has none, is not here or may not be run. */
  readonly builtIn: { readonly path: string; readonly text: string } | undefined;
  /** How the program is linked. */
  readonly link: FoundLink | undefined;
  readonly tree: BuildTree;
}

/** Throws UserError for a program that cannot be read. */
export function findScripts(search: ScriptSearch): FoundScripts {
  const asked = search.program;
  const program = asked === undefined ? undefined : readLinkedProgram(realPath(asked) ?? asked);
  const tree = buildTree(search.folders);
  const links = tree.buildFiles.flatMap((file) => linksIn(file, search));
  const exact = links.filter(({ mention, made }) => mention.command !== undefined && isProgram(made, program?.path));
  const project = search.folders[0] === undefined ? undefined : findProject(search.folders[0]);
  const dialect = dialectFor(program, exact[0]?.mention.command, project?.project.linker);
  const scripts = [...reasonsOf(tree, links, program?.path, search, project)]
    .map(([path, reasons]): FoundScript => ({ path, reasons, fit: fitOf(path, program, dialect) }))
    .sort((a, b) => certainty(b) - certainty(a) || (a.path < b.path ? -1 : 1));
  const linksWithout = exact.some(({ mention }) => mention.scripts.length === 0);
  return {
    ...{ program, dialect, scripts, tree },
    chosen: chosenOf(scripts, linksWithout),
    builtIn: program === undefined || !search.mayRun ? undefined : builtInOf(program, dialect),
    link: exact.map(({ mention, folder }) => ({ command: mention.command!, folder }))[0],
  };
}

/** A mention whose paths are found. */
interface Link {
  readonly mention: Mention;
  readonly file: string;
  /** What relative paths count from. */
  readonly folder: string;
  /** What is linked: absolute, or a build tool's name for it. */
  readonly made: string | undefined;
  readonly scripts: readonly string[];
}

function linksIn(file: string, search: ScriptSearch): Link[] {
  return mentionsOf(file).map((mention) => {
    const bases = basesOf(file, mention, search.folders);
    const folder = bases[0]!;
    const { program, command } = mention;
    const isPath = program !== undefined && (program.includes("/") || command !== undefined);
    const scripts = mention.scripts.flatMap((script) => {
      const [found] = bases.flatMap((base) => allowed(resolve(base, script), search) ?? []);
      return found ?? [];
    });
    return { mention, file, folder, made: isPath ? resolve(folder, program) : program, scripts };
  });
}

/** Of every script that is here or is named: why it could be the program's, the strongest reason first. */
function reasonsOf(
  tree: BuildTree,
  links: readonly Link[],
  program: string | undefined,
  search: ScriptSearch,
  project: ProjectFile | undefined,
): ReadonlyMap<string, readonly ScriptReason[]> {
  const reasons = new Map<string, ScriptReason[]>(tree.scripts.map((path) => [realPath(path) ?? path, []]));
  const add = (path: string, reason: ScriptReason): void => {
    const known = reasons.get(path) ?? [];
    reasons.set(path, known);
    if (!known.some((each) => isSameLink(reason, each))) known.push(reason);
  };
  const named = project?.project.linkerScript;
  const own = named === undefined ? undefined : allowed(named, search);
  if (own !== undefined) add(own, { ...PROJECT_REASON, file: join(project!.folder, PROJECT_FILE) });
  for (const { mention, file, folder, made, scripts } of links) {
    const about = aboutOf(made, program, folder);
    for (const path of scripts) add(path, { kind: mention.kind, file, line: mention.line, program: made, about });
  }
  const order = ["program", "folder", "other"];
  for (const list of reasons.values()) list.sort((a, b) => order.indexOf(a.about) - order.indexOf(b.about));
  return reasons;
}

/** Programs that the folder's build files link with the script, and that are here: the one that was built last first. */
export function programsLinkedWith(script: string, folder: string): readonly string[] {
  const { scripts } = findScripts({ folders: [folder], anywhere: false, program: undefined, mayRun: false });
  const reasons = scripts.find(({ path }) => path === realPath(script))?.reasons ?? [];
  const built = new Map<string, number>();
  for (const { program } of reasons) {
    const stat = program?.startsWith("/") === true ? statSync(program, { throwIfNoEntry: false }) : undefined;
    if (stat?.isFile() === true) built.set(program!, stat.mtimeMs);
  }
  return [...built].sort(([, a], [, b]) => b - a).map(([path]) => path);
}

const PROJECT_REASON = { kind: "project", line: 1, program: undefined, about: "program" } as const;

/** All that one command names; else the likeliest. A command that names none means the linker's own. */
function chosenOf(scripts: readonly FoundScript[], linksWithout: boolean): readonly FoundScript[] {
  const [first] = scripts;
  if (first === undefined || certainty(first) < (linksWithout ? SURE : 1)) return [];
  const [why] = first.reasons.filter(({ about, kind }) => about === "program" && kind !== "project");
  if (why === undefined) return [first];
  return scripts.filter(
    (script) =>
      script === first || script.reasons.some(({ file, line, program }) => isSameLink({ file, line, program }, why)),
  );
}

function isSameLink(one: Pick<ScriptReason, "file" | "line" | "program">, other: ScriptReason): boolean {
  return one.file === other.file && one.program === other.program;
}

function mentionsOf(file: string): readonly Mention[] {
  try {
    return mentionsIn(file, scriptText(file, MOST_BUILD_BYTES)) ?? [];
  } catch (error) {
    if (error instanceof UserError) return []; // Gone meanwhile, or too large to be one.
    throw error;
  }
}

/** What people write relative to a project's top is looked for from the file's folder upwards. */
function basesOf(file: string, { up, kind }: Mention, folders: readonly string[]): readonly string[] {
  let folder = dirname(file);
  for (let step = 0; step < up; step++) folder = dirname(folder);
  const bases = [folder];
  if (kind === "link-command" || kind === "ninja") return bases;
  while (!folders.includes(folder) && folder !== dirname(folder)) bases.push((folder = dirname(folder)));
  return bases;
}

/** The real path of a file that may be read. */
function allowed(path: string, { folders, anywhere }: ScriptSearch): string | undefined {
  const real = realPath(path);
  if (real === undefined || anywhere) return real;
  return folders.some((folder) => real.startsWith((realPath(folder) ?? folder) + sep)) ? real : undefined;
}

/** What names no program counts for those below the folder. */
function aboutOf(made: string | undefined, program: string | undefined, folder: string): ScriptReason["about"] {
  if (made !== undefined) return isProgram(made, program) ? "program" : "other";
  return program === undefined || program.startsWith((realPath(folder) ?? folder) + sep) ? "folder" : "other";
}

/** By path where the build says where it puts it, else by the name that build tools give their targets. */
function isProgram(made: string | undefined, program: string | undefined): boolean {
  if (made === undefined || program === undefined) return false;
  if (!made.includes("/"))
    return (
      basename(program)
        .replace(/\.(?:elf|so|exe)$/, "")
        .replace(/^lib/, "") === made
    );
  return (realPath(made) ?? made) === program;
}

function fitOf(path: string, program: LinkedProgram | undefined, dialect: Dialect): Fit {
  if (program === undefined) return { kind: "unknown" };
  try {
    const readInclude = includeReader([dirname(path)]);
    return layoutFit(openScript(scriptText(path), { dialect, readInclude, defaultScript: undefined }), program);
  } catch (error) {
    if (error instanceof UserError) return { kind: "unknown" };
    throw error;
  }
}

/** By what the linker left in the file; a script may have discarded that. */
function dialectFor(
  program: LinkedProgram | undefined,
  command: LinkCommand | undefined,
  named: string | undefined,
): Dialect {
  const linker = program?.linker;
  if (linker === "gold") return NEWEST.gold;
  if (linker !== undefined && linker !== "mold") return linker;
  return dialectOf(named ?? "") ?? NEWEST[command?.linker ?? "gnu"];
}

function builtInOf({ kind, targets, linker }: LinkedProgram, dialect: Dialect): FoundScripts["builtIn"] {
  if (dialect.name !== "gnu" || linker === "mold") return undefined;
  const options = kind === "pie" ? ["-pie"] : kind === "shared" ? ["-shared"] : [];
  for (const target of targets) {
    const found = builtInScript(`${target}ld`, options);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined; // There is none.
  }
}

/** Named for the program itself, by a command or by the project. */
const SURE = 5;
const MOST_BUILD_BYTES = 64 << 20;
