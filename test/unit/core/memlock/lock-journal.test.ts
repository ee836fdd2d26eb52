import { expect, it } from "vitest";
import { decodeJournal, encodeJournal, type LockJournal } from "../../../../src/core/memlock/lock-journal.js";

const JOURNAL: LockJournal = {
  version: 2,
  pid: 12,
  startTicks: 3456,
  name: "a) b",
  at: "2026-01-02T03:04:05.678Z",
  future: true,
  changes: [
    { start: 0x1000, end: 0x3000, before: "none" },
    { start: 0x3000, end: 0x4000, before: "on-fault" },
  ],
  own: [{ start: 0x7ffff7fff000, end: 0x7ffff8000000, before: "locked" }],
};

it("a journal is read as it was written", () => {
  expect(decodeJournal(encodeJournal(JOURNAL))).toEqual(JOURNAL);
});

it("one that is damaged is not used at all", () => {
  const text = encodeJournal(JOURNAL);
  for (let length = 0; length < text.trimEnd().length; length++) {
    expect(decodeJournal(text.slice(0, length))).toBeUndefined();
  }
  const damaged: readonly object[] = [
    { version: 1 },
    { future: "yes" },
    { changes: [{ start: 2, end: 1, before: "none" }] },
    { changes: [{ start: 1, end: 2, before: "perhaps" }] },
    { changes: [...JOURNAL.changes, { start: 0x2000, end: 0x5000, before: "none" }] },
    { own: undefined },
    { pid: "12" },
  ];
  for (const damage of damaged) expect(decodeJournal(JSON.stringify({ ...JOURNAL, ...damage }))).toBeUndefined();
});
