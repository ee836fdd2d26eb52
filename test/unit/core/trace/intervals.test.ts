import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readIntervals, readStimuli } from "../../../../src/core/trace/intervals.js";

function intervals(value: unknown) {
  const problems: string[] = [];
  return { read: readIntervals(value, problems), problems };
}

function stimuli(value: unknown) {
  const problems: string[] = [];
  return { read: readStimuli(value, problems), problems };
}

it("the example's interval and stimulus are understood", () => {
  const project = JSON.parse(readFileSync("examples/input-thread/faultline.json", "utf8")) as Record<string, unknown>;
  expect(intervals(project["intervals"])).toEqual({
    read: [
      {
        name: "one event",
        from: { kind: "stimulus", stimulus: "motion" },
        to: { kind: "output", output: "done\n", on: "stdout" },
      },
    ],
    problems: [],
  });
  expect(stimuli(project["stimuli"])).toEqual({
    read: [
      {
        name: "motion",
        arguments: ["--ack", "-", "-"],
        action: { kind: "command", argv: ["build/send-events", "1"] },
        to: { kind: "stdin" },
      },
    ],
    problems: [],
  });
});

describe("an interval", () => {
  it("lasts from the program's start to its end where nothing else is said", () => {
    expect(intervals([{ name: "all" }]).read).toEqual([{ name: "all", from: undefined, to: undefined }]);
  });

  it.each([
    [{ afterMs: 0 }, { kind: "after", milliseconds: 0 }],
    [{ quietMs: 2.5 }, { kind: "quiet", milliseconds: 2.5 }],
    [{ mark: "ready" }, { kind: "mark", mark: "ready" }],
    [
      { output: "x", on: "acks" },
      { kind: "output", output: "x", on: "acks" },
    ],
  ])("ends at %j", (to, moment) => {
    expect(intervals([{ name: "one", to }]).read).toEqual([{ name: "one", from: undefined, to: moment }]);
  });

  it.each([
    { quietMs: 0 },
    { afterMs: -1 },
    { mark: "a name of more than 15 bytes" },
    { output: "" },
    { stimulus: 7 },
    {},
    7,
  ])("is left out and told when it ends at %j", (to) => {
    const { read, problems } = intervals([{ name: "one", to }, { name: "two" }]);
    expect(read.map(({ name }) => name)).toEqual(["two"]);
    expect(problems).toEqual([expect.stringContaining("intervals[0].to must have one of")]);
  });

  it("needs a name, and all of them a list", () => {
    expect(intervals([{ from: { afterMs: 1 } }, "x"]).problems).toHaveLength(2);
    expect(intervals({}).problems).toEqual(['"intervals" must be a list']);
    expect(intervals(undefined)).toEqual({ read: [], problems: [] });
  });
});

describe("a stimulus", () => {
  it("may be bytes in hexadecimal", () => {
    const [stimulus] = stimuli([{ name: "b", bytes: "00 fF 7a" }]).read;
    expect(stimulus!.action).toEqual({ kind: "bytes", bytes: Uint8Array.of(0, 255, 0x7a) });
  });

  it.each([
    ["stdin", { kind: "stdin" }],
    ["nowhere", { kind: "nowhere" }],
    ["events", { kind: "fifo", path: "events" }],
    ["tcp:127.0.0.1:6379", { kind: "tcp", host: "127.0.0.1", port: 6379 }],
    ["tcp:::1:80", { kind: "tcp", host: "::1", port: 80 }],
    ["unix:/run/x", { kind: "unix", path: "/run/x" }],
  ])("goes to %s", (to, path) => {
    expect(stimuli([{ name: "s", signal: "SIGUSR1", to }]).read[0]!.to).toEqual(path);
  });

  it.each([
    { bytes: "0" },
    { bytes: "" },
    { command: [] },
    { command: ["a\0b"] },
    { signal: "USR1" },
    { bytes: "00", to: "tcp:host:99999" },
    { bytes: "00", to: "" },
    {},
  ])("is left out and told when it is %j", (what) => {
    const { read, problems } = stimuli([{ name: "s", ...what }]);
    expect(read).toEqual([]);
    expect(problems).toHaveLength(1);
  });
});
