import { expect, it } from "vitest";
import { parseEnvFile } from "../../../../src/extension/run/env-file.js";
import {
  decodeLaunchConfiguration,
  programOf,
  type LaunchConfiguration,
} from "../../../../src/extension/run/launch-configuration.js";
import type { Program } from "../../../../src/extension/run/program.js";

function decoded(fields: object): LaunchConfiguration {
  const launch = decodeLaunchConfiguration({ name: "run", request: "launch", ...fields });
  if (launch === undefined) throw new Error("refused");
  return launch;
}

function program(fields: object, files: Readonly<Record<string, string>> = {}): Program {
  return programOf(
    decoded(fields),
    "/w",
    (text) => text.replaceAll("${workspaceFolder}", "/w"),
    (path) => parseEnvFile(files[path] ?? ""),
  );
}

it("cppdbg: program, args, cwd, environment, envFile and preLaunchTask are honoured", () => {
  const fields = {
    type: "cppdbg",
    program: "${workspaceFolder}/build/app",
    args: ["--in", "a file", 3],
    cwd: "${workspaceFolder}/data",
    environment: [
      { name: "MODE", value: "${workspaceFolder}" },
      { name: "BAD=NAME", value: "x" },
    ],
    envFile: "${workspaceFolder}/.env",
    preLaunchTask: "build",
  };
  expect(program(fields, { "/w/.env": "MODE=file\nOTHER=1" })).toEqual({
    argv: ["/w/build/app", "--in", "a file", "3"],
    cwd: "/w/data",
    environment: { MODE: "/w", OTHER: "1" },
    before: { kind: "task", name: "build" },
  });
});

it("CodeLLDB: arguments in one line are split as a shell does it; null takes a variable away", () => {
  const fields = { type: "lldb", program: "./app", args: `-v "two words" it\\'s`, env: { LANG: null, A: 1 } };
  const { argv, cwd, environment } = program(fields);
  expect(argv).toEqual(["/w/app", "-v", "two words", "it's"]);
  expect(cwd).toBe("/w");
  expect(Object.keys(environment)).toEqual(["LANG", "A"]);
  expect(environment).toEqual({ LANG: undefined, A: "1" });
});

it("lldb-dap's list of variables and Native Debug's target are read", () => {
  expect(program({ type: "lldb-dap", program: "/x", env: ["A=1=2", "nonsense"] }).environment).toEqual({ A: "1=2" });
  expect(program({ type: "gdb", target: "./t", arguments: "1 2" }).argv).toEqual(["/w/t", "1", "2"]);
});

it("what is said for Linux goes before what is said for all", () => {
  expect(program({ type: "cppdbg", program: "a.exe", linux: { program: "./a" } }).argv).toEqual(["/w/a"]);
});

it("a name without a slash is left to PATH", () => {
  expect(program({ type: "cppdbg", program: "ls" }).argv).toEqual(["ls"]);
});

it.each([
  ["attaching", { request: "attach", type: "cppdbg", program: "a" }],
  ["a script", { type: "debugpy", program: "a.py" }],
  ["another script", { type: "pwa-node", program: "a.js" }],
  ["no program", { type: "cppdbg" }],
  ["no object", undefined],
])("%s is nothing to run", (_, fields) => {
  expect(decodeLaunchConfiguration(fields && { name: "x", request: "launch", ...fields })).toBeUndefined();
});

it("a file of variables is read as shells write them", () => {
  const text = [
    "# comment",
    "export A=1",
    "B = spaced out # comment",
    'C="line\\nbreak # kept" # comment',
    "D='as $is\\n'",
    "E=",
    "F=a#b",
    "not a variable",
    "1X=no",
  ].join("\r\n");
  expect(parseEnvFile(`\uFEFF${text}`)).toEqual({
    A: "1",
    B: "spaced out",
    C: "line\nbreak # kept",
    D: "as $is\\n",
    E: "",
    F: "a#b",
  });
});
