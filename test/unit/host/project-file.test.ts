import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findProject, parseProject } from "../../../src/host/project-file.js";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "faultline-project-"));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

it("is found in the nearest folder above, and its paths are relative to it", () => {
  mkdirSync(join(root, "a", "b"), { recursive: true });
  writeFileSync(
    join(root, "faultline.json"),
    JSON.stringify({ program: "build/p", workingDirectory: "a", sourceMap: { "/build": "src" } }),
  );
  const file = findProject(join(root, "a", "b"));
  expect(file?.folder).toBe(root);
  expect(file?.project).toMatchObject({
    program: "build/p",
    workingDirectory: join(root, "a"),
    sourceMap: { "/build": join(root, "src") },
  });
  expect(file?.problems).toEqual([]);
});

it("keeps what is right and says what is wrong", () => {
  const text = JSON.stringify({
    program: "",
    arguments: ["a", 1],
    environment: { A: "1", B: null, "C=D": "x", E: 5 },
    critical: ["f"],
    sourceMap: [],
  });
  const { project, problems } = parseProject(text, root);
  expect(project).toMatchObject({ program: undefined, arguments: [], critical: ["f"], sourceMap: {} });
  expect(project.environment).toEqual({ A: "1", B: undefined });
  expect(problems.map((problem) => /"([^"]+)"/.exec(problem)?.[1])).toEqual([
    "program",
    "arguments",
    "environment.C=D",
    "environment.E",
    "sourceMap",
  ]);
});

it.each(["", "{", "[]", "null", '"text"'])(
  "text that is no project (%j) gives an empty one and one sentence",
  (text) => {
    const { project, problems } = parseProject(text, root);
    expect(project.program).toBeUndefined();
    expect(problems).toHaveLength(1);
  },
);

it("a named pipe in its place does not hang anybody", () => {
  execFileSync("mkfifo", [join(root, "faultline.json")]);
  expect(findProject(root)?.folder).not.toBe(root);
});
