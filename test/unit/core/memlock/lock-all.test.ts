import { expect, it } from "vitest";
import { lockAllOrder, lockAllSteps, MCL } from "../../../../src/core/memlock/lock-all.js";

const steps = (text: string) => lockAllSteps(lockAllOrder(text)!);
const { current, future, onFault } = MCL;

it.each([
  ["current", current],
  ["future", future],
  ["current,future", current | future],
  ["future,current", current | future],
  ["current,on-fault", current | onFault],
  ["current-on-fault", current | onFault],
  ["future,on-fault", future | onFault],
  ["current,future,on-fault", current | future | onFault],
  ["current-on-fault,future-on-fault", current | future | onFault],
])("%s is one call with the kernel's flags %i", (text, flags) => {
  expect(steps(text)).toEqual([{ kind: "mlockall", flags }]);
});

it("all current now and the future on fault takes two calls, the last without MCL_CURRENT", () => {
  expect(steps("current,future-on-fault")).toEqual([
    { kind: "mlockall", flags: current },
    { kind: "mlockall", flags: future | onFault },
  ]);
});

it("current on fault and the future now is mlock2 on each mapping, then mlockall", () => {
  expect(steps("current-on-fault,future")).toEqual([{ kind: "each-on-fault" }, { kind: "mlockall", flags: future }]);
});

it.each(["", "on-fault", "current,current", "current,current-on-fault", "now", "current,", "CURRENT", "constructor"])(
  '"%s" is no order',
  (text) => expect(lockAllOrder(text)).toBeUndefined(),
);
