/** Launch configurations of native debuggers, read as a person wrote them: what they would run. */
import { resolve } from "node:path";
import { listOf, objectOf, textOf, type JsonObject } from "../../core/base/json-fields.js";
import type { Program } from "./program.js";
import { splitWords } from "../../core/base/shell-words.js";

/** A configuration that runs a native program; texts still hold variables. */
export interface LaunchConfiguration {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly envFiles: readonly string[];
  readonly preLaunchTask: string | undefined;
}

/** undefined for what attaches, or runs no program of its own. */
export function decodeLaunchConfiguration(value: unknown): LaunchConfiguration | undefined {
  const all = objectOf(value);
  if (all === undefined) return undefined;
  // What is said for Linux goes before what is said for all.
  const fields: JsonObject = { ...all, ...objectOf(all["linux"]) };
  const name = textOf(fields["name"]);
  const program = textOf(fields["program"]) ?? textOf(fields["target"]) ?? textOf(fields["executable"]);
  if (name === undefined || program === undefined || program === "" || fields["request"] !== "launch") return undefined;
  if (INTERPRETED.test(textOf(fields["type"]) ?? "")) return undefined;
  return {
    name,
    program,
    args: wordsOf(fields["args"] ?? fields["arguments"]),
    cwd: textOf(fields["cwd"]),
    environment: { ...variablesOf(fields["environment"]), ...variablesOf(fields["env"]) },
    envFiles: [fields["envFile"]].flat().flatMap((file) => textOf(file) ?? []),
    preLaunchTask: textOf(fields["preLaunchTask"]) ?? textOf(objectOf(fields["preLaunchTask"])?.["task"]),
  };
}

/** Debuggers of languages whose lines no ELF file knows. */
const INTERPRETED =
  /^(node|pwa-|chrome|msedge|firefox|extensionHost|python|debugpy|java|php|ruby|rdbg|coreclr|clr|dart|perl|bashdb|PowerShell|mock)/i;

/** Every text of it in which variables may be. */
export function textsOf(launch: LaunchConfiguration): readonly string[] {
  const values = Object.values(launch.environment).flatMap((value) => value ?? []);
  return [
    launch.program,
    ...launch.args,
    ...(launch.cwd === undefined ? [] : [launch.cwd]),
    ...values,
    ...launch.envFiles,
  ];
}

/**
 * What it runs, after `expand` replaced the variables. @param readEnvFile variables of a file, which those written in
 * the configuration itself go before.
 */
export function programOf(
  launch: LaunchConfiguration,
  workspaceFolder: string,
  expand: (text: string) => string,
  readEnvFile: (path: string) => Readonly<Record<string, string>>,
): Program {
  const files = launch.envFiles.map((file) => readEnvFile(resolve(workspaceFolder, expand(file))));
  const own = Object.entries(launch.environment).map(([name, value]) => [name, value && expand(value)] as const);
  const program = expand(launch.program);
  return {
    // A name without a slash is looked up in PATH, as the debuggers do it, unless the file is meant.
    argv: [program.includes("/") ? resolve(workspaceFolder, program) : program, ...launch.args.map(expand)],
    cwd: resolve(workspaceFolder, launch.cwd === undefined ? "." : expand(launch.cwd)),
    environment: { ...Object.assign({}, ...files), ...Object.fromEntries(own) } as Program["environment"],
    before: launch.preLaunchTask === undefined ? undefined : { kind: "task", name: launch.preLaunchTask },
  };
}

/** A list of words, or a line as CodeLLDB and Native Debug take it. */
function wordsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return splitWords(value) ?? [value];
  return listOf(value).flatMap((word) => (typeof word === "number" ? String(word) : (textOf(word) ?? [])));
}

/** `{NAME: value}` (null takes it away), cppdbg's list of `{name, value}`, or lldb-dap's list of "NAME=value". */
function variablesOf(value: unknown): Readonly<Record<string, string | undefined>> {
  const entries = Array.isArray(value)
    ? value.map((item: unknown) => {
        const [, name = "", text = ""] = /^([^=]+)=(.*)$/s.exec(textOf(item) ?? "") ?? [];
        const fields = objectOf(item);
        return fields === undefined ? [name, text] : [textOf(fields["name"]) ?? "", fields["value"]];
      })
    : Object.entries(objectOf(value) ?? {});
  const variables: Record<string, string | undefined> = {};
  for (const [name, item] of entries) {
    if (typeof name !== "string" || name === "" || /[=\0]/.test(name)) continue;
    if (item === null) variables[name] = undefined;
    else if (typeof item === "string" || typeof item === "number") variables[name] = String(item);
  }
  return variables;
}
