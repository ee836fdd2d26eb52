import { describe, expect, it } from "vitest";
import {
  lockedRanges,
  planLock,
  planLockAll,
  restoration,
  withFurther,
  type LockChange,
  type LockedMapping,
  type LockState,
  type PriorLocks,
} from "../../../../src/core/memlock/lock-plan.js";

const mapping = (
  start: number,
  end: number,
  state: LockState = "none",
  more: Partial<LockedMapping> = {},
): LockedMapping => ({ start, end, state, accessible: true, special: false, ...more });
const change = (start: number, end: number, before: LockState = "none"): LockChange => ({ start, end, before });

describe("a plan", () => {
  it("changes what is not in the wanted state yet, across mappings, and counts what is new", () => {
    const mappings = [mapping(0, 4), mapping(4, 6, "locked"), mapping(6, 8, "on-fault"), mapping(8, 12)];
    expect(planLock([{ start: 2, end: 10 }], mappings, "locked")).toEqual({
      kind: "changes",
      changes: [change(2, 4), change(6, 8, "on-fault"), change(8, 10)],
      newBytes: 4,
    });
    expect(planLock([{ start: 2, end: 10 }], mappings, "on-fault")).toMatchObject({
      changes: [change(2, 4), change(8, 10)],
    });
  });

  it("is refused where mlock would do a part and then fail, at the first such place", () => {
    const mappings = [
      mapping(0, 4),
      mapping(6, 8, "none", { accessible: false }),
      mapping(8, 9, "none", { special: true }),
    ];
    const at = (start: number, end: number) => planLock([{ start, end }], mappings, "locked");
    expect(at(2, 8)).toEqual({ kind: "hole", at: 4 });
    expect(at(6, 9)).toEqual({ kind: "inaccessible", at: 6 });
    expect(at(8, 9)).toEqual({ kind: "special", at: 8 });
    expect(at(8, 12)).toEqual({ kind: "special", at: 8 });
    expect(at(20, 21)).toEqual({ kind: "hole", at: 20 });
    expect(planLock([], mappings, "locked")).toEqual({ kind: "changes", changes: [], newBytes: 0 });
  });

  it("of everything gives all the same state, or leaves alone what is locked", () => {
    const mappings = [
      mapping(0, 4),
      mapping(4, 6, "locked"),
      mapping(6, 7, "none", { special: true }),
      mapping(7, 9, "none", { accessible: false }),
    ];
    expect(planLockAll(mappings, "on-fault", false)).toEqual([change(0, 4), change(4, 6, "locked"), change(7, 9)]);
    expect(planLockAll(mappings, "on-fault", true)).toEqual([change(0, 4), change(7, 9)]);
  });
});

describe("taking back", () => {
  const ranges = (changes: readonly LockChange[]): PriorLocks => ({ changes, future: false, own: [] });

  it("goes mapping by mapping, and around what was unmapped since", () => {
    const now = [mapping(0, 4, "locked"), mapping(6, 10, "locked"), mapping(10, 12, "locked")];
    expect(restoration(ranges([change(0, 8), change(8, 11, "on-fault")]), now)).toEqual([
      { start: 0, end: 4, from: "locked", to: "none" },
      { start: 6, end: 8, from: "locked", to: "none" },
      { start: 8, end: 10, from: "locked", to: "on-fault" },
      { start: 10, end: 11, from: "locked", to: "on-fault" },
    ]);
  });

  it("has nothing to do where all is as it was", () => {
    const now = [mapping(0, 4), mapping(4, 8, "locked"), mapping(8, 9, "none", { special: true })];
    expect(restoration(ranges([change(0, 4), change(4, 8, "locked"), change(8, 9, "locked")]), now)).toEqual([]);
  });

  it("after a lock of the future unlocks whatever was mapped since, and keeps what was the target's own", () => {
    const prior: PriorLocks = { changes: [], future: true, own: [change(2, 4, "locked"), change(8, 9, "on-fault")] };
    const now = [mapping(0, 6, "locked"), mapping(8, 9, "locked"), mapping(20, 22, "on-fault")];
    expect(restoration(prior, now)).toEqual([
      { start: 0, end: 2, from: "locked", to: "none" },
      { start: 4, end: 6, from: "locked", to: "none" },
      { start: 8, end: 9, from: "locked", to: "on-fault" },
      { start: 20, end: 22, from: "on-fault", to: "none" },
    ]);
  });
});

describe("locking once more", () => {
  it("keeps what was before the first time", () => {
    const first = withFurther(undefined, [change(4, 8, "on-fault")], false, []);
    const second = withFurther(first, [change(2, 6, "locked"), change(6, 10)], false, []);
    expect(second.changes).toEqual([change(2, 4, "locked"), change(4, 8, "on-fault"), change(8, 10)]);
  });

  it("cuts ours out of the target's own, which the kernel tells as one range with it", () => {
    const first = withFurther(undefined, [change(4, 8)], false, [mapping(2, 4, "locked"), mapping(4, 8)]);
    const merged = [mapping(2, 8, "locked"), mapping(8, 12)];
    expect(lockedRanges(merged)).toEqual([change(2, 8, "locked")]);
    const second = withFurther(first, [change(8, 12)], true, merged);
    expect(second).toMatchObject({ future: true, own: [change(2, 4, "locked")] });
    const third = withFurther(second, [change(2, 4, "locked")], false, merged);
    expect(third.own).toEqual([change(2, 4, "locked")]);
    expect(third.future).toBe(true);
  });

  it("and taking back gives the very first state, whatever was locked in whichever order", () => {
    const states: readonly LockState[] = ["none", "locked", "on-fault"];
    const pick = (): LockState => states[Math.floor(Math.random() * 3)]!;
    for (let round = 0; round < 500; round++) {
      const first = Array.from({ length: 8 }, (_, index) => mapping(index, index + 1, pick()));
      let now = first;
      let prior: PriorLocks | undefined;
      for (let lock = 0; lock < 3; lock++) {
        const wanted = Math.random() < 0.5 ? "locked" : "on-fault";
        const start = Math.floor(Math.random() * 8);
        const all = Math.random() < 0.3;
        const plan = planLock([{ start, end: Math.min(8, start + 3) }], now, wanted);
        const changes = all ? planLockAll(now, wanted, false) : plan.kind === "changes" ? plan.changes : [];
        prior = withFurther(prior, changes, Math.random() < 0.2, now);
        now = now.map((one) =>
          changes.some(({ start: from, end }) => from <= one.start && one.end <= end) ? { ...one, state: wanted } : one,
        );
      }
      const steps = restoration(prior!, now);
      const back = now.map((one) => ({
        ...one,
        state: steps.find(({ start }) => start === one.start)?.to ?? one.state,
      }));
      expect(back).toEqual(first);
    }
  });
});
