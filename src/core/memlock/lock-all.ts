/** Locking all memory of a process: what may be asked for, and the calls, in their order, that give it. */

/** At once, or each page when it is first touched. */
export type LockTiming = "locked" | "on-fault";

/** undefined: that memory is not asked for. One of them is. */
export interface LockAllOrder {
  /** What is mapped now. */
  readonly current: LockTiming | undefined;
  /** What is mapped later. */
  readonly future: LockTiming | undefined;
}

/** asm-generic/mman.h: MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT. */
export const MCL = { current: 1, future: 2, onFault: 4 } as const;

export type LockAllStep =
  | { readonly kind: "mlockall"; readonly flags: number }
  /** mlock2(MLOCK_ONFAULT) on each mapping that is not locked. */
  | { readonly kind: "each-on-fault" };

/**
 * "current", "future", "on-fault" are the kernel's flags: on-fault holds for both. "current-on-fault" and
 * "future-on-fault" hold for one. undefined: something else.
 */
export function lockAllOrder(text: string): LockAllOrder | undefined {
  const names = text.split(",");
  if (names.some((name) => !KNOWN.includes(name)) || new Set(names).size < names.length) return undefined;
  const all = names.includes("on-fault");
  const timing = (name: "current" | "future"): LockTiming | undefined => {
    const late = names.includes(`${name}-on-fault`);
    if (!late && !names.includes(name)) return undefined;
    return late || all ? "on-fault" : "locked";
  };
  const twice = ["current", "future"].some((name) => names.includes(name) && names.includes(`${name}-on-fault`));
  const order = { current: timing("current"), future: timing("future") };
  return twice || (order.current ?? order.future) === undefined ? undefined : order;
}

const KNOWN: readonly string[] = ["current", "future", "on-fault", "current-on-fault", "future-on-fault"];

/** mlockall has one flag for both, so that each of the mixed orders takes two calls. */
export function lockAllSteps({ current, future }: LockAllOrder): readonly LockAllStep[] {
  if (current === "on-fault" && future === "locked")
    return [{ kind: "each-on-fault" }, { kind: "mlockall", flags: MCL.future }];
  if (current === "locked" && future === "on-fault")
    return [
      { kind: "mlockall", flags: MCL.current },
      { kind: "mlockall", flags: MCL.future | MCL.onFault },
    ];
  const flags = (current === undefined ? 0 : MCL.current) | (future === undefined ? 0 : MCL.future);
  return [{ kind: "mlockall", flags: flags | ((current ?? future) === "on-fault" ? MCL.onFault : 0) }];
}
