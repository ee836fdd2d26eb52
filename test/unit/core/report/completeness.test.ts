/** What a report says of its own completeness, from what the recorder and the records say. */
import { describe, expect, it } from "vitest";
import type { Findings } from "../../../../src/core/attribution/findings.js";
import { completenessOf, lostRecords } from "../../../../src/core/report/completeness.js";
import { english } from "../../../../src/core/report/translate.js";
import { decodeRun } from "../../../../src/core/trace/decode-run.js";
import { FaultColumns } from "../../../../src/core/trace/fault-columns.js";
import type { Trace } from "../../../../src/core/trace/trace.js";

const NO_FAULTS = new FaultColumns(0);

type Told = Pick<Trace, "events" | "run" | "lost" | "faults" | "refused" | "problems">;

function traceOf(fields: Partial<Told>): Trace {
  const told: Told = {
    events: ["page-faults", "minor-faults", "major-faults"],
    run: undefined,
    lost: 0,
    faults: NO_FAULTS,
    refused: NO_FAULTS,
    problems: [],
    ...fields,
  };
  return told as Trace;
}

function completeness(fields: Partial<Told>) {
  const trace = traceOf(fields);
  const counts = { total: 0, minor: 0, major: 0, user: 0, kernel: 0, refused: 0, timeNs: 0, lost: lostRecords(trace) };
  return completenessOf(trace, { unavailable: [] as Findings["unavailable"] } as Findings, counts, english);
}

describe("lost records", () => {
  it("are those the records tell of, or those the recorder counted: whichever are more", () => {
    const run = (lost: number) => decodeRun(JSON.stringify({ version: 1, lost }));
    expect(lostRecords(traceOf({ lost: 7, run: run(3) }))).toBe(7);
    expect(lostRecords(traceOf({ lost: 0, run: run(3) }))).toBe(3);
    expect(completeness({ run: run(3) })).toMatchObject({ complete: false, lost: 3, notes: [{ code: "lost" }] });
  });

  it("of a recording cut short are not blamed on the rings", () => {
    const run = decodeRun(JSON.stringify({ version: 1, lost: 3, blind: [{ kind: "interrupted" }] }));
    const { notes } = completeness({ run });
    expect(notes.map(({ message }) => message).join(" ")).not.toContain("--ring");
  });
});

it("of a process that was running already, what it took before is said to be missing", () => {
  const run = (mode: string) => decodeRun(JSON.stringify({ version: 1, mode }));
  expect(completeness({ run: run("attach") })).toMatchObject({ complete: true, notes: [{ code: "attached" }] });
  expect(completeness({ run: run("launch") }).notes).toEqual([]);
});

describe("a perf.data without page faults", () => {
  it("is incomplete where none were recorded, whatever else was", () => {
    const { complete, notes } = completeness({ events: ["cycles:u", "cpu-clock"] });
    expect(complete).toBe(false);
    expect(notes[0]?.message).toContain("cycles:u, cpu-clock");
  });

  it.each([["page-faults"], ["faults:u"], ["minor-faults:uH"], ["major-faults"], ["exceptions:page_fault_user"]])(
    "is complete where %s was recorded and none happened",
    (event) => {
      expect(completeness({ events: [event] })).toMatchObject({ complete: true, notes: [] });
    },
  );
});
