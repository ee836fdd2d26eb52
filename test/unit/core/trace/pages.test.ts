import fc from "fast-check";
import { expect, it } from "vitest";
import { decodePages, encodePages, type PagesRecord } from "../../../../src/core/trace/pages.js";

const RECORD: PagesRecord = {
  version: 1,
  pageSize: 4096,
  method: "sampled",
  processes: [
    {
      pid: 7,
      parent: 1,
      name: "app",
      program: "/usr/bin/app",
      begin: "fork",
      end: "sample",
      faults: { minor: 3, major: 1 },
      unscanned: 0,
      mappings: [
        {
          start: 0x5555_5555_4000,
          end: 0x5555_5555_9000,
          fileOffset: 0x2000,
          name: "/usr/bin/app",
          readable: true,
          writable: false,
          executable: true,
          shared: false,
          inode: 4242,
          device: { major: 8, minor: 1 },
          runs: [
            { start: 0x5555_5555_5000, pages: 2, kind: "file", swapped: false },
            { start: 0x5555_5555_8000, pages: 1, kind: "anonymous", swapped: true },
          ],
        },
      ],
    },
  ],
};

it("what is written is read back", () => {
  expect(decodePages(encodePages(RECORD))).toEqual({ pages: RECORD, problems: [] });
});

it("what was not known is read back as not known", () => {
  const [process] = RECORD.processes;
  const unknown: PagesRecord = {
    ...RECORD,
    processes: [{ ...process!, parent: undefined, program: undefined, faults: undefined }],
  };
  expect(decodePages(encodePages(unknown)).pages).toEqual(unknown);
});

it("every prefix of a file is read without a throw", () => {
  const text = encodePages(RECORD);
  for (let length = 0; length < text.length - 1; length += 1) {
    expect(decodePages(text.slice(0, length))).toEqual({ pages: undefined, problems: ["pages.json is not JSON"] });
  }
});

it("any JSON is read without a throw, and gives no run outside its mapping", () => {
  const field = fc.constantFrom("processes", "pageSize", "pid", "mappings", "runs", "start", "end", "device", "faults");
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      fc.nat(),
      fc.constantFrom<unknown>(null, 4096, -1, 1e300, "x", true),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(field, tie("value"), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(value, (json) => {
      const { pages } = decodePages(JSON.stringify(json));
      for (const mapping of pages?.processes.flatMap(({ mappings }) => mappings) ?? []) {
        for (const run of mapping.runs) {
          expect(run.start).toBeGreaterThanOrEqual(mapping.start);
          expect(run.start + run.pages * pages!.pageSize).toBeLessThanOrEqual(mapping.end);
        }
      }
    }),
  );
});

it("a damaged process is named and the others are kept", () => {
  const { pages, problems } = decodePages(
    JSON.stringify({ pageSize: 4096, processes: ["?", { pid: 5, mappings: [{ start: 9, end: 3 }] }] }),
  );
  expect(problems).toEqual(["process 0 of pages.json is damaged"]);
  expect(pages?.processes.map(({ pid, mappings }) => [pid, mappings])).toEqual([[5, []]]);
});

it("a run that reaches beyond its mapping is dropped", () => {
  const mapping = {
    start: 4096,
    end: 8192,
    runs: [
      [4096, 2 ** 52, 0],
      [4096, 1, 1],
      [0, 1, 0],
    ],
  };
  const { pages } = decodePages(JSON.stringify({ pageSize: 4096, processes: [{ pid: 1, mappings: [mapping] }] }));
  expect(pages?.processes[0]?.mappings[0]?.runs).toEqual([{ start: 4096, pages: 1, kind: "file", swapped: false }]);
});
