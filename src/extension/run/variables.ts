/** VS Code's variables in launch configurations: ${workspaceFolder}, ${env:HOME}, ${command:…}. */
import { basename, dirname, extname, relative } from "node:path";

/** What the plain variables stand for now. */
export interface VariableContext {
  readonly workspaceFolder: string;
  /** By name, of a workspace with several folders. */
  readonly folders: Readonly<Record<string, string>>;
  /** Path in the active editor. */
  readonly file: string | undefined;
  /** 1-based. */
  readonly line: number | undefined;
  readonly selectedText: string | undefined;
  readonly userHome: string;
  readonly execPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  setting(name: string): string | undefined;
}

const VARIABLE = /\$\{([^{}]*)\}/g;

/** Names of the variables in these texts, once each: "file", "input:port". */
export function variablesIn(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(VARIABLE)].map(([, name = ""]) => name)))];
}

/** Those that only a question or a command can answer. */
export function isAnswered(name: string): boolean {
  return name.startsWith("input:") || name.startsWith("command:");
}

/**
 * Each variable replaced by what `answers` or the context say; an environment variable that is not set is empty, as in
 * VS Code. `unknown` gets what nobody knows, and it stays as it is.
 */
export function substitute(
  text: string,
  context: VariableContext,
  answers: Readonly<Record<string, string>>,
  unknown: Set<string>,
): string {
  return text.replace(VARIABLE, (whole, name: string) => {
    const value = Object.hasOwn(answers, name) ? answers[name] : valueOf(name, context);
    if (value === undefined) unknown.add(name);
    return value ?? whole;
  });
}

function valueOf(name: string, context: VariableContext): string | undefined {
  const at = name.indexOf(":");
  const kind = at < 0 ? name : name.slice(0, at);
  const argument = at < 0 ? undefined : name.slice(at + 1);
  if (argument !== undefined) {
    switch (kind) {
      case "env":
        return context.environment[argument] ?? "";
      case "config":
        return context.setting(argument);
      case "workspaceFolder":
        return context.folders[argument];
      default:
        return undefined;
    }
  }
  return plainValue(name, context);
}

function plainValue(name: string, { workspaceFolder, file, ...context }: VariableContext): string | undefined {
  const ofFile = (value: (path: string) => string): string | undefined =>
    file === undefined ? undefined : value(file);
  switch (name) {
    case "workspaceFolder":
    case "workspaceRoot":
    case "cwd":
      return workspaceFolder;
    case "workspaceFolderBasename":
    case "workspaceRootFolderName":
      return basename(workspaceFolder);
    case "userHome":
      return context.userHome;
    case "execPath":
      return context.execPath;
    case "pathSeparator":
    case "/":
      return "/";
    case "file":
      return file;
    case "fileWorkspaceFolder":
      return ofFile(() => workspaceFolder);
    case "relativeFile":
      return ofFile((path) => relative(workspaceFolder, path));
    case "relativeFileDirname":
      return ofFile((path) => relative(workspaceFolder, dirname(path)) || ".");
    case "fileBasename":
      return ofFile((path) => basename(path));
    case "fileBasenameNoExtension":
      return ofFile((path) => basename(path, extname(path)));
    case "fileExtname":
      return ofFile(extname);
    case "fileDirname":
      return ofFile(dirname);
    case "fileDirnameBasename":
      return ofFile((path) => basename(dirname(path)));
    case "lineNumber":
      return context.line === undefined ? undefined : String(context.line);
    case "selectedText":
      return context.selectedText;
    default:
      return undefined;
  }
}
