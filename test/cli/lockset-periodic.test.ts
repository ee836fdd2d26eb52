import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LockSet } from "../../src/core/memlock/lock-set.js";
import type { Proof } from "../../src/core/memlock/proof.js";
import { AS_NOBODY, CampaignSession, IS_ROOT } from "../support/campaign-session.js";
import { compileSupport } from "../support/faultline.js";

const LONG = 120_000;
/** Five periods of the program that has one of 10 ms. */
const SPAN = ["--after", "0.1", "--for", "0.05", "--warm-up", "5"];
let session: CampaignSession;
let periodic: string;

beforeAll(async () => {
  session = await CampaignSession.open();
  periodic = compileSupport("periodic", session.faultline.folder);
}, LONG);

afterAll(() => {
  session.close();
});

interface Answer {
  readonly status: number | null;
  readonly set: LockSet;
}

function lockset(folder: string, period: string, intervals: string, wrapper: readonly string[] = []): Answer {
  const options = [...SPAN, "--intervals", intervals, "--", periodic, period];
  const { status, result } = session.run<LockSet>("lockset", folder, options, wrapper);
  return { status, set: result };
}

it.each([
  ["whoever runs this", []],
  ["nobody", AS_NOBODY],
])(
  "as %s: a program that goes on by itself has a lock set, every interval of which it ran in",
  { timeout: LONG },
  (_, wrapper) => {
    const { status, set } = lockset(session.newFolder(), "10", "10", wrapper);
    expect(set).toMatchObject({ verdict: "irreducible", faultsAfter: 0 });
    expect(set.parts.flatMap(({ objects }) => objects.map(({ name }) => name))).toContain("work");
    expect(status).toBe(0);
  },
);

it("with its set locked in a process that runs, its intervals are proved fault-free", { timeout: LONG }, async () => {
  const folder = session.newFolder();
  const file = join(folder, "set.json");
  writeFileSync(file, JSON.stringify(lockset(folder, "10", "10").set));
  const pid = String((await session.start([periodic, "10"], folder)).pid);
  expect(session.run("lock", folder, ["--pid", pid, "--set", file, "--yes"]).status).toBe(0);
  const options = ["--pid", pid, ...SPAN, "--intervals", "5"];
  const { status, result: proof } = session.run<Proof>("prove", folder, options);
  expect(proof).toMatchObject({ faults: 0, intervals: 5 });
  // Who may not evict the libraries that everybody uses cannot prove what is about them.
  expect(proof.verdict).toBe(IS_ROOT ? "fault-free" : expect.stringMatching(/^(fault-free|unproved)$/));
  expect(status).toBe(proof.verdict === "fault-free" ? 0 : 1);
});

it("one that sleeps through its intervals has none: the answer is no, and says what to do", { timeout: LONG }, () => {
  const { status, set } = lockset(session.newFolder(), "1000000", "2");
  expect(set.verdict).toBe("unproved");
  expect(set.gaps).toContainEqual({ code: "nothing-ran", detail: "50 ms of the run" });
  expect(set.gaps.map(({ code }) => code)).not.toContain("no-end");
  expect(status).toBe(1);
});
