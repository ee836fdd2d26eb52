import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseMaps } from "../../../../src/core/proc/maps.js";
import { parseSmaps } from "../../../../src/core/proc/smaps.js";

const LOCKED = `55d0c8a00000-55d0c8a02000 rw-p 00001000 fe:00 1234 /usr/bin/a b
Size:                  8 kB
Rss:                   8 kB
Pss:                   4 kB
Referenced:            4 kB
Anonymous:             4 kB
AnonHugePages:         0 kB
Swap:                 12 kB
SwapPss:               1 kB
Locked:                4 kB
VmFlags: rd wr mr mw me lo lf sd
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0 [stack]
Size:                132 kB
Rss:                   0 kB
`;

it("reads what is in memory of each mapping, in bytes, and its flags", () => {
  const [data, stack, ...more] = parseSmaps(LOCKED);
  expect(data).toMatchObject({
    name: "/usr/bin/a b",
    resident: 8192,
    anonymous: 4096,
    swapped: 12288,
    referenced: 4096,
  });
  expect([...(data?.flags ?? [])]).toEqual(["rd", "wr", "mr", "mw", "me", "lo", "lf", "sd"]);
  expect(stack).toMatchObject({ name: "[stack]", resident: 0, anonymous: 0, swapped: 0, flags: new Set() });
  expect(more).toEqual([]);
});

it("has every mapping of a real process", () => {
  const text = readFileSync("/proc/self/smaps", "utf8");
  const start = (one: { start: number }) => one.start;
  expect(parseSmaps(text).map(start)).toEqual(parseMaps(text).map(start)); // Their first lines are those of maps.
});

it("leaves out what it does not understand", () => {
  expect(parseSmaps("")).toEqual([]);
  expect(parseSmaps("no mapping\nRss: 8 kB\n")).toEqual([]);
});
