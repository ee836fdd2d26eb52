import fc from "fast-check";
import { expect, it } from "vitest";
import {
  ControlLines,
  decodeEditorMessage,
  decodeRecorderMessage,
  encodeControl,
  MAX_CONTROL_LINE,
  type RecorderMessage,
} from "../../../../src/core/trace/control.js";
import type { Refusal } from "../../../../src/core/trace/refusal.js";

const refusal: Refusal = {
  code: "paranoid",
  call: "perf_event_open",
  errno: "EACCES",
  userOnly: true,
  uid: 1000,
  privileged: false,
  paranoid: -1,
  container: "devcontainer",
  unit: undefined,
  pid: 7,
  owner: "ada",
  path: "/bin/true",
  ringPages: 128,
  pageSize: 16384,
  mlockKb: 516,
  openFiles: { soft: 1024, hard: 4096 },
  invocation: ["node", "cli.js", "record"],
};

it.each<RecorderMessage>([
  { kind: "started", pid: 12, folder: "/a b/\n", counted: "pages" },
  { kind: "counts", faults: 9, major: 1, lost: 2, bytes: 3 },
  { kind: "refused", refusal, goesOn: true },
  { kind: "failed", sentence: "No." },
  { kind: "ended", folder: "/t", removed: true },
])("what the recorder says arrives as it was said: $kind", (message) => {
  const [line = ""] = new ControlLines().push(encodeControl(message));
  expect(decodeRecorderMessage(line)).toEqual(message);
});

it("the editor's words are four, and others are none", () => {
  for (const kind of ["pause", "resume", "stop", "cancel"] as const) {
    expect(decodeEditorMessage(encodeControl({ kind }).trim())).toEqual({ kind });
  }
  expect(decodeEditorMessage('{"kind":"run"}')).toBeUndefined();
});

it("anything at all decodes without an error, damaged fields to their neutral value", () => {
  expect(decodeRecorderMessage('{"kind":"counts","faults":-1,"major":"x"}')).toEqual({
    kind: "counts",
    faults: 0,
    major: 0,
    lost: 0,
    bytes: 0,
  });
  expect(decodeRecorderMessage('{"kind":"refused","refusal":{"code":"later","container":"box"}}')).toMatchObject({
    goesOn: false,
    refusal: { code: "unexpected", container: undefined, invocation: [], pageSize: 4096 },
  });
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      decodeRecorderMessage(line);
      decodeEditorMessage(line);
    }),
  );
});

it("lines are whole however their text is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 })), fc.array(fc.nat(40)), (lines, cuts) => {
      const wanted = lines.map((line) => line.replaceAll("\n", "") + ".");
      const text = wanted.map((line) => `${line}\n`).join("");
      const reader = new ControlLines();
      const got: string[] = [];
      let at = 0;
      for (const cut of cuts) {
        got.push(...reader.push(text.slice(at, at + cut)));
        at += cut;
      }
      got.push(...reader.push(text.slice(at)));
      expect(got).toEqual(wanted);
    }),
  );
});

it("a line without an end is not kept, and the next one is heard", () => {
  const reader = new ControlLines();
  const much = "x".repeat(MAX_CONTROL_LINE - 1);
  expect(reader.push(much)).toEqual([]);
  expect(reader.push(much)).toEqual([]);
  expect(reader.push(`${much}\nnext\n`)).toEqual(["next"]);
});
