import { expect, it } from "vitest";
import { isAnswered, substitute, variablesIn, type VariableContext } from "../../../../src/extension/run/variables.js";

const context: VariableContext = {
  workspaceFolder: "/w/app",
  folders: { app: "/w/app", lib: "/w/lib" },
  file: "/w/app/src/main.test.c",
  line: 12,
  selectedText: undefined,
  userHome: "/home/ada",
  execPath: "/usr/bin/code",
  environment: { HOME: "/home/ada" },
  setting: (name) => (name === "app.port" ? "80" : undefined),
};

function expanded(text: string, answers: Readonly<Record<string, string>> = {}): string {
  const unknown = new Set<string>();
  const result = substitute(text, context, answers, unknown);
  return unknown.size === 0 ? result : `unknown: ${[...unknown].join(", ")}`;
}

it.each([
  ["${workspaceFolder}/a.out", "/w/app/a.out"],
  ["${workspaceRoot}${/}x", "/w/app/x"],
  ["${workspaceFolder:lib}/x", "/w/lib/x"],
  ["${workspaceFolderBasename}", "app"],
  ["${fileDirname}/${fileBasenameNoExtension}", "/w/app/src/main.test"],
  ["${relativeFile}:${lineNumber}", "src/main.test.c:12"],
  ["${relativeFileDirname} ${fileExtname} ${fileDirnameBasename}", "src .c src"],
  ["${env:HOME}/${env:NOT_SET}.", "/home/ada/."],
  ["${config:app.port}", "80"],
  ["${userHome} ${execPath} ${pathSeparator}", "/home/ada /usr/bin/code /"],
  ["no variable, $HOME, ${}", "unknown: "],
  ["${workspaceFolder:gone}", "unknown: workspaceFolder:gone"],
  ["${config:none} ${later}", "unknown: config:none, later"],
  ["${selectedText}", "unknown: selectedText"],
])("%s is %s", (text, wanted) => {
  expect(expanded(text)).toBe(wanted);
});

it("questions and commands are answered beforehand, and answers are not expanded again", () => {
  const text = "${command:cmake.launchTargetPath} --port=${input:port}";
  expect(variablesIn([text, text]).filter(isAnswered)).toEqual(["command:cmake.launchTargetPath", "input:port"]);
  expect(expanded(text, { "command:cmake.launchTargetPath": "/b/${env:HOME}", "input:port": "1" })).toBe(
    "/b/${env:HOME} --port=1",
  );
});
