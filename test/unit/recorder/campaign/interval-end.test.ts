import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { watchEnd } from "../../../../src/recorder/campaign/interval-end.js";
import { Target } from "../../../../src/recorder/campaign/target.js";

const LENGTH_MS = 60;

it("an interval that ends by the clock has its whole length, however late it is waited for", async () => {
  const target = Target.running(process.pid, { folder: ".", caller: undefined }, []);
  const watch = watchEnd(
    { name: "60 ms", from: { kind: "after", milliseconds: 40 }, to: { kind: "after", milliseconds: 40 + LENGTH_MS } },
    { target, trace: undefined, answers: undefined, beginsAfterMs: 40 },
  );
  await sleep(2 * LENGTH_MS); // A busy machine: we get no processor while the program is let go.
  const begun = performance.now();
  await expect(watch.wait(60_000, new AbortController().signal)).resolves.toEqual({ kind: "seen" });
  expect(performance.now() - begun).toBeGreaterThanOrEqual(LENGTH_MS);
  await target.close();
});
