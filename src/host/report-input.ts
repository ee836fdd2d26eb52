/** What every view of a trace needs: the trace, the files behind it, and where its sources are here. */
import { readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { ImageResolver } from "../core/attribution/image-resolver.js";
import type { SourceMapping } from "../core/report/located-source.js";
import { sourceMapper, type SourceMapper } from "../core/report/source-map.js";
import type { Trace } from "../core/trace/trace.js";
import { imageResolver, type OpenFile } from "./image-resolver.js";
import { findProject, type ProjectFile } from "./project-file.js";
import { openTrace } from "./read-trace.js";
import { sourceReader, type SourceReader } from "./sources.js";
import { UserError } from "./user-error.js";
import { VDSO_FILE } from "./vdso.js";

export interface ReportInput {
  readonly trace: Trace;
  readonly resolve: ImageResolver;
  readonly mapSource: SourceMapper;
  readonly readSource: SourceReader;
  /** One sentence for each thing in faultline.json that could not be used. */
  readonly problems: readonly string[];
  /** Relative to the working directory where the file is below it. */
  displayPath(file: string): string;
  /** Closes the files behind the mappings: nothing more can be asked then. */
  close(): void;
}

export interface ReportPlace {
  /** A trace folder or perf.data; undefined: the newest trace of the project. */
  readonly path: string | undefined;
  /** The working directory: where the project file is looked for, from here upwards. */
  readonly here: string;
  /** Folders whose sources may be shown, besides the project's. */
  readonly sourceRoots: readonly string[];
  /** What others say of where sources are: after faultline.json, and where the file is there. */
  readonly otherSources?: readonly SourceMapping[];
  /** How the files behind the mappings are opened, where that is not to be done anew. */
  readonly openFile?: OpenFile;
}

/** Throws UserError where there is no trace, or none that can be read. */
export function openReportInput(where: ReportPlace): ReportInput {
  const project = findProject(where.here);
  const place = where.path ?? newestTrace(project?.folder ?? where.here);
  const { trace, writtenAt } = openTrace(place);
  return inputOf(trace, openedImages(place, endOf(trace) ?? writtenAt, where.openFile), where, project);
}

/** As above, of a trace that was read by other means, with the images that were opened meanwhile. */
export function reportInputOf(trace: Trace, images: OpenedImages, where: Omit<ReportPlace, "path">): ReportInput {
  return inputOf(trace, images, where, findProject(where.here));
}

/** The files behind a trace's mappings, each opened on first use. */
export interface OpenedImages {
  readonly resolve: ImageResolver;
  close(): void;
}

/**
 * @param folder of the trace; what lies in it beside perf.data belongs to it.
 * @param tracedAt milliseconds since 1970 when the trace ended; undefined while it is still recorded.
 */
export function openedImages(folder: string, tracedAt: number | undefined, openFile?: OpenFile): OpenedImages {
  const opened: (() => void)[] = [];
  const onOpen = (close: () => void) => opened.push(close);
  return {
    resolve: imageResolver({ tracedAt, vdso: join(folder, VDSO_FILE), onOpen, openFile }),
    close: () => {
      for (const close of opened.splice(0)) close();
    },
  };
}

function inputOf(
  trace: Trace,
  images: OpenedImages,
  { here, sourceRoots, otherSources = [] }: Omit<ReportPlace, "path">,
  project: ProjectFile | undefined,
): ReportInput {
  const sourceMap = project?.project.sourceMap ?? {};
  return {
    trace,
    problems: project?.problems ?? [],
    resolve: images.resolve,
    close: () => {
      images.close();
    },
    mapSource: sourceMapper(sourceMap, { mappings: otherSources, isHere: isRegularFile }),
    readSource: sourceReader([
      here,
      ...(project === undefined ? [] : [project.folder]),
      ...programFolders(trace),
      ...Object.values(sourceMap),
      ...otherSources.map(({ to }) => to),
      ...sourceRoots,
    ]),
    displayPath: (file) => {
      const shorter = relative(here, file);
      return shorter === "" || shorter.startsWith("..") || isAbsolute(shorter) ? file : shorter;
    },
  };
}

function isRegularFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false; // Below something that is no folder, or not for us: it is not here.
  }
}

function newestTrace(folder: string): string {
  const traces = join(folder, ".faultline", "traces");
  const newest = subfolders(traces)
    .map((name) => join(traces, name))
    .map((trace) => ({ trace, time: statSync(trace).mtimeMs }))
    .sort((a, b) => b.time - a.time)[0];
  if (newest === undefined) {
    throw new UserError(`There is no trace in ${traces} yet; make one with: faultline record -- PROGRAM`);
  }
  return newest.trace;
}

function subfolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((item) => item.isDirectory())
      .map(({ name }) => name);
  } catch {
    return []; // No traces yet: said by the caller.
  }
}

/** Where a program we ran was started and where it lies: its sources are mostly there. Only for traces of our own. */
function programFolders({ run }: Trace): readonly string[] {
  if (run === undefined) return [];
  const program = run.command[0];
  const folders = [run.workingDirectory];
  if (program?.includes("/")) {
    try {
      folders.push(dirname(realpathSync(resolve(run.workingDirectory, program))));
    } catch {
      return folders; // The program is gone; so is what lay beside it.
    }
  }
  return folders.filter((folder) => !SYSTEM_FOLDERS.includes(folder));
}

/** A program there has no sources beside it, and everything else is below them. */
const SYSTEM_FOLDERS: readonly string[] = [
  "/",
  "/etc",
  "/usr",
  "/bin",
  "/usr/bin",
  "/sbin",
  "/usr/sbin",
  "/home",
  "/root",
  "/var",
];

function endOf({ run }: Trace): number | undefined {
  const at = Date.parse(run?.endedAt ?? "");
  return Number.isNaN(at) ? undefined : at;
}
