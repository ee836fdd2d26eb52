import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { proofOf, type ProofInterval, type ProofObservation } from "../../../../src/core/memlock/proof.js";
import { proofText } from "../../../../src/core/report/proof-text.js";
import { plain } from "../../../../src/core/report/style.js";
import { english } from "../../../../src/core/report/translate.js";

describe("a proof", () => {
  it("is fault-free when everything was evicted, ran to its end, and both counters say zero", () => {
    expect(proofOf(observation(clean(), clean()))).toMatchObject({
      verdict: "fault-free",
      intervals: 2,
      faults: 0,
      counters: { events: 0, minor: 0, major: 0, lost: 0 },
      coverage: { needed: 200, verified: 200, least: 1 },
      doubts: [],
    });
  });

  it.each([
    ["perf saw one", { events: { faults: 1, lost: 0 }, counters: { minor: 1, major: 0 } }],
    ["the kernel counted one that perf did not see", { counters: { minor: 0, major: 1 } }],
  ] satisfies [string, Partial<ProofInterval>][])("says faults when %s", (_, fields) => {
    expect(proofOf(observation(clean(), clean(fields)))).toMatchObject({ verdict: "faults", faults: 1, worst: 1 });
  });

  it.each([
    ["no-intervals", []],
    ["no-events", [{ events: undefined }]],
    ["no-counters", [{ counters: undefined }]],
    ["lost-records", [{ events: { faults: 0, lost: 2 } }]],
    ["not-evicted", [{ eviction: undefined }]],
    ["not-evicted", [{ eviction: { means: "none", before: 100, after: 100 } }]],
    ["coverage", [{ coverage: { needed: 100, verified: 94 } }]],
    ["coverage", [{ coverage: { needed: 100, verified: Number.NaN } }]],
    ["locked-absent", [{ lockedAbsent: 1 }]],
    ["not-taken", [{ taken: false }]],
    ["no-end", [{ ending: "timeout" }]],
    ["target-ended", [{ ending: "target-ended" }]],
    ["nothing-ran", [{ ran: 0 }]],
  ] satisfies [string, Partial<ProofInterval>[]][])("is unproved for %s, and says so", (code, fields) => {
    const intervals = fields.length === 0 ? [] : [clean(), ...fields.map((some) => clean(some))];
    const proof = proofOf(observation(...intervals));
    expect(proof.verdict).toBe("unproved");
    expect(proof.doubts.map((doubt) => doubt.code)).toEqual([code]);
    const text = textOf(observation(...intervals));
    expect(text).toContain("Unproved:");
    expect(text).toContain("What keeps it from being proved");
  });

  it("at 95 % of the needed pages is enough, below is not", () => {
    expect(proofOf(observation(clean({ coverage: { needed: 100, verified: 95 } }))).verdict).toBe("fault-free");
    expect(proofOf(observation(clean({ coverage: { needed: 1000, verified: 949 } }))).verdict).toBe("unproved");
  });

  it("within its budget is fault-free, above it is not", () => {
    const run = clean({ events: { faults: 2, lost: 0 }, counters: { minor: 2, major: 0 } });
    expect(proofOf({ ...observation(run), budget: 2 }).verdict).toBe("fault-free");
    expect(textOf({ ...observation(run), budget: 2 })).toContain("Within the budget");
    expect(proofOf({ ...observation(run), budget: 1 }).verdict).toBe("faults");
  });

  it("leaves out what lies outside the critical functions", () => {
    const run = clean({ events: { faults: 2, lost: 0 }, counters: { minor: 2, major: 0 }, outside: 2 });
    expect(proofOf({ ...observation(run), critical: ["handle"] })).toMatchObject({ verdict: "fault-free", faults: 0 });
  });

  it("without the kernel's events lets the counters see more, never less", () => {
    const unprivileged = { kernel: false };
    const more = clean({ events: { faults: 1, lost: 0 }, counters: { minor: 0, major: 0 } });
    expect(proofOf({ ...observation(more), budget: 1, events: unprivileged }).doubts).toMatchObject([
      { code: "counters-disagree" },
    ]);
    const fewer = clean({ events: { faults: 0, lost: 0 }, counters: { minor: 1, major: 0 } });
    expect(proofOf({ ...observation(fewer), budget: 1, events: unprivileged }).doubts).toEqual([]);
    expect(proofOf({ ...observation(fewer), budget: 1 }).doubts).toMatchObject([{ code: "counters-disagree" }]);
  });
});

describe("as text", () => {
  it("tells the verdict, both counters, how it was done and what it does not cover", () => {
    expect(textOf(observation(clean(), clean()))).toMatchInlineSnapshot(`
      "Proof: build/input-thread
      Fault-free: 2 intervals, each after eviction, took no page fault.
      Perf events: 0, 0 lost. The kernel's counters: 0 minor, 0 major. Verified absent or locked: 200 of 200 pages
      that the intervals need.

      Intervals
        #  interval  in memory before  after eviction  events  counters  end
        1  motion                 320               0       0         0  seen
        2  motion                 320               0       0         0  seen

      How it was done
        Evicted before each interval by process_madvise, verified in pagemap.
        Locked: 224 kB, 224 kB of it in memory.
        Linux 6.18 x86_64, 2026-01-02T03:04:05Z to 2026-01-02T03:04:06Z.
        Every record is in /work/.faultline/traces/1.

      What this does not cover
        · Other inputs and rarer paths: only these intervals were run (motion).
        · Another build, kernel or limit: the verdict is about this machine and these files.
        · Other waits than page faults: the disk, locks, the scheduler, and TLB misses or copies by the kernel
          (compaction, KSM, NUMA balancing) that happen to a locked page.
        · 12 pages of private memory stayed where they were, since there is no swap: whether they would fault after
          being swapped out was not tried.
      "
    `);
  });

  it("shows the intervals and faults that matter, with hostile names made harmless", () => {
    const run = clean({
      stimulus: "bad\u001b[2J",
      events: { faults: 1, lost: 0 },
      counters: { minor: 0, major: 1 },
      faults: [
        {
          address: "0x7f0000001000",
          instruction: "0x401000",
          tid: 12,
          major: true,
          kernel: false,
          access: "read",
          object: "table\u0007",
          function: "handle",
        },
      ],
    });
    const text = textOf(observation(clean(), run));
    expect(text).not.toMatch(/\u001b|\u0007/);
    expect(text).toContain("Not fault-free: 1 page faults in 2 intervals.");
    expect(text).toMatch(/ 2 +bad\\u\{1b\}\[2J/);
    expect(text).toMatch(/0x7f0000001000 +major +read +handle +table/);
  });
});

it("as JSON it keeps to its schema", () => {
  const schema = JSON.parse(readFileSync("schemas/proof.schema.json", "utf8")) as object;
  const validate = new Ajv2020({ strict: true }).compile(schema);
  const sparse = clean({ events: undefined, counters: undefined, eviction: undefined, stimulus: undefined });
  for (const seen of [observation(clean()), { ...observation(sparse), events: undefined, locked: undefined }]) {
    validate(JSON.parse(JSON.stringify(proofOf(seen))));
    expect(validate.errors ?? []).toEqual([]);
  }
});

function clean(fields: Partial<ProofInterval> = {}): ProofInterval {
  return {
    name: "one event",
    stimulus: "motion",
    eviction: { means: "process_madvise", before: 320, after: 0 },
    coverage: { needed: 100, verified: 100 },
    lockedAbsent: 0,
    taken: true,
    ending: "seen",
    ran: 1,
    events: { faults: 0, lost: 0 },
    counters: { minor: 0, major: 0 },
    outside: 0,
    faults: [],
    ...fields,
  };
}

function observation(...intervals: ProofInterval[]): ProofObservation {
  return {
    pid: 12,
    command: ["build/input-thread"],
    pageSize: 4096,
    startedAt: "2026-01-02T03:04:05Z",
    endedAt: "2026-01-02T03:04:06Z",
    machine: "Linux 6.18 x86_64",
    intervals,
    events: { kernel: true },
    locked: { bytes: 229_376, residentBytes: 229_376 },
    limits: { softBytes: 8 << 20, hardBytes: 8 << 20, privileged: false },
    critical: [],
    budget: 0,
    gaps: [{ code: "no-swap", detail: "12" }],
    tracePath: "/work/.faultline/traces/1",
  };
}

function textOf(seen: ProofObservation): string {
  return proofText(proofOf(seen), { style: plain, width: 110, translate: english, top: 15 });
}
