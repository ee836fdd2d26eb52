/** faultline.json: what a project says about its program. Read tolerantly: what is wrong is told, the rest is used. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { dialectOf } from "../core/ldscript/dialect.js";
import { readLockedSections, type LockedSectionNames } from "../core/placement/locked-sections.js";
import { readPlacements, type Placement } from "../core/placement/placement.js";
import { readIntervals, readStimuli, type Interval, type Stimulus } from "../core/trace/intervals.js";

export const PROJECT_FILE = "faultline.json";
/** A project file is written by people; a larger one is something else. */
const MAX_PROJECT_BYTES = 1 << 20;

/** What recording and reporting need; schemas/faultline.schema.json describes the whole file. */
export interface Project {
  /** Path relative to the working directory, or a name on PATH. */
  readonly program: string | undefined;
  readonly arguments: readonly string[];
  /** undefined takes the variable away. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly workingDirectory: string;
  /** Argument vector, never a shell line. */
  readonly build: readonly string[] | undefined;
  readonly critical: readonly string[];
  readonly lockedSections: LockedSectionNames;
  readonly placements: readonly Placement[];
  /** Whose language linker scripts are in: "gnu", "lld-19"; undefined: not said. */
  readonly linker: string | undefined;
  /** Absolute; undefined: none was named. */
  readonly linkerScript: string | undefined;
  /** From the beginning of a recorded path to the absolute folder here. */
  readonly sourceMap: Readonly<Record<string, string>>;
  /** Empty: the verdict is about the whole run. */
  readonly intervals: readonly Interval[];
  readonly stimuli: readonly Stimulus[];
  /** Faults the critical functions may take in one interval. */
  readonly budget: number;
}

export interface ProjectFile {
  readonly path: string;
  /** The folder it is in: what its paths are relative to. */
  readonly folder: string;
  readonly project: Project;
  /** One sentence for each thing that could not be used. */
  readonly problems: readonly string[];
}

/** The project file of the folder, or of the nearest folder above it; undefined where there is none. */
export function findProject(from: string): ProjectFile | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const path = join(folder, PROJECT_FILE);
    const text = readRegularFile(path);
    if (text !== undefined) return { path, folder, ...parseProject(text, folder) };
    if (folder === dirname(folder)) return undefined;
  }
}

/** Never fails: text that is no project gives an empty one and says why. */
export function parseProject(text: string, folder: string): Pick<ProjectFile, "project" | "problems"> {
  const problems: string[] = [];
  const root = rootOf(text, problems);
  const reader = new FieldReader(root, problems);
  const wrong: string[] = [];
  const lockedSections = readLockedSections(root["lockedSections"], wrong);
  const linkerScript = reader.text("linkerScript");
  const project: Project = {
    program: reader.text("program"),
    arguments: reader.texts("arguments") ?? [],
    environment: reader.environment("environment"),
    workingDirectory: resolve(folder, reader.text("workingDirectory") ?? "."),
    build: reader.texts("build"),
    critical: reader.texts("critical") ?? [],
    lockedSections,
    placements: readPlacements(root["placements"], lockedSections, wrong),
    linker: readLinker(reader.text("linker"), wrong),
    linkerScript: linkerScript === undefined ? undefined : resolve(folder, linkerScript),
    sourceMap: reader.folders("sourceMap", folder),
    intervals: readIntervals(root["intervals"], wrong),
    stimuli: readStimuli(root["stimuli"], wrong),
    budget: reader.count("budget") ?? 0,
  };
  problems.push(...wrong.map((problem) => `${PROJECT_FILE}: ${problem}; it is left out.`));
  return { project, problems };
}

function readLinker(name: string | undefined, wrong: string[]): string | undefined {
  if (name === undefined || dialectOf(name) !== undefined) return name;
  wrong.push('"linker" must be gnu, lld or gold, with a version if you like (gnu-2.40)');
  return undefined;
}

class FieldReader {
  constructor(
    private readonly root: Readonly<Record<string, unknown>>,
    private readonly problems: string[],
  ) {}

  text(name: string): string | undefined {
    const value = this.root[name];
    if (value === undefined || (typeof value === "string" && value !== "" && !value.includes("\0"))) return value;
    return this.refuse(name, "a text that is not empty");
  }

  count(name: string): number | undefined {
    const value = this.root[name];
    if (value === undefined || (typeof value === "number" && Number.isSafeInteger(value) && value >= 0)) return value;
    return this.refuse(name, "a whole number from 0");
  }

  texts(name: string): string[] | undefined {
    const value = this.root[name];
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((item): item is string => isText(item))) return value;
    return this.refuse(name, "a list of texts");
  }

  environment(name: string): Record<string, string | undefined> {
    const entries = this.entries(name).filter(([key, value]) => {
      const fits = /^[^=\0]+$/.test(key) && (value === null || isText(value));
      if (!fits) this.refuse(`${name}.${key}`, "a text or null");
      return fits;
    });
    return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === "string" ? value : undefined]));
  }

  folders(name: string, folder: string): Record<string, string> {
    const map: Record<string, string> = {};
    for (const [from, to] of this.entries(name)) {
      if (isText(to)) map[from] = resolve(folder, to);
      else this.refuse(`${name}.${from}`, "a folder");
    }
    return map;
  }

  private entries(name: string): [string, unknown][] {
    const value = this.root[name];
    if (value === undefined) return [];
    if (isRecord(value)) return Object.entries(value);
    this.refuse(name, "an object");
    return [];
  }

  private refuse(name: string, wanted: string): undefined {
    this.problems.push(`${PROJECT_FILE}: "${name}" must be ${wanted}; it is left out.`);
    return undefined;
  }
}

function rootOf(text: string, problems: string[]): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
    problems.push(`${PROJECT_FILE} must hold an object; it is left out.`);
  } catch (error) {
    problems.push(`${PROJECT_FILE} is not JSON (${error instanceof Error ? error.message : String(error)}).`);
  }
  return {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0");
}

/** Opened without blocking: a named pipe in its place must not hang us. */
function readRegularFile(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined; // There is none, or none for us.
  }
  try {
    const status = fstatSync(file);
    return status.isFile() && status.size <= MAX_PROJECT_BYTES ? readFileSync(file, "utf8") : undefined;
  } finally {
    closeSync(file);
  }
}
