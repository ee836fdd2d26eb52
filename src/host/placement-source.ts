/** Placements by attributes in the source, made: written, compiled alone where the build is known, taken back where that fails. */
import { existsSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { compileAlone, compileCommand, headerFolders, type CompileCommand } from "./placement-compile.js";
import { writeAll, type EditableFile, type FileChange } from "./placement-files.js";
import { placesOf, planPlacements, type Plan, type PlannedFile, type PlanRequest } from "./placement-plan.js";

export interface Checked {
  /** What was compiled; of a header, a file that includes it. */
  readonly source: string;
  readonly result:
    | "compiled"
    /** It did not compile before either, or how it is compiled is not known. */
    | "unknown";
  readonly reason: string;
}

export type SourceOutcome =
  /** Written (or, on a dry run, only planned). */
  | { readonly kind: "done"; readonly plan: Plan; readonly checked: readonly Checked[] }
  /** Nothing was changed: some cannot be placed so. */
  | { readonly kind: "refused"; readonly plan: Plan }
  /** Nothing is changed any more: the compiler refuses what was written. */
  | { readonly kind: "not-compiled"; readonly plan: Plan; readonly source: string; readonly error: string };

export type SourceRequest = Omit<PlanRequest, "spelledOut">;

/** All or nothing. Throws UserError where files cannot be written. */
export function placeInSource(request: SourceRequest, dryRun: boolean): SourceOutcome {
  const commands = new Commands(request.folders);
  const found = placesOf(request);
  // Where the header is not found the attribute needs none.
  const plan = planPlacements({ ...request, spelledOut: (file, units) => !findsHeader(file, units, commands) }, found);
  if (plan.refusals.length > 0) return { kind: "refused", plan };
  if (dryRun || plan.files.length === 0) return { kind: "done", plan, checked: [] };
  const first = written(plan, commands);
  if (first.kind !== "not-compiled" || !plan.files.some(bringsHeader)) return first;
  // The file bears no more headers.
  const second = written(planPlacements({ ...request, spelledOut: () => true }, found), commands);
  return second.kind === "not-compiled" ? first : second;
}

function findsHeader({ path, text }: EditableFile, units: PlannedFile["units"], commands: Commands): boolean {
  const folders = units.flatMap((unit) => commands.of(unit) ?? []).flatMap(headerFolders);
  const isIn = (folder: string): boolean => existsSync(join(folder, "faultline.h"));
  return [dirname(path), ...folders].some(isIn) || /faultline\.h/.test(text);
}

function bringsHeader({ edits }: PlannedFile): boolean {
  return edits.some(({ text }) => text.includes("faultline.h"));
}

function written(plan: Plan, commands: Commands): SourceOutcome {
  const changes = plan.files.map(({ file, text }): FileChange => ({ file, text }));
  writeAll(changes);
  const failed: { readonly command: CompileCommand; readonly error: string }[] = [];
  const checked: Checked[] = [];
  for (const { command, source } of commandsOf(plan.files, commands)) {
    if (command === undefined) {
      checked.push({ source, result: "unknown", reason: "how it is compiled is not known" });
      continue;
    }
    const compiled = compileAlone(command);
    if (compiled.ok === true) checked.push({ source, result: "compiled", reason: command.from });
    else if (compiled.ok === undefined) checked.push({ source, result: "unknown", reason: compiled.reason });
    else failed.push({ command, error: compiled.error });
  }
  if (failed.length === 0) return { kind: "done", plan, checked };
  takeBack(plan.files);
  const before = failed.map(({ command, error }) => ({ command, error, compiled: compileAlone(command) }));
  const broken = before.find(({ compiled }) => compiled.ok === true);
  if (broken !== undefined) return { kind: "not-compiled", plan, source: broken.command.source, error: broken.error };
  writeAll(changes);
  const known = before.map(({ command, error }): Checked => {
    return { source: command.source, result: "unknown", reason: `it did not compile alone before either (${error})` };
  });
  return { kind: "done", plan, checked: [...checked, ...known] };
}

/** With the times they had: nothing is to be built again for what was not to be. */
function takeBack(files: readonly PlannedFile[]): void {
  writeAll(files.map(({ file, text }) => ({ file: { ...file, text }, text: file.text })));
  for (const { file } of files) utimesSync(file.path, file.modifiedMs / 1000, file.modifiedMs / 1000);
}

function commandsOf(
  files: readonly PlannedFile[],
  commands: Commands,
): readonly { readonly source: string; readonly command: CompileCommand | undefined }[] {
  const found = new Map<string, { source: string; command: CompileCommand | undefined }>();
  for (const { file, units } of files) {
    for (const unit of units) {
      const command = commands.of(unit);
      const source = command?.source ?? file.path;
      found.set(source, { source, command });
    }
  }
  return [...found.values()];
}

class Commands {
  private readonly known = new Map<string, CompileCommand | undefined>();

  constructor(private readonly folders: readonly string[]) {}

  of(unit: PlannedFile["units"][number]): CompileCommand | undefined {
    const key = `${unit.directory}\0${unit.name}`;
    if (!this.known.has(key)) this.known.set(key, compileCommand(unit, this.folders));
    return this.known.get(key);
  }
}
