import { expect, it } from "vitest";
import {
  decodeProgress,
  encodeProgress,
  type CampaignProgress,
} from "../../../../src/core/memlock/campaign-progress.js";

it.each<CampaignProgress>([
  { kind: "warming-up" },
  { kind: "round", round: 2, faults: 14, locked: 31 },
  { kind: "leave-one-out", done: 3, of: 45 },
  { kind: "interval", done: 7, of: 100 },
  { kind: "limited" },
])("$kind is read back as it was written, on a line of its own", (progress) => {
  const line = encodeProgress(progress);
  expect(line).toMatch(/^[^\n]+\n$/);
  expect(decodeProgress(line)).toEqual(progress);
});

it("sentences, and steps of a later version, are no progress", () => {
  for (const line of ["faultline: round 1", "", "{}", '{"progress":1}', '{"progress":{"kind":"new"}}', "null"]) {
    expect(decodeProgress(line)).toBeUndefined();
  }
});
