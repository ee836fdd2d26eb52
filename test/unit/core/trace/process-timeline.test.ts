import { expect, it } from "vitest";
import type { LifeEvent } from "../../../../src/core/trace/life-event.js";
import { processTimeline } from "../../../../src/core/trace/process-timeline.js";

const name = (time: number, pid: number, tid: number, text: string, exec = false): LifeEvent => ({
  kind: "name",
  time,
  pid,
  tid,
  name: text,
  exec,
});
const fork = (time: number, pid: number, tid: number, parentPid: number, parentTid: number): LifeEvent => ({
  kind: "fork",
  time,
  pid,
  tid,
  parentPid,
  parentTid,
});

it("a thread bears its creator's name until it takes its own", () => {
  const timeline = processTimeline([
    name(0, 10, 10, "server"),
    fork(100, 10, 11, 10, 10),
    name(200, 10, 11, "input"),
    fork(300, 20, 20, 10, 11),
    name(400, 20, 20, "sh", true),
    { kind: "exit", time: 500, pid: 20, tid: 20 },
  ]);
  expect([50, 150, 200, 999].map((time) => timeline.nameAt(11, time))).toEqual(["server", "server", "input", "input"]);
  expect([300, 399, 400].map((time) => timeline.nameAt(20, time))).toEqual(["input", "input", "sh"]);
  expect(timeline.nameAt(999, 0)).toBe("");
  expect(timeline.threads.get(11)).toMatchObject({ pid: 10, parent: 10, started: 100, exited: undefined });
  expect(timeline.threads.get(20)).toMatchObject({ pid: 20, parent: 10, started: 300, exited: 500 });
  expect(timeline.threads.get(10)).toMatchObject({ pid: 10, started: undefined });
});

it("a process known by its mappings alone is a process all the same", () => {
  const mapping = { start: 0, end: 1 } as never;
  const timeline = processTimeline([{ kind: "map", time: 0, pid: 7, mapping }]);
  expect(timeline.threads.get(7)).toMatchObject({ pid: 7, tid: 7, names: [] });
});
