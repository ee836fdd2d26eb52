import { expect, it } from "vitest";
import type { LifeEvent } from "../../../../src/core/trace/life-event.js";
import { mappingTimeline } from "../../../../src/core/trace/mapping-timeline.js";
import type { Mapping } from "../../../../src/core/trace/trace.js";

function map(time: number, pid: number, start: number, end: number, name: string, fileOffset = 0): LifeEvent {
  const mapping: Mapping = {
    start,
    end,
    fileOffset,
    name,
    readable: true,
    writable: false,
    executable: true,
    shared: false,
    buildId: undefined,
    inode: 1,
    device: undefined,
    time,
  };
  return { kind: "map", time, pid, mapping };
}
const fork = (time: number, pid: number, parentPid: number): LifeEvent => ({
  kind: "fork",
  time,
  pid,
  tid: pid,
  parentPid,
  parentTid: parentPid,
});
const exec = (time: number, pid: number): LifeEvent => ({ kind: "name", time, pid, tid: pid, name: "new", exec: true });

it("a mapping is there from its time on, to the byte", () => {
  const timeline = mappingTimeline([map(10, 1, 0x1000, 0x3000, "/a")]);
  expect(timeline.at(1, 9, 0x1000)).toBeUndefined();
  expect(timeline.at(1, 10, 0x1000)?.name).toBe("/a");
  expect(timeline.at(1, 10, 0x2fff)?.name).toBe("/a");
  expect(timeline.at(1, 10, 0x3000)).toBeUndefined();
  expect(timeline.at(1, 10, 0xfff)).toBeUndefined();
  expect(timeline.at(2, 10, 0x1000)).toBeUndefined();
});

it("a later mapping cuts an older one in two, whose file offsets stay right", () => {
  const timeline = mappingTimeline([map(10, 1, 0x1000, 0x9000, "/a", 0x100), map(20, 1, 0x3000, 0x5000, "//anon")]);
  expect(timeline.at(1, 15, 0x3000)).toMatchObject({ name: "/a", start: 0x1000, end: 0x9000 });
  expect(timeline.at(1, 20, 0x2fff)).toMatchObject({ name: "/a", start: 0x1000, end: 0x3000, fileOffset: 0x100 });
  expect(timeline.at(1, 20, 0x3000)?.name).toBe("//anon");
  expect(timeline.at(1, 20, 0x5000)).toMatchObject({ name: "/a", start: 0x5000, end: 0x9000, fileOffset: 0x4100 });
  expect(timeline.of(1).map(({ name }) => name)).toEqual(["/a", "//anon"]);
});

it("fork gives the child what the parent had then, and nothing of what it maps later", () => {
  const timeline = mappingTimeline([
    map(10, 1, 0x1000, 0x2000, "/a"),
    fork(20, 2, 1),
    map(30, 1, 0x1000, 0x2000, "/later"),
    map(40, 2, 0x5000, 0x6000, "/own"),
  ]);
  expect(timeline.at(2, 19, 0x1000)).toBeUndefined();
  expect(timeline.at(2, 50, 0x1000)?.name).toBe("/a");
  expect(timeline.at(2, 50, 0x5000)?.name).toBe("/own");
  expect(timeline.at(1, 50, 0x1000)?.name).toBe("/later");
  expect(timeline.at(1, 50, 0x5000)).toBeUndefined();
});

it("exec empties the address space, and a pid used again begins anew", () => {
  const timeline = mappingTimeline([
    map(10, 1, 0x1000, 0x2000, "/a"),
    exec(20, 1),
    map(21, 1, 0x8000, 0x9000, "/b"),
    fork(30, 2, 1),
    exec(40, 2),
    fork(50, 2, 1),
  ]);
  expect(timeline.at(1, 19, 0x1000)?.name).toBe("/a");
  expect(timeline.at(1, 20, 0x1000)).toBeUndefined();
  expect(timeline.at(2, 35, 0x8000)?.name).toBe("/b");
  expect(timeline.at(2, 45, 0x8000)).toBeUndefined();
  expect(timeline.at(2, 55, 0x8000)?.name).toBe("/b");
});

it("answers as a plain list of mappings would, for any overlaps", () => {
  let state = 7;
  const random = (limit: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
  const events: LifeEvent[] = [];
  for (let time = 1; time <= 400; time++) {
    const start = random(200) * 0x1000;
    events.push(map(time, 1, start, start + (1 + random(40)) * 0x1000, `/${time}`, start));
  }
  const timeline = mappingTimeline(events);
  for (let query = 0; query < 5000; query++) {
    const [time, address] = [random(410), random(250) * 0x1000 + random(0x1000)];
    const expected = events.findLast(
      (event) =>
        event.kind === "map" && event.time <= time && event.mapping.start <= address && address < event.mapping.end,
    );
    const found = timeline.at(1, time, address);
    expect(found?.name).toBe(expected?.kind === "map" ? expected.mapping.name : undefined);
    if (found !== undefined) expect(found.fileOffset).toBe(found.start);
  }
});

// Copying 500 mappings for each of 1,000 children, or walking up 1,000 parents a question, takes minutes.
it("a chain of a thousand forks and a million questions cost no more than moments", { timeout: 30_000 }, () => {
  const events: LifeEvent[] = [];
  for (let index = 0; index < 500; index++) events.push(map(1, 1, index * 0x2000, index * 0x2000 + 0x1000, "/a"));
  for (let child = 2; child < 1002; child++) {
    events.push(fork(child * 10, child, child - 1), map(child * 10 + 1, child, 0x1000, 0x2000, `/${child}`));
  }
  const timeline = mappingTimeline(events);
  let found = 0;
  for (let query = 0; query < 1_000_000; query++) {
    if (timeline.at(2 + (query % 1000), 20_000, (query % 500) * 0x2000) !== undefined) found++;
  }
  expect(found).toBe(1_000_000);
  expect(timeline.at(1001, 20_000, 0x1800)?.name).toBe("/1001");
});

it("build ids told by path complete mappings without one", () => {
  const timeline = mappingTimeline([map(1, 1, 0x1000, 0x2000, "/a")], new Map([["/a", "c0ffee"]]));
  expect(timeline.at(1, 2, 0x1000)?.buildId).toBe("c0ffee");
});
